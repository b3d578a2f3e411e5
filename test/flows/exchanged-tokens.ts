import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accessTokenType, api, exchangeServer, exchangeType, shopApi, stockApi } from '../fixture/exchange-server';
import { claimsOf } from '../fixture/jwt';
import { clients } from '../fixture/level-2';
import type { ExchangePolicy, OAuth2TokenExchangeBuilder, TokenAddress } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refreshing: ExchangePolicy = () => ({ refreshToken: true, actor: 'client' });
const opaque = (flow: OAuth2TokenExchangeBuilder) => flow.setAccessTokenFormat('opaque');

for (const [format, flow] of Object.entries({ jwt: (it: OAuth2TokenExchangeBuilder) => it, opaque })) {
    describe(`Exchanged tokens, ${format}`, () => {

        it('open routes, and die with the user\'s grant', async () => {

            const { user, exchangeAs, get, store, refreshAs, introspect } = await exchangeServer(refreshing, { flow });
            const { token, grant } = await user();
            const { body } = await exchangeAs('shop', token);
            expect(await get(body.access_token)).to.equal(200);
            await store.revokeGrant(grant.id);
            expect(await get(body.access_token)).to.equal(401);
            expect(await introspect('shop', body.access_token)).to.equal({ active: false });
            expect(await introspect('shop', body.refresh_token)).to.equal({ active: false });
            expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        });

        it('are their client\'s to look at, and their resource\'s', async () => {

            const { user, exchangeAs, introspect } = await exchangeServer(refreshing, { flow });
            const { body } = await exchangeAs('shop', (await user()).token, { resource: stockApi, scope: 'orders:read' });
            const seen = await introspect('shop', body.access_token);
            expect(seen).to.include({ active: true, sub: 'alice', client_id: 'shop', aud: stockApi, scope: 'orders:read', act: { sub: 'shop', client_id: 'shop' } });
            expect(seen).to.not.include('exchange_id').and.not.include('grant_id').and.not.include('flow');
            expect(await introspect('stock', body.access_token)).to.include({ active: true });
            expect(await introspect('shop', body.refresh_token)).to.include({ active: true, client_id: 'shop', scope: 'orders:read', aud: [stockApi] });
            for (const [clientId, token] of [['stranger', body.access_token], ['web', body.access_token], ['stock', body.refresh_token], ['web', body.refresh_token]] as const) {
                expect(await introspect(clientId, token)).to.equal({ active: false });
            }
        });

        it('are a use of the user\'s grant, when they are got and when they are refreshed', async () => {

            const { user, exchangeAs, refreshAs, server, clock } = await exchangeServer(refreshing, { flow });
            const { token, grant } = await user();
            const lastUsedAt = async () => (await server.oauth2.grants.find(grant.id))?.lastUsedAt;
            const began = Number(await lastUsedAt());
            clock.advance(60);
            const { body } = await exchangeAs('shop', token);
            expect(await lastUsedAt()).to.equal(began + 60);
            clock.advance(60);
            await refreshAs('shop', body.refresh_token);
            expect(await lastUsedAt()).to.equal(began + 120);
        });

        it('end alone when their client revokes one: the user stays signed in', async () => {

            for (const which of ['access_token', 'refresh_token'] as const) {
                const { user, exchangeAs, get, revoke, introspect, refreshAs, refresh, events, store } = await exchangeServer(refreshing, { flow });
                const signedIn = await user();
                const { body } = await exchangeAs('shop', signedIn.token);
                const { body: other } = await exchangeAs('shop', signedIn.token);
                for (const clientId of ['web', 'stock', 'stranger']) {
                    await revoke(clientId, body[which]);
                }

                expect(await get(body.access_token)).to.equal(200);
                await revoke('shop', body[which]);
                await revoke('shop', body[which]);
                expect(await get(body.access_token)).to.equal(401);
                expect(await introspect('shop', body.access_token)).to.equal({ active: false });
                expect(await introspect('shop', body.refresh_token)).to.equal({ active: false });
                expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
                expect((await exchangeAs('shop', String(body.access_token))).body).to.include({ error: 'invalid_request' });
                expect(await get(signedIn.token)).to.equal(200);
                expect(await get(other.access_token)).to.equal(200);
                expect(await store.findGrant(signedIn.grant.id)).to.not.be.null();
                expect((await refresh(signedIn.refresh)).statusCode).to.equal(200);
                const revoked = events.filter(({ tag }) => tag === 'revoked');
                expect(revoked).to.have.length(1);
                expect(revoked[0]?.data).to.include({ what: which, grant_id: signedIn.grant.id, client_id: 'shop' });
                expect(revoked[0]?.data.exchange_id).to.match(/^[\w-]{22}$/);
            }
        });
    });
}

