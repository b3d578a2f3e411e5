import { ShardedMap } from './sharded-map';
import type { Page } from './store';

/** What a listing needs of its entries besides the names of its two links. */
export interface Listed {
    readonly key: string;
    /** Counts up: an entry that came later has a higher one. */
    readonly serial: number;
}

/** Where a listing goes on: after an entry, which may be gone by then. */
interface Cursor {
    readonly serial: number;
    readonly key: string;
}

const readCursor = (cursor: string): Cursor => {

    const colon = cursor.indexOf(':');
    return { serial: Number(cursor.slice(0, colon)), key: cursor.slice(colon + 1) };
};

/**
 * Entries by a value that they share, oldest first. The entries of a value are a ring that runs through them, beginning at the one the map
 * holds: an entry comes and goes in one step, and a value that nobody shares costs no more than its place in the map.
 */
export class Listing<N extends string, P extends string, E extends Listed & Record<N | P, E>> {

    readonly #heads = new ShardedMap<E>();
    readonly #next: N;
    readonly #previous: P;

    /** The names of the fields in which an entry links to its neighbours; a new entry links to itself. */
    constructor(next: N, previous: P) {

        this.#next = next;
        this.#previous = previous;
    }

    /** How many values have entries. */
    get size(): number {

        return this.#heads.size;
    }

    /** The oldest entry of a value. */
    first(value: string): E | undefined {

        return this.#heads.get(value);
    }

    /** Adds an entry as the newest of its value. */
    add(value: string, entry: E): void {

        const head = this.#heads.get(value);
        if (head === undefined) {
            this.#heads.set(value, entry);
            return;
        }

        this.#link(head[this.#previous], entry);
        this.#link(entry, head);
    }

    /** Takes an entry out of the list of its value. */
    remove(value: string, entry: E): void {

        const next = entry[this.#next];
        if (this.#heads.get(value) === entry) {
            if (next === entry) {
                this.#heads.delete(value);
                return;
            }

            this.#heads.set(value, next);
        }

        this.#link(entry[this.#previous], next);
    }

    /** A page of a value's entries, as `show` shows those that live; `find` finds the living entry of a key that has this value. */
    page<T>(value: string, cursor: string | null, limit: number, { find, show }: { readonly find: (key: string) => E | undefined; readonly show: (entry: E) => T | undefined }): Page<T> {

        const head = this.#heads.get(value);
        const items: T[] = [];
        let last = head;
        let entry = head && cursor !== null ? this.#after(head, readCursor(cursor), find) : head;
        while (entry !== undefined && items.length < limit) {
            const item = show(entry);
            if (item !== undefined) {
                items.push(item);
            }

            last = entry;
            entry = entry[this.#next] === head ? undefined : entry[this.#next];
        }

        return { items, cursor: entry === undefined || last === undefined ? null : `${last.serial}:${last.key}` };
    }

    /** The first entry after a cursor. Its own entry leads there in one step; if that is gone, those before it mostly are too. */
    #after(head: E, { serial, key }: Cursor, find: (key: string) => E | undefined): E | undefined {

        const found = find(key);
        let entry = found?.serial === serial ? found : head;
        while (!(entry.serial > serial)) {
            entry = entry[this.#next];
            if (entry === head) {
                return undefined;
            }
        }

        return entry;
    }

    #link(previous: E, next: E): void {

        const from: Record<N, E> = previous;
        const to: Record<P, E> = next;
        from[this.#next] = next;
        to[this.#previous] = previous;
    }
}
