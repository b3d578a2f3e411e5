import { sha256 } from '../protocol/digest';
import type { FoundToken } from '../stores/store';

/** What the store had under a token that a request presents. */
export interface LookedUp {
    readonly found: FoundToken | null;
    /** Whether it was read for another request, and maybe before this one came: good to learn whose token it is, which never changes, and for nothing else. */
    readonly isOld: boolean;
}

/** Looks a token up once for all requests that present it while the first of them is under way. */
export class LookUps {

    /** One for each token that is under way: never more than there are requests. */
    readonly #underWay = new Map<string, Promise<FoundToken | null>>();

    /** Runs a request with what was found. Who waited for a look-up that failed looks itself. */
    async with<T>(token: string, read: () => Promise<FoundToken | null>, run: (looked: LookedUp) => Promise<T>): Promise<T> {

        const key = sha256(token);
        const before = this.#underWay.get(key);
        if (before !== undefined) {
            return await run(await before.then((found) => ({ found, isOld: true }), async () => ({ found: await read(), isOld: false })));
        }

        const reading = read();
        this.#underWay.set(key, reading);
        try {
            return await run({ found: await reading, isOld: false });
        }
        finally {
            this.#underWay.delete(key);
        }
    }
}
