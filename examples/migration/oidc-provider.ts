// What docs/migration/oidc-provider.md makes of a provider with its own login page: the provider's paths and its clients stay, so that
// the clients notice nothing but new keys.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type ClientMetadata } from 'hapi-oauth2-flows';

const users = new Map([['ada', { id: 'user-1', password: 'lovelace', email: 'ada@example.com', name: 'Ada Lovelace' }]]);

// The array of the provider's configuration, plus the scopes that each client may have
const clients: readonly ClientMetadata[] = [
    {
        client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'],
        grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email profile offline_access',
        post_logout_redirect_uris: ['https://app.example.com/goodbye']
    },
    { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' }
];

const hub = () => AuthorizationServerBuilder
    .create()
    .setClients(clients)
    .setResources({ 'https://api.example.com': { default: true, scopes: { 'reports:read': 'Read reports' } } })
    .setLoginUrl('/login')
    .setSessionTTL({ idle: 86_400, absolute: 14 * 86_400 })
    .setClaims((subject) => {

        const user = [...users.values()].find(({ id }) => id === subject);
        return user === undefined ? null : { email: user.email, name: user.name };
    })
    .jwksRoute((route) => route.setPath('/jwks'))
    .userinfoRoute((route) => route.setPath('/me'))
    .logoutRoute((route) => route.setPath('/session/end'))
    .introspectionRoute((route) => route.setPath('/token/introspection'))
    .revocationRoute((route) => route.setPath('/token/revocation'));

const login = () => OIDCAuthorizationCodeBuilder
    .create()
    .setScopes({ openid: 'Know who you are', email: 'See your e-mail address', profile: 'See your name', offline_access: 'Stay signed in' })
    .setRefreshTokenTTL({ idle: 14 * 86_400, absolute: 365 * 86_400 })
    .authorizationRoute((route) => route.setPath('/auth'))
    .tokenRoute((route) => route.setPath('/token'));

const machine = () => OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setPath('/token'));

export const createServer = async (): Promise<Hapi.Server> => {

    const server = Hapi.server({ port: 3000, host: 'localhost' });
    await server.register([hub(), login(), machine()]);
    server.route([
        {
            method: 'GET',
            path: '/login',
            handler: async (request) => {

                const waiting = await request.oauth2.interaction();
                return `<form method="post" action="/login?interaction=${encodeURIComponent(waiting?.interaction ?? '')}"><input name="username"><input name="password" type="password"><button>Sign in</button></form>`;
            }
        },
        {
            method: 'POST',
            path: '/login',
            handler: async (request, h) => {

                const { username, password } = Object.assign({ username: '', password: '' }, request.payload);
                const user = users.get(username);
                return user?.password === password ? await request.oauth2.login({ subject: user.id }) : h.redirect(`/login${request.url.search}`);
            }
        }
    ]);
    return server;
};
