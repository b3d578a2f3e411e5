// What docs/migration/jmondi-oauth2-server.md makes of repositories and routes: the client repository stays, as a store of records, and
// the extra fields of the JWT service are a hook.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, type ClientMetadata } from 'hapi-oauth2-flows';

/** An `OAuthClient` as the repository has it. */
interface ClientEntity {
    readonly id: string;
    readonly name: string;
    readonly secret?: string;
    readonly redirectUris: readonly string[];
    readonly allowedGrants: readonly string[];
    readonly scopes: readonly { readonly name: string }[];
}

const reports = { name: 'reports:read' };
const entities: readonly ClientEntity[] = [
    { id: 'web', name: 'Report reader', redirectUris: ['https://app.example.com/callback'], allowedGrants: ['authorization_code', 'refresh_token'], scopes: [reports] },
    { id: 'nightly', name: 'Nightly', secret: 'nightly-secret-of-32-characters', redirectUris: [], allowedGrants: ['client_credentials'], scopes: [reports] }
];

const users = new Map([['ada', { id: 7, password: 'lovelace', plan: 'gold' }]]);

const clients = {
    get: (clientId: string): ClientMetadata | undefined => {

        const entity = entities.find(({ id }) => id === clientId);
        return entity && {
            client_id: entity.id,
            client_name: entity.name,
            ...entity.secret === undefined ? { token_endpoint_auth_method: 'none' } : { client_secret: entity.secret, token_endpoint_auth_method: 'client_secret_post' },
            grant_types: entity.allowedGrants,
            redirect_uris: entity.redirectUris,
            scope: entity.scopes.map(({ name }) => name).join(' ')
        };
    }
};

const hub = () => AuthorizationServerBuilder
    .create()
    .setClients(clients)
    .authenticateUser(({ username, password }) => {

        const user = users.get(username);
        return user?.password === password ? `user-${user.id}` : null;       // A text, and never the id of a client
    })
    .onTokens(({ subject, accessToken }) => {

        accessToken.claims.plan = [...users.values()].find(({ id }) => subject === `user-${id}`)?.plan;
    });

const scopes = { 'reports:read': 'Read reports' };

export const createServer = async (): Promise<Hapi.Server> => {

    const server = Hapi.server({ port: 3000, host: 'localhost' });
    await server.register([
        hub(),
        OAuth2AuthorizationCodeBuilder.create()
            .setScopes(scopes)
            .authorizationRoute((route) => route.setPath('/authorize'))
            .tokenRoute((route) => route.setPath('/token')),
        OAuth2ClientCredentialsBuilder.create()
            .setScopes(scopes)
            .tokenRoute((route) => route.setPath('/token'))
    ]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], plan: credentials.claims?.plan ?? null })
    });
    return server;
};
