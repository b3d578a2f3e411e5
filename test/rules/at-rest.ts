import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, clientSecretDigest, type ClientMetadata } from '../../lib';
import { testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { foreignStore } from '../fixture/level-2';
import { basic, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { clients, device, deviceCodeType, login, redirectUri, registeredServer, webAuthorization } from '../fixture/registered-server';
import { foundIn } from '../fixture/traces';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const older = 'The-older-secret-of-the-server-0001';
const newer = 'The-newer-secret-of-the-server-0002';
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** A server of users and devices on a store that a test can look into; keys that the server makes itself are in it too. */
const onStore = async ({ secrets = [older], ownKeys = false, configure = () => undefined }: { secrets?: readonly string[]; ownKeys?: boolean; configure?: (hub: AuthorizationServerBuilder) => unknown } = {}, shared = foreignStore(testClock().now)) => {

    const bench = await registeredServer(ownKeys ? [device()] : [login(), device()], (hub) => configure(hub.setStore(shared.store).setSecrets(secrets)));
    const kept = async (kind: string) => (await shared.store.list(kind)).items;
    const get = async (token: unknown) => (await bench.server.inject({ url: '/protected', headers: { authorization: `Bearer ${String(token)}` } })).statusCode;
    bench.server.route({ method: 'GET', path: '/protected', options: { auth: 'oauth2' }, handler: () => 'ok' });

    const refresh = async (token: unknown) => await bench.post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(token) }, webAuthorization);
    const codeOf = (location: string) => new URL(location).searchParams.get('code') ?? '';
    const tokens = async () => (await bench.redeem((await bench.authorize()).location)).body;
    return { ...bench, ...shared, kept, get, refresh, codeOf, tokens };
};

/** What the calls of a store's functions were given, as text. */
const recorded = () => {

    const seen: string[] = [];
    const memory = foreignStore(testClock().now);
    const functions = ['put', 'putIfAbsent', 'replace', 'openGrant', 'addTokens', 'rotate', 'consume', 'findToken', 'get', 'count', 'counted', 'lease'];
    const shared = foreignStore(testClock().now, Object.fromEntries(functions.map((name) => [name, (own: unknown, ...call: readonly unknown[]) => {

        seen.push(JSON.stringify([name, ...call]));
        return typeof own === 'function' ? own() as unknown : memory;
    }])));
    return { shared, all: () => seen.join('\n') };
};

