import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, MemoryStore, type Store } from '../../lib';
import { SqlStore, type SqlClient } from '../../lib/sql';
import { epoch } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { foreignStore } from '../fixture/level-2';
import { basic } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { deviceCodeType, redirectUri } from '../fixture/registered-server';
import { codeIn, ruleServer } from '../fixture/rule-server';
import { memoryEngine } from '../fixture/sql-engines';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** Part of each text below, so that it is found wherever it went. */
const mark = 'h0st1le';

const hostile: Readonly<Record<string, string>> = {
    'half a megabyte': mark.repeat(75_000),
    'many octets': mark.repeat(8000),
    'a NUL': `${mark}\0${mark}`,
    'Unicode': `${mark}\u{1f600}\u0430\u202e\ufeff`,
    'half a surrogate': `${mark}\ud800`,
    'SQL': `${mark}'; DROP TABLE records; DROP SCHEMA hostile CASCADE; --`,
    'a SQL pattern': `%${mark}_\\`,
    'a SQL parameter': `$1${mark}`,
    'the Redis protocol': `${mark}\r\n*1\r\n$8\r\nFLUSHALL\r\n`,
    'a Redis tag': `{${mark}}:*?[a]`,
    'a prototype': `__proto__${mark}`,
    'a path': `../../${mark}`,
    'almost the form of a token': `r${mark}${'A'.repeat(56)}'*`,
    'JSON': `{"$ne":null,"${mark}":1}`
};
const namesOfPrototypes = ['__proto__', 'constructor', 'hasOwnProperty'];

/** A text as UTF-8 brings it over. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

interface Engine {
    readonly store: Store;
    /** The texts that queries were made of, without their parameters. */
    readonly queries: readonly string[];
    readonly end: () => Promise<void>;
}

const inMemory = (): Promise<Engine> => Promise.resolve({ store: new MemoryStore({ clock: () => epoch }), queries: [], end: () => Promise.resolve() });

const inPGlite = async (): Promise<Engine> => {

    const engine = await memoryEngine();
    const [client] = engine.clients();
    if (client === undefined) {
        throw new Error('An engine without clients');
    }

    const queries: string[] = [];
    const watched: SqlClient = {
        query: async (text: string, values: readonly unknown[]) => {

            queries.push(text);
            return await client.query(text, [...values]);
        }
    };
    const store = new SqlStore(watched, { clock: () => epoch, schema: 'hostile', sweepEveryMs: Infinity });
    await store.initialize();
    return { store, queries, end: engine.end };
};

