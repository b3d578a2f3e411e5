// Clients that register themselves: the smallest server that lets them.
// docs/registration.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2AuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .registrationRoute((route) => route.allow('initial-access-token'))
            .setResources({ 'https://api.example.com': { scopes: { 'notes:read': { description: 'Read your notes', open: true }, admin: 'Everything' } } })
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OAuth2AuthorizationCodeBuilder.create()
    ]);
    await server.start();
    return server;
};
