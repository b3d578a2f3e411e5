// This library on a store that several processes share.

import pg from 'pg';
import { createClient } from 'redis';

import { RedisStore } from '../../dist/redis.js';
import { SqlStore } from '../../dist/sql.js';
import { start as startLibrary } from '../subjects/hapi-oauth2-flows.mjs';

const stores = {
    postgres: async () => new SqlStore(new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: 10 }), { clock: Date.now, schema: 'bench' }),
    redis: async () => new RedisStore(await createClient({ url: process.env.REDIS_URL }).on('error', console.error).connect(), { clock: Date.now, prefix: 'bench:' })
};

export const start = async ({ engine, ...options }) => {

    const store = await stores[engine]();
    return await startLibrary({ ...options, store, configure: (hub) => hub.setIssuer('http://localhost') });
};