for (const [name, open] of Object.entries({ memory: inMemory, PGlite: inPGlite })) {
    describe(`Hostile ids and codes, on ${name}`, { timeout: 60_000 }, () => {

        let engine: Engine;
        before(async () => {

            engine = await open();
        });
        after(() => engine.end());

        /** The server; what its store is asked is noted. */
        const server = async () => {

            const asked: string[] = [];
            const names = ['put', 'putIfAbsent', 'replace', 'get', 'delete', 'openGrant', 'addTokens', 'findToken', 'findGrant', 'rotate', 'consume', 'revokeGrant', 'count', 'counted', 'list', 'listGrants', 'lease'];
            const { store } = foreignStore(() => epoch, Object.fromEntries(names.map((called) => [called, (_own: unknown, ...call: readonly unknown[]) => {

                asked.push(JSON.stringify([called, ...call]));
                return Reflect.apply(Reflect.get(engine.store, called) as () => unknown, engine.store, call);
            }])));
            return { ...await ruleServer({ configure: (hub) => hub.setClock(() => epoch).setStore(store).setRateLimit(false) }), asked };
        };

        const expectClean = (asked: readonly string[]) => {

            expect([...asked, ...engine.queries].filter((text) => text.includes(mark) || namesOfPrototypes.some((one) => text.includes(one)))).to.equal([]);
        };

        it('are invalid_grant or invalid_request as codes, and reach neither a query nor a key', async () => {

            const { send, asked } = await server();
            for (const [what, value] of [...Object.entries(hostile), ...namesOfPrototypes.map((one) => [one, one] as const)]) {
                const tries: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
                    [{ grant_type: 'authorization_code', code: value, code_verifier: 'x'.repeat(43), redirect_uri: redirectUri }, 'web'],
                    [{ grant_type: 'refresh_token', refresh_token: value }, 'web'],
                    [{ grant_type: deviceCodeType, device_code: value }, 'tv']
                ];
                for (const [parameters, clientId] of tries) {
                    const { statusCode, body } = await send('/oauth2/token', parameters, clientId);
                    expect(['400 invalid_grant', '400 invalid_request', '413 invalid_request'], what).to.include(`${statusCode} ${String(body.error)}`);
                }
            }

            expectClean(asked);
        });

        it('are not active and revoke nothing as tokens, and open no route', async () => {

            const { send, get, asked, tokens } = await server();
            const { access_token: good } = await tokens();
            asked.length = 0;
            for (const [what, value] of [...Object.entries(hostile), ...namesOfPrototypes.map((one) => [one, one] as const)]) {
                const [introspected, revoked] = [await send('/oauth2/introspect', { token: value }), await send('/oauth2/revoke', { token: value })];
                expect(introspected.statusCode === 413 || introspected.body.active === false, what).to.be.true();
                expect([200, 413], what).to.include(revoked.statusCode);
                expect(await get(encodeURIComponent(wellFormed(value)).slice(0, 8000)), what).to.equal(401);
                expect([401, 413], what).to.include((await send('/oauth2/userinfo', { access_token: value }, null)).statusCode);
            }

            expectClean(asked);
            expect(await get(good)).to.equal(200);
        });

        it('are unknown as client ids, by every way of naming a client', async () => {

            const { send, authorizeUrl, server: app, asked } = await server();
            for (const [what, value] of [...Object.entries(hostile), ...namesOfPrototypes.map((one) => [one, one] as const)]) {
                const byForm = await send('/oauth2/token', { grant_type: 'client_credentials', client_id: value, client_secret: 'x' }, null);
                const byHeader = await send('/oauth2/token', { grant_type: 'client_credentials' }, null, { headers: { authorization: basic(wellFormed(value), 'x') } });
                expect(['401 invalid_client', '413 invalid_request'], `${what} form`).to.include(`${byForm.statusCode} ${String(byForm.body.error)}`);
                expect([byHeader.statusCode, byHeader.body.error], `${what} header`).to.equal([401, 'invalid_client']);
                const page = await app.inject(authorizeUrl({ client_id: value }));
                expect([page.statusCode, page.headers.location], what).to.equal([400, undefined]);
            }

            expectClean(asked);
        });

        it('start nothing as references, sessions and user codes', async () => {

            const { server: app, send, browser, authorizeUrl, asked } = await server();
            for (const [what, value] of [...Object.entries(hostile), ...namesOfPrototypes.map((one) => [one, one] as const)]) {
                const text = encodeURIComponent(wellFormed(value)).slice(0, 8000);
                for (const url of [`/oauth2/authorize/interaction?interaction=${text}`, `/oauth2/authorize?posted_request=${text}`]) {
                    expect((await browser().open(url)).statusCode, `${what} ${url.slice(0, 60)}`).to.equal(400);
                }

                const planted = injectedBrowser(app, new Map([['oauth2-session', text], ['oauth2-browser', text]]));
                expect((await planted.open(authorizeUrl())).payload, what).to.include('name="password"');
                const user = browser();
                expect([400, 413], what).to.include((await user.submit(await user.open('/oauth2/device'), { user_code: value, username: 'alice', password: 'right' })).statusCode);
                expect((await send('/oauth2/device_authorization', { scope: value }, 'tv')).statusCode, what).to.be.within(400, 413);
            }

            const written = asked.filter((text) => !text.startsWith('["put",{"kind":"interaction"') && !text.startsWith('["put",{"kind":"session"'));
            expectClean(written);
        });

        it('come back byte for byte where a client may choose them, state and nonce, or are refused', async () => {

            const { signIn, redeem } = await server();
            for (const [what, value] of Object.entries(hostile).filter(([, text]) => text.length < 1000)) {
                const isText = wellFormed(value) === value;                 // Half a surrogate has no bytes that could come back
                const { location: refused } = await signIn({ state: value, prompt: 'none' });
                expect([...['error', 'state'].map((name) => new URL(refused).searchParams.get(name))], what).to.equal(isText ? ['login_required', value] : ['invalid_request', null]);
                const { location } = await signIn({ state: isText ? value : 's', nonce: value });
                expect(new URL(location).searchParams.get('state'), what).to.equal(isText ? value : 's');
                const { statusCode, body } = await redeem(codeIn(location));
                expect([statusCode, claimsOf(body.id_token).nonce], what).to.equal([200, wellFormed(value)]);
            }
        });
    });
}

