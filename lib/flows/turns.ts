import { sha256 } from '../protocol/digest';
import { processTimer, type Timer } from '../stores/reach';

/** Who has waited for so many others waits for no more. */
const mostWaits = 2;

/** How long one may be alone, in milliseconds: twice as long as a call of the store may take, and no longer, since a project's handler may never end. */
const mostMs = 5000;

/**
 * Lets the first of several requests that present the same go alone, then the second, and all others at once.
 *
 * A code is used up by one call to the store, and its tokens are stored by another: of 500 requests at once the one that used it up would queue
 * for a connection behind the calls of all others, and might be given up there. The second is as alone, since the first may have failed, or
 * else ends the grant, so that the others only find it ended. Who knows a code and not its verifier presents something else, and holds
 * nobody up. Among several processes the store alone decides.
 */
export class Turns {

    /** One for each that is alone: never more than there are requests. */
    readonly #alone = new Map<string, Promise<void>>();
    readonly #timer: Timer;

    constructor(timer: Timer = processTimer) {

        this.#timer = timer;
    }

    /** Runs a request in its turn; `hasWaited` says that what was read before may be old. */
    async take<T>(presented: readonly (string | undefined)[], run: (hasWaited: boolean) => Promise<T>): Promise<T> {

        const key = sha256(JSON.stringify(presented));
        for (let i = 0; i < mostWaits; ++i) {
            const before = this.#alone.get(key);
            if (before === undefined) {
                return await this.#goAlone(key, async () => await run(i > 0));
            }

            await before;
        }

        return await run(true);
    }

    async #goAlone<T>(key: string, run: () => Promise<T>): Promise<T> {

        let end = (): void => {};
        const turn = new Promise<void>((resolve) => {

            const cancel = this.#timer(() => end(), mostMs);
            end = () => {

                cancel();
                if (this.#alone.get(key) === turn) {            // After its time it is another's
                    this.#alone.delete(key);
                }

                resolve();
            };
        });
        this.#alone.set(key, turn);
        try {
            return await run();
        }
        finally {
            end();
        }
    }
}
