import type { FoundRecord, FoundToken, GrantIndex, GrantRecord, Page, PlainRecord, Rotation, Store, TokenAddress, TokenRecord } from '../store';
import { scriptRunner, type RedisClient, type RunScript } from './client';
import { expiryOf } from './expiry';
import { Grants } from './grants';
import { Keys, nameOf } from './keys';
import { PlainRecords } from './plain-records';
import { integer, list } from './reply';
import { countEvent, readCounter, releaseLease, takeLease } from './scripts';

/** How a {@link RedisStore} works. */
export interface RedisStoreOptions {
    /** Answers milliseconds since the epoch, like `Date.now`. */
    readonly clock: () => number;
    /** What all keys begin with; `oauth2:` unless said otherwise. Servers that share a Redis and a prefix share everything. */
    readonly prefix?: string;
    /** How many milliseconds a call waits for Redis before it rejects; 5000 unless said otherwise. */
    readonly timeout?: number;
}

/**
 * A store in Redis 7 or Valkey, standalone or cluster, for a server of several processes.
 *
 * Takes a client of `redis` (node-redis) or `ioredis`, connected by its owner and closed by its owner.
 *
 * @example
 *     const client = await createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true }).on('error', console.error).connect();
 *     const store = new RedisStore(client, { clock: Date.now });
 */
export class RedisStore implements Store {

    readonly #run: RunScript;
    readonly #keys: Keys;
    readonly #clock: () => number;
    readonly #records: PlainRecords;
    readonly #grants: Grants;

    /** Throws a `TypeError` for a prefix or time-out that cannot work. */
    constructor(client: RedisClient, { clock, prefix = 'oauth2:', timeout = 5000 }: RedisStoreOptions) {

        if (!(timeout >= 1 && timeout <= 0x7fffffff)) {
            throw new TypeError('The timeout of a RedisStore is a number of milliseconds, 1 or more: a call without one could hang forever');
        }

        this.#run = scriptRunner(client, timeout);
        this.#keys = new Keys(prefix);
        this.#clock = clock;
        this.#records = new PlainRecords(this.#run, this.#keys, clock);
        this.#grants = new Grants(this.#run, this.#keys, clock);
    }

    /** Asks Redis for something, so that a server that cannot reach it, or may run no scripts there, does not start. */
    async initialize(): Promise<void> {

        await this.counted('');
    }

    async get(kind: string, key: string): Promise<FoundRecord | null> {

        return this.#records.get(kind, key);
    }

    async put(record: PlainRecord): Promise<void> {

        await this.#records.put(record);
    }

    async putIfAbsent(record: PlainRecord): Promise<boolean> {

        return this.#records.putIfAbsent(record);
    }

    async replace(record: PlainRecord, version: number): Promise<boolean> {

        return this.#records.replace(record, version);
    }

    async delete(kind: string, key: string): Promise<void> {

        await this.#records.delete(kind, key);
    }

    async list(kind: string, cursor?: string | null, limit?: number): Promise<Page<PlainRecord & FoundRecord>> {

        return this.#records.list(kind, cursor, limit);
    }

    async openGrant(grant: GrantRecord, tokens: readonly TokenRecord[]): Promise<boolean> {

        return this.#grants.open(grant, tokens);
    }

    async addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): Promise<boolean> {

        return this.#grants.addTokens(grantId, tokens, grantExpiresAt, usedAt);
    }

    async findToken(address: TokenAddress): Promise<FoundToken | null> {

        return this.#grants.findToken(address);
    }

    async consume(address: TokenAddress): Promise<'ok' | 'used' | 'missing'> {

        return this.#grants.consume(address);
    }

    async rotate(rotation: Rotation): Promise<'ok' | 'conflict' | 'missing'> {

        return this.#grants.rotate(rotation);
    }

    async findGrant(grantId: string): Promise<GrantRecord | null> {

        return this.#grants.find(grantId);
    }

    async revokeGrant(grantId: string): Promise<boolean> {

        return this.#grants.revoke(grantId);
    }

    async listGrants(index: GrantIndex, value: string, cursor?: string | null, limit?: number): Promise<Page<GrantRecord>> {

        return this.#grants.list(index, value, cursor, limit);
    }

    async count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetsAt: number }> {

        const now = this.#clock();
        const { expires, ttl } = expiryOf(now + windowMs, now);
        const [count, resetsAt] = list(await this.#run(countEvent, [this.#keys.counter(key)], [String(now), expires, ttl]));
        return { count: integer(count), resetsAt: integer(resetsAt) };
    }

    async counted(key: string): Promise<number> {

        return integer(await this.#run(readCounter, [this.#keys.counter(key)], [String(this.#clock())]));
    }

    async lease(name: string, holder: string, ttlMs: number): Promise<boolean> {

        const now = this.#clock();
        const { expires, ttl } = expiryOf(now + ttlMs, now);
        return integer(await this.#run(takeLease, [this.#keys.lease(name)], [String(now), nameOf(holder), expires, ttl])) === 1;
    }

    async release(name: string, holder: string): Promise<void> {

        await this.#run(releaseLease, [this.#keys.lease(name)], [nameOf(holder)]);
    }

    /** Redis forgets by itself. */
    async sweep(): Promise<number> {

        return 0;
    }

    /** Does nothing: the client belongs to whoever made it. */
    async close(): Promise<void> {}
}
