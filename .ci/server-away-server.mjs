// The server that .ci/server-away.mjs forks: node .ci/server-away-server.mjs <name of the client in engine-clients.mjs> <what it connects to, as JSON>
// It tells its parent its URL. A tenth as fast as the clock, so that no grace window or code ends while the engine is away.

import { createRequire } from 'node:module';

import * as stores from './engine-clients.mjs';

const require = createRequire(import.meta.url);
const Hapi = require('@hapi/hapi');
const { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } = require('../dist/index.js');

const [client, place] = process.argv.slice(2);
const since = Date.now();
const clock = () => since + Math.floor((Date.now() - since) / 10);
const store = await stores[client](JSON.parse(place), { clock });
const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
server.listener.keepAliveTimeout = 0;            // A socket that is closed while a request is on its way would count as no answer
await server.register([
    AuthorizationServerBuilder.create().setClock(clock).setIssuer('http://localhost:8080').setStore(store).setSecrets(['a secret that all processes of the fleet have'])
        .setRevocationWindow(0)
        .setRateLimit({ interaction: false })       // All users come from one address
        .setClients([
            { client_id: 'web', client_secret: 'web-secret-of-32-random-letters', redirect_uris: ['https://app.example.com/cb'], scope: 'openid email offline_access', grant_types: ['authorization_code', 'refresh_token'] },
            { client_id: 'machine', client_secret: 'machine-secret-of-32-random-letters', scope: 'read', grant_types: ['client_credentials'] }
        ])
        .authenticateUser(({ username, password }) => (password === 'pw' ? username : null)),
    OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Id', email: 'Mail' }),
    OAuth2ClientCredentialsBuilder.create().setScopes({ read: 'Read' }).setAccessTokenFormat('opaque')
]);
server.route({ method: 'GET', path: '/protected', options: { auth: 'oauth2' }, handler: () => ({}) });

/** With `EXPLAIN`, what a failure that is no refusal came from. */
if (process.env.EXPLAIN) {
    server.events.on({ name: 'request', channels: ['error', 'internal', 'app'] }, (request, { tags, error, data }) => {

        const cause = error ?? data;
        if (tags.includes('error') && cause?.reason !== 'store_unreachable' && cause?.output?.statusCode >= 500) {
            console.error(request.path, cause, cause.cause);
        }
    });
}

await server.start();
process.on('disconnect', () => process.exit());
process.send({ url: server.info.uri });
