// A client that asks for the user's password, and cannot be changed yet: the smallest server for the password grant, which must not be used for anything new.
// docs/password.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2PasswordBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number, clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClock(clock)
            .setClients([{ client_id: 'old-app', client_secret: 'old-secret-of-32-random-letters', grant_types: ['password', 'refresh_token'], scope: 'reports:read' }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OAuth2PasswordBuilder.create().setScopes({ 'reports:read': 'Read your reports' })
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id, user: credentials.user?.id })
    });
    await server.start();
    return server;
};
