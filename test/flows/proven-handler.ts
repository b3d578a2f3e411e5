import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { claimsOf } from '../fixture/jwt';
import { foreignStore, proving } from '../fixture/level-2';
import { basic } from '../fixture/provision';
import { testClock } from '../fixture/clock';
import { MemoryStore, OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2Error, OIDCAuthorizationCodeBuilder, type AuthorizationServerBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const people = () => OIDCAuthorizationCodeBuilder.create();
const machines = () => OAuth2ClientCredentialsBuilder.create();
const failure = { error: 'server_error', error_description: 'The server could not answer this request' };

describe('A flow that the framework proves', () => {

    it('issues to clients that are registered for the grant type, and to nobody else', async () => {

        const { token, machine, redeem, openCode } = await proving([people(), machines()]);
        expect((await machine()).statusCode).to.equal(200);
        expect((await token({ grant_type: 'client_credentials' }, basic('web', 'w:%zz "\\ +'))).body).to.equal({ error: 'unauthorized_client', error_description: 'The client may not use this grant_type' });
        expect((await token({ grant_type: 'refresh_token', client_id: 'once', refresh_token: 'x' }, undefined)).body).to.include({ error: 'unauthorized_client' });
        expect((await token({ grant_type: 'client_credentials' }, basic('machine', 'wrong'))).statusCode).to.equal(401);
        expect((await token({ grant_type: 'client_credentials' }, basic('nobody', 'x'))).statusCode).to.equal(401);
        expect((await token({ grant_type: 'client_credentials' }, undefined)).body).to.include({ error: 'invalid_request' });
        expect((await redeem((await openCode()).value)).statusCode).to.equal(200);
    });

    it('answers null, which says nothing at level 2, as the mistake that it is, and a returned error as a thrown one', async () => {

        const nothing = await proving([machines().tokenRoute((route) => route.issueTokens(() => JSON.parse('null')))]);
        const { statusCode, body } = await nothing.machine();
        expect([statusCode, body]).to.equal([500, failure]);
        const returned = await proving([machines().tokenRoute((route) => route.issueTokens(() => Object(new OAuth2Error('access_denied', 'No'))))]);
        expect((await returned.machine()).body).to.equal({ error: 'access_denied', error_description: 'No' });
    });

    it('uses a code once: a second use ends what the first one got', async () => {

        const { openCode, redeem, get, refresh } = await proving([people()]);
        const { value } = await openCode();
        const { body } = await redeem(value);
        expect(await get(body.access_token)).to.equal(200);
        expect((await redeem(value)).body).to.include({ error: 'invalid_grant' });
        expect(await get(body.access_token)).to.equal(401);
        expect((await refresh(body.refresh_token)).body).to.include({ error: 'invalid_grant' });
    });

    it('leaves nothing behind when a handler fails: the grant of a code ends', async () => {

        const refusals = [
            [() => Promise.reject(new Error('hunter2')), 500, failure],
            [() => ({ error: 'access_denied' as const }), 400, { error: 'access_denied' }],
            [() => Promise.reject(new OAuth2Error('invalid_target', 'Not this')), 400, { error: 'invalid_target', error_description: 'Not this' }]
        ] as const;
        for (const [fail, status, expected] of refusals) {
            const { openCode, redeem, store } = await proving([people().tokenRoute((route) => route.issueTokens(async ({ defaultResponse }) => {

                await defaultResponse();
                return fail();
            }))]);
            const { value, grant } = await openCode();
            const { statusCode, body } = await redeem(value);
            expect(statusCode).to.equal(status);
            expect(body).to.include(expected);
            expect(await store.findGrant(grant.id)).to.be.null();
        }
    });

    it('leaves nothing behind when a handler fails: a refresh token still works, and a machine has no grant', async () => {

        let fails = true;
        const issue = async ({ defaultResponse }: { readonly defaultResponse: () => Promise<{ access_token: string }> }) => {

            const response = await defaultResponse();
            if (fails) {
                throw new Error('hunter2');
            }

            return response;
        };

        const { openRefresh, refresh, machine, store } = await proving([people().refreshTokenRoute((route) => route.issueTokens(issue)), machines().tokenRoute((route) => route.issueTokens(issue))]);
        const { value } = await openRefresh();
        expect((await refresh(value)).body).to.equal(failure);
        expect((await machine()).body).to.equal(failure);
        expect((await store.listGrants('clientId', 'machine')).items).to.equal([]);
        fails = false;
        expect((await refresh(value)).statusCode).to.equal(200);
    });

    it('says what went wrong first when the clean-up fails as well', async () => {

        const clock = testClock();
        const { store } = foreignStore(clock.now, { revokeGrant: () => Promise.reject(new Error('down')) });
        const { openCode, redeem } = await proving([people().tokenRoute((route) => route.issueTokens(() => ({ error: 'access_denied' })))], (hub) => hub.setClock(clock.now).setStore(store));
        expect((await redeem((await openCode()).value)).body).to.include({ error: 'access_denied' });
    });

    it('answers 50 simultaneous refreshes of one token alike', async () => {

        const { openRefresh, refresh } = await proving([people()]);
        const { value } = await openRefresh();
        const replies = await Promise.all(Array.from({ length: 50 }, () => refresh(value)));
        expect(new Set(replies.map(({ statusCode }) => statusCode))).to.equal(new Set([200]));
        expect(new Set(replies.map(({ body }) => JSON.stringify(Object.entries(body).sort()))).size).to.equal(1);
    });

    it('gives one of 50 simultaneous uses of a code its tokens, and ends them', async () => {

        const { openCode, redeem, store } = await proving([people()]);
        const { value, grant } = await openCode();
        const replies = await Promise.all(Array.from({ length: 50 }, () => redeem(value)));
        expect(replies.filter(({ statusCode }) => statusCode === 200).length).to.be.at.most(1);
        expect(await store.findGrant(grant.id)).to.be.null();
    });

    it('tries again after a lost race, and says so when it never ends', async () => {

        const clock = testClock();
        let lost = 0;
        let races = 2;
        const { store } = foreignStore(clock.now, { rotate: () => (lost++ < races ? Promise.resolve('conflict') : undefined), openGrant: () => (lost++ < races && races > 2 ? Promise.resolve(false) : undefined) });
        const configure = (hub: AuthorizationServerBuilder) => hub.setClock(clock.now).setStore(store);
        const { openRefresh, refresh, machine } = await proving([people(), machines()], configure);
        const { value } = await openRefresh();
        lost = 0;
        expect((await refresh(value)).statusCode).to.equal(200);
        const { value: other } = await openRefresh();
        races = 100;
        lost = 0;
        const { statusCode, body } = await refresh(other);
        expect([statusCode, body.error, lost]).to.equal([503, 'temporarily_unavailable', 3]);
        expect((await machine()).statusCode).to.equal(503);
    });

    it('attack: serves no user whose id is the client\'s, and none without a user', async () => {

        const { openCode, openRefresh, redeem, refresh } = await proving([people()]);
        expect((await redeem((await openCode({ subject: 'web' })).value)).body).to.include({ error: 'invalid_grant' });
        expect((await refresh((await openRefresh({ subject: 'web' })).value)).body).to.include({ error: 'invalid_grant' });
        expect((await refresh((await openRefresh({ subject: null })).value)).body).to.include({ error: 'invalid_grant' });
    });

    it('gives a handler what was proven, and its tools', async () => {

        const seen: unknown[] = [];
        const flow = people().refreshTokenRoute((route) => route.issueTokens(async ({ uuid, clock, log, error, grantType, client, grant, subject, presented, scopes, resources, defaultResponse }) => {

            seen.push([grantType, client.id, grant.id === presented.grant.id, subject, presented.type, scopes, resources, clock(), uuid() === uuid(), error('access_denied', 'No').code]);
            log(['mine'], 'text');
            return await defaultResponse();
        }));
        const { openRefresh, refresh, clock, server } = await proving([flow]);
        const logs: unknown[] = [];
        server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => {

            logs.push([tags[0], data]);
        });
        await refresh((await openRefresh()).value, { scope: 'openid' });
        expect(seen).to.equal([['refresh_token', 'web', true, 'alice', 'refresh_token', ['openid'], ['http://localhost'], clock.now(), false, 'access_denied']]);
        expect(logs).to.include([['mine', 'text']]);
        expect(JSON.stringify(logs)).to.include('issued');
    });
});

