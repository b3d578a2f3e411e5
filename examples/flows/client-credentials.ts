// A machine that acts for itself: the smallest server for the client credentials grant.
// docs/flows/client-credentials.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create().setClients([
            { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read reports:write' }
        ]),
        OAuth2ClientCredentialsBuilder.create().setScopes({ 'reports:read': 'Read reports', 'reports:write': 'Write reports' })
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'app' } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id })
    });
    await server.start();
    return server;
};
