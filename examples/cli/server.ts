// The server's side of a command-line app: a native, public client. It has no secret, and may listen on any port of 127.0.0.1.
// Others on that machine can pose as it, so its users are asked each time (RFC 8252 §8.6).

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([{
                client_id: 'cli', client_name: 'Report reader for terminals', token_endpoint_auth_method: 'none', application_type: 'native',
                redirect_uris: ['http://127.0.0.1/callback'], scope: 'openid email reports:read'
            }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null))
            .setClaims(() => ({ email: 'ada@example.com', email_verified: true })),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', email: 'See your e-mail address', 'reports:read': 'Read your reports' })
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'user' } } },
        handler: (request) => request.auth.credentials
    });
    await server.start();
    return server;
};