for (const [format, flow] of Object.entries({ jwt: (it: OAuth2TokenExchangeBuilder) => it, opaque })) {
    describe(`What was exchanged further, ${format}`, () => {

        /** The shop exchanged the user's token, and the stock the shop's. */
        const chain = async () => {

            const server = await exchangeServer(refreshing, { flow });
            const signedIn = await server.user();
            const { body: first } = await server.exchangeAs('shop', signedIn.token, { resource: stockApi, scope: 'orders:read' });
            const { body: second } = await server.exchangeAs('stock', String(first.access_token));
            const isDead = async (body: Readonly<Record<string, unknown>>, clientId: string) => {

                expect(await server.introspect(clientId, body.access_token)).to.equal({ active: false });
                expect(await server.introspect(clientId, body.refresh_token)).to.equal({ active: false });
                expect((await server.refreshAs(clientId, body.refresh_token)).body).to.include({ error: 'invalid_grant' });
                expect((await server.exchangeAs(clientId, String(body.access_token))).body).to.include({ error: 'invalid_request' });
            };

            return { ...server, signedIn, first, second, isDead };
        };

        it('ends with the exchange it came from, which is spared by its own end', async () => {

            const { signedIn, first, second, isDead, revoke, introspect, get } = await chain();
            await revoke('stock', second.refresh_token);
            await isDead(second, 'stock');
            expect(await introspect('shop', first.access_token)).to.include({ active: true });
            const { signedIn: other, first: one, second: two, isDead: isOver, revoke: end, get: ask, events } = await chain();
            await end('shop', one.access_token);
            await isOver(one, 'shop');
            await isOver(two, 'stock');
            expect(events.filter(({ tag }) => tag === 'revoked')).to.have.length(1);
            expect([await get(signedIn.token), await ask(other.token)]).to.equal([200, 200]);
        });

        it('attack: stays dead when the exchange it came from would have expired, and when its refresh token is used twice', async () => {

            const { first, second, isDead, refreshAs, revoke, clock } = await chain();
            clock.advance(3000);
            const { body: next } = await refreshAs('stock', second.refresh_token);
            await revoke('shop', first.access_token);
            clock.advance(13 * 86_400);
            await isDead(next, 'stock');

            const { first: stolen, second: theirs, isDead: isOver, refreshAs: refresh, clock: time } = await chain();
            const { body: renewed } = await refresh('shop', stolen.refresh_token);
            time.advance(11);
            expect((await refresh('shop', stolen.refresh_token)).body).to.include({ error: 'invalid_grant' });
            await isOver(renewed, 'shop');
            await isOver(theirs, 'stock');
        });

        it('outlives the exchange it came from where that has only expired, if the policy lets it be refreshed', async () => {

            const { user, exchangeAs, refreshAs, get, clock } = await exchangeServer(({ client }) => ({ refreshToken: client.id === 'narrow' }), { flow });
            const { token } = await user();
            const { body: first } = await exchangeAs('shop', token);
            const { body: second } = await exchangeAs('narrow', String(first.access_token));
            clock.advance(3600);
            const { statusCode, body } = await refreshAs('narrow', second.refresh_token);
            expect([statusCode, await get(first.access_token), await get(body.access_token)]).to.equal([200, 401, 200]);
        });
    });
}

