import { readTokenValue } from '../protocol/token-value';
import { findExchange } from '../stores/exchange';
import { RecentMap } from '../stores/recent-map';
import type { Store, StoredValue } from '../stores/store';

/** How many answers are kept. */
const mostKept = 10_000;

/** What {@link LiveGrants} works with. */
export interface LiveGrantsOptions {
    readonly store: Pick<Store, 'findGrant' | 'findToken'>;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** How long an answer of the store is believed, in milliseconds; `null`: the store is not asked about a signed token at all. */
    readonly windowMs: number | null;
}

/** What a strategy has to know of the store: whether the grants behind access tokens live. Asks at most once in a revocation window. */
export class LiveGrants {

    readonly #options: LiveGrantsOptions;
    readonly #answers = new RecentMap<string, { readonly at: number; readonly value: Promise<StoredValue | null> }>(mostKept);

    constructor(options: LiveGrantsOptions) {

        this.#options = options;
    }

    /** Whether a grant lives, and with it the exchange that a token came from, as far as the window lets know. */
    async lives(grantId: string, exchangeId?: string): Promise<boolean> {

        const { store, windowMs } = this.#options;
        if (windowMs === null) {
            return true;
        }

        const find = (): Promise<object | null> => (exchangeId === undefined ? store.findGrant(grantId) : findExchange(store, grantId, exchangeId));
        const answer = windowMs === 0 ? find() : this.#ask(exchangeId === undefined ? `grant ${grantId}` : `exchange ${grantId} ${exchangeId}`, async () => (await find() === null ? null : {}));
        return await answer !== null;
    }

    /** The claims kept for an opaque access token whose grant lives; `null` for any other text. */
    async claimsOf(token: string): Promise<StoredValue | null> {

        const address = readTokenValue(token);
        if (address?.kind !== 'access_token') {
            return null;
        }

        const { store, windowMs } = this.#options;
        return windowMs === 0 ?
            await opaqueClaims(store, token) :
            structuredClone(await this.#ask(`token ${address.key}`, async () => await opaqueClaims(store, token)));          // Whoever gets them may change them: the next request must not see it
    }

    /** Callers of one moment share one question; an answer that never came is not kept. */
    async #ask(key: string, question: () => Promise<StoredValue | null>): Promise<StoredValue | null> {

        const { clock, windowMs } = this.#options;
        const now = clock();
        const kept = this.#answers.get(key);
        if (kept !== undefined && now >= kept.at && now < kept.at + (windowMs ?? defaultWindowMs)) {
            return await kept.value;
        }

        const value = question();
        this.#answers.set(key, { at: now, value });
        try {
            return await value;
        }
        catch (err) {
            this.#answers.delete(key);
            throw err;
        }
    }
}

/** How long an answer of a store across the network is believed where nobody says otherwise. */
export const defaultWindowMs = 5000;

/** The claims kept for an opaque access token whose grant lives now; `null` for any other text. */
export const opaqueClaims = async (store: Pick<Store, 'findToken'>, token: string): Promise<StoredValue | null> => {

    const address = readTokenValue(token);
    const found = address?.kind === 'access_token' ? await store.findToken(address) : null;
    if (address === null || found === null || found.grant === null) {
        return null;
    }

    const { exchange_id: exchangeId } = found.value;
    return typeof exchangeId !== 'string' || await findExchange(store, address.grantId, exchangeId) !== null ? found.value : null;
};
