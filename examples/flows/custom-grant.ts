// A grant type that no RFC has, here a link that was mailed to the user: the smallest server for one.
// docs/custom-grants.md shows each request and each answer.

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2CustomGrantBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const links = new Map([['link-that-was-mailed-to-ada', { user: 'user-1', may: ['notes:read'] }]]);
    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        AuthorizationServerBuilder.create().setClients([{
            client_id: 'mail', client_secret: 'mail-secret-of-32-random-letters',
            grant_types: ['urn:example:grant-type:magic-link', 'refresh_token'], scope: 'notes:read notes:write'
        }]),
        OAuth2CustomGrantBuilder
            .create('urn:example:grant-type:magic-link')
            .setScopes({ 'notes:read': 'Read your notes', 'notes:write': 'Change your notes' })
            .setParameters(['link'], { optional: ['device_name'] })
            .setPolicy(({ parameters: { link, device_name }, scopes }) => {

                const found = links.get(link);
                links.delete(link);     // Before anything is awaited: two requests may come at the same moment
                return found === undefined ? null : {
                    subject: found.user, amr: ['link'], scopes: scopes.filter((name) => found.may.includes(name)), refreshToken: true, data: { device_name: device_name ?? null }
                };
            })
    ]);
    server.route({
        method: 'GET',
        path: '/notes',
        options: { auth: { strategy: 'oauth2', access: { scope: ['notes:read'], entity: 'user' } } },
        handler: ({ auth: { credentials } }) => ({ notes: ['Buy oats'], user: credentials.user?.id })
    });
    await server.start();
    return server;
};