describe('Exchange after exchange', () => {

    it('is refused after ten, whoever acts', async () => {

        const { user, exchangeAs, get, revoke, reason } = await exchangeServer();
        const tokens = [(await user()).token];
        for (let i = 0; i < 10; ++i) {
            tokens.push(String((await exchangeAs('shop', tokens.at(-1) ?? '')).body.access_token));
        }

        expect((await exchangeAs('shop', tokens.at(-1) ?? '')).body).to.equal({ error: 'invalid_request', error_description: 'At most 10 exchanges may follow one another' });
        expect(reason()).to.equal('too_many_exchanges');
        expect(await get(tokens.at(-1))).to.equal(200);
        await revoke('shop', tokens[1]);
        expect(await get(tokens.at(-1))).to.equal(401);
    });

    it('attack: gives nothing where the exchange it came from ends while the policy thinks', async () => {

        const ending: { revoke?: () => Promise<unknown> } = {};
        const { user, exchangeAs, revoke, get, refreshAs } = await exchangeServer(async () => {

            await ending.revoke?.();
            return { refreshToken: true };
        });
        const { body: first } = await exchangeAs('shop', (await user()).token);
        ending.revoke = async () => await revoke('shop', first.refresh_token);
        const { body: second } = await exchangeAs('shop', String(first.access_token));
        expect(await get(second.access_token)).to.equal(401);
        expect((await refreshAs('shop', second.refresh_token)).body).to.include({ error: 'invalid_grant' });
    });

    it('costs a refresh no look more than one exchange does, and one without any none', async () => {

        const { user, exchangeAs, refreshAs, refresh, store } = await exchangeServer(refreshing);
        const looks: string[] = [];
        const findToken = store.findToken.bind(store);
        Object.assign(store, { findToken: async (address: TokenAddress) => {

            looks.push(address.kind);
            return await findToken(address);
        } });
        const { token, refresh: users } = await user();
        const { body: first } = await exchangeAs('shop', token);
        const { body: second } = await exchangeAs('shop', String(first.access_token));
        for (const [run, expected] of [
            [() => refresh(users), ['refresh_token']],
            [() => refreshAs('shop', first.refresh_token), ['refresh_token', 'exchange']],
            [() => refreshAs('shop', second.refresh_token), ['refresh_token', 'exchange', 'exchange']]
        ] as const) {
            looks.length = 0;
            expect((await run()).statusCode).to.equal(200);
            expect(looks).to.equal([...expected]);
        }
    });
});

describe('Refresh tokens that clients keep', () => {

    const day = 86_400;
    const keeping = async () => {

        const server = await exchangeServer(refreshing, { login: (people) => people.setRefreshTokenRotation('public'), flow: (exchange) => exchange.setRefreshTokenRotation('public') });
        const signedIn = await server.user();
        const { body } = await server.exchangeAs('shop', signedIn.token);
        return { ...server, users: signedIn.refresh, shops: String(body.refresh_token) };
    };

    it('attack: an exchange does not keep alive the token of the user\'s own client', async () => {

        const { users, shops, refresh, refreshAs, introspect, clock, reason } = await keeping();
        clock.advance(13 * day);
        expect((await refreshAs('shop', shops)).statusCode).to.equal(200);
        expect((await introspect('web', users)).exp).to.equal(clock.now() / 1000 + day);
        clock.advance(day - 1);
        expect(await introspect('web', users)).to.include({ active: true });
        clock.advance(1);
        expect(await introspect('web', users)).to.equal({ active: false });
        expect((await refresh(users)).body).to.include({ error: 'invalid_grant' });
        expect(reason()).to.equal('refresh_token_idle');
        expect((await refreshAs('shop', shops)).statusCode).to.equal(200);
    });

    it('attack: nor does that client keep alive the token of an exchange', async () => {

        const { users, shops, refresh, refreshAs, clock } = await keeping();
        clock.advance(13 * day);
        expect((await refresh(users)).statusCode).to.equal(200);
        clock.advance(day);
        expect((await refreshAs('shop', shops)).body).to.include({ error: 'invalid_grant' });
        expect((await refresh(users)).statusCode).to.equal(200);
    });

    it('live on with each use, until they were not used for their own idle life, or their lineage ends', async () => {

        const { users, shops, refresh, refreshAs, introspect, clock } = await keeping();
        for (let i = 0; i < 3; ++i) {
            clock.advance(13 * day);
            expect((await refresh(users)).statusCode).to.equal(200);
            expect((await introspect('web', users)).exp).to.equal(clock.now() / 1000 + 14 * day);
            expect((await refreshAs('shop', shops)).statusCode).to.equal(200);
        }

        clock.advance(13 * day);
        expect((await refreshAs('shop', shops)).statusCode).to.equal(200);
        clock.advance(day);
        expect((await refresh(users)).body).to.include({ error: 'invalid_grant' });
        for (const days of [12, 12, 12]) {
            expect((await refreshAs('shop', shops)).statusCode).to.equal(200);
            clock.advance(days * day);
        }

        expect((await introspect('shop', shops)).exp).to.equal(clock.now() / 1000 + day);
        clock.advance(day);
        expect((await refreshAs('shop', shops)).body).to.include({ error: 'invalid_grant' });
    });
});

