/** A map of bounded size: what was not asked for longest makes room. */
export class RecentMap<K, V> {

    readonly #most: number;
    readonly #entries = new Map<K, V>();
    /** Goes on from one oldest entry to the next. One made anew each time would first pass what was deleted and still takes a place: thousands. */
    readonly #oldest = this.#entries.keys();

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
        if (this.#entries.size > this.#most) {
            for (const oldest of this.#oldest) {
                this.#entries.delete(oldest);
                break;
            }
        }
    }

    delete(key: K): void {

        this.#entries.delete(key);
    }
}
