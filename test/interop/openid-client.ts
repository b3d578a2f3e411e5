import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';

import { open, signIn, submit } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { assertion, callback as exampleCallback, clientKey, fiveMethods, secrets } from '../fixture/five-methods';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const everything = 'openid profile email address phone offline_access reports:read';

/** Status and error code of the server's refusal. */
const refusal = async (promise: Promise<unknown>) => {

    const err = await expect(promise).to.reject(client.ResponseBodyError);
    return [err.status, err.error];
};

/** The status at a protected route that challenges. */
const challenge = async (promise: Promise<unknown>) => (await expect(promise).to.reject(client.WWWAuthenticateChallengeError)).status;

describe('openid-client', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startLevel1Demo();
        await fetch(`${demo.url}/oauth2/keys`);                 // The RSA key is made here, not while a test waits
    });
    after(() => demo.stop());

    const discover = (id: string, authentication?: client.ClientAuth, metadata: Partial<client.ClientMetadata> = {}, options: client.DiscoveryRequestOptions = {}) =>
        client.discovery(new URL(demo.url), id, metadata, authentication, { execute: [client.allowInsecureRequests], ...options });

    const request = async (config: client.Configuration, parameters: Readonly<Record<string, string>> = {}) => {

        const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
        const url = client.buildAuthorizationUrl(config, {
            redirect_uri: demo.callback, scope: 'openid reports:read', state: checks.expectedState, nonce: checks.expectedNonce,
            code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256',
            ...parameters
        });
        return { url, checks };
    };

    const login = async (config: client.Configuration, parameters?: Readonly<Record<string, string>>, more: client.AuthorizationCodeGrantChecks = {}) => {

        const { url, checks } = await request(config, parameters);
        const location = await signIn(url);
        return await client.authorizationCodeGrant(config, location, { ...checks, idTokenExpected: true, ...more });
    };

    const get = (config: client.Configuration, token: string, path: string) => client.fetchProtectedResource(config, token, new URL(path, demo.url), 'GET');
    const web = () => discover('demo-web', client.ClientSecretBasic('demo-web-secret'));

    it('discovers the server by either document', async () => {

        const openid = (await discover('demo-spa', client.None())).serverMetadata();
        const oauth = (await discover('demo-spa', client.None(), {}, { algorithm: 'oauth2' })).serverMetadata();
        expect(openid.issuer).to.equal(demo.url);
        expect(oauth.issuer).to.equal(demo.url);
        expect(oauth.token_endpoint).to.equal(openid.token_endpoint);
        expect(openid.authorization_response_iss_parameter_supported).to.be.true();
        expect(openid.supportsPKCE()).to.be.true();
        expect(openid.grant_types_supported).to.only.include(['authorization_code', 'refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code']);
        expect(openid.token_endpoint_auth_methods_supported).to.only.include(['client_secret_basic', 'client_secret_post', 'none']);
        expect(openid.id_token_signing_alg_values_supported).to.equal(['RS256']);
        expect(openid.scopes_supported).to.include(['openid', 'offline_access', 'reports:read', 'reports:write']);
    });

    const signConfidentialIn = async (authentication: client.ClientAuth) => {

        const config = await discover('demo-web', authentication);
        client.enableNonRepudiationChecks(config);          // Verifies the signature of the ID token by the published keys
        const tokens = await login(config, { scope: everything, max_age: '60' }, { maxAge: 60 });
        expect(tokens.token_type).to.equal('bearer');       // As openid-client spells every one
        expect(tokens.expires_in).to.equal(3600);
        expect(tokens.scope?.split(' ')).to.only.include(everything.split(' '));

        const claims: Readonly<Record<string, unknown>> = { ...tokens.claims() };
        expect([claims.iss, claims.aud, claims.sub]).to.equal([demo.url, 'demo-web', 'ada']);
        expect(Object.keys(claims)).to.only.include(['iss', 'aud', 'sub', 'exp', 'iat', 'jti', 'nonce', 'auth_time', 'at_hash', 'acr', 'amr']);
        expect(decodeProtectedHeader(tokens.id_token ?? '').alg).to.equal('RS256');

        const me = await get(config, tokens.access_token, '/me');
        expect(await me.json()).to.include({ sub: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' });
        expect((await get(config, tokens.access_token, '/reports')).status).to.equal(200);
    };

    for (const [name, authentication] of [['client_secret_basic', client.ClientSecretBasic], ['client_secret_post', client.ClientSecretPost]] as const) {
        it(`signs a user in for a confidential client with ${name}`, () => signConfidentialIn(authentication('demo-web-secret')));
    }

    it('signs a user in for a public client', async () => {

        const config = await discover('demo-spa', client.None());
        client.enableNonRepudiationChecks(config);
        const tokens = await login(config);
        expect(tokens.refresh_token).to.be.undefined();
        expect(tokens.claims()?.sub).to.equal('ada');
        expect((await get(config, tokens.access_token, '/me')).status).to.equal(200);
    });

    it('signs a user in for a native client, whatever port it listens on', async () => {

        const config = await discover('demo-cli', client.None());
        for (const port of [1024, 49152 + demo.port % 1000, 65535]) {
            const tokens = await login(config, { redirect_uri: `http://127.0.0.1:${port}/callback` });
            expect(tokens.claims()?.aud).to.equal('demo-cli');
        }
    });

    it('gets an access token without an ID token where openid is not asked for', async () => {

        const config = await web();
        const { url, checks: { expectedNonce: _nonce, ...checks } } = await request(config, { scope: 'reports:read' });
        const tokens = await client.authorizationCodeGrant(config, await signIn(url), checks);
        expect(tokens.id_token).to.be.undefined();
        expect(tokens.refresh_token).to.be.a.string();          // Rule 15: openid without offline_access is what withholds it
    });

    it('gets access tokens as RFC 9068 has them', async () => {

        const { access_token: token } = await login(await web());
        expect(decodeProtectedHeader(token)).to.include({ typ: 'at+jwt', alg: 'ES256' });
        const claims = decodeJwt(token);
        expect(claims).to.include({ iss: demo.url, aud: demo.url, sub: 'ada', client_id: 'demo-web', scope: 'openid reports:read' });
        expect(claims).to.include(['exp', 'iat', 'jti']);
    });

    it('gets the state back as it was, and refuses the response of another issuer', async () => {

        const config = await discover('demo-spa', client.None());
        const state = '-._~ &=+%20"<>\'\\/?#é€😀'.repeat(8);
        const tokens = await login(config, { state }, { expectedState: state });
        expect(tokens.access_token).to.be.a.string();

        const { url, checks } = await request(config);
        const location = await signIn(url);
        expect(location.searchParams.get('iss')).to.equal(demo.url);
        const altered = new URL(location);
        altered.searchParams.set('iss', 'https://attacker.example.com');
        await expect(client.authorizationCodeGrant(config, altered, checks)).to.reject(client.ClientError, /unexpected "iss"|invalid response/);
    });

    it('is told of a wrong password on the page, and goes on from there', async () => {

        const config = await discover('demo-spa', client.None());
        const { url, checks } = await request(config);
        const again = await submit(await open(url), { username: 'ada', password: 'babbage' });
        expect(again.status).to.equal(400);
        expect(again.html).to.contain('role="alert"').and.not.contain('babbage');
        const { headers } = await submit(again, { username: 'ada', password: 'lovelace' });
        const tokens = await client.authorizationCodeGrant(config, new URL(headers.get('location') ?? ''), { ...checks, idTokenExpected: true });
        expect(tokens.claims()?.sub).to.equal('ada');
    });

    it('cannot redeem a code with another verifier, and another nonce is noticed', async () => {

        const config = await discover('demo-spa', client.None());
        expect(await refusal(login(config, {}, { pkceCodeVerifier: client.randomPKCECodeVerifier() }))).to.equal([400, 'invalid_grant']);
        const noticed = await expect(login(config, {}, { expectedNonce: 'another' })).to.reject(client.ClientError);
        expect(String(noticed.cause)).to.contain('nonce');
    });

    it('refreshes with rotation', async () => {

        const config = await web();
        const first = await login(config, { scope: everything });
        const second = await client.refreshTokenGrant(config, first.refresh_token ?? '');
        expect(second.refresh_token).to.be.a.string().and.not.equal(first.refresh_token);
        expect(second.access_token).to.not.equal(first.access_token);
        expect([second.claims()?.sub, second.claims()?.aud]).to.equal(['ada', 'demo-web']);
        expect(second.claims()?.auth_time).to.equal(first.claims()?.auth_time);
        expect(second.claims()?.nonce).to.be.undefined();
        expect((await get(config, second.access_token, '/me')).status).to.equal(200);

        const third = await client.refreshTokenGrant(config, second.refresh_token ?? '');
        expect(third.access_token).to.be.a.string();
    });

    it('gets the same reply again on an honest retry, also on two at once', async () => {

        const config = await web();
        const first = await login(config, { scope: everything });
        const refresh = () => client.refreshTokenGrant(config, first.refresh_token ?? '');
        const [one, other] = await Promise.all([refresh(), refresh()]);
        expect(other.refresh_token).to.equal(one.refresh_token);
        demo.advance(8);
        const retried = await refresh();
        expect(retried.access_token).to.equal(one.access_token);
        expect(retried.refresh_token).to.equal(one.refresh_token);
        expect([3591, 3592]).to.include(retried.expires_in ?? 0);       // Rule 10: recomputed, since the token is that much older
        expect((await client.refreshTokenGrant(config, one.refresh_token ?? '')).access_token).to.be.a.string();
    });

    it('loses the grant, and no other, when a refresh token is used again later', async () => {

        const config = await web();
        const [stolen, other] = [await login(config, { scope: everything }), await login(config, { scope: everything })];
        const renewed = await client.refreshTokenGrant(config, stolen.refresh_token ?? '');
        demo.advance(30);
        for (const token of [stolen.refresh_token, renewed.refresh_token]) {
            expect(await refusal(client.refreshTokenGrant(config, token ?? ''))).to.equal([400, 'invalid_grant']);
        }

        expect(await challenge(get(config, renewed.access_token, '/me'))).to.equal(401);
        expect((await get(config, other.access_token, '/me')).status).to.equal(200);
        expect((await client.refreshTokenGrant(config, other.refresh_token ?? '')).access_token).to.be.a.string();
    });

    it('narrows the scope of one access token, and never widens it', async () => {

        const config = await web();
        const first = await login(config, { scope: 'openid offline_access reports:read' });
        const narrow = await client.refreshTokenGrant(config, first.refresh_token ?? '', { scope: 'openid' });
        expect(narrow.scope).to.equal('openid');
        expect(await challenge(get(config, narrow.access_token, '/reports'))).to.equal(403);

        expect(await refusal(client.refreshTokenGrant(config, narrow.refresh_token ?? '', { scope: 'openid email' }))).to.equal([400, 'invalid_scope']);
        const whole = await client.refreshTokenGrant(config, narrow.refresh_token ?? '');       // The grant keeps its scope (RFC 6749 §6)
        expect((await get(config, whole.access_token, '/reports')).status).to.equal(200);
    });

    it('gets tokens for a machine, which is no user', async () => {

        for (const authentication of [client.ClientSecretBasic('demo-machine-secret'), client.ClientSecretPost('demo-machine-secret')]) {
            const config = await discover('demo-machine', authentication);
            const tokens = await client.clientCredentialsGrant(config, { scope: 'reports:read' });
            expect([tokens.scope, tokens.expires_in]).to.equal(['reports:read', 600]);
            expect(tokens.refresh_token).to.be.undefined();
            expect(await (await get(config, tokens.access_token, '/reports')).json()).to.include({ client: 'demo-machine', user: null });
            expect((await get(config, tokens.access_token, '/me')).status).to.equal(403);
        }
    });

    it('is refused as invalid_client, unauthorized_client and invalid_scope', async () => {

        const machine = (id: string, secret: string, scope: string) => discover(id, client.ClientSecretBasic(secret)).then((config) => client.clientCredentialsGrant(config, { scope }));
        const challenged = await expect(machine('demo-machine', 'guess', 'reports:read')).to.reject(client.WWWAuthenticateChallengeError);
        expect(challenged.status).to.equal(401);
        expect(challenged.cause[0]?.scheme).to.equal('basic');
        expect(await refusal(machine('demo-web', 'demo-web-secret', 'reports:read'))).to.equal([400, 'unauthorized_client']);
        expect(await refusal(machine('demo-machine', 'demo-machine-secret', 'everything'))).to.equal([400, 'invalid_scope']);
    });

    const startDevice = async (options: client.DiscoveryRequestOptions = {}) => {

        const config = await discover('demo-tv', client.None(), {}, options);
        const device = await client.initiateDeviceAuthorization(config, { scope: 'openid reports:read' });
        return { config, device };
    };

    it('polls for a device until its user has decided', async () => {

        let polls = 0;
        const customFetch: client.CustomFetch = async (url, options) => {

            if (new URL(url).pathname === '/oauth2/token') {
                demo.advance(5);                                // What the client would wait
                if (++polls === 3) {
                    const page = await open(device.verification_uri_complete ?? '');
                    expect(page.form?.fields.user_code).to.equal(device.user_code);
                    expect((await submit(page, { username: 'ada', password: 'lovelace' })).status).to.equal(200);
                }
            }

            return await fetch(url, options as RequestInit);
        };

        const { config, device } = await startDevice({ [client.customFetch]: customFetch });
        expect([device.expires_in, device.interval, device.verification_uri]).to.equal([600, 5, `${demo.url}/oauth2/device`]);

        const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.001 });
        expect(polls).to.equal(3);
        expect([tokens.claims()?.sub, tokens.claims()?.aud]).to.equal(['ada', 'demo-tv']);
        expect((await get(config, tokens.access_token, '/me')).status).to.equal(200);

        demo.advance(60);
        expect(await refusal(client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.001 }))).to.equal([400, 'invalid_grant']);
    });

    it('learns that a device code has expired', async () => {

        const { config, device } = await startDevice();
        demo.advance(601);
        expect(await refusal(client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.001 }))).to.equal([400, 'expired_token']);
        expect((await submit(await open(device.verification_uri), { user_code: device.user_code, username: 'ada', password: 'lovelace' })).status).to.equal(400);
    });
});

