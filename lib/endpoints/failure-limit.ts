import { OAuth2Error } from '../error';
import type { Attempt } from '../protocol/attempt';
import type { Store } from '../stores/store';

/** How many failures are answered as such, and for how many seconds from the first of them they are counted. */
export interface CountedFailures {
    readonly failures: number;
    readonly seconds: number;
}

/** What a limit of failures is made from. */
export interface FailureLimitOptions extends CountedFailures {
    /** What is counted. */
    readonly name: string;
    readonly store: Pick<Store, 'count' | 'counted'>;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** Makes a short text of a long one that tells nothing about it. */
    readonly digest: (text: string) => string;
    /**
     * Leaves the store alone as long as this process has seen no failure: for what comes with each request of a program. Where there are several
     * processes, each of them then takes one more try.
     */
    readonly trusting?: boolean | undefined;
    /** Makes the refusal; {@link tooManyFailures} when left out. */
    readonly refuse?: ((seconds: number) => OAuth2Error) | undefined;
}

/** What this process has seen of a counter. */
interface Seen {
    count: number;
    resetsAt: number;
}

/** What is remembered here is what saves a look at the store: forgetting some of it is safe. */
const mostSeen = 10_000;

/**
 * Refuses who has failed too often: what succeeds is never counted.
 *
 * The store counts for all processes. What this one has seen is counted here as well, at once, so that tries that come together find
 * each other's failures before the store has answered.
 */
export class FailureLimit {

    readonly #options: FailureLimitOptions;
    readonly #seen = new Map<string, Seen>();

    constructor(options: FailureLimitOptions) {

        this.#options = options;
    }

    /** One try of somebody, whom one text or several name. */
    attempt(who: () => readonly string[]): Attempt {

        const { name, digest } = this.#options;
        let made: string | undefined;
        const key = (): string => {

            made ??= `${name}:${digest(JSON.stringify([name, ...who()]))}`;
            return made;
        };

        const check = async (): Promise<void> => {

            if (!this.#options.trusting || this.#seen.size > 0) {
                await this.#check(key());
            }
        };

        return { begin: check, failed: async () => await this.#failed(key()), succeeded: check };
    }

    /** Counts what costs something each time, whether or not it is right, before it is done; the store is left alone by what this process knows to be too much. */
    async take(who: () => readonly string[]): Promise<void> {

        const { name, digest, failures } = this.#options;
        const key = `${name}:${digest(JSON.stringify([name, ...who()]))}`;
        const seen = this.#find(key);
        if (seen !== undefined && seen.count >= failures) {
            throw this.#tooMany(seen);
        }

        await this.#failed(key);
    }

    async #check(key: string): Promise<void> {

        const { store, failures, seconds, trusting } = this.#options;
        const seen = this.#find(key);
        if (seen !== undefined && seen.count >= failures) {
            throw this.#tooMany(seen);
        }

        if ((seen !== undefined || !trusting) && await store.counted(key) >= failures) {
            const learned = this.#learn(key, await store.count(key, seconds * 1000));        // One more does no harm, and says when it starts again
            if (learned.count > failures) {
                throw this.#tooMany(learned);
            }
        }
    }

    async #failed(key: string): Promise<void> {

        const { store, clock, failures, seconds } = this.#options;
        const seen = this.#find(key) ?? this.#see(key, { count: 0, resetsAt: clock() + seconds * 1000 });
        ++seen.count;
        const counted = await store.count(key, seconds * 1000);
        const learned = this.#learn(key, counted);
        if (counted.count > failures) {
            throw this.#tooMany(learned);
        }
    }

    #find(key: string): Seen | undefined {

        const seen = this.#seen.get(key);
        if (seen !== undefined && seen.resetsAt <= this.#options.clock()) {
            this.#seen.delete(key);
            return undefined;
        }

        return seen;
    }

    #see(key: string, seen: Seen): Seen {

        this.#seen.set(key, seen);
        const now = this.#options.clock();
        for (const [oldest, { resetsAt }] of this.#seen) {
            if (this.#seen.size <= mostSeen && resetsAt > now) {
                break;
            }

            this.#seen.delete(oldest);
        }

        return seen;
    }

    /** The time of a store is its own: what cannot be meant for this process's clock is a whole window. */
    #learn(key: string, { count, resetsAt }: { readonly count: number; readonly resetsAt: number }): Seen {

        const { clock, seconds } = this.#options;
        const windowMs = seconds * 1000;
        const leftMs = resetsAt - clock();
        const end = clock() + (leftMs > 0 && leftMs <= windowMs ? leftMs : windowMs);
        const seen = this.#find(key);
        if (seen === undefined) {
            return this.#see(key, { count, resetsAt: end });
        }

        return Object.assign(seen, { count: Math.max(seen.count, count), resetsAt: end });
    }

    #tooMany({ resetsAt }: Seen): OAuth2Error {

        const { clock, refuse = tooManyFailures } = this.#options;
        return refuse(Math.ceil((resetsAt - clock()) / 1000));
    }
}

/** The refusal of whoever has failed too often: 429 (RFC 6585 §4). */
export const tooManyFailures = (seconds: number): OAuth2Error => tooMany('There were too many wrong entries', 'too_many_failures', seconds);

/** The refusal of whoever makes the server remember too much (RFC 6585 §4). */
export const tooManyRequests = (seconds: number): OAuth2Error => tooMany('Too many requests came from the same network', 'too_many_requests', seconds);

const tooMany = (what: string, reason: string, seconds: number): OAuth2Error => new OAuth2Error('temporarily_unavailable', `${what}: try again in ${seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : 'a minute'}`, {
    reason,
    statusCode: 429,
    headers: { 'retry-after': String(seconds) }
});
