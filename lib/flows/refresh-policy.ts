import type { RefreshTokenRotation } from '../grant-types/refresh-token';

/** Lifetimes of refresh tokens, in seconds. */
export interface RefreshTokenLifetime {
    /** How long one may go without being used: 14 days when left out, or `absolute` where that is shorter. */
    readonly idle?: number | undefined;
    /** When the last one of a grant ends, counted from the first, however often it is used: 90 days when left out. */
    readonly absolute?: number | undefined;
}

/** How refresh tokens live and are replaced; in seconds. */
export interface RefreshPolicy {
    readonly idle: number;
    readonly absolute: number;
    /** How long a replaced one is answered again. */
    readonly grace: number;
    readonly rotation: RefreshTokenRotation;
}

/** What a flow was told, before anybody has looked whether it can be meant. */
export interface RefreshSettings {
    readonly lifetime?: RefreshTokenLifetime;
    readonly grace?: number;
    readonly rotation?: RefreshTokenRotation;
}

/** Seconds. */
const day = 86_400;

/** A person's device may stay signed in for long; what is longer was given in milliseconds. */
const longest = 3650 * day;

/** Long enough for a retry over a bad connection; whoever stole a token that was just replaced has as long. */
const longestGrace = 60;

/** What holds where nothing was said. */
export const defaultRefreshPolicy: RefreshPolicy = { idle: 14 * day, absolute: 90 * day, grace: 10, rotation: 'always' };

/** The policy of a flow; `tokenTtl` is the longest life of a token that a refresh brings. Throws a sentence that says what to change. */
export const refreshPolicy = (owner: string, { lifetime = {}, grace = defaultRefreshPolicy.grace, rotation = defaultRefreshPolicy.rotation }: RefreshSettings, tokenTtl: number): RefreshPolicy => {

    if (typeof lifetime !== 'object') {
        throw new Error(`${owner} has setRefreshTokenTTL(${String(lifetime)}): give it { idle, absolute }, in seconds`);
    }

    const { absolute = defaultRefreshPolicy.absolute } = lifetime;
    const { idle = Math.min(defaultRefreshPolicy.idle, absolute) } = lifetime;
    const policy = { idle, absolute, grace, rotation };
    const [problem] = problems(policy, tokenTtl);
    if (problem !== undefined) {
        throw new Error(`${owner} has ${problem}`);
    }

    return policy;
};

function* problems({ idle, absolute, grace, rotation }: RefreshPolicy, tokenTtl: number): Generator<string> {

    for (const [name, seconds] of Object.entries({ absolute, idle })) {
        if (!Number.isSafeInteger(seconds) || seconds <= 0) {
            yield `refresh tokens with ${name} ${String(seconds)}: give setRefreshTokenTTL() whole numbers of seconds above 0`;
        }

        if (seconds > longest) {
            yield `refresh tokens with ${name} ${seconds}, which is more than ten years: setRefreshTokenTTL() takes seconds, not milliseconds`;
        }
    }

    if (idle > absolute) {
        yield `refresh tokens that may be idle for ${idle} seconds and live for ${absolute}: give setRefreshTokenTTL() an idle that is not longer than absolute`;
    }

    if (!Number.isSafeInteger(grace) || grace < 0) {
        yield `a grace period of ${String(grace)}: give setRefreshGracePeriod() a whole number of seconds from 0 to ${longestGrace}`;
    }

    if (grace > longestGrace) {
        yield `a grace period of ${grace} seconds, in which a stolen token would pass for a retry: give setRefreshGracePeriod() ${longestGrace} at most, in seconds, not milliseconds`;
    }

    if (rotation !== 'always' && rotation !== 'public') {
        yield `setRefreshTokenRotation('${String(rotation)}'): give it 'always' or 'public', since a public client's refresh token is always replaced (RFC 9700 §4.14)`;
    }

    if (rotation === 'public' && idle < tokenTtl) {                // What is not replaced is idle for as long as its grant is
        yield `refresh tokens that are not replaced and may be idle for ${idle} seconds, while the tokens they bring live ${tokenTtl}: with setRefreshTokenRotation('public') raise idle in setRefreshTokenTTL(), or lower setTokenTTL()`;
    }
}
