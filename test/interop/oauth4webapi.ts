import { generateKeyPairSync } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as oauth from 'oauth4webapi';

import { open, signIn, submit } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { callback as exampleCallback, clientKey, fiveMethods, secrets } from '../fixture/five-methods';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const insecure = { [oauth.allowInsecureRequests]: true };

const discover = async (url: string, algorithm: 'oidc' | 'oauth2'): Promise<oauth.AuthorizationServer> =>
    await oauth.processDiscoveryResponse(new URL(url), await oauth.discoveryRequest(new URL(url), { algorithm, ...insecure }));

/** Status and error code of a refusal. */
const refusal = async (promise: Promise<unknown>) => {

    const err = await expect(promise).to.reject(oauth.ResponseBodyError);
    return [err.status, err.error];
};

/** Status and challenge of a refusal that has one. */
const challenge = async (promise: Promise<unknown>) => {

    const err = await expect(promise).to.reject(oauth.WWWAuthenticateChallengeError);
    return [err.status, err.cause[0]?.scheme, err.cause[0]?.parameters.error];
};

describe('oauth4webapi', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    let as: oauth.AuthorizationServer;
    before(async () => {

        demo = await startLevel1Demo();
        as = await discover(demo.url, 'oidc');
        await fetch(as.jwks_uri ?? '');
    });
    after(() => demo.stop());

    const web: oauth.Client = { client_id: 'demo-web' };
    const webSecret = oauth.ClientSecretBasic('demo-web-secret');

    const login = async (client: oauth.Client, authentication: oauth.ClientAuth, scope: string, redirectUri = demo.callback, nonce = oauth.generateRandomNonce()) => {

        const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
        const url = new URL(as.authorization_endpoint ?? '');
        url.search = new URLSearchParams({
            response_type: 'code', client_id: client.client_id, redirect_uri: redirectUri, scope, state, nonce,
            code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256'
        }).toString();
        const parameters = oauth.validateAuthResponse(as, client, await signIn(url), state);
        const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, redirectUri, verifier, insecure);
        expect(response.headers.get('cache-control')).to.equal('no-store');
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true, maxAge: 300 });
        await oauth.validateApplicationLevelSignature(as, response, insecure);
        return tokens;
    };

    const refresh = async (refreshToken = '', scope?: string, client = web, authentication = webSecret) => {

        const options = { ...insecure, ...scope === undefined ? {} : { additionalParameters: { scope } } };
        return await oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, authentication, refreshToken, options));
    };

    const get = (path: string, token: string) => oauth.protectedResourceRequest(token, 'GET', new URL(path, demo.url), undefined, undefined, insecure);

    it('finds the same in the document of RFC 8414, which also says nothing of OpenID', async () => {

        const oauth2 = await discover(demo.url, 'oauth2');
        for (const [name, value] of Object.entries(oauth2)) {
            expect<unknown>(as[name], name).to.equal(value);
        }

        expect(Object.keys(as).filter((name) => !(name in oauth2))).to.only.include(['subject_types_supported', 'id_token_signing_alg_values_supported', 'request_parameter_supported', 'request_uri_parameter_supported']);
    });

    it('signs users in for each kind of client', async () => {

        const scope = 'openid profile reports:read';
        await login(web, webSecret, scope);
        await login(web, oauth.ClientSecretPost('demo-web-secret'), scope);
        await login({ client_id: 'demo-spa' }, oauth.None(), scope);
        const cli = await login({ client_id: 'demo-cli' }, oauth.None(), scope, 'http://127.0.0.1:53682/callback');
        const claims = oauth.getValidatedIdTokenClaims(cli);
        expect([claims?.sub, claims?.aud, claims?.iss]).to.equal(['ada', 'demo-cli', demo.url]);
    });

    it('validates access tokens by the published keys alone, as any resource server can (RFC 9068)', async () => {

        const { access_token: token } = await login(web, webSecret, 'openid reports:read');
        const claims = await oauth.validateJwtAccessToken(as, new Request(`${demo.url}/reports`, { headers: { authorization: `Bearer ${token}` } }), demo.url, insecure);
        expect([claims.client_id, claims.sub, claims.scope]).to.equal(['demo-web', 'ada', 'openid reports:read']);
    });

    it('refreshes, retries and loses the grant on reuse', async () => {

        const first = await login(web, webSecret, 'openid offline_access reports:read');
        const [one, other] = await Promise.all([refresh(first.refresh_token), refresh(first.refresh_token)]);
        expect<object>(one).to.equal(other);

        const narrow = await refresh(first.refresh_token, 'openid');                // Rule 10: another scope, the same successor
        expect(narrow.scope).to.equal('openid');
        expect(narrow.refresh_token).to.equal(one.refresh_token);

        const next = await refresh(one.refresh_token);
        expect(await refusal(refresh(first.refresh_token))).to.equal([400, 'invalid_grant']);
        expect((await get('/reports', next.access_token)).status).to.equal(200);    // The successor was used: refused, nothing revoked

        demo.advance(11);
        expect(await refusal(refresh(first.refresh_token))).to.equal([400, 'invalid_grant']);
        expect(await challenge(get('/reports', next.access_token))).to.equal([401, 'bearer', 'invalid_token']);
        expect(await refusal(refresh(next.refresh_token))).to.equal([400, 'invalid_grant']);
    });

    it('cannot refresh with the token of another client, widen the scope, or ask for a scope that does not exist', async () => {

        const tokens = await login(web, webSecret, 'openid offline_access');
        expect(await refusal(refresh(tokens.refresh_token, undefined, { client_id: 'demo-spa' }, oauth.None()))).to.equal([400, 'unauthorized_client']);
        expect(await challenge(refresh(tokens.refresh_token, undefined, web, oauth.ClientSecretBasic('guess')))).to.equal([401, 'basic', undefined]);
        expect(await refusal(refresh(tokens.refresh_token, undefined, web, oauth.ClientSecretPost('guess')))).to.equal([401, 'invalid_client']);
        expect(await refusal(refresh(tokens.refresh_token, 'openid reports:read'))).to.equal([400, 'invalid_scope']);
        expect(await refusal(refresh(tokens.refresh_token, 'no:such'))).to.equal([400, 'invalid_scope']);
        expect((await refresh(tokens.refresh_token)).access_token).to.be.a.string();                // None of this used it up
    });

    it('gets 401, 403 and 200 at protected routes', async () => {

        const machine: oauth.Client = { client_id: 'demo-machine' };
        const token = async (scope: string) => {

            const response = await oauth.clientCredentialsGrantRequest(as, machine, oauth.ClientSecretBasic('demo-machine-secret'), { scope }, insecure);
            return (await oauth.processClientCredentialsResponse(as, machine, response)).access_token;
        };

        expect((await get('/reports', await token('reports:read reports:write'))).status).to.equal(200);
        const narrow = await expect(get('/reports', await token('reports:write'))).to.reject(oauth.WWWAuthenticateChallengeError);
        expect([narrow.status, narrow.cause[0]?.parameters]).to.equal([403, { error: 'insufficient_scope', scope: 'reports:read' }]);
        expect(await challenge(get('/reports', 'nonsense'))).to.equal([401, 'bearer', 'invalid_token']);
        demo.advance(600);
        expect(await challenge(get('/reports', await token('reports:read').then((fresh) => (demo.advance(600), fresh))))).to.equal([401, 'bearer', 'invalid_token']);
    });

    const tv: oauth.Client = { client_id: 'demo-tv' };
    const startDevice = async () => {

        const response = await oauth.deviceAuthorizationRequest(as, tv, oauth.None(), { scope: 'openid reports:read' }, insecure);
        expect(response.headers.get('cache-control')).to.equal('no-store');
        return await oauth.processDeviceAuthorizationResponse(as, tv, response);
    };

    const poll = async ({ device_code: deviceCode }: oauth.DeviceAuthorizationResponse, client = tv) =>
        await oauth.processDeviceCodeResponse(as, client, await oauth.deviceCodeGrantRequest(as, client, oauth.None(), deviceCode, insecure));

    it('polls by hand: pending, slow_down which is remembered, then the tokens once', async () => {

        const device = await startDevice();
        expect(await refusal(poll(device))).to.equal([400, 'authorization_pending']);
        demo.advance(4);                                        // Up to a second early is fine (rule 23)
        expect(await refusal(poll(device))).to.equal([400, 'authorization_pending']);
        demo.advance(2);
        expect(await refusal(poll(device))).to.equal([400, 'slow_down']);
        demo.advance(6);                                        // Enough for 5 s, not for the 10 s that it is now
        expect(await refusal(poll(device))).to.equal([400, 'slow_down']);
        demo.advance(15);
        expect(await refusal(poll(device))).to.equal([400, 'authorization_pending']);

        expect((await submit(await open(device.verification_uri), { user_code: device.user_code.toLowerCase().replace('-', ' '), username: 'ada', password: 'lovelace' })).status).to.equal(200);
        demo.advance(15);
        const tokens = await poll(device);
        expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).to.equal('ada');
        demo.advance(15);
        expect(await refusal(poll(device))).to.equal([400, 'invalid_grant']);
    });

    it('is told apart: an unknown device code, one of another client, one that expired', async () => {

        const device = await startDevice();
        expect(await refusal(poll({ ...device, device_code: 'made-up' }))).to.equal([400, 'invalid_grant']);
        expect(await refusal(poll(device, { client_id: 'demo-spa' }))).to.equal([400, 'unauthorized_client']);
        demo.advance(600);
        expect(await refusal(poll(device))).to.equal([400, 'expired_token']);
        demo.advance(5);
        expect(await refusal(poll(device))).to.equal([400, 'expired_token']);
        demo.advance(601);
        await startDevice();                                    // Forgets the old
        expect(await refusal(poll(device))).to.equal([400, 'invalid_grant']);
    });
});

