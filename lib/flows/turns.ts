import { sha256 } from '../protocol/digest';

/** Who has waited for so many others waits for no more. */
const mostWaits = 2;

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
    readonly #underWay = new Map<string, Promise<void>>();

    /** Runs a request in its turn; `hasWaited` says that what was read before may be old. */
    async take<T>(presented: readonly (string | undefined)[], run: (hasWaited: boolean) => Promise<T>): Promise<T> {

        const key = sha256(JSON.stringify(presented));
        for (let i = 0; i < mostWaits; ++i) {
            const before = this.#underWay.get(key);
            if (before === undefined) {
                return await this.#alone(key, async () => await run(i > 0));
            }

            await before;
        }

        return await run(true);
    }

    async #alone<T>(key: string, run: () => Promise<T>): Promise<T> {

        const own = run().finally(() => this.#underWay.delete(key));
        this.#underWay.set(key, own.then(() => undefined, () => undefined));
        return await own;
    }
}
