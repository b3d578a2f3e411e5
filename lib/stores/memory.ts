import type { Store } from './store';

const minute = 60_000;

/** A store in this process's memory: bounded by what is still alive, and gone with the process. */
export class MemoryStore implements Store {

    readonly #expiries = new Map<string, number>();
    readonly #keysByMinute = new Map<number, string[]>();
    readonly #clock: () => number;

    /** `clock` answers milliseconds since the epoch. */
    constructor(clock: () => number) {

        this.#clock = clock;
    }

    /** How many keys are remembered. */
    get size(): number {

        return this.#expiries.size;
    }

    putIfAbsent(kind: string, key: string, expiresAt: number): boolean {

        const now = this.#clock();
        this.#sweep(now);

        const id = JSON.stringify([kind, key]);                 // ('a', 'bc') and ('ab', 'c') are two keys
        if ((this.#expiries.get(id) ?? -Infinity) > now) {
            return false;
        }

        this.#expiries.set(id, expiresAt);
        const bucket = Math.ceil(expiresAt / minute);
        const ids = this.#keysByMinute.get(bucket);
        if (ids === undefined) {
            this.#keysByMinute.set(bucket, [id]);
        }
        else {
            ids.push(id);                                       // Not a copy: a busy minute has many
        }

        return true;
    }

    /** Forgets the minutes that have passed, so that nothing ever looks at all keys at once. */
    #sweep(now: number): void {

        for (const [bucket, ids] of this.#keysByMinute) {
            if (bucket * minute > now) {
                continue;
            }

            this.#keysByMinute.delete(bucket);
            for (const id of ids) {
                if ((this.#expiries.get(id) ?? Infinity) <= now) {
                    this.#expiries.delete(id);
                }
            }
        }
    }
}
