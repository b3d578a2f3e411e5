import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2Error, type TokenType } from '../../lib';
import { SigningKeys } from '../../lib/keys/signing-keys';
import { MemoryKeyStore } from '../../lib/keys/memory-key-store';
import { signAccessToken } from '../../lib/tokens/access-token';
import { clientKeys } from '../fixture/client-keys';
import { alice, claims, openidClients, openidFlow, openidServer, pairwiseClients } from '../fixture/openid-server';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf, headerOf } from '../fixture/jwt';
import { form, listening } from '../fixture/provision';
import { hostileTexts } from '../fixture/kept-tokens';
import { ToyProofToken, toyProof } from '../fixture/toy-proof-token';
import { codeVerifier } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const proofKey = clientKeys.es256;
const path = '/oauth2/userinfo';
const invalid = 'Bearer error="invalid_token", error_description="The access token is not valid here"';

describe('The UserInfo endpoint (OpenID Connect Core §5.3)', () => {

    it('tells the claims of the scopes that were granted, by GET and by POST', async () => {

        const { login, userinfo, server } = await openidServer();
        const { access_token: token } = await login({ scope: 'openid email' });
        const { status, headers, body } = await userinfo(token);
        expect([status, body]).to.equal([200, { sub: 'alice', email: 'alice@example.com', email_verified: true }]);
        expect(headers['content-type']).to.equal('application/json; charset=utf-8');
        expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
        const authorization = `Bearer ${String(token)}`;
        for (const request of [
            { method: 'POST', url: path, headers: { authorization } }, form(path, '', { authorization }), form(path, { other: 'x' }, { authorization: `bearer  ${String(token)}` }),
            form(path, { access_token: String(token) })
        ]) {
            const response = await server.inject(request);
            expect([response.statusCode, response.result]).to.equal([200, body]);
        }
    });

    it('takes a POST without a body over a real connection, as the certification suite sends it', async () => {

        const { login, server } = await openidServer([openidFlow()], (hub) => hub.setIssuer('http://localhost'));
        const { access_token: token } = await login();
        await listening(server, async (url) => {

            const response = await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${String(token)}` } });
            expect([response.status, await response.json()]).to.equal([200, { sub: 'alice' }]);
        });
    });

    it('takes opaque tokens, and tokens for any resource', async () => {

        const configure: Parameters<typeof openidServer>[1] = (hub) => hub.setResources({ 'https://api.example.com': { scopes: { read: 'Read' } }, 'https://opaque.example.com': { format: 'opaque', scopes: { write: 'Write' } } });
        const { told, login, userinfo } = await openidServer([openidFlow()], configure);
        expect(await told({ scope: 'openid email read' })).to.equal({ sub: 'alice', email: 'alice@example.com', email_verified: true });
        const { access_token: opaque } = await login({ scope: 'openid phone write' });
        expect(String(opaque)).to.not.include('.');
        expect((await userinfo(opaque)).body).to.equal({ sub: 'alice', phone_number: '+49 1', phone_number_verified: false });
    });

    it('rule 28: can be called from any origin, its refusals included', async () => {

        const { login, server, userinfo } = await openidServer();
        const { access_token: token } = await login();
        for (const presented of [token, 'x', undefined]) {
            const { headers } = await userinfo(presented, { origin: 'https://app.example.com' });
            expect(headers['access-control-allow-origin']).to.equal('*');
            expect(headers['access-control-allow-credentials']).to.be.undefined();
            expect(headers['access-control-expose-headers']).to.include('WWW-Authenticate');
        }

        const { headers, statusCode } = await server.inject({ method: 'OPTIONS', url: path, headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization, dpop' } });
        expect(statusCode).to.be.below(300);
        expect(headers).to.include({ 'access-control-allow-origin': '*' });
        const wrong = await server.inject({ method: 'PUT', url: path });
        expect([wrong.statusCode, wrong.headers.allow]).to.equal([405, 'GET, POST']);
    });

    it('asks for a token without saying that one is wrong where there is none', async () => {

        const { userinfo, server, login } = await openidServer();
        const { access_token: token } = await login();
        for (const authorization of [undefined, 'Bearer', 'Basic d2ViOndlYi1zZWNyZXQ=', `MAC ${String(token)}`]) {
            const { status, headers, payload } = await userinfo(undefined, authorization === undefined ? {} : { authorization });
            expect([status, headers['www-authenticate'], payload, headers['cache-control']]).to.equal([401, 'Bearer', '', 'no-store']);
        }

        const inQuery = await server.inject(`${path}?access_token=${String(token)}`);
        expect([inQuery.statusCode, inQuery.headers['www-authenticate']]).to.equal([401, 'Bearer']);
        const bodyOfGet = await server.inject({ ...form(path, { access_token: String(token) }), method: 'GET' });
        expect(bodyOfGet.statusCode).to.equal(401);
    });

    it('rule 38: refuses a token in two places, and one that is sent twice', async () => {

        const { login, server, events } = await openidServer();
        const { access_token: token } = await login();
        const value = String(token);
        for (const [request, reason] of [
            [form(path, { access_token: value }, { authorization: `Bearer ${value}` }), 'two_access_tokens'], [form(path, { access_token: value }, { authorization: 'Basic eDp5' }), 'two_access_tokens'],
            [form(path, `access_token=${value}&access_token=${value}`), 'repeated_parameter'], [{ method: 'POST', url: path, headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' }, payload: '{}' }, 'unusable_body']
        ] as const) {
            const { statusCode, result } = await server.inject(request);
            expect([statusCode, { ...Object(result) }.error]).to.equal([400, 'invalid_request']);
            expect(events.at(-1)?.data).to.include({ reason });
        }
    });

    it('is not opened by anything but an access token of this server', async () => {

        const { login, authorize, userinfo, clock, server } = await openidServer();
        const { id_token: idToken, refresh_token: refresh } = await login({ scope: 'openid offline_access' });
        const code = new URL((await authorize({ scope: 'openid' })).location).searchParams.get('code');
        const others = new SigningKeys({ store: () => store, clock: clock.now, policy: () => ({ intervalMs: 1e9, leadMs: 0, retentionMs: 1e9 }) });
        const store = new MemoryKeyStore();
        others.use('access_token', 'ES256');
        const grantId = (await server.oauth2.grants.list({ subject: 'alice' })).items[0]?.id;
        const foreign = await signAccessToken(others, { issuer: 'http://localhost', clientId: 'web', flow: 'oidc-authorization-code', alg: 'ES256', ttl: 60, now: clock.now(), confirmation: undefined, grantId }, { sub: 'alice', scope: 'openid email' });
        for (const token of [idToken, refresh, code, foreign.token, ...hostileTexts.filter((text) => /^[\x21-\x7e]{1,2000}$/.test(text))]) {
            const { status, headers, body } = await userinfo(token);
            expect([status, headers['www-authenticate'], body.error], String(token)).to.equal([401, invalid, 'invalid_token']);
        }
    });

    it('is not opened by a token of another issuer that shares the keys', async () => {

        const { login, userinfo, server, clock } = await openidServer();
        const { access_token: token } = await login({ scope: 'openid email' });
        const { authorizationServer: shared } = server.plugins['hapi-oauth2-flows'];
        const issue = { clientId: 'web', flow: 'oidc-authorization-code', alg: 'ES256', ttl: 60, now: clock.now(), confirmation: undefined, grantId: String(claimsOf(token).grant_id) };
        const sign = async (changes: Partial<typeof issue>, issuer = 'http://localhost') => (await signAccessToken(shared.keys, { issuer, ...issue, ...changes }, { sub: 'alice', scope: 'openid' })).token;
        expect((await userinfo(await sign({}))).status).to.equal(200);
        expect((await userinfo(await sign({}, 'https://evil.example.com'))).status).to.equal(401);
        expect((await userinfo(await sign({ flow: 'unknown' }))).status).to.equal(401);
        expect((await userinfo(await sign({ clientId: 'narrow' }))).status).to.equal(401);
        expect((await userinfo(await sign({ now: clock.now() - 60_000 }))).status).to.equal(401);
        expect((await userinfo(await sign({ grantId: 'unknown' }))).status).to.equal(401);
    });

    it('rule 25: is closed at once when the grant is revoked, whatever the revocation window is', async () => {

        for (const [format, window] of [['jwt', 3600], ['jwt', false], ['opaque', 3600]] as const) {
            const { login, userinfo, server } = await openidServer([openidFlow().setAccessTokenFormat(format)], (hub) => hub.setRevocationWindow(window));
            const { access_token: token } = await login();
            expect((await userinfo(token)).status).to.equal(200);
            await server.oauth2.grants.revokeSubject('alice');
            const { status, headers } = await userinfo(token);
            expect([status, headers['www-authenticate']]).to.equal([401, invalid]);
        }
    });

    it('is closed to a token without openid, and says which scope is missing', async () => {

        const { login, userinfo } = await openidServer();
        const { access_token: token } = await login({ scope: 'email' });
        const { status, headers, body } = await userinfo(token);
        expect([status, body.error]).to.equal([403, 'insufficient_scope']);
        expect(headers['www-authenticate']).to.equal('Bearer error="insufficient_scope", error_description="The access token lacks the scope openid", scope="openid"');
    });

    it('is closed to a token that was narrowed to other scopes at refresh', async () => {

        const { login, userinfo, refresh } = await openidServer();
        const { refresh_token: token } = await login({ scope: 'openid email offline_access' });
        const { access_token: narrow, refresh_token: next } = await refresh(token, 'web', { scope: 'openid' });
        expect((await userinfo(narrow)).body).to.equal({ sub: 'alice' });
        const { access_token: without } = await refresh(next, 'web', { scope: 'email' });
        expect((await userinfo(without)).status).to.equal(403);
    });

    it('is closed to a client\'s own token, also one whose scope has openid', async () => {

        const machines = OAuth2ClientCredentialsBuilder.create().setScopes({ openid: 'Odd', email: 'Odd' });
        const { post, userinfo, basicOf } = await openidServer([openidFlow(), machines], (hub) => hub.setClients([...openidClients, { client_id: 'machine', client_secret: 'web-secret', grant_types: ['client_credentials'], scope: 'openid email' }]));
        const { body } = await post('/oauth2/token', { grant_type: 'client_credentials', scope: 'openid email' }, basicOf('machine'));
        const { status, headers } = await userinfo(body.access_token);
        expect([status, headers['www-authenticate']]).to.equal([401, invalid]);
        const { access_token: other } = (await post('/oauth2/token', { grant_type: 'client_credentials', scope: 'email' }, basicOf('machine'))).body;
        expect((await userinfo(other)).status).to.equal(403);
    });

    it('takes tokens of other flows of the server, and of none whose handler proves', async () => {

        const plain = OAuth2AuthorizationCodeBuilder.create().setScopes({ openid: 'Who you are', email: 'Mail' }).authorizationRoute((route) => route.setPath('/plain')).tokenRoute((route) => route.setPath('/plain-token'));
        const proving = OAuth2ClientCredentialsBuilder.create().strategyName('proving').tokenRoute((route) => route.setPath('/proving').generateToken(async ({ createJwtAccessToken }) => ({ access_token: (await createJwtAccessToken({ sub: 'alice', scope: 'openid email' })).token })));
        const { server, userinfo, post, authorizeUrl, basicOf } = await openidServer([openidFlow(), plain, proving], (hub) => hub.setConsent('none').setClients([...openidClients, { client_id: 'machine', client_secret: 'web-secret', grant_types: ['client_credentials'] }]));
        const browser = injectedBrowser(server);
        const { location } = await browser.submit(await browser.open(authorizeUrl({ scope: 'openid email' }).replace('/oauth2/authorize', '/plain')), { username: 'alice', password: 'right' });
        const { body } = await post('/plain-token', { grant_type: 'authorization_code', code: new URL(location).searchParams.get('code') ?? '', code_verifier: codeVerifier }, basicOf('web'));
        expect((await userinfo(body.access_token)).body).to.equal({ sub: 'alice', email: 'alice@example.com', email_verified: true });
        const { body: own } = await post('/proving', { grant_type: 'client_credentials' }, basicOf('machine'));
        expect([typeof own.access_token, (await userinfo(own.access_token)).status]).to.equal(['string', 401]);
    });

    it('says that the token is no good when the user, or the client, is there no more', async () => {

        const clients = new Map(openidClients.map((client) => [client.client_id, client]));
        let known: typeof alice | null = alice;
        const { login, userinfo, events } = await openidServer([openidFlow()], (hub) => hub.setClients(clients).setClaims(() => known));
        const { access_token: token } = await login();
        known = null;
        expect((await userinfo(token)).headers['www-authenticate']).to.equal(invalid);
        expect(events.at(-1)).to.equal({ tags: ['oauth', 'refused'], data: { reason: 'user_unknown', error: 'invalid_token', client_id: undefined } });
        known = alice;
        expect((await userinfo(token)).status).to.equal(200);
        clients.delete('web');
        expect((await userinfo(token)).status).to.equal(401);
    });

    it('fails without a challenge when the handler or the store does: a client must not throw its token away', async () => {

        let fault: unknown;
        const { login, userinfo } = await openidServer([openidFlow()], (hub) => hub.setClaims(() => {

            throw fault;
        }));
        const { access_token: token } = await login();
        for (const [thrown, status] of [[new Error('secret text'), 500], [new OAuth2Error('temporarily_unavailable', 'Later'), 503]] as const) {
            fault = thrown;
            const { status: answered, headers, payload } = await userinfo(token);
            expect([answered, headers['www-authenticate']]).to.equal([status, undefined]);
            expect(payload).to.not.include('secret text');
        }
    });

    it('takes tokens that are bound to a key with a proof for this very request, and as nothing else', async () => {

        const { authorize, server, clock, basicOf, userinfo } = await openidServer([openidFlow().setTokenType(new ToyProofToken())]);
        const now = clock.now() / 1000;
        const redeemProof = await toyProof(proofKey, { htm: 'POST', htu: 'http://localhost/oauth2/token', iat: now });
        const code = new URL((await authorize({ scope: 'openid' })).location).searchParams.get('code') ?? '';
        const { payload } = await server.inject(form('/oauth2/token', { grant_type: 'authorization_code', code, code_verifier: codeVerifier }, { ...basicOf('web'), toy: redeemProof }));
        const token = String({ ...Object(JSON.parse(payload)) }.access_token);
        const proof = async (claimed: object = {}) => await toyProof(proofKey, { htm: 'GET', htu: `http://localhost${path}`, iat: now, ...claimed }, token);
        const good = await proof();
        const ask = async (toy: string) => await userinfo(undefined, { authorization: `Toy ${token}`, toy });
        expect([(await ask(good)).status, (await ask(await proof({ htu: 'http://localhost/other' }))).status]).to.equal([200, 401]);
        const replayed = await ask(good);
        expect([replayed.status, replayed.headers['www-authenticate']]).to.equal([401, 'Toy error="invalid_dpop_proof", error_description="The proof was used", algs="ES256"']);
        const bare = await userinfo(token);
        expect([bare.status, bare.headers['www-authenticate']]).to.equal([401, 'Toy algs="ES256"']);
        expect((await server.inject(form(path, { access_token: token }))).statusCode).to.equal(401);
    });

    it('keeps the headers that a token type gives its refusal', async () => {

        const type: TokenType = { name: 'Bearer', bind: () => undefined, verify: () => {

            throw new OAuth2Error('use_dpop_nonce', 'Use the nonce', { headers: { 'dpop-nonce': 'n-1' } });
        } };
        const { login, userinfo } = await openidServer([openidFlow().setTokenType(type)]);
        const { headers, status } = await userinfo((await login()).access_token);
        expect(status).to.equal(401);
        expect(headers).to.include({ 'dpop-nonce': 'n-1', 'www-authenticate': 'Bearer error="use_dpop_nonce", error_description="Use the nonce"' });
    });

    it('tells a client that wants it signed a JWT for it alone, which is no ID token', async () => {

        const { login, userinfo, server } = await openidServer();
        const { access_token: token, id_token: idToken } = await login({ client_id: 'signed', scope: 'openid email' });
        const { status, headers, payload } = await userinfo(token);
        expect([status, headers['content-type'], headers['cache-control']]).to.equal([200, 'application/jwt', 'no-store']);
        expect(claimsOf(payload)).to.equal({ sub: 'alice', email: 'alice@example.com', email_verified: true, iss: 'http://localhost', aud: 'signed' });
        const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        expect(await keys.verify('id_token', 'JWT', payload)).to.include({ sub: 'alice' });
        expect([headerOf(payload).alg, headerOf(idToken).alg]).to.equal(['ES256', 'ES256']);
        expect((await userinfo(payload)).status).to.equal(401);
    });

    it('tells pairwise clients the subject of their ID tokens', async () => {

        const { login, userinfo } = await openidServer([openidFlow()], (hub) => hub.setClients(pairwiseClients).setPairwiseSalt('s'.repeat(32)));
        const { access_token: token, id_token: idToken } = await login({ client_id: 'pair-1' });
        const { body } = await userinfo(token);
        expect(body.sub).to.equal(claimsOf(idToken).sub).and.to.not.equal('alice');
    });

    it('tells what was asked for by name beside what the scopes give', async () => {

        const { told } = await openidServer();
        expect(await told({ scope: 'openid phone', ...claims({ userinfo: { email: { essential: true }, sub: null, secret: null, __proto__: null } }) })).to.equal({ sub: 'alice', phone_number: '+49 1', phone_number_verified: false, email: 'alice@example.com' });
    });

    it('goes on with a store that is none of the framework\'s own', async () => {

        const { told } = await openidServer([openidFlow()], (hub) => hub.setStore(new MemoryStore({ clock: Date.now })));
        expect(await told({ scope: 'openid' })).to.equal({ sub: 'alice' });
    });
});
