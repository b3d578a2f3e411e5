import { ExpiringEntry, ExpiringMap } from './expiring-map';
import { MemoryGrants } from './memory-grants';
import { MemoryRecords } from './memory-records';
import { unpack } from './packed';
import { pageSize, type FoundRecord, type FoundToken, type GrantIndex, type GrantRecord, type Page, type PlainRecord, type Rotation, type Store, type TokenAddress, type TokenRecord } from './store';

/** How much of each sort is forgotten with each call that writes: more than a call adds, and too little to notice. */
const tidied = 8;

class Counter extends ExpiringEntry<Counter> {

    count = 0;
}

class Lease extends ExpiringEntry<Lease> {

    holder = '';
}

/**
 * A store in this process's memory: bounded by what is still alive, and gone with the process. Each call is one atomic step, since nothing
 * in it is awaited.
 */
export class MemoryStore implements Store {

    readonly isInProcess = true;

    readonly #clock: () => number;
    readonly #records: MemoryRecords;
    readonly #grants: MemoryGrants;
    readonly #counters: ExpiringMap<Counter>;
    readonly #leases: ExpiringMap<Lease>;

    /** `clock` answers milliseconds since the epoch. */
    constructor({ clock }: { readonly clock: () => number }) {

        this.#clock = clock;
        this.#records = new MemoryRecords(clock);
        this.#grants = new MemoryGrants(clock);
        this.#counters = new ExpiringMap(clock);
        this.#leases = new ExpiringMap(clock);
    }

    /** How much takes memory: records of all sorts and the entries of their indexes, expired ones included until they are forgotten. */
    get size(): number {

        return this.#records.size + this.#grants.size + this.#counters.size + this.#leases.size;
    }

    async initialize(): Promise<void> {}

    async get(kind: string, key: string): Promise<FoundRecord | null> {

        return this.#records.find(kind, key) ?? null;
    }

    async put(record: PlainRecord): Promise<void> {

        this.#tidy();
        this.#records.put(record);
    }

    async putIfAbsent(record: PlainRecord): Promise<boolean> {

        this.#tidy();
        return this.#putIf(record, this.#records.version(record.kind, record.key) === undefined);
    }

    async replace(record: PlainRecord, version: number): Promise<boolean> {

        this.#tidy();
        return this.#putIf(record, this.#records.version(record.kind, record.key) === version);
    }

    async delete(kind: string, key: string): Promise<void> {

        this.#tidy();
        this.#records.delete(kind, key);
    }

    async list(kind: string, cursor: string | null = null, limit = pageSize): Promise<Page<PlainRecord & FoundRecord>> {

        return this.#records.page(kind, cursor, limit);
    }

    async openGrant(grant: GrantRecord, tokens: readonly TokenRecord[]): Promise<boolean> {

        this.#tidy();
        return this.#grants.open(grant, tokens);
    }

    async addTokens(grantId: string, tokens: readonly TokenRecord[], grantExpiresAt?: number, usedAt?: number): Promise<boolean> {

        this.#tidy();
        return this.#grants.addTokens(grantId, tokens, grantExpiresAt, usedAt);
    }

    async findToken(address: TokenAddress): Promise<FoundToken | null> {

        const token = this.#grants.findToken(address);
        if (token === undefined) {
            return null;
        }

        const { packed, version, expiresAt, used, grant } = token;
        return { value: unpack(packed), version, expiresAt, used, grant: grant.record };
    }

    async consume(address: TokenAddress): Promise<'ok' | 'used' | 'missing'> {

        this.#tidy();
        const token = this.#grants.findToken(address);
        if (token === undefined) {
            return 'missing';
        }

        const { used } = token;
        token.used = true;
        return used ? 'used' : 'ok';
    }

    async rotate(rotation: Rotation): Promise<'ok' | 'conflict' | 'missing'> {

        this.#tidy();
        return this.#grants.rotate(rotation);
    }

    async findGrant(grantId: string): Promise<GrantRecord | null> {

        return this.#grants.find(grantId)?.record ?? null;
    }

    async revokeGrant(grantId: string): Promise<boolean> {

        this.#tidy();
        return this.#grants.revoke(grantId);
    }

    async listGrants(index: GrantIndex, value: string, cursor: string | null = null, limit = pageSize): Promise<Page<GrantRecord>> {

        return this.#grants.page(index, value, cursor, limit);
    }

    async count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetsAt: number }> {

        this.#tidy();
        let counter = this.#counters.get(key);
        if (counter === undefined) {
            counter = new Counter(key);
            this.#counters.set(counter, this.#clock() + windowMs);
        }

        return { count: ++counter.count, resetsAt: counter.expiresAt };
    }

    async counted(key: string): Promise<number> {

        return this.#counters.get(key)?.count ?? 0;
    }

    async lease(name: string, holder: string, ttlMs: number): Promise<boolean> {

        this.#tidy();
        const held = this.#leases.get(name);
        if (held !== undefined && held.holder !== holder) {
            return false;
        }

        const lease = held ?? new Lease(name);
        lease.holder = holder;
        this.#leases.set(lease, this.#clock() + ttlMs);
        return true;
    }

    async release(name: string, holder: string): Promise<void> {

        if (this.#leases.get(name)?.holder === holder) {
            this.#leases.delete(name);
        }
    }

    async sweep(limit = 1000): Promise<number> {

        let left = limit;
        for (const part of this.#parts()) {
            left -= part.forget(left);
        }

        return limit - left;
    }

    async close(): Promise<void> {}

    #putIf(record: PlainRecord, condition: boolean): boolean {

        if (condition) {
            this.#records.put(record);
        }

        return condition;
    }

    #tidy(): void {

        for (const part of this.#parts()) {
            part.forget(tidied);
        }
    }

    #parts(): readonly { readonly forget: (limit: number) => number }[] {

        return [this.#records, this.#grants, this.#counters, this.#leases];
    }
}
