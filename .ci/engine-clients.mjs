// Stores on engines, with the settings of docs/stores/README.md: what a project that follows it has.

import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { SqlStore } = require('../dist/sql.js');
const { RedisStore } = require('../dist/redis.js');

const log = () => {};                           // A driver says so often that it has no connection
const wait = (times) => Math.min(times * 100, 1000);

/** `redis` does not notice a connection that swallows everything while requests keep coming: each of them sets its socketTimeout back. */
const watch = async (client) => {

    for (;;) {
        await sleep(1000, undefined, { ref: false });
        try {
            await Promise.race([client.isReady && client.ping(), sleep(3000, undefined, { ref: false }).then(() => { throw new Error('no answer'); })]);
        }
        catch {
            client.destroy();
            client.connect().catch(log);
        }
    }
};

/** The same for the nodes of a cluster: each has a client of its own. */
const watchCluster = async (cluster) => {

    for (;;) {
        await sleep(1000, undefined, { ref: false });
        await Promise.all(cluster.masters.map(async ({ client }) => {

            try {
                await Promise.race([client?.isReady && client.ping(), sleep(3000, undefined, { ref: false }).then(() => { throw new Error('no answer'); })]);
            }
            catch {
                client.destroy();
                client.connect().catch(log);
            }
        }));
    }
};

const options = { clock: Date.now };

/** `pg` on a port. */
export const pgStore = (port, settings = options) => {

    const { Pool } = require('pg');

    const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 6, connectionTimeoutMillis: 2000, query_timeout: 3000, statement_timeout: 3000, keepAlive: true }).on('error', log);
    return new SqlStore(pool, settings);
};

/** `ioredis` on a port. */
export const ioredisStore = async (port, settings = options) => {

    const { Redis } = require('ioredis');

    const client = new Redis(port, '127.0.0.1', {
        enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, connectTimeout: 2000, socketTimeout: 3000, retryStrategy: wait
    }).on('error', log);
    await new Promise((done) => client.once('ready', done));
    return new RedisStore(client, settings);
};

/** `redis` on a port. */
export const redisStore = async (port, settings = options) => {

    const { createClient } = require('redis');

    const client = createClient({ disableOfflineQueue: true, pingInterval: 1000, socket: { host: '127.0.0.1', port, connectTimeout: 2000, socketTimeout: 3000, reconnectStrategy: wait } });
    await client.on('error', log).connect();
    void watch(client);
    return new RedisStore(client, settings);
};

/** `ioredis` on a cluster, by where each node is reached: `{ 'host:port': { host, port } }`. */
export const ioredisClusterStore = async (nodes, settings = options) => {

    const { Cluster } = require('ioredis');

    const client = new Cluster(Object.values(nodes), {
        natMap: nodes, enableOfflineQueue: false, clusterRetryStrategy: wait, clusterNodeRetryStrategy: wait, slotsRefreshTimeout: 2000,
        redisOptions: { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, connectTimeout: 2000, socketTimeout: 3000 }
    }).on('error', log);
    await new Promise((done) => client.once('ready', done));
    return new RedisStore(client, settings);
};

/** `redis` on a cluster. */
export const redisClusterStore = async (nodes, settings = options) => {

    const { createCluster } = require('redis');

    const client = createCluster({
        rootNodes: Object.values(nodes).map((socket) => ({ socket })), nodeAddressMap: nodes,
        defaults: { disableOfflineQueue: true, pingInterval: 1000, socket: { connectTimeout: 2000, socketTimeout: 3000, reconnectStrategy: wait } }
    });
    await client.on('error', log).connect();
    void watchCluster(client);
    return new RedisStore(client, settings);
};
