import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { redirectUri } from '../fixture/registered-server';
import { registrationServer, request } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const challenge = 'Bearer realm="registration", error="invalid_token"';

describe('The registration endpoint', () => {

    it('registers a client, and tells it all that was registered', async () => {

        const { register, fetched } = await registrationServer();
        const logout = { post_logout_redirect_uris: ['https://app.example.com/bye'], backchannel_logout_uri: 'https://app.example.com/logout', backchannel_logout_session_required: true };
        const { statusCode, headers, body } = await register({ ...request, jwks: undefined, contacts: ['a@example.com'], initiate_login_uri: 'https://app.example.com/login', default_max_age: 5, unknown: 'x', logo_uri: null, ...logout });
        expect(statusCode).to.equal(201);
        expect(headers).to.include({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', pragma: 'no-cache', 'access-control-allow-origin': '*' });
        const { client_id: id, client_secret: secret, registration_access_token: token, ...rest } = body;
        expect(id).to.match(/^client-[\w-]{22}$/);
        expect(secret).to.match(/^[\w-]{43}$/);
        expect(token).to.match(/^[\w-]{43}$/);
        expect(rest).to.equal({
            redirect_uris: [redirectUri], client_name: 'Stranger', contacts: ['a@example.com'], initiate_login_uri: 'https://app.example.com/login', default_max_age: 5, ...logout,
            token_endpoint_auth_method: 'client_secret_basic', grant_types: ['authorization_code'], response_types: ['code'],
            scope: 'openid email offline_access reports:own notes:read',
            client_id_issued_at: epoch / 1000, client_secret_expires_at: 0, registration_client_uri: `http://localhost/oauth2/register/${String(id)}`
        });
        expect(fetched).to.equal([]);
    });

    it('lets a client say how it knows users and what is to be signed with, and keeps to it (OpenID Connect Registration §2)', async () => {

        const { register, server } = await registrationServer(undefined, (hub) => hub.setPairwiseSalt('s'.repeat(32)));
        const said = { subject_type: 'pairwise', id_token_signed_response_alg: 'ES256', userinfo_signed_response_alg: 'PS256' };
        expect((await register({ ...request, ...said })).body).to.include(said);
        const { result } = await server.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(result?.subject_types_supported).to.equal(['public', 'pairwise']);
        expect(result?.id_token_signing_alg_values_supported).to.include(['RS256', 'ES256', 'PS256', 'EdDSA']).and.not.include(['none']);
        expect(result?.userinfo_signing_alg_values_supported).to.include(['RS256', 'ES256', 'PS256', 'EdDSA']);
    });

    it('refuses what it would have to leave out: a subject or a signature that the server does not have', async () => {

        const { register } = await registrationServer();
        for (const [said, field] of [
            [{ subject_type: 'pairwise' }, 'subject_type'], [{ subject_type: 'zz' }, 'subject_type'],
            [{ id_token_signed_response_alg: 'none' }, 'id_token_signed_response_alg'], [{ id_token_signed_response_alg: 'HS256' }, 'id_token_signed_response_alg'], [{ userinfo_signed_response_alg: 'zz' }, 'userinfo_signed_response_alg'],
            [{ subject_type: 'pairwise', redirect_uris: [redirectUri, 'https://other.example.com/cb'] }, 'sector_identifier_uri']
        ] as const) {
            const { statusCode, body } = await register({ ...request, ...said });
            expect({ statusCode, error: body.error }, field).to.equal({ statusCode: 400, error: 'invalid_client_metadata' });
            expect(String(body.error_description)).to.startWith(field);
        }
    });

    it('gives a secret to those clients that have one, long enough for their algorithm', async () => {

        const { registered } = await registrationServer();
        for (const [method, length] of [['client_secret_basic', 43], ['client_secret_post', 43], ['client_secret_jwt', 64]] as const) {
            expect((await registered({ token_endpoint_auth_method: method })).secret).to.have.length(length);
        }

        const { body } = await registered({ token_endpoint_auth_method: 'none' });
        expect(body).to.not.include(['client_secret', 'client_secret_expires_at']);
    });

    it('never takes an id or a secret that a client asks for', async () => {

        const { register, post } = await registrationServer();
        for (const id of ['web', 'alice', 'client-x']) {
            const { statusCode, body } = await register({ ...request, client_id: id, client_secret: 'mine', client_id_issued_at: 1, registration_access_token: 'mine' });
            expect(statusCode).to.equal(201);
            expect(body.client_id).to.not.equal(id);
            expect([body.client_secret, body.registration_access_token]).to.not.include('mine');
        }

        expect((await post('/oauth2/token', { grant_type: 'authorization_code', client_id: 'web', client_secret: 'mine' })).body.error).to.equal('invalid_client');
    });

    it('refuses with the name of the field', async () => {

        const { register } = await registrationServer();
        const bad: readonly [object, string, string][] = [
            [{ redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri', 'redirect_uris.0 has a scheme that no client can have'],
            [{ redirect_uris: [redirectUri, 'data:text/html,x'] }, 'invalid_redirect_uri', 'redirect_uris.1 has a scheme that no client can have'],
            [{ redirect_uris: ['http://app.example.com/cb'] }, 'invalid_redirect_uri', 'redirect_uris.0 is http, which only a loopback address may be'],
            [{ redirect_uris: ['https://app.example.com/cb#x'] }, 'invalid_redirect_uri', 'redirect_uris.0 has a fragment'],
            [{ redirect_uris: redirectUri }, 'invalid_redirect_uri', 'redirect_uris must be an array'],
            [{ redirect_uris: null }, 'invalid_redirect_uri', 'redirect_uris is missing, and authorization_code needs at least one'],
            [{ initiate_login_uri: 'http://app.example.com/login' }, 'invalid_client_metadata', 'initiate_login_uri has to be an https address'],
            [{ response_types: ['token'] }, 'invalid_client_metadata', 'response_types.0 must be [code]'],
            [{ response_types: [] }, 'invalid_client_metadata', 'response_types and grant_types do not agree: code comes with authorization_code and goes with it (RFC 7591 section 2.1)'],
            [{ grant_types: ['refresh_token'], response_types: ['code'] }, 'invalid_client_metadata', 'response_types and grant_types do not agree: code comes with authorization_code and goes with it (RFC 7591 section 2.1)'],
            [{ grant_types: 'authorization_code' }, 'invalid_client_metadata', 'grant_types must be an array'],
            [{ token_endpoint_auth_method: 'tls_client_auth' }, 'invalid_client_metadata', 'token_endpoint_auth_method must be one of [client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none]'],
            [{ token_endpoint_auth_method: ['none'] }, 'invalid_client_metadata', 'token_endpoint_auth_method must be one of [client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none]'],
            [{ token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata', 'jwks has no key that could be read, and private_key_jwt needs the client\'s public keys'],
            [{ scope: 'admin' }, 'invalid_client_metadata', 'scope holds one that a client which registers itself may not have'],
            [{ scope: 'openid notes:read reports:all' }, 'invalid_client_metadata', 'scope holds one that a client which registers itself may not have'],
            [{ grant_types: ['authorization_code', 'client_credentials'] }, 'invalid_client_metadata', 'grant_types holds one that a client which registers itself may not have']
        ];
        for (const [metadata, error, description] of bad) {
            const { statusCode, headers, body } = await register({ ...request, ...metadata });
            expect({ statusCode, body }, description).to.equal({ statusCode: 400, body: { error, error_description: description } });
            expect(headers['cache-control']).to.equal('no-store');
        }
    });

    it('takes JSON objects only, and no large ones', async () => {

        const { call, server } = await registrationServer();
        for (const payload of ['null', '[]', '"x"', '5']) {
            expect((await call('POST', '/oauth2/register', payload)).body).to.equal({ error: 'invalid_client_metadata', error_description: 'The metadata has to be a JSON object' });
        }

        for (const payload of ['{', 'redirect_uris=x']) {
            const { statusCode, body } = await call('POST', '/oauth2/register', payload);
            expect({ statusCode, body }).to.equal({ statusCode: 400, body: { error: 'invalid_request', error_description: 'The request body must be application/json' } });
        }

        const { statusCode, payload } = await server.inject({ method: 'POST', url: '/oauth2/register', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'a=b' });
        expect([statusCode, JSON.parse(payload)]).to.equal([400, { error: 'invalid_request', error_description: 'The request body must be application/json' }]);
        expect((await call('POST', '/oauth2/register', JSON.stringify({ ...request, client_name: 'x'.repeat(65_536) }))).statusCode).to.equal(413);
    });

    it('says which methods it takes, and answers scripts of every origin', async () => {

        const { call, server, registered } = await registrationServer();
        const { uri } = await registered();
        for (const [method, url, allow] of [['GET', '/oauth2/register', 'POST'], ['PATCH', uri, 'GET, PUT, DELETE'], ['POST', uri, 'GET, PUT, DELETE']] as const) {
            const { statusCode, headers } = await call(method, url);
            expect([statusCode, headers.allow, headers['cache-control']]).to.equal([405, allow, 'no-store']);
        }

        const preflight = await server.inject({ method: 'OPTIONS', url: '/oauth2/register', headers: { origin: 'https://any.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type, authorization' } });
        expect(preflight.headers).to.include({ 'access-control-allow-origin': '*' });
        expect(preflight.headers['access-control-allow-credentials']).to.be.undefined();
    });

    it('is in the metadata where it is, and not there where it is off', async () => {

        const on = await registrationServer((route) => route.allow('open').setPath('/connect/register'));
        expect((await on.call('GET', '/.well-known/openid-configuration')).body.registration_endpoint).to.equal('http://localhost/connect/register');
        expect((await on.call('POST', '/connect/register', request)).statusCode).to.equal(201);
        const off = await registrationServer((route) => route.setPath('/connect/register'));
        expect((await off.call('GET', '/.well-known/openid-configuration')).body).to.not.include('registration_endpoint');
        expect((await off.call('POST', '/connect/register', request)).statusCode).to.equal(404);
    });

    it('tells the log who came, went and changed', async () => {

        const { registered, call, events } = await registrationServer();
        const { id, token, uri } = await registered();
        await call('PUT', uri, { ...request, client_id: id }, token);
        await call('DELETE', uri, undefined, token);
        expect(events.filter(({ tags }) => tags.includes('registered')).map(({ data }) => data)).to.equal(['created', 'changed', 'deleted'].map((what) => ({ what, client_id: id })));
        expect(JSON.stringify(events)).to.not.contain(token);
    });
});

describe('The client configuration endpoint', () => {

    it('says what is registered, with the token that was presented and without the secret', async () => {

        const { registered, call } = await registrationServer();
        const { uri, token, body } = await registered({ token_endpoint_auth_method: 'client_secret_jwt', grant_types: ['authorization_code', 'refresh_token'] });
        const { client_secret: _secret, client_secret_expires_at: _expiry, ...told } = body;
        const read = await call('GET', uri, undefined, token);
        expect(read.statusCode).to.equal(200);
        expect(read.headers['cache-control']).to.equal('no-store');
        expect(read.body).to.equal(told);
    });

    it('opens to the token of this very client only, and to none after its end', async () => {

        const { registered, call } = await registrationServer();
        const mine = await registered();
        const other = await registered();
        for (const [uri, token] of [[mine.uri, other.token], [mine.uri, `${mine.token}x`], [mine.uri, 'x'], [`${mine.uri}x`, mine.token], ['/oauth2/register/web', mine.token], ['/oauth2/register/__proto__', mine.token]] as const) {
            for (const method of ['GET', 'PUT', 'DELETE']) {
                const { statusCode, headers, body } = await call(method, uri, method === 'PUT' ? { ...request, client_id: mine.id } : undefined, token);
                expect([statusCode, headers['www-authenticate'], body.error]).to.equal([401, challenge, 'invalid_token']);
            }
        }

        const bare = await call('GET', mine.uri);
        expect([bare.statusCode, bare.headers['www-authenticate']]).to.equal([401, 'Bearer realm="registration"']);
        expect((await call('DELETE', mine.uri, undefined, mine.token)).statusCode).to.equal(204);
        expect((await call('GET', mine.uri, undefined, mine.token)).statusCode).to.equal(401);
        expect((await call('DELETE', mine.uri, undefined, mine.token)).statusCode).to.equal(401);
        expect((await call('GET', other.uri, undefined, other.token)).statusCode).to.equal(200);
    });

    it('puts what a client says now in place of all it said before', async () => {

        const { registered, call } = await registrationServer();
        const { id, uri, token, secret } = await registered({ contacts: ['a@example.com'], scope: 'openid' });
        const next = { client_id: id, client_secret: secret, redirect_uris: ['https://app.example.com/new'], client_name: 'Renamed' };
        const { statusCode, body } = await call('PUT', uri, next, token);
        expect(statusCode).to.equal(200);
        expect(body).to.include({ client_id: id, client_name: 'Renamed', redirect_uris: ['https://app.example.com/new'], registration_access_token: token, scope: 'openid email offline_access reports:own notes:read' });
        expect(body).to.not.include(['contacts', 'client_secret']);
        expect((await call('GET', uri, undefined, token)).body).to.equal(body);
    });

    it('has a client say who it is when it changes, and nothing that the server says', async () => {

        const { registered, call } = await registrationServer();
        for (const method of ['client_secret_post', 'client_secret_jwt', 'none']) {
            const { id, uri, token, body } = await registered({ token_endpoint_auth_method: method });
            const bad: readonly [unknown, string][] = [
                [{ ...request }, 'client_id is not the one of this client'],
                ['null', 'client_id is not the one of this client'],
                ['5', 'client_id is not the one of this client'],
                [{ ...request, client_id: 'web' }, 'client_id is not the one of this client'],
                [{ ...request, client_id: id, client_secret: 'a guess' }, 'client_secret is not the one of this client'],
                [{ ...request, client_id: id, client_secret: '' }, 'client_secret is not the one of this client'],
                [{ ...request, client_id: id, client_secret: 5 }, 'client_secret is not the one of this client'],
                [{ ...request, client_id: id, registration_access_token: token }, 'registration_access_token is for the server to say: leave it out (RFC 7592 section 2.2)'],
                [{ ...request, client_id: id, scope: 'admin' }, 'scope holds one that a client which registers itself may not have']
            ];
            for (const [payload, description] of bad) {
                const { statusCode, body: refusal } = await call('PUT', uri, payload, token);
                expect({ statusCode, refusal }).to.equal({ statusCode: 400, refusal: { error: 'invalid_client_metadata', error_description: description } });
            }

            const { client_secret: _secret, client_secret_expires_at: _expiry, ...told } = body;
            expect((await call('GET', uri, undefined, token)).body).to.equal(told);
        }
    });

    it('keeps the secret of a client, and makes another where its method needs another sort', async () => {

        const { registered, call } = await registrationServer();
        const { id, uri, token, secret } = await registered();
        const change = async (method: string, more: object = {}) => (await call('PUT', uri, { ...request, client_id: id, token_endpoint_auth_method: method, ...more }, token)).body;
        expect((await change('client_secret_post', { client_secret: secret })).client_secret).to.be.undefined();
        const hmac = await change('client_secret_jwt', { client_secret: secret });
        expect(hmac).to.include({ client_secret_expires_at: 0 });
        expect(String(hmac.client_secret)).to.have.length(64).and.not.equal(secret);
        expect((await change('client_secret_jwt', { client_secret: hmac.client_secret })).client_secret).to.be.undefined();
        expect((await change('none', { client_secret: hmac.client_secret })).client_secret).to.be.undefined();
        expect((await change('none')).error).to.be.undefined();
        expect((await change('none', { client_secret: hmac.client_secret })).error_description).to.equal('client_secret is not the one of this client');
        expect(String((await change('client_secret_basic')).client_secret)).to.have.length(43).and.not.equal(secret);
    });
});
