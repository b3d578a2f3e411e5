// A service that is called with a user's token and calls another one for the same user: the smallest server for token exchange.
// docs/token-exchange.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2AuthorizationCodeBuilder, OAuth2TokenExchangeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([
                { client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/callback'], scope: 'orders:read orders:write' },
                {
                    client_id: 'shop', client_secret: 'shop-secret-of-32-random-letters',
                    grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
                    resources: ['https://shop.example.com']     // Whose tokens the shop is sent, and may exchange
                }
            ])
            .setResources({
                'https://shop.example.com': { default: true, scopes: { 'orders:read': 'Read your orders', 'orders:write': 'Place orders' } },
                'https://stock.example.com': { strategy: 'stock', scopes: { 'orders:read': 'Read your orders', 'orders:write': 'Place orders' } },
                'https://bank.example.com': { scopes: { 'orders:read': 'Read your orders' } }
            })
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null)),
        OAuth2AuthorizationCodeBuilder.create(),
        OAuth2TokenExchangeBuilder.create()
            .setPolicy(({ client, resources }) =>
                (client.id === 'shop' && resources.every((resource) => resource === 'https://stock.example.com') ? { actor: 'client' } : null))
    ]);
    server.route({
        method: 'GET',
        path: '/stock',
        options: { auth: { strategy: 'stock', access: { scope: ['orders:read'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ reserved: 3, user: credentials.user?.id, client: credentials.app?.id })
    });
    await server.start();
    return server;
};