describe('At rest: rule 7', () => {

    it('rule 7: a value of 256 bits that the server made is kept as its SHA-256, and its digest opens nothing', async () => {

        const { shared, all } = recorded();
        const { authorize, redeem, refresh, codeOf, post } = await onStore({}, shared);
        const { location } = await authorize();
        const code = codeOf(location);
        expect(all()).to.include(`"key":"${sha256(code)}"`);
        expect((await redeem(`${redirectUri}?code=${sha256(code)}`)).body.error).to.equal('invalid_grant');
        const { body } = await redeem(location);
        expect(all()).to.include(`"key":"${sha256(String(body.refresh_token))}"`);
        expect((await refresh(sha256(String(body.refresh_token)))).body.error).to.equal('invalid_grant');
        const codes = await post('/oauth2/device_authorization', { client_id: 'tv' });
        expect(all()).to.include(`"key":"${sha256(String(codes.body.device_code))}"`);
        expect(foundIn(all(), [{ what: 'code', value: code }, { what: 'refresh', value: String(body.refresh_token) }, { what: 'device', value: String(codes.body.device_code) }])).to.equal([]);
    });

    it('rule 7: a user code, which is short, is kept as an HMAC that nobody without the secrets can try codes against', async () => {

        const { shared, all } = recorded();
        const { post, kept } = await onStore({}, shared);
        const { body } = await post('/oauth2/device_authorization', { client_id: 'tv' });
        const [record] = await kept('user_code');
        expect(record?.key).to.match(/^[\w-]{43}$/);
        expect(foundIn(all(), [{ what: 'user code', value: String(body.user_code), guessable: true }])).to.equal([]);
        const other = await onStore({ secrets: [newer] });
        const again = await other.post('/oauth2/device_authorization', { client_id: 'tv' });
        expect((await other.kept('user_code'))[0]?.key).to.not.equal(record?.key);
        expect(again.statusCode).to.equal(200);
    });

    it('rule 7: a client secret reaches the store in no form, neither the right one nor a wrong one', async () => {

        const { shared, all } = recorded();
        const { authorize, redeem } = await onStore({}, shared);
        const { location } = await authorize();
        await redeem(location, { authorization: basic('web', 'a-wrong-secret') });
        expect((await redeem(location)).statusCode).to.equal(200);
        expect(foundIn(all(), [{ what: 'right', value: 'web-secret', guessable: true }, { what: 'wrong', value: 'a-wrong-secret', guessable: true }])).to.equal([]);
    });

    it('rule 7: a client record may hold the digest of its secret, which opens nothing and is nowhere to be read', async () => {

        const { shared, all } = recorded();
        const secret = 'the-random-secret-of-the-client-web';
        const digest = clientSecretDigest(secret);
        const [{ client_secret: _inTheClear, ...web } = { client_id: 'web' }] = clients;
        const { authorize, redeem, events } = await onStore({ configure: (hub) => hub.setClients([{ ...web, client_secret_sha256: digest }]) }, shared);
        const { location } = await authorize();
        const refused = await redeem(location, { authorization: basic('web', digest) });
        expect([refused.statusCode, refused.body.error]).to.equal([401, 'invalid_client']);
        expect((await redeem(location, { authorization: basic('web', secret) })).statusCode).to.equal(200);
        const told = [all(), JSON.stringify(events), refused.payload].join('\n');
        expect(events).to.not.be.empty();
        expect(foundIn(told, [{ what: 'secret', value: secret, guessable: true }, { what: 'digest', value: digest, guessable: true }])).to.equal([]);
    });

    it('rule 7: the reply that is given again after a refresh is sealed, and only who presents the token can open it', async () => {

        const { shared, all } = recorded();
        const { tokens, refresh } = await onStore({}, shared);
        const first = await tokens();
        const second = (await refresh(first.refresh_token)).body;
        expect((await refresh(first.refresh_token)).body).to.equal(second);
        expect(foundIn(all(), [{ what: 'access', value: String(second.access_token) }, { what: 'refresh', value: String(second.refresh_token) }])).to.equal([]);
    });

    it('rule 7: each record that needs a secret names the one it was made with, and new ones are made with the first', async () => {

        const shared = foreignStore(testClock().now);
        const secretOf = async (secrets: readonly string[]) => {

            const { post, kept } = await onStore({ secrets }, shared);
            await post('/oauth2/device_authorization', { client_id: 'tv' });
            return (await kept('user_code')).map(({ value }) => value.secret);
        };

        const [before] = await secretOf([older]);
        const both = new Set(await secretOf([newer, older]));
        expect(both.size).to.equal(2);
        expect(both.has(before)).to.be.true();
        expect(before).to.be.a.string().and.to.not.include(older.slice(0, 6));
    });

    it('rule 7: what was made with an old secret stays readable while that is listed, and not a moment longer', async () => {

        const shared = foreignStore(testClock().now);
        const { post } = await onStore({}, shared);
        const { body } = await post('/oauth2/device_authorization', { client_id: 'tv' });
        const enter = async (secrets: readonly string[]) => (await (await onStore({ secrets }, shared)).enterUserCode(body.user_code)).asked.statusCode;
        expect([await enter([newer, older]), await enter([older, newer]), await enter([newer])]).to.equal([200, 200, 400]);
    });

    const keyServer = async (store: ReturnType<typeof foreignStore>['store'], clock: () => number, secrets: readonly string[]) => {

        const { server } = await provision([OAuth2ClientCredentialsBuilder.create()], (hub) =>
            hub.setClock(clock).setClients([{ client_id: 'machine', client_secret: 'secret', grant_types: ['client_credentials'], scope: 'a' }]).setStore(store).setSecrets(secrets), false);
        await server.initialize();
        return server;
    };

    it('rule 7: start is refused when a live record names a secret that is no longer listed', async () => {

        const { now } = testClock();
        const { store } = foreignStore(now);
        await keyServer(store, now, [older]);
        await expect(keyServer(store, now, [newer])).to.reject(/^A signing key was sealed with the secret '[\w-]{12}', which setSecrets\(\) no longer lists: put that secret back at the end of the list /);
        await keyServer(store, now, [newer, older]);
    });

    it('rule 7: HS256, HS384 and HS512 need secrets of 32, 48 and 64 octets', async () => {

        for (const [alg, octets] of [['HS256', 32], ['HS384', 48], ['HS512', 64]] as const) {
            const client = (length: number): ClientMetadata => ({ client_id: 'jwt', client_secret: 's'.repeat(length), token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: alg, grant_types: ['client_credentials'] });
            expect(await refusalOf(quietServer(), AuthorizationServerBuilder.create().setClients([client(octets - 1)])), alg).to.match(/client 'jwt' cannot be used: client_secret/);
            await quietServer().register(AuthorizationServerBuilder.create().setClients([client(octets)]));
        }
    });

    it('rule 7: a dump holds no private key in clear, and the sealed one opens under no other secret and for no other record', async () => {

        const { now } = testClock();
        const { store } = foreignStore(now);
        await keyServer(store, now, [older]);
        const [record, ...others] = (await store.list('signing_key')).items;
        expect(others).to.equal([]);
        expect(record?.value).to.include(['publicJwk', 'sealed']).and.to.not.include('privateJwk');
        expect(JSON.stringify(record)).to.not.include('"d":');
        const moved = { kind: 'signing_key', key: 'moved', value: { ...record?.value, id: 'moved' }, expiresAt: record?.expiresAt ?? 0 };
        await store.put(moved);
        await expect(keyServer(store, now, [older])).to.reject(/was altered, or sealed for another record/);
    });
});

