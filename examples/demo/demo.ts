// The server that the playground plays with: every flow at level 2, on one hapi server, in memory.
// Clients, scopes and user are in clients.ts and users.ts; the pages in playground/, a file for each flow in playground/flows/.
// Try: npm run demo, or npm run example -- demo, and open the address that it prints.

import Hapi from '@hapi/hapi';
import Inert from '@hapi/inert';
import Vision from '@hapi/vision';
import HapiSwagger from 'hapi-swagger';

import {
    AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OAuth2TokenExchangeBuilder, OIDCAuthorizationCodeBuilder, oauth2Swagger
} from 'hapi-oauth2-flows';

import { archive, demoClients, pagesOrigin, userScopes } from './clients';
import { playground } from './playground/plugin';
import { archiveRoute, demoRoutes } from './routes';
import { tryIt } from './try-it';
import { checkPassword, claimsOf } from './users';

/** What Swagger UI says above the routes: it fills one client into every form, which is only a person's. */
const apiInfo = {
    title: 'Demo API',
    version: '1.0.0',
    description: 'Press **Authorize**. For a person leave `demo-swagger` as it is, without a secret, and sign in as `ada`, password `lovelace`. For a program put `demo-machine` in its place, with the secret `demo-machine-secret`.'
};

/** Where the demo listens, and how it is known. */
export interface DemoOptions {
    readonly port: number;
    /** `http://localhost:<port>` when left out. */
    readonly issuer?: string | undefined;
    readonly host?: string | undefined;
    /** Milliseconds since the epoch. */
    readonly clock?: () => number;
}

const hub = (port: number, issuer: string, clock: () => number) => AuthorizationServerBuilder
    .create()
    .setIssuer(issuer)
    .setClock(clock)
    .setStore(new MemoryStore({ clock }))
    .allowDevelopmentDefaults()
    .setClients(demoClients(port, pagesOrigin(issuer, port), issuer))
    .setResources({
        [issuer]: { name: 'Demo API', default: true, scopes: { 'reports:read': userScopes['reports:read'], 'reports:write': 'Write reports' } },
        [archive]: { name: 'Archive', strategy: 'archive', scopes: { 'reports:read': 'Read old reports' } }
    })
    .authenticateUser(({ username, password }) => {

        const subject = checkPassword(username, password);
        return subject === null ? null : { subject, name: 'Ada Lovelace', acr: 'urn:hapi-oauth2:acr:password', amr: ['pwd'] };
    })
    .setClaims((subject) => claimsOf(subject) ?? null);

const login = () => OIDCAuthorizationCodeBuilder.create().setDescription('People who sign in').setScopes(userScopes);

const machine = () => OAuth2ClientCredentialsBuilder.create().setDescription('Programs that act for themselves').setTokenTTL(600);

const device = () => OAuth2DeviceAuthorizationBuilder.create().setDescription('Devices without a browser').setScopes(userScopes);

/** Only the API may take its users to the archive, and whoever looks at the token sees that it did. */
const exchange = () => OAuth2TokenExchangeBuilder.create()
    .setDescription('APIs that call others for a user')
    .setPolicy(({ resources }) => (resources.every((uri) => uri === archive) ? { actor: 'client' } : null));

/** The demo: all flows, three protected routes, the playground, and the documentation of the API. */
export const createDemo = async ({ port, issuer = `http://localhost:${port}`, host = 'localhost', clock = Date.now }: DemoOptions): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host });
    await server.register([hub(port, issuer, clock), login(), machine(), device(), exchange()]);
    server.route([...demoRoutes(issuer), archiveRoute]);
    await server.register([
        { plugin: Inert },
        { plugin: Vision },
        { plugin: oauth2Swagger(HapiSwagger, { clientId: 'demo-swagger', scopes: ['reports:read'], options: { info: apiInfo, tryItOutEnabled: true } }) }
    ]);
    await server.register({ plugin: playground, options: { issuer, origin: pagesOrigin(issuer, port), lines: tryIt(issuer, `http://localhost:${port}/callback`), clock } });
    return server;
};
