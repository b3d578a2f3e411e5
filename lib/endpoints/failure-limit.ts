import { OAuth2Error } from '../error';
import type { Store } from '../stores/store';

/** Failures are forgotten 10 minutes after the first of them. */
const windowMs = 10 * 60 * 1000;

/** Refuses who has failed too often: what succeeds is never counted. */
export class FailureLimit {

    readonly #store: Pick<Store, 'count' | 'counted'>;
    readonly #name: string;
    readonly #most: number;

    /** `name` says what is counted; `most` failures in 10 minutes are answered as such, what comes after them is refused. */
    constructor(store: Pick<Store, 'count' | 'counted'>, name: string, most: number) {

        this.#store = store;
        this.#name = name;
        this.#most = most;
    }

    /** Throws `temporarily_unavailable` with status 429 (RFC 6585 §4) if there were too many failures. */
    async check(who: string): Promise<void> {

        if (await this.#store.counted(this.#key(who)) >= this.#most) {
            throw tooMany();
        }
    }

    /** Counts one more failure; throws as well if others have failed at the same moment, so that many requests at once are no way around. */
    async failed(who: string): Promise<void> {

        const { count } = await this.#store.count(this.#key(who), windowMs);
        if (count > this.#most) {
            throw tooMany();
        }
    }

    #key(who: string): string {

        return `${this.#name}:${who}`;
    }
}

const tooMany = (): OAuth2Error => new OAuth2Error('temporarily_unavailable', 'There were too many wrong entries: try again in 10 minutes', {
    reason: 'too_many_failures',
    statusCode: 429,
    headers: { 'retry-after': String(windowMs / 1000) }
});
