// A server composed by @hapi/glue: the manifest is the whole app, and our builders are plugins in it like any other.
// The hub comes before the flows, and the flows before what uses their strategies; each can have a prefix.
// Try: npm run example -- glue, then paste what it prints. Put the hub last, and read what it says.

import { compose, type Manifest } from '@hapi/glue';
import type { Server } from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from 'hapi-oauth2-flows';

import { reports } from './reports';

const manifest = (port: number): Manifest => ({
    server: { port, host: 'localhost' },
    register: {
        plugins: [
            {
                plugin: AuthorizationServerBuilder.create().setClients([
                    { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' }
                ])
            },
            { plugin: OAuth2ClientCredentialsBuilder.create().setScopes({ 'reports:read': 'Read reports' }) },
            { plugin: reports, routes: { prefix: '/api' } }
        ]
    }
});

export const start = async (port: number): Promise<Server> => {

    const server = await compose(manifest(port));
    await server.start();
    return server;
};
