import type { Request } from '@hapi/hapi';

import { OAuth2Error, answerOf } from '../error';
import { uncounted, type Attempt } from '../protocol/attempt';
import type { Secrets } from '../protocol/secrets';
import type { Store } from '../stores/store';
import { countedAddress, type TrustedProxies } from './client-address';
import { FailureLimit, tooManyFailures, tooManyRequests, type CountedFailures } from './failure-limit';

export type { CountedFailures } from './failure-limit';

/** How many requests are answered that make the server remember something, right or wrong, and for how many seconds from the first of them they are counted. */
export interface CountedRequests {
    readonly requests: number;
    readonly seconds: number;
}

/** How many failures, or requests, there may be of each kind; what is left out keeps its default, and `false` switches one limit off. */
export interface RateLimitNumbers {
    /** Wrong passwords for one name from one address: 10 in 600 seconds. */
    readonly signIn?: CountedFailures | false | undefined;
    /** Wrong passwords from one address, whatever the names: 50 in 600 seconds. */
    readonly signInFromAddress?: CountedFailures | false | undefined;
    /** Wrong secrets and assertions of one client from one address: 20 in 600 seconds. */
    readonly clientSecret?: CountedFailures | false | undefined;
    /** Refresh tokens of one client from one address that are not valid: 100 in 60 seconds. */
    readonly refresh?: CountedFailures | false | undefined;
    /** Wrong entries at the page for devices from one address: 20 in 600 seconds (RFC 8628 §5.1). */
    readonly userCode?: CountedFailures | false | undefined;
    /** Wrong entries there in one sign-in session: 5 in 600 seconds. */
    readonly userCodeInSession?: CountedFailures | false | undefined;
    /** Requests that wait for their user, from one address, or from one browser at which somebody has signed in before: 500 in 300 seconds. */
    readonly interaction?: CountedRequests | false | undefined;
    /** Registrations from one address where every stranger may register a client: 100 in 3600 seconds. */
    readonly registration?: CountedRequests | false | undefined;
}

/** What somebody tries, as a hook is told. Nothing in it is proven. */
export interface RateLimitAttempt {
    readonly kind: 'signIn' | 'clientSecret' | 'refresh' | 'userCode' | 'interaction' | 'registration';
    /** `before`: nothing is compared yet. `failed`: it was wrong, and is about to be answered; `interaction` and `registration` have no such phase. */
    readonly phase: 'before' | 'failed';
    /** Where it comes from, as `setTrustedProxies()` has it read; `unknown` behind a Unix socket. */
    readonly address: string;
    /** The client, for `clientSecret` and `refresh`. */
    readonly clientId?: string | undefined;
    /** The name as it was entered, for `signIn`. */
    readonly username?: string | undefined;
}

/** Decides in place of the limits: `true` lets it go on; `false`, or the seconds after which to try again, refuses it. */
export type RateLimitHook = (attempt: RateLimitAttempt, request: Request) => boolean | { readonly retryAfter: number } | Promise<boolean | { readonly retryAfter: number }>;

/** What `setRateLimit()` takes. */
export type RateLimitSetting = false | RateLimitNumbers | RateLimitHook;

type LimitName = keyof RateLimitNumbers;

const defaults: ReadonlyMap<LimitName, CountedFailures | CountedRequests> = new Map<LimitName, CountedFailures | CountedRequests>([
    ['signIn', { failures: 10, seconds: 600 }],
    ['signInFromAddress', { failures: 50, seconds: 600 }],
    ['clientSecret', { failures: 20, seconds: 600 }],
    ['refresh', { failures: 100, seconds: 60 }],
    ['userCode', { failures: 20, seconds: 600 }],
    ['userCodeInSession', { failures: 5, seconds: 600 }],
    ['interaction', { requests: 500, seconds: 300 }],
    ['registration', { requests: 100, seconds: 3600 }]
]);

/** These come with each request of a program: a look at the store each time would cost more than what they protect. */
const ofPrograms: readonly string[] = ['clientSecret', 'refresh'] satisfies LimitName[];

/** How long a hook refuses for that does not say. */
const hookSeconds = 60;

/** Throws a sentence unless a setting can be meant. */
export const checkRateLimit = (setting: unknown): void => {

    if (setting === false || typeof setting === 'function') {
        return;
    }

    if (typeof setting !== 'object' || setting === null || Array.isArray(setting)) {
        throw new Error('setRateLimit() takes false for no limits, an object such as { signIn: { failures: 10, seconds: 600 } }, or a function that decides itself');
    }

    for (const [name, limit] of Object.entries(setting)) {
        const known = new Map<string, CountedFailures | CountedRequests>(defaults);
        const byDefault = known.get(name);
        if (byDefault === undefined) {
            throw new Error(`setRateLimit(): there is no limit '${name}', there are ${[...known.keys()].join(', ')}`);
        }

        const what = 'requests' in byDefault ? 'requests' : 'failures';
        if (limit !== undefined && limit !== false && !isCounted(limit, what)) {
            throw new Error(`setRateLimit(): ${name} is false or { ${what}, seconds }, both whole numbers from 1, and seconds at most 86400`);
        }
    }
};

const isCounted = (limit: unknown, what: 'failures' | 'requests'): boolean => {

    const { [what]: most, seconds, ...others }: Readonly<Record<string, unknown>> = typeof limit === 'object' ? { ...limit } : {};
    return Object.keys(others).length === 0 && Number.isSafeInteger(most) && Number(most) >= 1 && Number.isSafeInteger(seconds) && Number(seconds) >= 1 && Number(seconds) <= 86_400;
};

