// A client that goes on without asking people again: the smallest server that issues refresh tokens.
// docs/flows/refresh-tokens.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2AuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number, clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClock(clock)
            .setClients([{
                client_id: 'phone', token_endpoint_auth_method: 'none', redirect_uris: ['com.example.phone:/callback'],
                grant_types: ['authorization_code', 'refresh_token'], scope: 'reports:read reports:write'
            }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OAuth2AuthorizationCodeBuilder.create()
            .setScopes({ 'reports:read': 'Read your reports', 'reports:write': 'Change your reports' })
            .setTokenTTL(600)
            .setRefreshTokenTTL({ idle: 14 * 86_400, absolute: 90 * 86_400 })
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], user: credentials.user?.id })
    });
    await server.start();
    return server;
};
