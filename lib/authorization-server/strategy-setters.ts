import { defaultWindowMs } from '../tokens/live-grants';
import { defaultVerifiedTokens } from '../tokens/verified-tokens';
import type { TrustedByStrategies } from './server-options';
import { TokenManagementSetters } from './token-management-setters';

/** The setters of the hub that say what its auth strategies may take for granted from one request to the next. */
export abstract class StrategySetters extends TokenManagementSetters {

    #revocationWindow: number | false = defaultWindowMs / 1000;
    #verifiedTokens: number | false = defaultVerifiedTokens;

    /**
     * How many seconds a protected route may go on with a token whose grant was revoked: 5 when left out, 0 asks the store at each request,
     * `false` never asks about signed tokens. A store in the process is always asked, unless it is `false`.
     */
    setRevocationWindow(seconds: number | false): this {

        this.guard('setRevocationWindow');
        this.#revocationWindow = seconds;
        return this;
    }

    /**
     * How many signed tokens each strategy remembers, by digest, so that a token that comes again costs no signature check: 10,000 when left out,
     * `false` for none. Expiry, audience, grant, proof of possession and `validate` are checked with each request all the same.
     */
    setVerifiedTokenCache(tokens: number | false): this {

        this.guard('setVerifiedTokenCache');
        this.#verifiedTokens = tokens;
        return this;
    }

    /** @internal Throws a sentence for what cannot be meant. */
    protected get trusted(): TrustedByStrategies {

        const window: unknown = this.#revocationWindow;
        if (window !== false && !(typeof window === 'number' && window >= 0 && window <= 3600)) {
            throw new Error('setRevocationWindow() takes 0 to 3600 seconds, or false to never ask the store about a signed token');
        }

        const tokens: unknown = this.#verifiedTokens;
        if (tokens !== false && !(Number.isSafeInteger(tokens) && Number(tokens) > 0 && Number(tokens) <= 1_000_000)) {
            throw new Error('setVerifiedTokenCache() takes a number of tokens, 1 to 1000000, or false to check each signature anew');
        }

        return {
            windowMs: this.#revocationWindow === false ? null : this.#revocationWindow * 1000,
            mostVerified: this.#verifiedTokens === false ? 0 : this.#verifiedTokens
        };
    }
}
