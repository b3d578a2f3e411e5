// Level 1: a project that keeps its own clients, codes and devices. The framework reads, checks and answers; the handlers in
// login.ts, machine.ts and device.ts are given what was sent, prove it, and issue.
// Three flows share one token endpoint; a fourth is a server of its own behind a prefix.
// Try: npm run example -- handlers, then paste what it prints. Use a code twice, or with another verifier.

import Hapi from '@hapi/hapi';

import { device as deviceFlow } from './device';
import { login as loginFlow } from './login';
import { machine as machineFlow } from './machine';

export const start = async (port: number, clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    const [login, machine, device, partners] = [loginFlow(clock), machineFlow('machine'), deviceFlow(clock), machineFlow('partners')];
    await server.register([login, machine, device]);                                // one POST /oauth2/token, three grant types
    await server.register({ plugin: partners, routes: { prefix: '/partners' } });   // its own, behind a prefix
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id, user: credentials.user?.id })
    });
    await server.start();
    return server;
};
