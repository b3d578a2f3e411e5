// What docs/migration/node-oauth2-server.md makes of a model and three routes: clients and users are looked up where they were, and
// nobody keeps codes and tokens by hand.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, type ClientMetadata } from 'hapi-oauth2-flows';

/** A client as the model's `getClient()` answered it, with its secret and its scopes. */
interface ClientRow {
    readonly id: string;
    readonly secret: string | null;
    readonly grants: readonly string[];
    readonly redirectUris: readonly string[];
    readonly scope: readonly string[];
}

const rows = new Map<string, ClientRow>([
    ['web', { id: 'web', secret: null, grants: ['authorization_code', 'refresh_token'], redirectUris: ['https://app.example.com/callback'], scope: ['reports:read'] }],
    ['nightly', { id: 'nightly', secret: 'nightly-secret-of-32-characters', grants: ['client_credentials'], redirectUris: [], scope: ['reports:read'] }]
]);

const users = new Map([['ada', { id: 'user-1', password: 'lovelace' }]]);

const clients = {
    get: (clientId: string): ClientMetadata | undefined => {

        const row = rows.get(clientId);
        return row && {
            client_id: row.id,
            ...row.secret === null ? { token_endpoint_auth_method: 'none' } : { client_secret: row.secret, token_endpoint_auth_method: 'client_secret_basic' },
            grant_types: row.grants,
            redirect_uris: row.redirectUris,
            scope: row.scope.join(' ')
        };
    }
};

const hub = () => AuthorizationServerBuilder
    .create()
    .setClients(clients)
    .authenticateUser(({ username, password }) => {

        const user = users.get(username);
        return user?.password === password ? user.id : null;
    });

const scopes = { 'reports:read': 'Read reports' };

export const createServer = async (): Promise<Hapi.Server> => {

    const server = Hapi.server({ port: 3000, host: 'localhost' });
    await server.register([
        hub(),
        OAuth2AuthorizationCodeBuilder.create().setTokenTTL(3600).setScopes(scopes),
        OAuth2ClientCredentialsBuilder.create().setTokenTTL(3600).setScopes(scopes)
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], user: credentials.user?.id })
    });
    return server;
};