describe('The refresh token of an exchange', () => {

    it('is there only if the policy says so, the client may refresh, and the user agreed that it outlives the session', async () => {

        const { user, exchangeAs } = await exchangeServer();
        expect((await exchangeAs('shop', (await user()).token)).body).to.not.include('refresh_token');
        const { user: other, exchangeAs: exchange } = await exchangeServer(refreshing, { hub: (hub) => hub.setClients([...clients, api('shop', [shopApi]), api('short', [shopApi], { grant_types: [exchangeType] })]) });
        expect((await exchange('short', (await other({ scopes: ['orders:read'] })).token)).body).to.include({ token_type: 'Bearer' }).and.not.include('refresh_token');
        expect((await exchange('shop', (await other({ scopes: ['openid', 'orders:read'] })).token)).body).to.not.include('refresh_token');
        expect((await exchange('shop', (await other({ scopes: ['orders:read'] })).token)).body.refresh_token).to.be.a.string();
    });

    it('gives tokens of the exchange, and no more of the grant, also when the subject token is long gone', async () => {

        const { user, exchangeAs, refreshAs, get, clock } = await exchangeServer(({ scopes }) => ({ refreshToken: true, actor: 'client', scopes: scopes.filter((name) => name !== 'orders:write') }));
        const { token, grant } = await user();
        const { body: first } = await exchangeAs('shop', token);
        clock.advance(86_400);
        const { body } = await refreshAs('shop', first.refresh_token);
        expect(body).to.include({ scope: 'openid offline_access orders:read', expires_in: 3600 }).and.not.include('issued_token_type');
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', client_id: 'shop', aud: shopApi, grant_id: grant.id, exchange_id: claimsOf(first.access_token).exchange_id, act: { sub: 'shop', client_id: 'shop' }, flow: 'oauth2-token-exchange' });
        expect(await get(body.access_token)).to.equal(200);
        expect((await refreshAs('shop', body.refresh_token, { scope: 'orders:write' })).body).to.include({ error: 'invalid_scope' });
        expect((await refreshAs('shop', body.refresh_token, { resource: stockApi })).body).to.include({ error: 'invalid_target' });
        const { body: last } = await refreshAs('shop', body.refresh_token);
        expect(last.refresh_token).to.be.a.string().and.not.equal(body.refresh_token);
    });

    it('attack: opens nothing for another client, nor the user\'s for this one', async () => {

        const { user, exchangeAs, refreshAs, refresh } = await exchangeServer(refreshing);
        const { token, refresh: users } = await user();
        const { body } = await exchangeAs('shop', token);
        for (const clientId of ['stock', 'stranger']) {
            expect((await refreshAs(clientId, body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        }

        expect((await refresh(body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect((await refreshAs('shop', users)).body).to.include({ error: 'invalid_grant' });
        expect((await refreshAs('shop', body.refresh_token)).statusCode).to.equal(200);
    });

    it('answers a repeated request alike, and ends the exchange alone when it comes back later', async () => {

        const { user, exchangeAs, refreshAs, get, clock, events } = await exchangeServer(refreshing);
        const { token, grant } = await user();
        const { body: first } = await exchangeAs('shop', token);
        const { body } = await refreshAs('shop', first.refresh_token);
        expect((await refreshAs('shop', first.refresh_token)).body.refresh_token).to.equal(body.refresh_token);
        clock.advance(11);
        expect((await refreshAs('shop', first.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect(events.find(({ tag }) => tag === 'reused')?.data).to.equal({ what: 'refresh_token', grant_id: grant.id, client_id: 'shop', subject: 'alice' });
        expect(await get(body.access_token)).to.equal(401);
        expect((await refreshAs('shop', body.refresh_token)).body).to.include({ error: 'invalid_grant' });
        expect(await get(token)).to.equal(200);
    });

    it('attack: of a client\'s own token gives no more than the exchange did', async () => {

        const { user, post } = await exchangeServer(({ scopes }) => ({ refreshToken: true, scopes: scopes.filter((name) => name === 'orders:read') }), {
            hub: (hub) => hub.setClients(clients.map((client) => ({ ...client, grant_types: [...client.grant_types ?? [], ...client.client_id === 'web' ? [exchangeType] : []] })))
        });
        const { token } = await user();
        const { body } = await post('/oauth2/token', 'web', { grant_type: exchangeType, subject_token: token, subject_token_type: accessTokenType });
        const { body: refreshed } = await post('/oauth2/token', 'web', { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) });
        expect(refreshed.scope).to.equal('orders:read');
        expect((await post('/oauth2/token', 'web', { grant_type: 'refresh_token', refresh_token: String(refreshed.refresh_token), scope: 'orders:write' })).body).to.include({ error: 'invalid_scope' });
    });
});

describe('A protected route', () => {

    it('asks for the exchange of a signed token, unless it asks for nothing', async () => {

        const { user, exchangeAs, revoke, get } = await exchangeServer(undefined, { hub: (hub) => hub.setRevocationWindow(false) });
        const { body } = await exchangeAs('shop', (await user()).token, { requested_token_type: accessTokenType });
        await revoke('shop', body.access_token);
        expect(await get(body.access_token)).to.equal(200);
    });
});
