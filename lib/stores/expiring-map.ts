import { Expiring, ExpiryQueue } from './expiry-queue';
import { ShardedMap } from './sharded-map';

/** An entry of an {@link ExpiringMap}. It is its own place in the order of expiry: a second object would double the memory. */
export abstract class ExpiringEntry<E> extends Expiring<E> {

    readonly key: string;

    constructor(key: string) {

        super();
        this.key = key;
    }
}

/** A map whose entries expire. Forgetting them is left to {@link forget}, in steps as small as its caller likes; till then they only seem gone. */
export class ExpiringMap<E extends ExpiringEntry<E>> {

    readonly #entries = new ShardedMap<E>();
    readonly #queue = new ExpiryQueue<E>();
    readonly #clock: () => number;
    readonly #dropped: ((entry: E) => void) | undefined;

    /** `clock` answers milliseconds since the epoch; `dropped` is called with each entry that leaves: expired, deleted or replaced. */
    constructor(clock: () => number, dropped?: (entry: E) => void) {

        this.#clock = clock;
        this.#dropped = dropped;
    }

    /** How many entries take memory, expired ones included. */
    get size(): number {

        return this.#entries.size;
    }

    /** The entry of a key, if it lives. */
    get(key: string): E | undefined {

        const entry = this.#entries.get(key);
        return entry !== undefined && entry.expiresAt > this.#clock() ? entry : undefined;
    }

    /** Whether a key still takes memory, be its entry expired or not. */
    remembers(key: string): boolean {

        return this.#entries.get(key) !== undefined;
    }

    /** Puts an entry under its key, or gives it another expiry. Times are in milliseconds since the epoch. */
    set(entry: E, expiresAt: number): void {

        const before = this.#entries.get(entry.key);
        if (before !== entry) {
            this.#drop(before);
            this.#entries.set(entry.key, entry);
        }

        this.#queue.add(entry, expiresAt);
    }

    /** Forgets a key; answers whether its entry lived. */
    delete(key: string): boolean {

        const lived = this.get(key) !== undefined;
        this.#drop(this.#entries.get(key));
        return lived;
    }

    /** Forgets at most `limit` expired entries; answers how many. */
    forget(limit: number): number {

        const now = this.#clock();
        for (let i = 0; i < limit; ++i) {
            const entry = this.#queue.expired(now);
            if (entry === null) {
                return i;
            }

            this.#drop(entry);
        }

        return limit;
    }

    #drop(entry: E | undefined): void {

        if (entry !== undefined) {
            this.#queue.remove(entry);
            this.#entries.delete(entry.key);
            this.#dropped?.(entry);
        }
    }
}