describe('onTokens()', () => {

    it('adds claims of the project\'s own to both tokens, and none that say what was proven', async () => {

        const evil = { iss: 'evil', sub: 'bob', aud: 'evil', exp: 1, iat: 1, nbf: 9e9, jti: 'x', client_id: 'x', scope: 'admin', cnf: {}, flow: 'x', grant_id: 'x', act: {}, auth_time: 1, acr: 'x', amr: ['x'], nonce: 'x', at_hash: 'x', sid: 'x', events: {}, typ: 'x', access_token: 'x' };
        const { openCode, redeem } = await proving([people()], (hub) => hub.onTokens(({ accessToken, idToken }) => {

            Object.assign(accessToken.claims, { ...evil, plan: 'gold' });
            Object.assign(idToken.claims, { ...evil, name: 'Alice' });
        }));
        const { value, grant } = await openCode();
        const { body } = await redeem(value);
        const access = claimsOf(body.access_token);
        const identity = claimsOf(body.id_token);
        expect(access).to.include({ plan: 'gold', sub: 'alice', client_id: 'web', grant_id: grant.id, flow: 'oidc-authorization-code', iss: 'http://localhost' });
        expect(identity).to.include({ name: 'Alice', sub: 'alice', aud: 'web', iss: 'http://localhost' });
        for (const claim of ['nbf', 'cnf', 'act', 'auth_time', 'acr', 'amr', 'nonce', 'sid', 'events']) {
            expect(Object.keys(access), claim).to.not.include(claim);
            expect(Object.keys(identity), claim).to.not.include(claim);
        }

        expect(identity.at_hash).to.equal(createHash('sha256').update(String(body.access_token)).digest().subarray(0, 16).toString('base64url'));
    });

    it('narrows, and never widens', async () => {

        const { machine } = await proving([machines()], (hub) => hub.onTokens(({ narrowScope }) => narrowScope(['read', 'admin'])));
        const { body } = await machine();
        expect(body.scope).to.equal('read');
        expect(claimsOf(body.access_token).scope).to.equal('read');
    });

    it('denies, before anything is issued', async () => {

        for (const [description, expected] of [[undefined, 'The request was denied'], ['Not today', 'Not today']] as const) {
            const { openCode, redeem, store } = await proving([people()], (hub) => hub.onTokens(({ deny }) => deny(description)));
            const { value, grant } = await openCode();
            expect((await redeem(value)).body).to.equal({ error: 'access_denied', error_description: expected });
            expect(await store.findGrant(grant.id)).to.be.null();
        }
    });

    it('attack: lets nothing pass that it returned for a refusal, or for what nobody can know', async () => {

        const refusals = [
            [() => ({ error: 'access_denied' as const, error_description: 'Not today' }), 400, { error: 'access_denied', error_description: 'Not today' }],
            [async () => await Promise.resolve({ error: 'invalid_scope' as const }), 400, { error: 'invalid_scope' }],
            [() => JSON.parse('false'), 500, { error: 'server_error' }], [() => JSON.parse('null'), 500, { error: 'server_error' }], [() => JSON.parse('true'), 500, { error: 'server_error' }], [() => JSON.parse('{}'), 500, { error: 'server_error' }], [() => JSON.parse('{"error":"nope"}'), 500, { error: 'server_error' }]
        ] as const;
        for (const [answer, status, expected] of refusals) {
            const { openCode, redeem, store } = await proving([people()], (hub) => hub.onTokens(answer));
            const { value, grant } = await openCode();
            const { statusCode, body } = await redeem(value);
            expect([statusCode, body]).to.equal([status, expected]);
            expect(await store.findGrant(grant.id)).to.be.null();
        }

        const { machine } = await proving([machines()], (hub) => hub.onTokens(() => Object(new OAuth2Error('access_denied', 'No'))));
        expect((await machine()).body).to.equal({ error: 'access_denied', error_description: 'No' });
    });

    it('attack: leaves no token without a scope where scopes were granted', async () => {

        for (const names of [[], ['admin']]) {
            const { machine, store } = await proving([machines()], (hub) => hub.onTokens(({ narrowScope }) => narrowScope(names)));
            expect((await machine()).body).to.equal({ error: 'invalid_scope', error_description: 'No scope is left of those that were granted' });
            expect((await store.listGrants('clientId', 'machine')).items).to.equal([]);
        }
    });

    it('is told who and what, and what it throws says nothing', async () => {

        const seen: unknown[] = [];
        const { machine, store } = await proving([machines()], (hub) => hub.onTokens(({ grantType, client, subject, scopes, resources, grant }) => {

            seen.push([grantType, client.id, subject, scopes, resources, grant.clientId]);
            throw new Error('hunter2');
        }));
        expect((await machine()).body).to.equal(failure);
        expect(seen).to.equal([['client_credentials', 'machine', null, ['read', 'write'], ['http://localhost'], 'machine']]);
        expect((await store.listGrants('clientId', 'machine')).items).to.equal([]);
    });
});

