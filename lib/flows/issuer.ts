import type { Issuer } from './proven-context';

/** An issuer, and the default of its kind. */
export interface Issuing<D, R> {
    readonly issuer: Issuer<D, R>;
    /** What was issued last, be it still on its way; if nothing was, what these data make. */
    readonly issued: Issuer<D, R>['issue'];
    /** What was issued last; `undefined` if nothing was. */
    readonly latest: () => Promise<R> | undefined;
}

/** Makes the issuers of one request. They answer `null` for what is not due, and throw once the request has its answer. */
export class Issuers {

    readonly #underWay = new Set<Promise<unknown>>();
    #isOver = false;

    /** An issuer of one kind. */
    issuing<D, R>(serialise: (data: D) => Promise<R>): Issuing<D, R> {

        const made: Promise<R>[] = [];
        const run = async (data: D): Promise<R> => {

            const begun = serialise(data);
            made.push(begun);
            this.#underWay.add(begun);
            try {
                return await begun;
            }
            catch (err) {
                void made.splice(made.indexOf(begun), 1);       // What came to nothing was not issued
                throw err;
            }
            finally {
                this.#underWay.delete(begun);
            }
        };

        const assertOpen = (): void => {

            if (this.#isOver) {
                throw new Error('An issuer was kept and called after its handler had returned: what it would issue hangs on nothing, so await it in the handler');
            }
        };

        async function issue(data: D): Promise<R>;
        async function issue(data: D | null): Promise<R | null>;
        async function issue(data: D | null): Promise<R | null> {

            assertOpen();
            return data === null ? null : await run(data);
        }

        const latest = () => made.at(-1);

        async function issued(data: D): Promise<R>;
        async function issued(data: D | null): Promise<R | null>;
        async function issued(data: D | null): Promise<R | null> {

            return await (latest() ?? issue(data));
        }

        return { issuer: { issue }, issued, latest };
    }

    /** Ends them: from now on they throw. Resolves when what they have begun is done. */
    async close(): Promise<void> {

        this.#isOver = true;
        if (this.#underWay.size > 0) {
            await Promise.allSettled(this.#underWay);
        }
    }
}
