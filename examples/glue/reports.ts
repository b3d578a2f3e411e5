import type { Plugin } from '@hapi/hapi';

/** The app's own part: a plugin as any other, which knows no more of the authorization server than the strategy's name. */
export const reports: Plugin<void> = {
    name: 'reports',
    register: (server) => {

        server.route({
            method: 'GET',
            path: '/reports',
            options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
            handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id })
        });
    }
};
