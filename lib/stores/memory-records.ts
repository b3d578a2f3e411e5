import { ExpiringEntry, ExpiringMap } from './expiring-map';
import { Listing } from './listing';
import { addressOf, keyOf, pack, unpack } from './packed';
import type { FoundRecord, Page, PlainRecord } from './store';

class MemoryRecord extends ExpiringEntry<MemoryRecord> {

    readonly kind: string;
    readonly serial: number;
    packed = '';
    version = 0;
    nextOfKind: MemoryRecord = this;
    previousOfKind: MemoryRecord = this;

    constructor(kind: string, address: string, serial: number) {

        super(address);
        this.kind = kind;
        this.serial = serial;
    }

    get found(): FoundRecord {

        return { value: unpack(this.packed), version: this.version, expiresAt: this.expiresAt };
    }
}

/** The plain records of a memory store. */
export class MemoryRecords {

    readonly #clock: () => number;
    readonly #records: ExpiringMap<MemoryRecord>;
    readonly #byKind = new Listing<'nextOfKind', 'previousOfKind', MemoryRecord>('nextOfKind', 'previousOfKind');
    /** Counts all changes, so that no version comes twice, not even to a record that was deleted and put again. */
    #changes = 0;

    constructor(clock: () => number) {

        this.#clock = clock;
        this.#records = new ExpiringMap(clock, (record) => this.#byKind.remove(record.kind, record));
    }

    /** How much takes memory, expired or not. */
    get size(): number {

        return this.#records.size + this.#byKind.size;
    }

    find(kind: string, key: string): FoundRecord | undefined {

        return this.#records.get(addressOf(kind, key))?.found;
    }

    /** The version of a record that lives. */
    version(kind: string, key: string): number | undefined {

        return this.#records.get(addressOf(kind, key))?.version;
    }

    put({ kind, key, value, expiresAt }: PlainRecord): void {

        const packed = pack(value);
        const address = addressOf(kind, key);
        const before = this.#records.get(address);
        const record = before ?? new MemoryRecord(kind, address, ++this.#changes);
        record.packed = packed;
        record.version = ++this.#changes;
        this.#records.set(record, expiresAt);
        if (before === undefined) {
            this.#byKind.add(kind, record);
        }
    }

    delete(kind: string, key: string): void {

        this.#records.delete(addressOf(kind, key));
    }

    page(kind: string, cursor: string | null, limit: number): Page<PlainRecord & FoundRecord> {

        return this.#byKind.page(kind, cursor, limit, {
            find: (address) => {

                const record = this.#records.get(address);
                return record?.kind === kind ? record : undefined;
            },
            show: (record) => record.expiresAt > this.#clock() ? { kind, key: keyOf(record.key), ...record.found } : undefined
        });
    }

    /** Forgets at most `limit` expired records; answers how many. */
    forget(limit: number): number {

        return this.#records.forget(limit);
    }
}
