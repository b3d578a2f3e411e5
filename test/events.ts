import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryKeyStore, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type JwksKeyStore } from '../lib';
import { injectedBrowser } from './fixture/injected-browser';
import { basic, form, provision } from './fixture/provision';
import { device, registeredServer } from './fixture/registered-server';
import { staticKeys } from './fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const password = 'the-password-of-ada';
const secret = 'the-secret-of-the-web-client-001';
const redirectUri = 'https://app.example.com/callback';
const search = new URLSearchParams({
    response_type: 'code', client_id: 'web', redirect_uri: redirectUri, scope: 'openid offline_access', state: 'the-state', nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256'
}).toString();

interface Seen {
    readonly tag: string;
    readonly data: unknown;
}

/** A server with one web client and one machine, what its events said, and the secrets that went through it. */
const watched = async (keys: JwksKeyStore = staticKeys()) => {

    const hidden = new Set<string>([password, secret, verifier]);
    const { server, clock } = await provision([
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are' }),
        OAuth2ClientCredentialsBuilder.create()
    ], (hub) => {

        hub.setJwksKeyStore(keys)
            .setClients([{ client_id: 'web', client_secret: secret, redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], scope: 'openid' }])
            .authenticateUser((entered) => (entered.password === password ? 'user-1' : null));
    }, false);
    const seen: Seen[] = [];
    const note = ({ tags, data, error }: { readonly tags: string[]; readonly data?: unknown; readonly error?: unknown }) => {

        if (tags[0] === 'oauth') {
            seen.push({ tag: tags.slice(1).join(' '), data: data ?? error });
        }
    };

    server.events.on({ name: 'request', channels: 'app' }, (_request, event) => note(event));
    server.events.on('log', note);
    server.route({ method: 'GET', path: '/', options: { auth: 'oauth2' }, handler: () => null });

    const post = async (url: string, parameters: Readonly<Record<string, string>>, clientSecret = secret) => {

        hidden.add(clientSecret);
        const reply = await server.inject(form(url, parameters, { authorization: basic('web', clientSecret) }));
        const json = String(reply.headers['content-type']).startsWith('application/json') ? JSON.parse(reply.payload) as Record<string, string> : {};
        for (const name of ['access_token', 'refresh_token', 'id_token']) {
            if (json[name] !== undefined) {
                hidden.add(json[name]);
            }
        }

        return { reply, json };
    };

    const authorize = async (decision = 'allow') => {

        const browser = injectedBrowser(server);
        const consent = await browser.submit(await browser.open(`/oauth2/authorize?${search}&prompt=consent`), { username: 'ada', password });
        [...browser.jar.values()].flatMap((cookie) => cookie.split('.')).filter((part) => part.length > 20).forEach((part) => hidden.add(part));
        const { location } = await browser.submit(consent, { decision });
        const code = new URL(location).searchParams.get('code') ?? '';
        if (code !== '') {
            hidden.add(code);
        }

        return code;
    };

    const redeem = async (code: string) => (await post('/oauth2/token', { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri })).json;
    const refresh = async (token = '') => (await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token })).json;

    /** What the events since the last call said, after a look at all of it for anything secret. */
    const events = (): readonly Seen[] => {

        const text = JSON.stringify(seen, (_name, value: unknown) => (value instanceof Error ? [value.message, value.stack, value.cause] : value));
        for (const value of hidden) {
            expect(text, 'An event holds what nobody may read').to.not.contain(value);
        }

        return seen.splice(0);
    };

    return { server, clock, post, authorize, redeem, refresh, events };
};

const withMethods = (keys: JwksKeyStore): JwksKeyStore =>
    ({ list: () => keys.list(), putIfAbsent: (record) => keys.putIfAbsent(record), put: (record) => keys.put(record), delete: (id) => keys.delete(id) });

const grantId = (data: unknown): string => String(Reflect.get(Object(data), 'grant_id'));

