/** How much is swept at a time: a few milliseconds of the database. */
const batch = 500;

/** How much sooner the next sweep is due after one that found a whole batch: there is more. */
const haste = 10;

/**
 * Sweeps now and then, on the occasion of writes, so that nobody else has to. It has no timer, which would keep a process alive; nobody waits
 * for it, and what becomes of it is nobody's business: after a failure the next one is due as usual.
 */
export class Sweeper {

    readonly #sweep: (limit: number) => Promise<number>;
    readonly #clock: () => number;
    readonly #everyMs: number;
    #due: number;
    #running: Promise<void> | null = null;

    /** `sweep` answers how much it deleted. With an `everyMs` of `Infinity` it never sweeps; throws if that is no number of milliseconds, 1 or more. */
    constructor(sweep: (limit: number) => Promise<number>, clock: () => number, everyMs: number) {

        if (!(everyMs >= 1)) {
            throw new TypeError('sweepEveryMs of SqlStore is a number of milliseconds, 1 or more, or Infinity where the store shall not sweep by itself');
        }

        this.#sweep = sweep;
        this.#clock = clock;
        this.#everyMs = everyMs;
        this.#due = everyMs === Infinity ? Infinity : -Infinity;
    }

    /** To be called after a write: begins to sweep if it is time to. */
    wrote(): void {

        const now = this.#clock();
        if (this.#running === null && (now >= this.#due || now < this.#due - this.#everyMs)) {     // The latter after a clock was put back
            this.#due = now + this.#everyMs;
            this.#running = this.#run(now);
        }
    }

    /** Resolves when nothing is being swept, so that a client can be ended. */
    async ended(): Promise<void> {

        await this.#running;
    }

    async #run(now: number): Promise<void> {

        try {
            const swept = await this.#sweep(batch);
            if (swept >= batch) {
                this.#due = now + this.#everyMs / haste;
            }
        }
        catch {}                                                // Nobody to tell: whatever it is, the calls of the server meet it too

        this.#running = null;
    }
}
