import { newVersion } from '../new-version';
import {
    pageSize, type FoundRecord, type FoundToken, type GrantIndex, type GrantRecord, type Page, type PlainRecord, type Rotation, type Store,
    type TokenAddress, type TokenRecord
} from '../store';
import { Answer, answerOf, foundRecord, grantRecord, listedRecord, wordOf } from './answer';
import { isPglite, type SqlClient } from './client';
import { encodeJson, indexKey } from './encoding';
import { grantStatements } from './grant-statements';
import { migrate } from './migrate';
import { migrationScript, quoteSchema } from './migrations';
import { counterStatements, recordStatements } from './record-statements';
import { sweepStatement } from './sweep-statement';
import { Sweeper } from './sweeper';

/** Settings of a {@link SqlStore}. */
export interface SqlStoreOptions {
    /** Answers milliseconds since the epoch, such as `Date.now`. The clock of the database has no say. */
    readonly clock: () => number;
    /** Where the tables are: lower-case letters, digits and underscores. `oauth2` unless given. */
    readonly schema?: string;
    /**
     * How many milliseconds of the clock pass between the small sweeps that the store begins after a write, without anybody waiting for them:
     * 10,000 unless given. `Infinity` for none, where something else calls `sweep`.
     */
    readonly sweepEveryMs?: number;
}

const defaultSchema = 'oauth2';
const defaultSweepEveryMs = 10_000;

const statementsOf = (schema: string) => ({
    ...recordStatements(schema),
    ...counterStatements(schema),
    ...grantStatements(schema),
    sweep: sweepStatement(schema)
});

const addressOf = ({ grantId, kind, key }: TokenAddress): [string, string, string] => [indexKey(grantId), indexKey(kind), indexKey(key)];

const recordParams = ({ kind, key, value, expiresAt }: PlainRecord) => [indexKey(kind), indexKey(key), encodeJson({ key, value }), expiresAt];

/** Tokens for one parameter, the first of each address, and none of an address that is taken: no statement may write a row twice. Text for times, as JSON knows no infinity. */
const encodeTokens = (tokens: readonly TokenRecord[], taken?: TokenAddress): string => {

    const seen = new Set(taken && [JSON.stringify(addressOf(taken))]);
    return encodeJson(tokens.flatMap((token) => {

        const [grant_id, kind, key] = addressOf(token);
        const address = JSON.stringify([grant_id, kind, key]);
        const isNew = !seen.has(address);
        seen.add(address);
        return isNew ? [{ grant_id, kind, key, value: token.value, expires_at: `${token.expiresAt}` }] : [];
    }));
};

/** A page of what was found, one more than asked for: that one is where the next page begins, even if it is gone by then. */
const pageOf = <T>(items: readonly T[], limit: number, keyOf: (item: T) => string): Page<T> => {

    const next = items[limit];
    return { items: items.slice(0, limit), cursor: next === undefined ? null : keyOf(next) };
};

/**
 * Keeps everything in PostgreSQL: a server of its own through `pg`, or a folder through PGlite. Each function is one statement, so that any
 * number of processes may share the tables.
 *
 * @example
 * ```ts
 * const store = new SqlStore(new Pool({ connectionString, connectionTimeoutMillis: 2000 }), { clock: Date.now });
 * await store.initialize();
 * ```
 */
export class SqlStore implements Store {

    /** Whether the database is a PGlite, which runs in this process. */
    readonly isInProcess: boolean;

    readonly #client: SqlClient;
    readonly #clock: () => number;
    readonly #schema: string;
    readonly #statements: ReturnType<typeof statementsOf>;
    readonly #sweeper: Sweeper;

    /** Throws if the schema's name could mean anything else in SQL, or `sweepEveryMs` is no number of milliseconds. */
    constructor(client: SqlClient, { clock, schema = defaultSchema, sweepEveryMs = defaultSweepEveryMs }: SqlStoreOptions) {

        this.#client = client;
        this.isInProcess = isPglite(client);
        this.#clock = clock;
        this.#schema = schema;
        this.#statements = statementsOf(quoteSchema(schema));
        this.#sweeper = new Sweeper((limit) => this.#sweep(limit), clock, sweepEveryMs);
    }

    /** The statement that {@link SqlStore.initialize} runs, for whoever may create tables where the server may not. */
    static migrations(schema: string = defaultSchema): string {

        return migrationScript(schema);
    }

