import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

const hub = (clock: () => number) => AuthorizationServerBuilder
    .create()
    .setClock(clock)
    .setStore(new MemoryStore({ clock }))
    .setClients([
        { client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'], grant_types: ['authorization_code', 'refresh_token'] },
        { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'] }
    ])
    .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null));

const scopes = { 'reports:read': 'Read your reports' };

export const createApp = async (clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server();
    await server.register([
        hub(clock),
        OIDCAuthorizationCodeBuilder.create().setTokenTTL(600).setScopes({ openid: 'Know who you are', ...scopes }),
        OAuth2ClientCredentialsBuilder.create().setScopes(scopes)
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], of: credentials.user?.id })
    });
    return server;
};
