// The server's side of a television: a client that has no browser and asks for a code that its user enters elsewhere (RFC 8628).
// The page where that is done, /oauth2/device, is built in, and so are the limits on guesses.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2DeviceAuthorizationBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number, clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClock(clock)
            .setClients([{
                client_id: 'tv', client_name: 'The TV in the kitchen', token_endpoint_auth_method: 'none',
                grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], scope: 'films:watch'
            }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OAuth2DeviceAuthorizationBuilder.create().setScopes({ 'films:watch': 'Watch your films' })
    ]);
    server.route({
        method: 'GET',
        path: '/films',
        options: { auth: { strategy: 'oauth2', access: { scope: ['films:watch'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ films: ['Metropolis'], user: credentials.user?.id })
    });
    await server.start();
    return server;
};