/** What the limits of a server are made from. */
export interface RateLimitsOptions {
    readonly setting: RateLimitSetting;
    readonly proxies: TrustedProxies;
    readonly store: Pick<Store, 'count' | 'counted'>;
    readonly secrets: Secrets;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
}

/** How often somebody may try what can be guessed. */
export class RateLimits {

    readonly #proxies: TrustedProxies;
    readonly #hook: RateLimitHook | undefined;
    readonly #limits = new Map<LimitName, FailureLimit>();

    constructor({ setting, proxies, store, secrets, clock }: RateLimitsOptions) {

        this.#proxies = proxies;
        this.#hook = typeof setting === 'function' ? setting : undefined;
        const digest = (text: string) => secrets.digest('counter', text).data;
        for (const [name, byDefault] of defaults) {
            const counted = typeof setting === 'object' ? setting[name] ?? byDefault : false;
            if (counted !== false) {
                const own = 'requests' in counted ? { failures: counted.requests, seconds: counted.seconds, refuse: tooManyRequests } : counted;
                this.#limits.set(name, new FailureLimit({ ...own, name, store, clock, digest, trusting: ofPrograms.includes(name) }));
            }
        }
    }

    /** The address of a request's client. */
    addressOf(request: Request): string {

        return this.#proxies.addressOf(request);
    }

    /** A name and a password. */
    signIn(request: Request, username: string): Attempt {

        return this.#attempt(request, { kind: 'signIn', username }, (address) => [
            ['signIn', () => [oneSpelling(username), address()]],
            ['signInFromAddress', () => [address()]]
        ]);
    }

    /** The secret of a client, or an assertion in its name; the client need not exist. */
    clientSecret(request: Request, clientId: string): Attempt {

        return this.#attempt(request, { kind: 'clientSecret', clientId }, (address) => [['clientSecret', () => [clientId, address()]]]);
    }

    /** A refresh token of a client that has authenticated. */
    refresh(request: Request, clientId: string): Attempt {

        return this.#attempt(request, { kind: 'refresh', clientId }, (address) => [['refresh', () => [clientId, address()]]]);
    }

    /** The code of a device; `sessionId` is the sign-in session of whoever enters it, where there is one. */
    userCode(request: Request, sessionId?: string): Attempt {

        return this.#attempt(request, { kind: 'userCode' }, (address) => [
            ['userCode', () => [address()]],
            ...sessionId === undefined ? [] : [['userCodeInSession', () => [sessionId]] as const]
        ]);
    }

    /**
     * A request that the server is to remember until its user is known. Who has signed in at the browser before has a count of its own, by what its
     * session cookie seals: a stranger at the same address cannot use it up.
     */
    async interaction(request: Request, knownBy: string | null): Promise<void> {

        await this.#take(request, 'interaction', (address) => (knownBy === null ? ['address', address] : ['browser', knownBy]));
    }

    /** A client that a stranger registers. */
    async registration(request: Request): Promise<void> {

        await this.#take(request, 'registration', (address) => [address]);
    }

    async #take(request: Request, kind: 'interaction' | 'registration', who: (address: string) => readonly string[]): Promise<void> {

        const address = this.addressOf(request);
        await (this.#hook === undefined ? this.#limits.get(kind)?.take(() => who(countedAddress(address))) : askHook(this.#hook, { kind, phase: 'before', address }, request));
    }

    #attempt(request: Request, tried: Pick<RateLimitAttempt, 'kind' | 'clientId' | 'username'>, counters: (address: () => string) => readonly (readonly [LimitName, () => readonly string[]])[]): Attempt {

        const hook = this.#hook;
        if (hook !== undefined) {
            const ask = async (phase: 'before' | 'failed') => await askHook(hook, { ...tried, phase, address: this.addressOf(request) }, request);
            return { ...uncounted, begin: async () => await ask('before'), failed: async () => await ask('failed') };
        }

        const attempts = counters(() => countedAddress(this.addressOf(request))).flatMap(([name, who]) => this.#limits.get(name)?.attempt(who) ?? []);
        const [only, ...others] = attempts;
        return only !== undefined && others.length === 0 ? only : {
            begin: async () => await all(attempts.map((attempt) => attempt.begin())),
            failed: async () => await all(attempts.map((attempt) => attempt.failed())),
            succeeded: async () => await all(attempts.map((attempt) => attempt.succeeded()))
        };
    }
}

/** Every failure is counted, also if one counter has refused already. */
const all = async (steps: readonly Promise<void>[]): Promise<void> => {

    await Promise.all(steps);
};

/** An app may take `Ada` and `ada` for one name: they are counted as one, or each spelling would have its own tries. */
const oneSpelling = (username: string): string => username.normalize('NFKC').trim().toLowerCase();

const askHook = async (hook: RateLimitHook, attempt: RateLimitAttempt, request: Request): Promise<void> => {

    const answer: unknown = await answerOf(() => hook(attempt, request));
    if (answer === true) {
        return;
    }

    const seconds = answer === false ? hookSeconds : retryAfterOf(answer);
    if (seconds === undefined) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('The function of setRateLimit() returns true to go on, false to refuse, or { retryAfter } in seconds')
        });
    }

    throw attempt.kind === 'interaction' || attempt.kind === 'registration' ? tooManyRequests(seconds) : tooManyFailures(seconds);
};

const retryAfterOf = (answer: unknown): number | undefined => {

    const { retryAfter }: Readonly<Record<string, unknown>> = typeof answer === 'object' ? { ...answer } : {};
    return typeof retryAfter === 'number' && retryAfter > 0 && Number.isFinite(retryAfter) ? Math.ceil(retryAfter) : undefined;
};