    async initialize(): Promise<void> {

        await migrate(this.#client, this.#schema);
    }

    async get(kind: string, key: string): Promise<FoundRecord | null> {

        const row = await this.#row('get', indexKey(kind), indexKey(key), this.#clock());
        return row === undefined ? null : foundRecord(Answer.of(row));
    }

    async put(record: PlainRecord): Promise<void> {

        await this.#write('put', ...recordParams(record), newVersion());
    }

    async putIfAbsent(record: PlainRecord): Promise<boolean> {

        return await this.#write('putIfAbsent', ...recordParams(record), newVersion(), this.#clock()) !== undefined;
    }

    async replace(record: PlainRecord, version: number): Promise<boolean> {

        return await this.#write('replace', ...recordParams(record), version, this.#clock()) !== undefined;
    }

    async delete(kind: string, key: string): Promise<void> {

        await this.#write('delete', indexKey(kind), indexKey(key));
    }

    async list(kind: string, cursor: string | null = null, limit: number = pageSize): Promise<Page<PlainRecord & FoundRecord>> {

        const rows = await this.#rows('list', indexKey(kind), indexKey(cursor ?? ''), this.#clock(), limit + 1);
        return pageOf(rows.map((row) => listedRecord(kind, Answer.of(row))), limit, ({ key }) => key);
    }

    async openGrant(grant: GrantRecord, tokens: readonly TokenRecord[]): Promise<boolean> {

        const { id, clientId, subject, sessionId, expiresAt, value, usedAt = null } = grant;
        const row = await this.#write('openGrant',
            indexKey(id),
            subject === null ? null : indexKey(subject),
            indexKey(clientId),
            sessionId === null ? null : indexKey(sessionId),
            encodeJson({ id, clientId, subject, sessionId, value }),
            expiresAt,
            encodeTokens(tokens),
            this.#clock(),
            usedAt);
        return wordOf(row, 'opened', 'taken') === 'opened';
    }

    async addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): Promise<boolean> {

        const row = await this.#write('addTokens', indexKey(grantId), this.#clock(), encodeTokens(tokens), grantExpiresAt ?? null, usedAt ?? null);
        return wordOf(row, 'added', 'missing') === 'added';
    }

    async findToken(address: TokenAddress): Promise<FoundToken | null> {

        const row = await this.#row('findToken', ...addressOf(address), this.#clock());
        if (answerOf(row) === 'missing') {
            return null;
        }

        const answer = Answer.of(row);
        const grant = answer.objectOrNull('grant');
        return {
            value: answer.value(),
            version: answer.number('version'),
            expiresAt: answer.number('expiresAt'),
            used: answer.isTrue('used'),
            grant: grant && grantRecord(grant)
        };
    }

    async consume(address: TokenAddress): Promise<'ok' | 'used' | 'missing'> {

        return wordOf(await this.#write('consume', ...addressOf(address), this.#clock()), 'ok', 'used', 'missing');
    }

    async rotate({ token, version, value, expiresAt, tokens, grantExpiresAt, usedAt }: Rotation): Promise<'ok' | 'conflict' | 'missing'> {

        const row = await this.#write('rotate',
            ...addressOf(token), this.#clock(), version, encodeJson(value), expiresAt, encodeTokens(tokens, token), grantExpiresAt ?? null, usedAt ?? null);
        return wordOf(row, 'ok', 'conflict', 'missing');
    }

    async findGrant(grantId: string): Promise<GrantRecord | null> {

        const row = await this.#row('findGrant', indexKey(grantId), this.#clock());
        return row === undefined ? null : grantRecord(Answer.of(row));
    }

    async revokeGrant(grantId: string): Promise<boolean> {

        return await this.#write('revokeGrant', indexKey(grantId), this.#clock()) !== undefined;
    }

    async listGrants(index: GrantIndex, value: string, cursor: string | null = null, limit: number = pageSize): Promise<Page<GrantRecord>> {

        const statement = ({ subject: 'listBySubject', clientId: 'listByClientId', sessionId: 'listBySessionId' } as const)[index];
        const rows = await this.#rows(statement, indexKey(value), indexKey(cursor ?? ''), this.#clock(), limit + 1);
        return pageOf(rows.map((row) => grantRecord(Answer.of(row))), limit, ({ id }) => id);
    }

    async count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetsAt: number }> {

        const now = this.#clock();
        const answer = Answer.of(await this.#write('count', indexKey(key), now, now + windowMs));
        return { count: answer.number('count'), resetsAt: answer.number('resetsAt') };
    }

    async counted(key: string): Promise<number> {

        const row = await this.#row('counted', indexKey(key), this.#clock());
        return row === undefined ? 0 : Answer.of(row).number('count');
    }

    async lease(name: string, holder: string, ttlMs: number): Promise<boolean> {

        const now = this.#clock();
        return await this.#write('lease', indexKey(name), indexKey(holder), now, now + ttlMs) !== undefined;
    }

    async release(name: string, holder: string): Promise<void> {

        await this.#row('release', indexKey(name), indexKey(holder));
    }

    /** Begins when a sweep of the store's own has ended: that one's rows would be passed over, as if there were none. */
    async sweep(limit = 1000): Promise<number> {

        await this.#sweeper.ended();
        return this.#sweep(limit);
    }

    /** Waits for a sweep that the store has begun, and leaves the client open: it is whose it was. */
    async close(): Promise<void> {

        await this.#sweeper.ended();
    }

    async #sweep(limit: number): Promise<number> {

        return Answer.of(await this.#row('sweep', this.#clock(), limit)).number('count');
    }

    async #rows(statement: keyof ReturnType<typeof statementsOf>, ...params: readonly (string | number | null)[]): Promise<readonly unknown[]> {

        const { rows } = await this.#client.query(this.#statements[statement], [...params]);
        return rows;
    }

    async #row(statement: keyof ReturnType<typeof statementsOf>, ...params: readonly (string | number | null)[]): Promise<unknown> {

        const [row] = await this.#rows(statement, ...params);
        return row;
    }

    async #write(statement: keyof ReturnType<typeof statementsOf>, ...params: readonly (string | number | null)[]): Promise<unknown> {

        const row = await this.#row(statement, ...params);
        this.#sweeper.wrote();
        return row;
    }
}
