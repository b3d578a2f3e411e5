import { createHash, randomUUID } from 'node:crypto';
import { inspect, isDeepStrictEqual } from 'node:util';

import type { GrantRecord, Page, PlainRecord, Store, TokenRecord } from '../store';

/** A store as the contract's cases take it. Cases name everything at random, so that several may share one store. */
export interface StoreUnderTest {
    readonly store: Store;
    /** Further instances on the same data, as other processes have them. */
    readonly others?: readonly Store[] | undefined;
    /** What the clock of all instances says, in milliseconds since the epoch. */
    readonly now: () => number;
    /** Moves the clock of all instances forward. */
    readonly advance: (ms: number) => void | Promise<void>;
    /** Ends the store and opens another one on what it left behind; for engines that keep their data. */
    readonly restart?: (() => Promise<Store>) | undefined;
    /** All that the engine holds, in whatever form it would leak. */
    readonly dump?: (() => Promise<string>) | undefined;
}

/** One promise of a store. */
export interface StoreCase {
    readonly name: string;
    /** What must be offered to prove it: without that the case passes and proves nothing, so a test had better be skipped. */
    readonly needs?: 'restart' | 'dump';
    /** Rejects with an error that says what is wrong. */
    readonly run: (subject: StoreUnderTest) => Promise<void>;
}

export const second = 1000;
export const minute = 60 * second;
export const day = 24 * 60 * minute;

/** How many callers a race has: more than any pool of connections. */
const crowd = 200;

/** Says what is wrong unless it is right. */
export function must(condition: boolean, wrong: string): asserts condition {

    if (!condition) {
        throw new Error(wrong);
    }
}

/** Says what is wrong unless two values are the same JSON. */
export const mustEqual = (actual: unknown, expected: unknown, what: string): void => {

    must(isDeepStrictEqual(actual, expected), `${what}: expected ${said(expected)}, got ${said(actual)}`);
};

const said = (value: unknown): string => inspect(value, { depth: 5, breakLength: Infinity, maxStringLength: 100, maxArrayLength: 20 });

/** What a server keeps instead of what a client presents. */
export const digest = (presented: string): string => createHash('sha256').update(presented).digest('base64url');

/** A name that nobody else has. */
export const fresh = (): string => digest(randomUUID());

/** A plain record that lives for a minute. */
export const plainRecord = ({ now }: StoreUnderTest, changes: Partial<PlainRecord> = {}): PlainRecord => ({
    kind: fresh(), key: fresh(), value: {}, expiresAt: now() + minute, ...changes
});

/** A grant that lives for a day. */
export const grantRecord = ({ now }: StoreUnderTest, changes: Partial<GrantRecord> = {}): GrantRecord => ({
    id: fresh(), clientId: fresh(), subject: fresh(), sessionId: fresh(), expiresAt: now() + day, value: {}, ...changes
});

/** A token of a grant that lives for an hour. */
export const tokenRecord = ({ now }: StoreUnderTest, { id }: Pick<GrantRecord, 'id'>, changes: Partial<TokenRecord> = {}): TokenRecord => ({
    kind: 'refresh_token', grantId: id, key: fresh(), value: {}, expiresAt: now() + 60 * minute, ...changes
});

/** A grant with one token, stored. */
export const openGrant = async (subject: StoreUnderTest, changes: { readonly grant?: Partial<GrantRecord>; readonly token?: Partial<TokenRecord> } = {}) => {

    const grant = grantRecord(subject, changes.grant);
    const token = tokenRecord(subject, grant, changes.token);
    await subject.store.openGrant(grant, [token]);
    return { grant, token };
};

/** The same call by many at once, spread over all instances. */
export const atOnce = <T>({ store, others = [] }: StoreUnderTest, call: (store: Store, index: number) => Promise<T>, callers = crowd): Promise<T[]> => {

    return Promise.all(Array.from({ length: callers }, (_, index) => call(others[index % (others.length + 1)] ?? store, index)));
};

/** How many of these are this. */
export const howMany = <T>(answers: readonly T[], wanted: T): number => answers.filter((answer) => answer === wanted).length;

/** The version of a plain record. */
export const versionOf = async (store: Store, { kind, key }: PlainRecord): Promise<number> => {

    const found = await store.get(kind, key);
    must(found !== null, 'get does not find a record that was just stored');
    return found.version;
};

/** The version of a token. */
export const tokenVersion = async (store: Store, token: TokenRecord): Promise<number> => {

    const found = await store.findToken(token);
    must(found !== null, 'findToken does not find a token that was just stored');
    return found.version;
};

/** Whether a token would be honoured. */
export const lives = async (store: Store, token: TokenRecord): Promise<boolean> => {

    const found = await store.findToken(token);
    return found?.used === false && found.grant !== null;
};

/** Every item of a listing; between pages something may happen. */
export const readPages = async <T>(readPage: (cursor: string | null) => Promise<Page<T>>, limit: number, between = async (): Promise<void> => undefined): Promise<T[]> => {

    const items: T[] = [];
    let cursor: string | null = null;
    do {
        const page: Page<T> = await readPage(cursor);
        must(page.items.length <= limit, `A page of ${limit} has ${page.items.length} items`);
        must(page.cursor === null || page.cursor !== cursor, 'A page answers the cursor that it was asked with, and would do so forever');
        items.push(...page.items);
        cursor = page.cursor;
        await between();
    } while (cursor !== null);

    return items;
};