describe('the events', { timeout: 30_000 }, () => {

    it('say what was issued, for a code, tokens and a refresh', async () => {

        const { authorize, redeem, refresh, events } = await watched();
        const code = await authorize();
        const [opened, ...others] = events();
        const grant = { client_id: 'web', subject: 'user-1', grant_id: grantId(opened?.data), scope: 'openid offline_access' };
        expect(others).to.be.empty();
        expect(opened).to.equal({ tag: 'issued', data: { ...grant, issued: ['authorization_code'] } });
        expect(grant.grant_id).to.match(/^[\w-]{22}$/);

        const { refresh_token: token } = await redeem(code);
        expect(events()).to.equal([{ tag: 'issued', data: { ...grant, grant_type: 'authorization_code', issued: ['access_token', 'refresh_token', 'id_token'] } }]);

        await refresh(token);
        const { scope: _scope, ...rotated } = grant;
        expect(events()).to.equal([{ tag: 'rotated', data: { what: 'refresh_token', ...rotated } }, { tag: 'issued', data: { ...grant, grant_type: 'refresh_token', issued: ['access_token', 'refresh_token', 'id_token'] } }]);

        await refresh(token);                                       // The same reply again: nothing is issued
        expect(events()).to.be.empty();
    });

    it('name no subject where a client acts for itself', async () => {

        const { post, events } = await watched();
        await post('/oauth2/token', { grant_type: 'client_credentials', scope: '' });
        const [event] = events();
        expect(event).to.equal({ tag: 'issued', data: { grant_type: 'client_credentials', client_id: 'web', subject: null, grant_id: grantId(event?.data), scope: 'openid', issued: ['access_token'] } });
    });

    it('say that a code was used twice, and why the request was refused', async () => {

        const { authorize, redeem, events } = await watched();
        const code = await authorize();
        await redeem(code);
        const grant = grantId(events()[0]?.data);
        expect((await redeem(code)).error).to.equal('invalid_grant');
        expect(events()).to.equal([
            { tag: 'reused', data: { what: 'authorization_code', grant_id: grant, client_id: 'web', subject: 'user-1' } },
            { tag: 'refused', data: { reason: 'code_reused', error: 'invalid_grant', client_id: 'web' } }
        ]);
    });

    it('say that a refresh token came back after the grace window', async () => {

        const { authorize, redeem, refresh, events, clock } = await watched();
        const { refresh_token: token } = await redeem(await authorize());
        await refresh(token);
        const grant = grantId(events()[0]?.data);
        clock.advance(10);
        expect((await refresh(token)).error).to.equal('invalid_grant');
        expect(events()).to.equal([
            { tag: 'reused', data: { what: 'refresh_token', grant_id: grant, client_id: 'web', subject: 'user-1' } },
            { tag: 'refused', data: { reason: 'refresh_token_reused', error: 'invalid_grant', client_id: 'web' } }
        ]);
    });

    it('say what was revoked, once, by the client or by the app', async () => {

        const { server, authorize, redeem, post, events } = await watched();
        const first = await redeem(await authorize());
        const one = grantId(events()[0]?.data);
        await post('/oauth2/revoke', { token: first.refresh_token ?? '' });
        await post('/oauth2/revoke', { token: first.access_token ?? '' });
        expect(events()).to.equal([{ tag: 'revoked', data: { what: 'refresh_token', grant_id: one, client_id: 'web' } }]);

        await redeem(await authorize());
        const other = grantId(events()[0]?.data);
        expect(await server.oauth2.grants.revokeSubject('user-1')).to.equal(1);
        expect(await server.oauth2.grants.revoke(other)).to.be.false();
        expect(events()).to.equal([{ tag: 'revoked', data: { what: 'grant', grant_id: other } }]);
    });

    it('say why a client, a user or a token was refused', async () => {

        const { server, authorize, post, events } = await watched();
        const token = 'a-token-that-somebody-made-up-0001';
        await post('/oauth2/token', { grant_type: 'client_credentials' }, 'the-guess-of-somebody-else-00001');
        expect(events()).to.equal([{ tag: 'refused', data: { reason: 'client_secret_wrong', error: 'invalid_client', client_id: 'web' } }]);

        await server.inject({ url: '/', headers: { authorization: `Bearer ${token}` } });
        const [event, ...others] = events();
        expect(others).to.be.empty();
        expect(event?.tag).to.equal('refused');
        expect(event?.data).to.include({ error: 'invalid_token' });
        expect(JSON.stringify(event)).to.not.contain(token);

        expect(await authorize('deny')).to.equal('');
        expect(events()).to.equal([{ tag: 'refused', data: { reason: 'denied_by_user', error: 'access_denied', client_id: 'web' } }]);

        // Also one who typed the password into the field of the name
        const browser = injectedBrowser(server);
        const page = await browser.open(`/oauth2/authorize?${search}`);
        for (const entry of [{ username: 'ada-lovelace', password: 'the-wrong-password-of-ada' }, { username: password, password: 'ada-lovelace' }]) {
            expect((await browser.submit(page, entry)).statusCode).to.equal(400);
            const refused = events();                               // Which looks for the password, too
            expect(refused).to.equal([{ tag: 'refused', data: { reason: 'wrong_credentials', error: 'access_denied', client_id: 'web' } }]);
            expect(JSON.stringify(refused)).to.not.contain('ada').and.not.contain('password');
        }
    });

    it('say that a route wants a scope which the token lacks, at strategies of ours alone', async () => {

        const { server, authorize, redeem, events } = await watched();
        const access = { scope: ['reports:read', '+reports:all'] };
        server.route({ method: 'GET', path: '/reports', options: { auth: { strategy: 'oauth2', access } }, handler: () => null });
        const { access_token: token = '' } = await redeem(await authorize());
        events();
        expect((await server.inject({ url: '/reports', headers: { authorization: `Bearer ${token}` } })).statusCode).to.equal(403);
        expect(events()).to.equal([{ tag: 'refused', data: { reason: 'scope_missing', error: 'insufficient_scope', scope: 'reports:all reports:read' } }]);

        server.auth.scheme('own', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { scope: [] } }) }));
        server.auth.strategy('own', 'own');
        server.route({ method: 'GET', path: '/own', options: { auth: { strategy: 'own', access } }, handler: () => null });
        expect((await server.inject('/own')).statusCode).to.equal(403);
        expect(events()).to.be.empty();
    });

    it('say what becomes of a device, without its codes', async () => {

        const { events: seen, post, enterUserCode } = await registeredServer([device()]);
        const all: unknown[] = [];
        const events = () => {

            const some = seen.splice(0).filter(({ tags }) => tags[0] === 'oauth').map(({ tags, data }) => [tags.slice(1).join(), data]);
            all.push(...some);
            return some;
        };

        const start = async () => (await post('/oauth2/device_authorization', { client_id: 'tv' })).body;
        const first = await start();
        const id = String(first.device_code).slice(1, 23);
        expect(events()).to.equal([['issued', { client_id: 'tv', grant_id: id, scope: 'email', issued: ['device_code'] }]]);

        await enterUserCode('BBBB-BBBB');
        expect(events()).to.equal([['refused', { reason: 'user_code_unknown', error: 'access_denied', client_id: undefined }]]);

        await (await enterUserCode(first.user_code)).decide('allow');
        expect(events()).to.equal([['approved', { client_id: 'tv', subject: 'alice', grant_id: id, scope: 'email', approved: ['device_code'] }]]);

        const second = await start();
        events();
        await (await enterUserCode(second.user_code)).decide('deny');
        expect(events()).to.equal([['refused', { reason: 'denied_by_user', error: 'access_denied', client_id: 'tv' }]]);
        for (const { device_code: deviceCode, user_code: userCode } of [first, second]) {
            expect(JSON.stringify(all)).to.not.contain([String(deviceCode), String(userCode), String(userCode).replace('-', '')]);
        }
    });

    it('hold nothing secret when a handler throws it', async () => {

        const { server, events } = await watched();
        const url = `/oauth2/authorize?${search}`;
        const browser = injectedBrowser(server);
        await browser.submit(await browser.open(url), { decision: 'allow', password });
        await server.inject(`/oauth2/authorize?client_id=web&redirect_uri=https%3A%2F%2Fevil.example.com&code_verifier=${verifier}`);
        expect(events().map(({ tag }) => tag)).to.equal(['refused']);
    });

    it('warn at start of keys that die with the process', async () => {

        const { server, events } = await watched(new MemoryKeyStore());
        await server.initialize();
        await server.stop();
        const [development, ...keys] = events();
        expect(development).to.equal({ tag: 'development', data: 'The signing keys live in memory: tokens die with the process' });
        expect(keys.map(({ tag }) => tag)).to.equal(['rotated', 'rotated']);
    });

    it('say which signing key is published, and which was replaced, without the key', async () => {

        const keys = new MemoryKeyStore();
        const { server, post, events, clock } = await watched(keys);
        await server.initialize();
        const [, ...first] = events();
        const [access, id] = ['access_token', 'id_token'].map((purpose) => keys.list().find((key) => key.purpose === purpose));
        const key = { what: 'signing_key', step: 'published', signs_from: clock.now() / 1000 };
        expect(first).to.have.length(2).and.include([
            { tag: 'rotated', data: { ...key, kid: access?.kid, purpose: 'access_token', alg: 'ES256' } },
            { tag: 'rotated', data: { ...key, kid: id?.kid, purpose: 'id_token', alg: 'RS256' } }
        ]);

        await server.oauth2.keys.rotate();
        const next = events();
        expect(next.map(({ data }) => Object(data))).to.have.length(2);
        for (const { tag, data } of next) {
            expect(tag).to.equal('rotated');
            expect(data).to.include({ step: 'published', signs_from: clock.now() / 1000 + 600 });
        }

        clock.advance(600);
        await post('/oauth2/token', { grant_type: 'client_credentials' });
        const replaced = events().filter(({ tag }) => tag === 'rotated').map(({ data }) => data);
        expect(replaced).to.have.length(2).and.include([
            { ...key, step: 'replaced', kid: access?.kid, purpose: 'access_token', alg: 'ES256' },
            { ...key, step: 'replaced', kid: id?.kid, purpose: 'id_token', alg: 'RS256' }
        ]);
        await post('/oauth2/token', { grant_type: 'client_credentials' });
        expect(events().map(({ tag }) => tag)).to.equal(['issued']);
        await server.stop();
        const privateHalves = keys.list().map(({ privateJwk }) => String(privateJwk?.d));
        expect(JSON.stringify([first, next, replaced])).to.not.contain(privateHalves);
    });

    it('say what the app ended by a token', async () => {

        const { server, authorize, redeem, events } = await watched();
        const { access_token: token = '' } = await redeem(await authorize());
        const grant = grantId(events()[0]?.data);
        expect(await server.oauth2.tokens.revoke(token)).to.be.true();
        expect(await server.oauth2.tokens.revoke(token)).to.be.false();
        expect(events()).to.equal([{ tag: 'revoked', data: { what: 'access_token', grant_id: grant, client_id: 'web' } }]);
    });

    it('say that a key store does not answer, while the keys at hand do', async () => {

        const keys = staticKeys();
        let isDown = false;
        const { post, events, clock } = await watched({
            ...withMethods(keys),
            list: () => {

                if (isDown) {
                    throw new Error('The key store is away');
                }

                return keys.list();
            }
        });
        await post('/oauth2/token', { grant_type: 'client_credentials' });
        events();
        isDown = true;
        clock.advance(3600);
        const { reply } = await post('/oauth2/token', { grant_type: 'client_credentials' });
        expect(reply.statusCode).to.equal(200);
        const [event] = events();
        expect(event?.tag).to.equal('keys error');
        expect(event?.data).to.be.an.error('The key store does not answer: the keys at hand have to do');
    });
});