describe('The token of a flow that the framework proves', () => {

    const opaque = () => machines().setAccessTokenFormat('opaque');

    it('may be opaque, and opens a protected route until it is revoked or over', async () => {

        const { machine, get, store, clock } = await proving([opaque()]);
        const [{ body: one }, { body: two }] = [await machine(), await machine()];
        expect(one.access_token).to.match(/^a[\w-]{65}$/);
        expect([await get(one.access_token), await get(two.access_token)]).to.equal([200, 200]);
        await store.revokeGrant(String(one.access_token).slice(1, 23));
        expect([await get(one.access_token), await get(two.access_token)]).to.equal([401, 200]);
        expect(await get(`a${'x'.repeat(65)}`)).to.equal(401);
        clock.advance(3600);
        expect(await get(two.access_token)).to.equal(401);
    });

    it('is refused at once when its grant is revoked in the process', async () => {

        const { machine, get, store } = await proving([machines()]);
        const { body } = await machine();
        expect(await get(body.access_token)).to.equal(200);
        await store.revokeGrant(String(claimsOf(body.access_token).grant_id));
        expect(await get(body.access_token)).to.equal(401);
    });

    const revoked = async (seconds: number | false | undefined, isForeign = true) => {

        const clock = testClock();
        const { store } = isForeign ? foreignStore(clock.now) : { store: new MemoryStore({ clock: clock.now }) };
        const bench = await proving([machines()], (hub) => {

            hub.setClock(clock.now).setStore(store);
            if (seconds !== undefined) {
                hub.setRevocationWindow(seconds);
            }
        });
        const { body } = await bench.machine();
        expect(await bench.get(body.access_token)).to.equal(200);
        await bench.store.revokeGrant(String(claimsOf(body.access_token).grant_id));
        const after = async (more: number) => {

            clock.advance(more);
            return await bench.get(body.access_token);
        };

        return after;
    };

    it('is refused a revocation window after its grant was revoked elsewhere', async () => {

        const after = await revoked(undefined);
        expect([await after(0), await after(4.999), await after(0.001)]).to.equal([200, 200, 401]);
        const later = await revoked(60);
        expect([await later(59.999), await later(0.001)]).to.equal([200, 401]);
        expect(await (await revoked(0))(0)).to.equal(401);
        expect(await (await revoked(3600, false))(0)).to.equal(401);
    });

    it('lives as long as it says where the server never asks', async () => {

        for (const isForeign of [true, false]) {
            const after = await revoked(false, isForeign);
            expect([await after(3599), await after(1)]).to.equal([200, 401]);
        }
    });

    it('is refused where it is not for', async () => {

        const { machine, get } = await proving([machines()], (hub) => hub.setResources({ 'https://api.example': { default: true }, 'https://other.example': {} }));
        expect(await get((await machine()).body.access_token)).to.equal(200);
        expect(await get((await machine({ resource: 'https://api.example' })).body.access_token)).to.equal(200);
        expect(await get((await machine({ resource: 'https://other.example' })).body.access_token)).to.equal(401);
    });

    it('lives beside those of a flow whose handler proves', async () => {

        const own = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(async ({ createJwtAccessToken }) =>
            ({ access_token: (await createJwtAccessToken({ sub: 'bob' })).token })));
        const { machine, redeem, get, token } = await proving([machines(), own]);
        const { body } = await redeem('whatever');
        expect(claimsOf(body.access_token)).to.include({ sub: 'bob', flow: 'oauth2-authorization-code' });
        expect(await get(body.access_token)).to.equal(200);
        expect(await get((await machine()).body.access_token)).to.equal(200);
        expect((await token({ grant_type: 'authorization_code', code: 'c' }, basic('machine', 'm:a%s+i c%2Bü€&='))).body).to.include({ error: 'unauthorized_client' });
        expect((await token({ grant_type: 'authorization_code', code: 'c', client_id: 'nobody' }, undefined)).body).to.include({ error: 'invalid_client' });
    });
});
