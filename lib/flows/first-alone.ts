import { sha256 } from '../protocol/digest';

/**
 * Lets the first of several requests that present the same go alone.
 *
 * A code is used up in one call to the store and its tokens are stored in another: of 500 requests with it, the one that used it up would queue
 * for a connection behind the calls of all others, and might be given up there. Here those who come while the first is under way wait until it
 * is over, whatever came of it; then all go on at once, and find the code used. So nobody waits for more than one other, and only for one
 * that presents all the same: who knows a code but not its verifier holds nobody up. Among several processes the store alone decides.
 */
export class FirstAlone {

    /** As many as there are requests under way, at most. */
    readonly #underWay = new Map<string, Promise<void>>();

    /** Runs a request with what it presents; `isFirst` is false for one that has waited, to which what was read before may be old. */
    async run<T>(presented: readonly (string | undefined)[], request: (isFirst: boolean) => Promise<T>): Promise<T> {

        const key = sha256(JSON.stringify(presented));
        const first = this.#underWay.get(key);
        if (first !== undefined) {
            await first;
            return await request(false);
        }

        const own = request(true);
        this.#underWay.set(key, own.then(() => undefined, () => undefined));
        try {
            return await own;
        }
        finally {
            this.#underWay.delete(key);
        }
    }
}