describe('oauth4webapi, by each way of authenticating', { timeout: 30_000 }, () => {

    let server: Awaited<ReturnType<typeof fiveMethods>>;
    let as: oauth.AuthorizationServer;
    before(async () => {

        server = await fiveMethods();
        as = await discover(server.url, 'oauth2');
    });
    after(() => server.stop());

    const importKey = (key: typeof clientKey.privateKey) => crypto.subtle.importKey('jwk', key.export({ format: 'jwk' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    const methods: Readonly<Record<string, () => oauth.ClientAuth | Promise<oauth.ClientAuth>>> = {
        client_secret_basic: () => oauth.ClientSecretBasic(secrets.client_secret_basic),
        client_secret_post: () => oauth.ClientSecretPost(secrets.client_secret_post),
        client_secret_jwt: () => oauth.ClientSecretJwt(secrets.client_secret_jwt),
        private_key_jwt: async () => oauth.PrivateKeyJwt(await importKey(clientKey.privateKey))
    };

    const machine = async (method: string, authentication?: oauth.ClientAuth) => {

        const client = { client_id: method };
        const use = authentication ?? await methods[method]?.() ?? oauth.None();
        return await oauth.processClientCredentialsResponse(as, client, await oauth.clientCredentialsGrantRequest(as, client, use, {}, insecure));
    };

    const getMachineToken = async (method: string) => {

        const { access_token: token } = await machine(method);
        const get = (path: string) => oauth.protectedResourceRequest(token, 'GET', new URL(path, server.url), undefined, undefined, insecure);
        expect(await (await get('/oauth2-client-credentials')).json()).to.equal({ app: method, user: null });
        expect((await get('/oauth2')).status).to.equal(200);
        expect(await challenge(get('/oidc-authorization-code'))).to.equal([401, 'bearer', 'invalid_token']);
        expect(await challenge(get('/oauth2-device-authorization'))).to.equal([401, 'bearer', 'invalid_token']);
    };

    for (const method of Object.keys(methods)) {
        it(`gets a token for a machine with ${method}, and opens the routes of that flow only`, () => getMachineToken(method));
    }

    it('signs a user in with none', async () => {

        const client = { client_id: 'none' };
        const verifier = oauth.generateRandomCodeVerifier();
        const search = new URLSearchParams({ response_type: 'code', client_id: 'none', redirect_uri: exampleCallback, code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' });
        const parameters = oauth.validateAuthResponse(as, client, await signIn(`${as.authorization_endpoint}?${search.toString()}`, { username: 'x', password: 'x' }), oauth.expectNoState);
        const response = await oauth.authorizationCodeGrantRequest(as, client, oauth.None(), parameters, exampleCallback, verifier, insecure);
        expect((await oauth.processAuthorizationCodeResponse(as, client, response)).access_token).to.be.a.string();
    });

    it('is refused with the method of another client, another secret, and another key', async () => {

        const wrong: readonly (readonly [string, oauth.ClientAuth])[] = [
            ['client_secret_post', oauth.ClientSecretBasic(secrets.client_secret_post)],
            ['client_secret_jwt', oauth.ClientSecretPost(secrets.client_secret_jwt)],
            ['client_secret_post', oauth.ClientSecretPost(secrets.client_secret_basic)],
            ['client_secret_jwt', oauth.ClientSecretJwt(`${secrets.client_secret_jwt}!`)],
            ['client_secret_basic', oauth.ClientSecretJwt(secrets.client_secret_basic)],
            ['private_key_jwt', oauth.PrivateKeyJwt(await importKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey))],
            ['client_secret_jwt', oauth.PrivateKeyJwt(await importKey(clientKey.privateKey))],
            ['unknown', oauth.ClientSecretPost('secret')],
            ['private_key_jwt', oauth.None()]
        ];
        for (const [method, authentication] of wrong) {
            const err = await machine(method, authentication).then(() => null, (reason: unknown) => reason);
            const status = err instanceof oauth.ResponseBodyError || err instanceof oauth.WWWAuthenticateChallengeError ? err.status : err;
            expect(status, method).to.equal(401);
        }
    });
});
