// People who sign in and let a client act for them: the smallest server for the authorization code grant.
// docs/flows/authorization-code.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([{ client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'], scope: 'openid reports:read' }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' })
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