describe('openid-client, by each way of authenticating', { timeout: 30_000 }, () => {

    let server: Awaited<ReturnType<typeof fiveMethods>>;
    before(async () => {

        server = await fiveMethods();
    });
    after(() => server.stop());

    const methods: Readonly<Record<string, () => client.ClientAuth | Promise<client.ClientAuth>>> = {
        client_secret_basic: () => client.ClientSecretBasic(secrets.client_secret_basic),
        client_secret_post: () => client.ClientSecretPost(secrets.client_secret_post),
        client_secret_jwt: () => client.ClientSecretJwt(secrets.client_secret_jwt),
        private_key_jwt: async () => client.PrivateKeyJwt(await crypto.subtle.importKey('jwk', clientKey.privateKey.export({ format: 'jwk' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])),
        none: () => client.None()
    };

    const discover = async (method: string) =>
        await client.discovery(new URL(server.url), method, {}, await methods[method]?.(), { execute: [client.allowInsecureRequests] });

    it('finds all of them and the signature algorithms in the metadata', async () => {

        const metadata = (await discover('none')).serverMetadata();
        expect(metadata.token_endpoint_auth_methods_supported).to.only.include(Object.keys(methods));
        expect(metadata.token_endpoint_auth_signing_alg_values_supported).to.only.include(['HS256', 'ES256']);
    });

    const signUserIn = async (method: string) => {

        const config = await discover(method);
        client.enableNonRepudiationChecks(config);
        const [pkceCodeVerifier, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomNonce()];
        const url = client.buildAuthorizationUrl(config, { redirect_uri: exampleCallback, scope: 'openid', nonce: expectedNonce, code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' });
        const tokens = await client.authorizationCodeGrant(config, await signIn(url, { username: 'x', password: 'x' }), { pkceCodeVerifier, expectedNonce, idTokenExpected: true });
        expect([tokens.claims()?.sub, tokens.claims()?.aud]).to.equal(['somebody', method]);
        const response = await client.fetchProtectedResource(config, tokens.access_token, new URL('/oidc-authorization-code', server.url), 'GET');
        expect(await response.json()).to.equal({ app: method, user: 'somebody' });
    };

    const getMachineTokens = async (method: string) => {

        const config = await discover(method);
        const tokens = await Promise.all([client.clientCredentialsGrant(config), client.clientCredentialsGrant(config, { scope: 'a b' })]);
        for (const { access_token: token } of tokens) {
            const response = await client.fetchProtectedResource(config, token, new URL('/oauth2-client-credentials', server.url), 'GET');
            expect(await response.json()).to.equal({ app: method, user: null });
        }
    };

    for (const method of Object.keys(methods)) {
        it(`signs a user in with ${method}`, () => signUserIn(method));
    }

    for (const method of Object.keys(methods).filter((name) => name !== 'none')) {
        it(`gets a token for a machine with ${method}`, () => getMachineTokens(method));
    }

    it('connects a device with none', async () => {

        const config = await discover('none');
        const device = await client.initiateDeviceAuthorization(config, {});
        await submit(await open(device.verification_uri_complete ?? ''), { username: 'x', password: 'x' });
        const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.001 });
        const response = await client.fetchProtectedResource(config, tokens.access_token, new URL('/oauth2-device-authorization', server.url), 'GET');
        expect(await response.json()).to.equal({ app: 'none', user: 'somebody' });
    });

    it('gets nothing for a machine with none', async () => {

        expect(await refusal(client.clientCredentialsGrant(await discover('none')))).to.equal([401, 'invalid_client']);
    });

    it('is believed when the assertion is its own only', async () => {

        const forged = await assertion('client_secret_jwt', server.url, Date.now(), { iss: 'private_key_jwt', sub: 'private_key_jwt' });
        const config = await client.discovery(new URL(server.url), 'private_key_jwt', {}, (_as, _client, body) => {

            body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
            body.set('client_assertion', forged);
        }, { execute: [client.allowInsecureRequests] });
        expect(await refusal(client.clientCredentialsGrant(config))).to.equal([401, 'invalid_client']);
    });
});
