import { PGlite } from '@electric-sql/pglite';
import { Redis } from 'ioredis';
import { Pool } from 'pg';

import type { Store } from 'hapi-oauth2-flows';
import { RedisStore } from 'hapi-oauth2-flows/redis';
import { SqlStore } from 'hapi-oauth2-flows/sql';

import { urlSetting } from '../launch';

/** Where a fleet keeps what its processes share. */
export interface Engine {
    readonly name: string;
    /** Whether several processes can use it at once. */
    readonly isShared: boolean;
    readonly store: Store;
    readonly close: () => Promise<unknown>;
}

const clock = { clock: Date.now };

const openPostgres = (connectionString: string): Engine => {

    const pool = new Pool({ connectionString, max: 10, keepAlive: true, connectionTimeoutMillis: 2000, query_timeout: 3000, statement_timeout: 3000 });
    pool.on('error', (err) => console.error(err.message));      // Without a listener a connection that breaks ends the process
    return { name: 'PostgreSQL', isShared: true, store: new SqlStore(pool, clock), close: () => pool.end() };
};

const openRedis = async (url: string): Promise<Engine> => {

    const redis = new Redis(url, {
        lazyConnect: true, enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0,
        connectTimeout: 2000, socketTimeout: 3000, retryStrategy: (times) => Math.min(times * 100, 1000)
    });
    redis.on('error', () => undefined);                         // Each call that fails says so itself
    await redis.connect().catch((err: unknown) => {

        redis.disconnect();
        throw err;
    });
    return { name: 'Redis', isShared: true, store: new RedisStore(redis, clock), close: () => redis.quit() };
};

const openPGlite = async (): Promise<Engine> => {

    const database = await PGlite.create(process.env.DATA || undefined);
    return { name: 'PGlite, a PostgreSQL in this process', isShared: false, store: new SqlStore(database, clock), close: () => database.close() };
};

/** Makes an engine ready, or says which setting names one that cannot be used. */
const ready = async (setting: string, open: () => Engine | Promise<Engine>): Promise<Engine> => {

    try {
        const engine = await open();
        await engine.store.initialize();
        return engine;
    }
    catch (err) {
        const reason = err instanceof Error && 'code' in err ? ` (${String(err.code)})` : '';
        throw new Error(`The engine that ${setting} names cannot be used${reason}: start it, or correct the setting`, { cause: err });
    }
};

/** The engine that `POSTGRES_URL` or `REDIS_URL` names, or one within this process. */
export const openEngine = async (): Promise<Engine> => {

    const postgres = urlSetting('POSTGRES_URL', 'postgres:', 'postgresql:');
    const redis = urlSetting('REDIS_URL', 'redis:', 'rediss:');
    if (postgres !== undefined) {
        return await ready('POSTGRES_URL', () => openPostgres(postgres));
    }

    return redis === undefined ? await ready('DATA', openPGlite) : await ready('REDIS_URL', () => openRedis(redis));
};
