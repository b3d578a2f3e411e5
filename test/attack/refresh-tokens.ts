import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clients, proving, secrets } from '../fixture/level-2';
import { codeVerifier } from '../fixture/flows';
import { grantBench } from '../fixture/grants';
import { basic } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder, OIDCAuthorizationCodeBuilder, type ClientMetadata } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const name = 'oauth2-authorization-code';
const login = () => OAuth2AuthorizationCodeBuilder.create().setTokenTTL(600);
const kept = () => login().setRefreshTokenTTL({ idle: 7200, absolute: 20_000 }).setRefreshTokenRotation('public');
const refused = { error: 'invalid_grant' };

/** A server whose clients may change their registration, with what its events said and calls of both kinds of clients. */
const bench = async (flow = kept(), configure: Parameters<typeof proving>[1] = () => undefined) => {

    const records = new Map<string, ClientMetadata>(clients.map((client) => [client.client_id, client]));
    const server = await proving([flow], (hub) => {

        hub.setClients(records);
        configure(hub);
    });
    const events: { readonly tag: string | undefined; readonly data: unknown }[] = [];
    server.server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push({ tag: tags[1], data }));

    const { openCode, redeem, token, store } = server;
    const asSpa = async (parameters: Readonly<Record<string, string>>) => await token({ client_id: 'spa', ...parameters }, undefined);

    /** What a client gets for a code. */
    const start = async (clientId: 'web' | 'spa' = 'web') => {

        const { value, grant } = await openCode({ clientId, flow: name, scopes: ['email'] });
        const { body } = await (clientId === 'web' ? redeem(value) : asSpa({ grant_type: 'authorization_code', code: value, code_verifier: codeVerifier }));
        events.length = 0;
        return { grant, first: String(body.refresh_token), lives: async () => await store.findGrant(grant.id) !== null };
    };

    const spaRefresh = async (value: unknown) => await asSpa({ grant_type: 'refresh_token', refresh_token: String(value) });
    const introspect = async (value: unknown) => await server.server.oauth2.tokens.introspect(String(value));
    return { ...server, records, events, start, asSpa, spaRefresh, introspect };
};

