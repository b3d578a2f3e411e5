// What docs/migration/kaapi-oauth2-auth-design.md makes of a Kaapi app with two flows: plain hapi, the same names, and no handler that
// looks up codes or compares verifiers.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

const users = new Map([['user-1', { username: 'ada', password: 'lovelace', email: 'ada@example.com', isActive: true }]]);

const hub = () => AuthorizationServerBuilder
    .create()
    .setClients([
        {
            client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'],
            grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email offline_access reports:read'
        },
        { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' }
    ])
    .authenticateUser(({ username, password }) => {

        const [id] = [...users].find(([, user]) => user.username === username && user.password === password) ?? [];
        return id ?? null;
    })
    .setClaims((subject) => {

        const user = users.get(subject);
        return user === undefined ? null : { email: user.email };
    });

const login = () => OIDCAuthorizationCodeBuilder
    .create()
    .strategyName('oidc-auth-code')
    .setTokenTTL(3600)
    .useAccessTokenJwks(true)
    .setScopes({ openid: 'Know who you are', email: 'See your e-mail address', offline_access: 'Stay signed in', 'reports:read': 'Read reports' })
    .authorizationRoute((route) => route.setPath('/oauth2/authorize'))
    .tokenRoute((route) => route.setPath('/oauth2/token'))
    .validate((_request, { jwtAccessTokenPayload }) => ({ isValid: users.get(jwtAccessTokenPayload?.sub ?? '')?.isActive === true }));

const machine = () => OAuth2ClientCredentialsBuilder
    .create()
    .setTokenTTL(600)
    .setScopes({ 'reports:read': 'Read reports' });

export const createServer = async (): Promise<Hapi.Server> => {

    const server = Hapi.server({ port: 3000, host: 'localhost' });
    await server.register([hub(), login(), machine()]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategies: ['oidc-auth-code', 'oauth2-client-credentials'], access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id, user: credentials.user?.id })
    });
    return server;
};