describe('A store that returns nonsense', { timeout: 60_000 }, () => {

    const nonsense: readonly unknown[] = [true, 1, 'x', [], {}, { value: null }, { value: {}, grant: {}, used: false, version: 1, expiresAt: 9e15 }, { value: { status: 'approved' }, version: 'x' }, { id: 'x', value: 1 }];

    it('fails closed: nothing is issued, active or opened', async () => {

        const state: { answer: unknown; lies: boolean } = { answer: null, lies: false };
        const lie = (own: unknown): unknown => (state.lies ? state.answer : typeof own === 'function' ? own() as unknown : null);
        const { store } = foreignStore(() => epoch, { findToken: lie, get: lie, findGrant: lie });
        const { code, tokens, redeem, refresh, send, introspect, get, server, authorizeUrl } = await ruleServer({ configure: (hub) => hub.setClock(() => epoch).setStore(store).setRevocationWindow(0) });
        for (const answer of nonsense) {
            state.lies = false;
            const value = await code();
            const { access_token: access, refresh_token: refreshToken } = await tokens();
            const { body: { device_code: deviceCode } } = await send('/oauth2/device_authorization', {}, 'tv');
            Object.assign(state, { answer, lies: true });
            const replies = [await redeem(value), await refresh(refreshToken), await send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(deviceCode) }, 'tv')];
            for (const { statusCode, body } of replies) {
                expect([statusCode >= 400, body.access_token, body.refresh_token], JSON.stringify(answer)).to.equal([true, undefined, undefined]);
            }

            expect((await introspect(access)).active, JSON.stringify(answer)).to.not.equal(true);
            expect(await get(access), JSON.stringify(answer)).to.be.above(400);
            expect((await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(access)}` } })).statusCode, JSON.stringify(answer)).to.be.above(400);
            const planted = injectedBrowser(server, new Map([['oauth2-session', 'x.y']]));
            const page = await planted.open(authorizeUrl({ prompt: 'none' }));
            expect(page.location, JSON.stringify(answer)).to.not.include('code=');
        }
    });
});

describe('A client record that breaks RFC 7591', () => {

    const good = { client_id: 'app', client_secret: 'a secret of thirty-two octets!!!', redirect_uris: [redirectUri] };
    const wrong: readonly (readonly [string, object])[] = [
        ['client_id', { client_id: '' }], ['client_id', { client_id: 'a\0b' }], ['client_id', { client_id: undefined }], ['client_secret', { client_secret: undefined }], ['client_secret', { client_secret: 5 }],
        ['redirect_uris', { redirect_uris: undefined }], ['redirect_uris', { redirect_uris: redirectUri }], ['redirect_uris.0', { redirect_uris: ['/relative'] }], ['redirect_uris.1', { redirect_uris: [redirectUri, `${redirectUri}#x`] }],
        ['grant_types', { grant_types: 'authorization_code' }], ['response_types', { response_types: ['token'] }], ['token_endpoint_auth_method', { token_endpoint_auth_method: 'magic' }], ['token_endpoint_auth_method', { token_endpoint_auth_method: 'none' }],
        ['token_endpoint_auth_signing_alg', { token_endpoint_auth_signing_alg: 'none' }], ['jwks', { token_endpoint_auth_method: 'private_key_jwt', client_secret: undefined }], ['jwks.keys', { jwks: { keys: [] } }], ['jwks.keys.0.d', { jwks: { keys: [{ kty: 'EC', d: 'x' }] } }],
        ['jwks_uri', { jwks_uri: 'http://client.example.com/jwks' }], ['scope', { scope: 'a  b' }], ['scope', { scope: ['a'] }], ['application_type', { application_type: 'toaster' }], ['contacts', { contacts: 'me' }],
        ['logo_uri', { logo_uri: 'http://client.example.com/logo' }], ['default_max_age', { default_max_age: -1 }], ['subject_type', { subject_type: 'private' }], ['sector_identifier_uri', { sector_identifier_uri: 'http://client.example.com/' }],
        ['userinfo_signed_response_alg', { userinfo_signed_response_alg: 'none' }], ['id_token_signed_response_alg', { id_token_signed_response_alg: 'none' }]
    ];

    it('is refused at start with the name of the field', async () => {

        for (const [field, change] of wrong) {
            const record: Record<string, unknown> = { ...good, ...change };
            const clients: ReturnType<typeof JSON.parse> = [record];
            const sentence = await refusalOf(quietServer(), { name: 'late', register: (server) => server.register(AuthorizationServerBuilder.create().setClients(clients)) }).catch(String);
            const thrown = sentence === 'nothing was refused' ? '' : sentence;
            expect(thrown, `${field} ${JSON.stringify(change)}`).to.include('cannot be used: ').and.include(field);
            expect(thrown).to.not.include(good.client_secret);
        }
    });
});
