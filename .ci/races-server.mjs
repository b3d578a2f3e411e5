// The server that .ci/races.mjs and .ci/crash.mjs fork, any number of them on one store: node .ci/races-server.mjs <engine> <where its data is> [<since when> <how long a second lasts>]
// It tells its parent its URL. Beside the endpoints it has two routes of its own: a device that its user has approved, and which grants a user has.

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Hapi = require('@hapi/hapi');
const { AuthorizationServerBuilder, MemoryStore, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder } = require('../dist/index.js');
const { approveDevice, findDevice, newDeviceCodes, openDevice } = require('../dist/grant-types/device-state.js');
const { RedisStore } = require('../dist/redis.js');
const { SqlStore } = require('../dist/sql.js');

const [engine, place, since = '0', slowness = '1'] = process.argv.slice(2);
const clock = () => Number(since) + Math.floor((Date.now() - Number(since)) / Number(slowness));
const settings = { clock };

const stores = {
    PostgreSQL: (url) => {

        const { Pool } = require('pg');

        return new SqlStore(new Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 2000 }), settings);
    },
    Redis: (url) => {

        const { Redis } = require('ioredis');

        return new RedisStore(new Redis(url), settings);
    },
    PGlite: async (folder) => {

        const { PGlite } = require('@electric-sql/pglite');

        return new SqlStore(await PGlite.create(folder), settings);
    },
    memory: () => new MemoryStore(settings)
};

const scope = 'openid email offline_access';
const clients = [{
    client_id: 'web', client_secret: 'web-secret', redirect_uris: ['https://app.example.com/cb'], scope,
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
}];

const store = await stores[engine](place);
const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
server.listener.keepAliveTimeout = 0;            // A socket that is closed while a request is on its way would count as no answer
const flow = 'device';
await server.register([
    AuthorizationServerBuilder.create().setClock(clock).setIssuer('http://localhost:8080').setStore(store).setSecrets(['a secret that all processes of the fleet have']).setClients(clients)
        .setRateLimit({ interaction: false }),              // All users come from one address
    OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Id', email: 'Mail' }).authorizationRoute((route) => route.authenticateUser(({ username, password }) => password === 'pw' ? username : null)),
    OAuth2DeviceAuthorizationBuilder.create().strategyName(flow).setScopes({ email: 'Mail' })
]);

/** The device endpoints are not what races here, so the records are made by what is below them. */
const approvedDevice = async () => {

    const now = clock();
    const digest = (userCode) => [{ secret: 'races', data: `digest ${userCode}` }];
    const state = { clientId: 'web', flow, scopes: ['email'], resources: ['http://localhost:8080'], issuedAt: now, expiresAt: now + 600_000, interval: 5, data: {} };
    const { deviceCode, userCode } = await openDevice(store, newDeviceCodes(), state, digest);
    const waiting = await findDevice(store, userCode, digest, now);
    if (waiting === null || !await approveDevice(store, waiting, { subject: randomBytes(8).toString('hex'), authTime: null, acr: null, amr: [] }, now)) {
        throw new Error('the device that was just opened could not be approved');
    }

    return { device_code: deviceCode };
};

server.route([
    { method: 'POST', path: '/races/devices', handler: approvedDevice },
    { method: 'GET', path: '/races/grants/{subject}', handler: async ({ params: { subject } }) => (await server.oauth2.grants.list({ subject })).items.map(({ id }) => id) }
]);
await server.start();
process.on('disconnect', () => process.exit());
process.send({ url: server.info.uri });
