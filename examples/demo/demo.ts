import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder } from 'hapi-oauth2-flows';

import { demoClients, type DemoClient } from './clients';
import { deviceFlow } from './device';
import { Grants } from './grants';
import { loginFlow } from './login';
import { machineFlow } from './machine';
import { demoRoutes } from './routes';

/** What the parts of the demo share. */
export interface Demo {
    readonly clients: ReadonlyMap<string, DemoClient>;
    readonly grants: Grants;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly issuer: () => string;
}

/** Where the demo listens, and how it is known. */
export interface DemoOptions {
    readonly port: number;
    /** `http://localhost:<port>` when left out. */
    readonly issuer?: string | undefined;
    readonly host?: string | undefined;
    readonly clock?: () => number;
}

/** The demo: three flows and two protected routes on one hapi server. */
export const createDemo = async ({ port, issuer = `http://localhost:${port}`, host = 'localhost', clock = Date.now }: DemoOptions): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host });
    const demo: Demo = { clients: demoClients(port), grants: new Grants(), clock, issuer: () => issuer };
    await server.register([
        AuthorizationServerBuilder.create().setIssuer(issuer).setClock(clock).allowDevelopmentDefaults(),
        loginFlow(demo),
        machineFlow(demo),
        deviceFlow(demo)
    ]);
    server.route(demoRoutes(issuer, `http://localhost:${port}/callback`));
    return server;
};
