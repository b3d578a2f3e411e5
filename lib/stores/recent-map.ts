/** A map of bounded size: what was not asked for longest makes room. */
export class RecentMap<K, V> {

    readonly #most: number;
    readonly #entries = new Map<K, V>();

    /** `most` is how many entries it keeps. */
    constructor(most: number) {

        this.#most = most;
    }

    /** How many there are. */
    get size(): number {

        return this.#entries.size;
    }

    get(key: K): V | undefined {

        const value = this.#entries.get(key);
        if (value !== undefined) {
            this.#entries.delete(key);                      // So that it is the youngest again
            this.#entries.set(key, value);
        }

        return value;
    }

    set(key: K, value: V): void {

        this.#entries.delete(key);
        this.#entries.set(key, value);
        for (const oldest of this.#entries.keys()) {
            if (this.#entries.size <= this.#most) {
                break;
            }

            this.#entries.delete(oldest);
        }
    }

    delete(key: K): void {

        this.#entries.delete(key);
    }
}
