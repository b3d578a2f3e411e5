// A service calls another one as itself: no secret is shared, since the client signs what it sends to the token endpoint
// (private_key_jwt, RFC 7523) and its record has nothing but its public key. Each signed assertion works once.
// Try: npm run example -- service. What the server refuses it notes, with a reason and without a secret: change the client_id.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, type PublicJwk } from 'hapi-oauth2-flows';

export const start = async (port: number, publicKey: PublicJwk): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => {

        if (tags.includes('refused')) {
            console.log(data);                                  // { reason: 'assertion_replayed', error: 'invalid_client', client_id: 'acme' }
        }
    });

    await server.register([
        AuthorizationServerBuilder.create().setClients([{
            client_id: 'acme', client_name: 'Invoices', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicKey] },
            grant_types: ['client_credentials'], scope: 'stock:read'
        }]),
        OAuth2ClientCredentialsBuilder.create().setTokenTTL(300).setScopes({ 'stock:read': 'Read the stock' })
    ]);
    server.route({
        method: 'GET',
        path: '/stock',
        options: { auth: { strategy: 'oauth2', access: { scope: ['stock:read'], entity: 'app' } } },
        handler: ({ auth: { credentials } }) => ({ stock: { screws: 12 }, client: credentials.app?.id })
    });
    await server.start();
    return server;
};
