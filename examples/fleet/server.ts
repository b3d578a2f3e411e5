// Several processes that are one authorization server: what one of them issued, each of them knows. They share a store and secrets,
// and nothing else: a code works once whoever is asked, keys are made once, and a process that dies takes nothing with it.
// Try: POSTGRES_URL=postgres://… npm run example -- fleet, or REDIS_URL=redis://…, then paste what it prints a few times.
// Without either it is one process, on a PostgreSQL inside of it. DATA names a folder that outlives it.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, type Store } from 'hapi-oauth2-flows';

export interface FleetSettings {
    readonly port: number;
    readonly issuer: string;
    readonly secret: string;
    readonly store: Store;
}

export const start = async ({ port, issuer, secret, store }: FleetSettings): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    const hub = AuthorizationServerBuilder.create().setIssuer(issuer).setStore(store).setSecrets([secret]);
    hub.setClients([{ client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' }]);
    hub.setRevocationWindow(0);                                 // What one process revoked, no other lets in
    await server.register([hub, OAuth2ClientCredentialsBuilder.create().setAccessTokenFormat('opaque').setScopes({ 'reports:read': 'Read reports' })]);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: () => ({ reports: ['Q1', 'Q2'], process: process.pid })
    });
    await server.start();
    return server;
};