describe('At rest: rule 8', () => {

    const sessions = async () => {

        const bench = await onStore();
        const grants = bench.server.oauth2.grants;
        return { ...bench, grants, alice: await bench.tokens(), again: await bench.tokens() };
    };

    it('rule 8: grants are listed in pages by subject, by client and by session', async () => {

        const { grants, store, clock } = await sessions();
        for (let i = 0; i < 101; ++i) {
            await store.openGrant({ id: `grant-${i}`, clientId: 'tv', subject: 'bob', sessionId: i < 2 ? 'session' : null, expiresAt: clock.now() + 60_000, value: { scopes: [], resources: [], authTime: null, acr: null, amr: [], flow: 'f', createdAt: 1, data: {} } }, []);
        }

        expect((await grants.list({ subject: 'alice' })).items.map(({ clientId, subject }) => [clientId, subject])).to.equal([['web', 'alice'], ['web', 'alice']]);
        const first = await grants.list({ clientId: 'tv' });
        const second = await grants.list({ clientId: 'tv' }, first.cursor);
        expect([first.items.length, second.items.length, second.cursor]).to.equal([100, 1, null]);
        expect((await grants.list({ sessionId: 'session' })).items.map(({ id }) => id).sort()).to.equal(['grant-0', 'grant-1']);
        expect((await grants.list({ subject: 'nobody' })).items).to.equal([]);
    });

    it('rule 8: a grant that is revoked takes its tokens along, and no other grant\'s', async () => {

        const { grants, alice, again, refresh, get } = await sessions();
        const [one, other] = (await grants.list({ subject: 'alice' })).items;
        expect(await grants.revoke(one?.id ?? '')).to.be.true();
        const lived = [(await refresh(alice.refresh_token)).statusCode, (await refresh(again.refresh_token)).statusCode].sort();
        expect(lived).to.equal([200, 400]);
        expect([await get(alice.access_token), await get(again.access_token)].sort()).to.equal([200, 401]);
        expect((await grants.list({ subject: 'alice' })).items.map(({ id }) => id)).to.equal([other?.id]);
    });

    it('rule 8: the grant record alone decides: a listing that lags behind brings no token back', async () => {

        const memory = foreignStore(testClock().now);
        let stale: unknown = null;
        const shared = foreignStore(testClock().now, { listGrants: (own) => stale ?? (typeof own === 'function' ? own() as unknown : memory) });
        const { server, tokens, refresh, get, store } = await onStore({ configure: (hub) => hub.setRevocationWindow(0) }, shared);
        const { access_token: access, refresh_token: refreshToken } = await tokens();
        stale = await store.listGrants('subject', 'alice');
        expect(await server.oauth2.grants.revokeSubject('alice')).to.equal(1);
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items).to.have.length(1);
        expect([await get(access), (await refresh(refreshToken)).statusCode]).to.equal([401, 400]);
    });

    it('rule 8: revokeSubject() ends every grant of a user, codes and device codes included, and nobody else\'s', async () => {

        const { server, tokens, authorize, redeem, refresh, post, enterUserCode } = await onStore();
        const [one, two] = [await tokens(), await tokens()];
        const { location } = await authorize();
        const codes = await post('/oauth2/device_authorization', { client_id: 'tv' });
        await (await enterUserCode(codes.body.user_code)).decide('allow');
        expect(await server.oauth2.grants.revokeSubject('bob')).to.equal(0);
        expect(await server.oauth2.grants.revokeSubject('alice')).to.equal(4);
        const answers = [await refresh(one.refresh_token), await refresh(two.refresh_token), await redeem(location), await post('/oauth2/token', { grant_type: deviceCodeType, device_code: String(codes.body.device_code), client_id: 'tv' })];
        expect(answers.map(({ body }) => body.error)).to.equal(['invalid_grant', 'invalid_grant', 'invalid_grant', 'invalid_grant']);
        expect((await refresh((await tokens()).refresh_token)).statusCode).to.equal(200);
    });

    describe('a client that is deleted', () => {

        const withMap = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

            const registered = new Map(clients.map((client) => [client.client_id, client]));
            const reader = { client_id: 'reader', client_secret: 'reader-secret', grant_types: [], resources: ['http://localhost'] };
            registered.set('reader', reader);
            const bench = await onStore({ configure: (hub) => configure(hub.setClients(registered)) });
            return { ...bench, registered };
        };

        it('rule 8: ends the use of its grants: no code, refresh or access token of it is good for anything', async () => {

            const { registered, tokens, authorize, redeem, refresh, get, post } = await withMap((hub) => hub.setRevocationWindow(0));
            const { access_token: access, refresh_token: refreshToken } = await tokens();
            const { location } = await authorize();
            const introspect = async () => (await post('/oauth2/introspect', { token: String(access) }, { authorization: basic('reader', 'reader-secret') })).body.active;
            expect([await get(access), await introspect()]).to.equal([200, true]);
            registered.delete('web');
            expect([await get(access), await introspect()]).to.equal([401, false]);
            expect([(await refresh(refreshToken)).body.error, (await redeem(location)).body.error]).to.equal(['invalid_client', 'invalid_client']);
        });

        it('rule 8: ends that of its opaque tokens too, within the revocation window', async () => {

            const { registered, post, enterUserCode, clock, get, server } = await withMap((hub) => hub.setResources({ 'https://api.example.com': { format: 'opaque', scopes: { email: 'Read mail' } } }));
            const codes = await post('/oauth2/device_authorization', { client_id: 'tv' });
            await (await enterUserCode(codes.body.user_code)).decide('allow');
            const { body } = await post('/oauth2/token', { grant_type: deviceCodeType, device_code: String(codes.body.device_code), client_id: 'tv' });
            expect(await get(body.access_token)).to.equal(200);
            registered.delete('tv');
            clock.advance(5);
            expect(await get(body.access_token)).to.equal(401);
            expect(await server.oauth2.grants.revokeClient('tv')).to.equal(1);
            registered.set('tv', { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceCodeType], scope: 'email' });
            expect(await get(body.access_token)).to.equal(401);
        });

        it('rule 8: leaves the grants of other clients alone', async () => {

            const { registered, tokens, refresh, get } = await withMap((hub) => hub.setRevocationWindow(0));
            const { access_token: access, refresh_token: refreshToken } = await tokens();
            registered.delete('tv');
            registered.delete('other');
            expect([await get(access), (await refresh(refreshToken)).statusCode]).to.equal([200, 200]);
        });
    });
});