describe('A refresh token that its client keeps', () => {

    it('is good again and again, and no other is given', async () => {

        const { start, refresh, get, events } = await bench();
        const { first, grant } = await start();
        for (let i = 0; i < 3; ++i) {
            const { statusCode, body } = await refresh(first);
            expect([statusCode, Object.keys(body).sort()]).to.equal([200, ['access_token', 'expires_in', 'scope', 'token_type']]);
            expect(await get(body.access_token)).to.equal(200);
        }

        expect(events.map(({ tag }) => tag)).to.equal(['issued', 'issued', 'issued']);
        expect(events[0]?.data).to.include({ grant_type: 'refresh_token', grant_id: grant.id, issued: ['access_token'] });
    });

    it('lives on with each use, and ends when it was idle for too long', async () => {

        const { start, refresh, clock, introspect } = await bench();
        const { first } = await start();
        expect(await introspect(first)).to.include({ active: true, exp: clock.now() / 1000 + 7200 });
        clock.advance(7199);
        expect((await refresh(first)).statusCode).to.equal(200);
        expect(await introspect(first)).to.include({ active: true, exp: clock.now() / 1000 + 7200 });
        clock.advance(7200);
        expect((await refresh(first)).body).to.include(refused);
        expect(await introspect(first)).to.equal({ active: false });
    });

    it('ends at the end of its lineage, however often it is used', async () => {

        const { start, refresh, clock } = await bench();
        const { first } = await start();
        for (const seconds of [7000, 7000, 5999]) {
            clock.advance(seconds);
            expect((await refresh(first)).statusCode).to.equal(200);
        }

        clock.advance(1);
        expect((await refresh(first)).body).to.include(refused);
    });

    it('says when it would end, to a handler', async () => {

        const ends: number[] = [];
        const { start, refresh, clock } = await bench(kept().refreshTokenRoute((route) => route.issueTokens(async ({ presented, defaultResponse, getDefaultRefreshTokenData }) => {

            ends.push(presented.expiresAt);
            expect(getDefaultRefreshTokenData()).to.be.null();
            return await defaultResponse();
        })));
        const { first } = await start();
        clock.advance(7000);
        await refresh(first);
        clock.advance(1000);
        await refresh(first);
        expect(ends).to.equal([clock.now() / 1000 - 800, clock.now() / 1000 + 6200]);
    });

    it('of 50 requests at once each gets an access token', async () => {

        const { start, refresh, events } = await bench();
        const { first } = await start();
        const replies = await Promise.all(Array.from({ length: 50 }, () => refresh(first)));
        expect(new Set(replies.map(({ body }) => body.access_token)).size).to.equal(50);
        expect(events.filter(({ tag }) => tag === 'reused')).to.be.empty();
    });

    it('is gone at once when its grant is revoked', async () => {

        const { start, refresh, server } = await bench();
        const { first } = await start();
        expect((await refresh(first)).statusCode).to.equal(200);
        expect(await server.oauth2.tokens.revoke(first)).to.be.true();
        expect((await refresh(first)).body).to.include(refused);
    });

    it('attack: is no use to a public client, to another client or with another method', async () => {

        const { start, spaRefresh, token, refresh, records } = await bench();
        const { first, lives } = await start();
        const request = { grant_type: 'refresh_token', refresh_token: first };
        expect((await spaRefresh(first)).body).to.include(refused);
        expect((await token({ ...request, client_id: 'web' }, undefined)).body).to.include({ error: 'invalid_client' });
        expect((await token({ ...request, client_id: 'web', client_secret: secrets.web }, undefined)).body).to.include({ error: 'invalid_client' });
        records.set('thief', { client_id: 'thief', client_secret: 'the secret of the thief', redirect_uris: ['https://evil.example.com/cb'], grant_types: ['authorization_code', 'refresh_token'] });
        expect((await token(request, basic('thief', 'the secret of the thief'))).body).to.include(refused);
        expect(await lives()).to.be.true();
        expect((await refresh(first)).statusCode).to.equal(200);
    });

    for (const [setting, flow] of [['always', login], ['public', kept]] as const) {
        it(`attack: is no use to anybody once its client has no secret any more, with rotation '${setting}'`, async () => {

            const { start, token, records, events } = await bench(flow());
            const { first } = await start();
            records.set('web', { client_id: 'web', token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: ['https://app.example.com/cb'] });
            expect((await token({ grant_type: 'refresh_token', refresh_token: first, client_id: 'web' }, undefined)).body).to.include(refused);
            expect(events).to.equal([{ tag: 'refused', data: { reason: 'refresh_token_of_another_method', error: 'invalid_grant', client_id: 'web' } }]);
        });
    }

    it('attack: once replaced it is reuse after the window, whatever the setting says', async () => {

        let replaces = false;
        const { start, refresh, clock, get, events } = await bench(kept().refreshTokenRoute((route) => route.issueTokens(async ({ defaultResponse, refreshTokenIssuer, clock: now }) => ({
            ...await defaultResponse(),
            ...replaces ? { refresh_token: await refreshTokenIssuer.issue({ exp: now() / 1000 + 7200 }) } : {}
        }))));
        const { first, lives } = await start();
        expect((await refresh(first)).body.refresh_token).to.be.undefined();
        replaces = true;
        const { body } = await refresh(first);
        replaces = false;
        expect(events.map(({ tag }) => tag)).to.equal(['issued', 'rotated', 'issued']);
        const again = await refresh(body.refresh_token);
        expect([again.statusCode, again.body.refresh_token]).to.equal([200, undefined]);
        clock.advance(10);
        expect((await refresh(first)).body).to.include(refused);
        expect(await lives()).to.be.false();
        expect((await refresh(body.refresh_token)).body).to.include(refused);
        expect(await get(again.body.access_token)).to.equal(401);
    });

    it('is not made to outlive its idle time by a retry for another scope', async () => {

        const { start, refresh, clock, introspect } = await bench(kept().refreshTokenRoute((route) => route.issueTokens(async ({ defaultResponse, refreshTokenIssuer, clock: now, presented }) => ({
            ...await defaultResponse(),
            refresh_token: await refreshTokenIssuer.issue({ exp: Math.min(Math.floor(now() / 1000) + 7200, presented.expiresAt + 7200) })
        }))));
        const { first } = await start();
        const { body } = await refresh(first);
        const other = await refresh(first, { scope: '' });
        expect(other.body.refresh_token).to.equal(body.refresh_token);
        expect(await introspect(body.refresh_token)).to.include({ active: true, exp: clock.now() / 1000 + 7200 });
    });

    it('is replaced where the client has no secret', async () => {

        const { start, spaRefresh, clock } = await bench();
        const { first, lives } = await start('spa');
        const { body } = await spaRefresh(first);
        expect(body.refresh_token).to.be.a.string().and.not.equal(first);
        clock.advance(10);
        expect((await spaRefresh(first)).body).to.include(refused);
        expect(await lives()).to.be.false();
    });

    it('is replaced once where its client had no secret when it was issued', async () => {

        const { start, token, records } = await bench();
        const { first } = await start('spa');
        records.set('spa', { client_id: 'spa', client_secret: secrets.web, grant_types: ['refresh_token'] });
        const refreshed = async (value: unknown) => await token({ grant_type: 'refresh_token', refresh_token: String(value) }, basic('spa', secrets.web));
        const { body } = await refreshed(first);
        expect(body.refresh_token).to.be.a.string().and.not.equal(first);
        const { statusCode, body: again } = await refreshed(body.refresh_token);
        expect([statusCode, again.refresh_token]).to.equal([200, undefined]);
    });

    it('is replaced once where it was issued to be replaced, so that it does not end unseen', async () => {

        const before = await bench(login().setRefreshTokenTTL({ idle: 7200, absolute: 20_000 }));
        const { first } = await before.start();
        const { refresh } = await bench(kept(), (hub) => hub.setStore(before.store).setClock(before.clock.now));
        before.clock.advance(7199);
        const { body } = await refresh(first);
        expect(body.refresh_token).to.be.a.string().and.not.equal(first);
        before.clock.advance(7199);
        expect((await refresh(body.refresh_token)).body).to.not.include('refresh_token');
        before.clock.advance(5000);
        expect((await refresh(body.refresh_token)).statusCode).to.equal(200);
    });

    it('is replaced from the next use on where the setting is taken back', async () => {

        const before = await bench();
        const { first } = await before.start();
        const { refresh } = await bench(login(), (hub) => hub.setStore(before.store).setClock(before.clock.now));
        before.clock.advance(7199);
        const { body } = await refresh(first);
        expect(body.refresh_token).to.be.a.string().and.not.equal(first);
        before.clock.advance(10);
        expect((await refresh(first)).body).to.include(refused);
        expect((await refresh(body.refresh_token)).body).to.include(refused);
    });

    it('ends when a handler said so, if that was earlier', async () => {

        const { start, refresh, clock } = await bench(kept().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer, refreshTokenIssuer, clock: now }) => ({
            access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()),
            refresh_token: await refreshTokenIssuer.issue({ exp: now() / 1000 + 60 })
        }))));
        const early = await start();
        const late = await start();
        clock.advance(59);
        expect((await refresh(early.first)).body.refresh_token).to.be.a.string();
        clock.advance(1);
        expect((await refresh(late.first)).body).to.include(refused);
    });
});

