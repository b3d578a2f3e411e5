/** A stored value: plain JSON. Members that this version does not know survive. */
export type StoredValue = Readonly<Record<string, unknown>>;

/** What has a key of its own and hangs on no grant, such as a used `jti`, a pushed request or a signing key. */
export interface PlainRecord {
    readonly kind: string;
    readonly key: string;
    readonly value: StoredValue;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
}

/** A plain record as it is found. */
export interface FoundRecord {
    readonly value: StoredValue;
    /** Another one after each change, also if the record was deleted or had expired in between: what {@link Store.replace} compares. */
    readonly version: number;
    readonly expiresAt: number;
}

/** The record of one completed authorization, on which codes and tokens hang. It alone decides whether they live. */
export interface GrantRecord {
    readonly id: string;
    readonly clientId: string;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
    /** The sign-in session it came from, if it came from one. */
    readonly sessionId: string | null;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
    readonly value: StoredValue;
    /** When its client last got tokens under it, in milliseconds since the epoch; left out until a store was told, and by one that does not remember. */
    readonly usedAt?: number | undefined;
}

/** A code or token of a grant. `key` is a digest: the store never sees what a client presents. */
export interface TokenRecord {
    readonly kind: string;
    readonly grantId: string;
    readonly key: string;
    readonly value: StoredValue;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
}

/** Where a token is: its grant is part of what the client presents, so that one place holds both. */
export type TokenAddress = Pick<TokenRecord, 'kind' | 'grantId' | 'key'>;

/** A token as it is found, with its grant, in one look. */
export interface FoundToken {
    readonly value: StoredValue;
    readonly version: number;
    readonly expiresAt: number;
    /** Whether it was consumed or rotated. */
    readonly used: boolean;
    /** `null` when the grant is revoked, expired or gone: the token is dead then. */
    readonly grant: GrantRecord | null;
}

/** By what grants are listed. */
export type GrantIndex = 'subject' | 'clientId' | 'sessionId';

/** A page of a listing; `cursor` is `null` on the last one. */
export interface Page<T> {
    readonly items: readonly T[];
    readonly cursor: string | null;
}

/** A replaced token and what comes in its place. */
export interface Rotation {
    readonly token: TokenAddress;
    /** The version that was read: another one means that somebody else was faster. */
    readonly version: number;
    /** The old token's value from now on: what its grace window needs. */
    readonly value: StoredValue;
    /** How long the old token is remembered. */
    readonly expiresAt: number;
    /** New tokens of the same grant; one whose address is taken leaves what is there as it is. */
    readonly tokens: readonly TokenRecord[];
    /** Until when the grant lives from now on, if that is later than it does, in milliseconds since the epoch. */
    readonly grantExpiresAt?: number | undefined;
    /** When the grant was used, if that is later than the store knows of, in milliseconds since the epoch. */
    readonly usedAt?: number | undefined;
}

/**
 * What an authorization server remembers. Every function is one atomic step and one round trip, so that no caller ever reads, checks and
 * then writes. Times are milliseconds since the epoch, judged by the store's own clock; what has expired is as if it were not there.
 *
 * `hapi-oauth2-flows/store-contract` proves an implementation.
 */
export interface Store {
    /** `true` if it is in this process, so that asking costs nothing: then a revocation holds at once, whatever `setRevocationWindow()` says but `false`. */
    readonly isInProcess?: boolean | undefined;

    /** Makes tables or loads scripts; may be called again. */
    initialize(): Promise<void>;

    /** Finds a plain record. */
    get(kind: string, key: string): Promise<FoundRecord | null>;
    /** Writes a plain record, whatever was there. */
    put(record: PlainRecord): Promise<void>;
    /** Writes a plain record unless there is one; answers whether it did, which is true for exactly one of all callers. */
    putIfAbsent(record: PlainRecord): Promise<boolean>;
    /** Writes a plain record if it still has this version; answers whether it did. */
    replace(record: PlainRecord, version: number): Promise<boolean>;
    /** Forgets a plain record. */
    delete(kind: string, key: string): Promise<void>;
    /** The plain records of a kind, in pages. */
    list(kind: string, cursor?: string | null, limit?: number): Promise<Page<PlainRecord & FoundRecord>>;

    /**
     * Writes a grant together with its first codes or tokens; answers whether it did, which is true for exactly one of all callers with its id.
     *
     * Answers `false`, and changes nothing, if a grant of this id lives, if it was revoked and would live otherwise, or if the store has not yet
     * forgotten it. Once the id is free again, no token of the grant that had it is alive. Rejects tokens of another grant, as all functions do.
     */
    openGrant(grant: GrantRecord, tokens: readonly TokenRecord[]): Promise<boolean>;
    /**
     * Adds tokens to a grant; answers `false`, and changes nothing, if the grant is dead. Without tokens it says whether the grant lives.
     *
     * With `grantExpiresAt` the grant lives until then, if that is later than it does: never shorter. A token whose address is taken is not
     * added, and what is there stays as it is: what was used is never fresh again as long as it is remembered.
     *
     * `usedAt` is what the grant says of its last use from now on, if that is later than what it said. A store may ignore it, here and in
     * {@link Store.rotate}, and then answers grants without it.
     */
    addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): Promise<boolean>;
    /** Finds a code or token and its grant. */
    findToken(address: TokenAddress): Promise<FoundToken | null>;
    /** Uses a code: `ok` for exactly one of all callers, `used` for the others, `missing` if it is not there or its grant is dead. */
    consume(address: TokenAddress): Promise<'ok' | 'used' | 'missing'>;
    /** Replaces a token: `ok` for exactly one of all callers with this version, `conflict` for the others and once it was used, `missing` if it is not there or its grant is dead. */
    rotate(rotation: Rotation): Promise<'ok' | 'conflict' | 'missing'>;
    /** Finds a grant that lives. */
    findGrant(grantId: string): Promise<GrantRecord | null>;
    /** Kills a grant and all that hangs on it, for the next reader anywhere; answers whether it lived. */
    revokeGrant(grantId: string): Promise<boolean>;
    /** The live grants of a subject, client or session, in pages; the index may lag, what a page holds does not. */
    listGrants(index: GrantIndex, value: string, cursor?: string | null, limit?: number): Promise<Page<GrantRecord>>;

    /** Counts one more event of a key; the count starts again when the window has passed. Answers the count and when it starts again. */
    count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetsAt: number }>;
    /** How many events a key has had in its window; counts none. */
    counted(key: string): Promise<number>;
    /** Takes or renews a lease: `true` for its holder, `false` while another one has it. */
    lease(name: string, holder: string, ttlMs: number): Promise<boolean>;
    /** Gives a lease back, if it is the holder's. */
    release(name: string, holder: string): Promise<void>;

    /** Forgets some of what has expired, at most `limit` records; answers how many. Nobody has to call it: engines forget by themselves, or see to it while they write. */
    sweep(limit?: number): Promise<number>;
    /** Ends what the store itself has opened; a client that was passed in stays open. */
    close(): Promise<void>;
}

/** The part of a store that remembers what was used: a `jti`, a proof. */
export type ReplayMemory = Pick<Store, 'putIfAbsent'>;

/** How many items a page has where the caller does not say. */
export const pageSize = 100;
