import { newVersion } from '../new-version';
import type { FoundRecord, Page, PlainRecord } from '../store';
import type { RunScript } from './client';
import { clearedBefore, expiryOf } from './expiry';
import { nameOf, type Keys } from './keys';
import { readNames } from './listing';
import { integer, json, list, storedValue, text } from './reply';
import { deleteRecord, getRecord, putRecord, putRecordIfAbsent, replaceRecord, type Script } from './scripts';

type ListedRecord = PlainRecord & FoundRecord;

/** The plain records. The listing of their kind is written by the same script, so that it never lags. */
export class PlainRecords {

    readonly #run: RunScript;
    readonly #keys: Keys;
    readonly #clock: () => number;

    constructor(run: RunScript, keys: Keys, clock: () => number) {

        this.#run = run;
        this.#keys = keys;
        this.#clock = clock;
    }

    async get(kind: string, key: string): Promise<FoundRecord | null> {

        const record = await this.#read(kind, nameOf(key));
        return record ? { value: record.value, version: record.version, expiresAt: record.expiresAt } : null;
    }

    async put(record: PlainRecord): Promise<boolean> {

        return this.#write(putRecord, record);
    }

    async putIfAbsent(record: PlainRecord): Promise<boolean> {

        return this.#write(putRecordIfAbsent, record);
    }

    async replace(record: PlainRecord, version: number): Promise<boolean> {

        return this.#write(replaceRecord, record, String(version));
    }

    async delete(kind: string, key: string): Promise<void> {

        const name = nameOf(key);
        await this.#run(deleteRecord, this.#keysOf(kind, name), [name]);
    }

    async list(kind: string, cursor?: string | null, limit?: number): Promise<Page<ListedRecord>> {

        const page = await readNames(this.#run, this.#keys.recordListings(kind), clearedBefore(this.#clock()), cursor, limit);
        const records = await Promise.all(page.items.map((name) => this.#read(kind, name)));
        return { items: records.filter((record) => record !== null), cursor: page.cursor };
    }

    async #read(kind: string, name: string): Promise<ListedRecord | null> {

        const reply = await this.#run(getRecord, [this.#keys.record(kind, name)], [String(this.#clock())]);
        if (reply === null) {
            return null;
        }

        const [key, value, version, expires] = list(reply);
        return { kind, key: text(json(key)), value: storedValue(value), version: integer(version), expiresAt: integer(expires) };
    }

    async #write(script: Script, { kind, key, value, expiresAt }: PlainRecord, ...version: string[]): Promise<boolean> {

        const now = this.#clock();
        const name = nameOf(key);
        const { expires, ttl } = expiryOf(expiresAt, now);
        const parameters = [String(now), clearedBefore(now), name, JSON.stringify(key), JSON.stringify(value), expires, ttl, String(newVersion()), ...version];
        return integer(await this.#run(script, this.#keysOf(kind, name), parameters)) === 1;
    }

    #keysOf(kind: string, name: string): string[] {

        const { members, expiries } = this.#keys.recordListing(kind, name);
        return [this.#keys.record(kind, name), members, expiries];
    }
}