describe('The settings of a flow', () => {

    it('decide how long refresh tokens live, idle and in all', async () => {

        const { start, refresh, clock } = await bench(login().setRefreshTokenTTL({ idle: 7200, absolute: 10_000 }));
        const { first } = await start();
        const late = await start();
        clock.advance(7199);
        const { body } = await refresh(first);
        clock.advance(1);
        expect((await refresh(late.first)).body).to.include(refused);
        clock.advance(2799);
        const last = await refresh(body.refresh_token);
        expect(last.statusCode).to.equal(200);
        clock.advance(1);
        expect((await refresh(last.body.refresh_token)).body).to.include(refused);
    });

    it('attack: end the grant of a replaced token that comes after the grace period, to the millisecond', async () => {

        const { start, refresh, clock } = await bench(login().setRefreshGracePeriod(60));
        const { first, lives } = await start();
        const { body } = await refresh(first);
        clock.advance(59.999);
        expect((await refresh(first)).body.refresh_token).to.equal(body.refresh_token);
        clock.advance(0.001);
        expect((await refresh(first)).body).to.include(refused);
        expect(await lives()).to.be.false();
    });

    it('attack: make any second use reuse where there is no grace period, and keep no reply', async () => {

        const written: string[] = [];
        const { store: memory } = grantBench();
        const rotate = memory.rotate.bind(memory);
        memory.rotate = async (rotation) => {

            written.push(...rotation.tokens.map(({ kind }) => kind));
            return await rotate(rotation);
        };

        const { start, refresh, events, get } = await bench(login().setRefreshGracePeriod(0), (hub) => hub.setStore(memory));
        const { first, grant, lives } = await start();
        const { body } = await refresh(first);
        expect(written).to.equal(['refresh_token']);
        expect((await refresh(first)).body).to.include(refused);
        expect(events.filter(({ tag }) => tag === 'reused').map(({ data }) => data)).to.equal([{ what: 'refresh_token', grant_id: grant.id, client_id: 'web', subject: 'alice' }]);
        expect(await lives()).to.be.false();
        expect(await get(body.access_token)).to.equal(401);
    });

    it('hold for OpenID Connect too', async () => {

        const { openCode, redeem, refresh } = await proving([OIDCAuthorizationCodeBuilder.create().setRefreshTokenTTL({ idle: 7200 }).setRefreshTokenRotation('public')]);
        const { body } = await redeem((await openCode()).value);
        const again = await refresh(body.refresh_token);
        expect(Object.keys(again.body).sort()).to.equal(['access_token', 'expires_in', 'id_token', 'scope', 'token_type']);
    });
});
