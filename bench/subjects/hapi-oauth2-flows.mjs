// This library at level 2, with its MemoryStore: the framework authenticates the client, proves codes and refresh tokens, and asks its store at
// each request of the protected route whether the token's grant lives. Nothing is switched off.
//
// Codes come from its own authorization endpoint, asked without a network by a user who has signed in (an auth strategy of the app says so) and a
// first-party client, who needs no consent. Device codes and access tokens come from their endpoints in the same way.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder, version } from '../library.mjs';
import { algorithm, client, form, grantTypes, loginScope, paths, pkce, resource, scope, subject, ttl } from '../settings.mjs';

export const title = 'hapi-oauth2-flows';
export const packages = ['@hapi/hapi'];
export const versions = { 'hapi-oauth2-flows': version };
export const isOurs = true;
export const hasIdToken = true;
export const scenarios = [
    'client-credentials-jwt', 'client-credentials-opaque', 'code-exchange', 'refresh', 'introspection', 'protected-repeated', 'protected-fresh', 'device-polling'
];

export const start = async ({ format, store = new MemoryStore({ clock: Date.now }), clients = [], configure = () => undefined, lifetimes = ttl }) => {

    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    const authTime = Math.floor(Date.now() / 1000);
    server.auth.scheme('signed-in', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { subject, authTime } }) }));
    server.auth.strategy('signed-in', 'signed-in');

    const registered = {
        client_id: client.id, client_secret: client.secret, token_endpoint_auth_method: 'client_secret_post', redirect_uris: [client.redirectUri],
        grant_types: Object.values(grantTypes), scope: loginScope, first_party: true
    };
    const hub = AuthorizationServerBuilder
        .create()
        .setStore(store)
        .setSecrets(['a-secret-for-benchmarks-of-more-than-32-characters'])
        .setClients([registered, ...clients])
        .setResources({ [resource]: { default: true, scopes: { [scope]: 'Read' } } })
        .setSessionStrategy('signed-in')
        .setLoginUrl('/login')
        .setConsent('implicit');
    configure(hub);
    const flows = [
        OAuth2ClientCredentialsBuilder.create(),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are' }).setIdTokenAlgorithm(algorithm).setRefreshTokenTTL({ idle: lifetimes.refreshToken, absolute: 90 * 86_400 }),
        OAuth2DeviceAuthorizationBuilder.create()
    ].map((flow) => flow.setTokenTTL(lifetimes.accessToken).setAccessTokenFormat(format).setAccessTokenAlgorithm(algorithm));

    await server.register([hub, ...flows]);
    server.route({ method: 'GET', path: paths.protected, options: { auth: { strategy: 'oauth2', access: { scope: [scope] } } }, handler: () => ({ ok: true }) });
    await server.start();

    const posted = async (url, parameters) => {

        const { payload } = await server.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: form(parameters) });
        return JSON.parse(payload);
    };

    const request = new URLSearchParams({
        response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope: loginScope, state: 'state', code_challenge: pkce.challenge, code_challenge_method: 'S256'
    });
    let cookie = '';
    const code = async () => {

        const { headers, payload } = await server.inject({ url: `/oauth2/authorize?${request}`, headers: cookie === '' ? {} : { cookie } });
        if (cookie === '' && headers['set-cookie'] !== undefined) {
            cookie = headers['set-cookie'].map((line) => line.split(';')[0]).join('; ');
        }

        const value = new URL(headers.location ?? 'none:').searchParams.get('code');
        if (value === null) {
            throw new Error(`The authorization endpoint gave no code: ${headers.location ?? payload}`);
        }

        return value;
    };

    return {
        port: server.info.port,
        server, store,
        make: {
            code,
            refresh: async () => (await posted(paths.token, { grant_type: grantTypes.code, code: await code(), redirect_uri: client.redirectUri, code_verifier: pkce.verifier })).refresh_token,
            token: async () => (await posted(paths.token, { grant_type: grantTypes.clientCredentials, scope })).access_token,
            device: async () => (await posted('/oauth2/device_authorization', { scope })).device_code
        }
    };
};
