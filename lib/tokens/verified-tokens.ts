import type { SigningKeys } from '../keys/signing-keys';
import { sha256 } from '../protocol/digest';
import { frozen } from '../protocol/frozen';
import { RecentMap } from '../stores/recent-map';
import { accessTokenTyp, isPayload, type AccessTokenPayload } from './access-token';

/** How many tokens a strategy remembers unless the hub says otherwise. */
export const defaultVerifiedTokens = 10_000;

/** Longer tokens are verified each time: a few of them must not take the memory of thousands. */
const longest = 8192;

/** A token whose signature was right. */
interface VerifiedToken {
    /** The key that signed it. */
    readonly kid: string;
    /** Its claims: each request gets a copy of its own, and the objects in it, which all copies share, are frozen. */
    readonly payload: AccessTokenPayload;
}

/**
 * The signed access tokens that one strategy has seen, so that a signature is checked once and not with each request.
 *
 * Only what follows from the token itself is remembered, under its digest: that this key signed these claims. Whether the key is still published,
 * the token alive, meant for this audience and its grant live is looked at each time.
 */
export class VerifiedTokens {

    readonly #keys: Pick<SigningKeys, 'verified' | 'isPublished'>;
    readonly #known: RecentMap<string, VerifiedToken>;
    readonly #most: number;

    /** `most` is how many tokens are remembered; 0 remembers none. */
    constructor(keys: Pick<SigningKeys, 'verified' | 'isPublished'>, most: number) {

        this.#keys = keys;
        this.#most = most;
        this.#known = new RecentMap(most);
    }

    /** The claims of an access token that a published key signed, whatever they say; `null` for any other text. Those of a token that is known are there at once. */
    claimsOf(token: string): AccessTokenPayload | null | Promise<AccessTokenPayload | null> {

        if (this.#most === 0 || token.length > longest) {
            return this.#verified(token).then((verified) => verified?.payload ?? null);
        }

        const digest = sha256(token);
        const known = this.#known.get(digest);
        if (known === undefined) {
            return this.#learn(digest, token);
        }

        const { kid, payload } = known;
        const isPublished = this.#keys.isPublished('access_token', kid);
        return isPublished === true ? { ...payload } : isPublished.then((isIt) => (isIt ? { ...payload } : this.#learn(digest, token)));
    }

    async #learn(digest: string, token: string): Promise<AccessTokenPayload | null> {

        const verified = await this.#verified(token);
        if (verified === null) {
            this.#known.delete(digest);
            return null;
        }

        Object.values(verified.payload).forEach(frozen);
        this.#known.set(digest, verified);
        return { ...verified.payload };
    }

    async #verified(token: string): Promise<VerifiedToken | null> {

        const verified = await this.#keys.verified('access_token', accessTokenTyp, token);
        return verified !== null && isPayload(verified.claims) ? { kid: verified.kid, payload: verified.claims } : null;
    }
}
