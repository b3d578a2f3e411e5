// A complete authorization server: a client for people, one for machines, and a route that takes their tokens.
// No handler is needed: sign-in and consent pages, PKCE, codes that work once, signed tokens and metadata are there.
// Try: npm run example -- quickstart, then paste what it prints. Take away a scope, a grant type, a letter of the secret.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([
                { client_id: 'reporter', client_secret: 'a-secret-of-32-random-characters', grant_types: ['client_credentials'], scope: 'reports:read' },
                { client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: [`http://localhost:${port}/callback`], scope: 'openid reports:read' }
            ])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' }),
        OAuth2ClientCredentialsBuilder.create()
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id, user: credentials.user?.id })
    });
    await server.start();
    return server;
};
