// Users who sign out, and clients that hear of it: the smallest server for OpenID Connect logout.
// docs/logout.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number, hub = AuthorizationServerBuilder.create()): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        hub
            .setClients([{
                client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'], scope: 'openid',
                post_logout_redirect_uris: ['https://app.example.com/goodbye'],
                backchannel_logout_uri: 'https://app.example.com/signed-out'
            }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OIDCAuthorizationCodeBuilder.create()
    ]);
    await server.start();
    return server;
};
