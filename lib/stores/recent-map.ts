/** An entry, between the one that was asked for before it and the one that was asked for after it. */
interface Entry<K, V> {
    readonly key: K;
    readonly value: V;
    older: Entry<K, V> | null;
    younger: Entry<K, V> | null;
}

/**
 * A map of bounded size: what was not asked for longest makes room.
 *
 * The order is a list that runs through the entries. That of a JavaScript map would do, but whoever asks it for its first key passes all that was deleted since it
 * last grew, and an iterator that is kept instead keeps every table that the map has outgrown.
 */
export class RecentMap<K, V> {

    readonly #most: number;
    readonly #entries = new Map<K, Entry<K, V>>();
    #oldest: Entry<K, V> | null = null;
    #youngest: Entry<K, V> | null = null;

    /** `most` is how many entries it keeps. */
    constructor(most: number) {

        this.#most = most;
    }

    /** How many there are. */
    get size(): number {

        return this.#entries.size;
    }

    get(key: K): V | undefined {

        const entry = this.#entries.get(key);
        if (entry === undefined) {
            return undefined;
        }

        if (entry !== this.#youngest) {
            this.#unlink(entry);
            this.#link(entry);
        }

        return entry.value;
    }

    set(key: K, value: V): void {

        this.delete(key);
        const entry: Entry<K, V> = { key, value, older: null, younger: null };
        this.#entries.set(key, entry);
        this.#link(entry);
        while (this.#oldest !== null && this.#entries.size > this.#most) {
            this.delete(this.#oldest.key);
        }
    }

    delete(key: K): void {

        const entry = this.#entries.get(key);
        if (entry !== undefined) {
            this.#entries.delete(key);
            this.#unlink(entry);
        }
    }

    /** Makes an entry the youngest. */
    #link(entry: Entry<K, V>): void {

        entry.older = this.#youngest;
        if (this.#youngest === null) {
            this.#oldest = entry;
        }
        else {
            this.#youngest.younger = entry;
        }

        this.#youngest = entry;
    }

    #unlink(entry: Entry<K, V>): void {

        const { older, younger } = entry;
        if (older === null) {
            this.#oldest = younger;
        }
        else {
            older.younger = younger;
        }

        if (younger === null) {
            this.#youngest = older;
        }
        else {
            younger.older = older;
        }

        entry.older = entry.younger = null;
    }
}
