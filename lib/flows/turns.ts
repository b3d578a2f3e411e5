import { sha256 } from '../protocol/digest';
import { processTimer, type Timer } from '../stores/timer';

/** Who has waited for so many others waits for no more. */
const mostWaits = 2;

/** How long one may be alone, in milliseconds: twice as long as a call of the store may take, and no longer, since a project's handler may never end. */
const mostMs = 5000;

/** How those that wait may be given the reply that another request got. */
export interface Sharing<T> {
    /** All that the reply depends on: who wants anything else is given none. Asked for only where somebody waits, as what is kept is. */
    readonly wish: () => string;
    /** What is kept of the reply for as long as somebody waits; `undefined` for nothing. */
    readonly keep: (reply: T) => string | undefined;
    /** The reply again, for one of them. */
    readonly give: (kept: string) => Promise<T>;
}

/** What a turn ended with, for those that have waited for it. */
interface Ended {
    readonly wish: string;
    readonly kept: string;
}

/** One that is alone, and whether anybody waits for it. */
interface Turn {
    readonly over: Promise<Ended | undefined>;
    isAwaited: boolean;
}

/**
 * Lets the first of several requests that present the same go alone, then the second, and all others at once.
 *
 * A code is used up by one call to the store, and its tokens are stored by another: of 500 requests at once the one that used it up would queue
 * for a connection behind the calls of all others, and might be given up there. The second is as alone, since the first may have failed, or
 * else ends the grant, so that the others only find it ended. Who knows a code and not its verifier presents something else, and holds
 * nobody up. Among several processes the store alone decides.
 *
 * Where a reply may be shared, those that want the very same have that of the turn they waited for, if it went well and in time. Once it is over it is gone:
 * who comes later asks for itself.
 */
export class Turns {

    /** One for each that is alone: never more than there are requests. */
    readonly #alone = new Map<string, Turn>();
    readonly #timer: Timer;

    constructor(timer: Timer = processTimer) {

        this.#timer = timer;
    }

    /** Runs a request in its turn; `hasWaited` says that what was read before may be old. */
    async take<T>(presented: readonly (string | undefined)[], run: (hasWaited: boolean) => Promise<T>, sharing?: Sharing<T>): Promise<T> {

        const key = sha256(JSON.stringify(presented));
        for (let i = 0; i < mostWaits; ++i) {
            const before = this.#alone.get(key);
            if (before === undefined) {
                return await this.#goAlone(key, async () => await run(i > 0), sharing);
            }

            before.isAwaited = true;
            const ended = await before.over;
            if (ended !== undefined && ended.wish === sharing?.wish()) {
                return await sharing.give(ended.kept);
            }
        }

        return await run(true);
    }

    async #goAlone<T>(key: string, run: () => Promise<T>, sharing?: Sharing<T>): Promise<T> {

        let end: (ended?: Ended) => void = () => {};
        const over = new Promise<Ended | undefined>((resolve) => {

            const cancel = this.#timer(() => end(), mostMs);
            end = (ended) => {

                cancel();
                if (this.#alone.get(key) === turn) {            // After its time it is another's
                    this.#alone.delete(key);
                }

                resolve(ended);
            };
        });
        const turn: Turn = { over, isAwaited: false };
        this.#alone.set(key, turn);
        try {
            const reply = await run();
            const kept = turn.isAwaited ? sharing?.keep(reply) : undefined;
            end(sharing === undefined || kept === undefined ? undefined : { wish: sharing.wish(), kept });
            return reply;
        }
        finally {
            end();
        }
    }
}
