/** How much longer Redis keeps what has expired, in milliseconds: the clocks of processes differ, and only the store's clock judges. */
const margin = 60_000;

/** When something expires, and after how long Redis may forget it, as its scripts take them. */
export interface Expiry {
    readonly expires: string;
    readonly ttl: string;
}

/**
 * The two limits of a record. The second is a duration and not a point in time, so that a Redis whose clock is ahead, or a store whose clock is a
 * test's, loses nothing that still lives.
 */
export const expiryOf = (expiresAt: number, now: number): Expiry => {

    const expires = Math.min(Math.ceil(expiresAt), Number.MAX_SAFE_INTEGER);      // "Never" may be Infinity
    const ttl = Math.max(expires - Math.floor(now), 0) + margin;
    if (!Number.isFinite(ttl)) {
        throw new TypeError('expiresAt and the clock are numbers of milliseconds');
    }

    return { expires: String(expires), ttl: String(ttl) };
};

/** The longest of some durations, any of which may be ''; a millisecond where there is none. */
export const longestOf = (ttls: readonly string[]): string => String(Math.max(1, ...ttls.map(Number)));

/** For how long listings hold a grant that lives until `expiresAt`: for an eighth of its time longer, in which it may be extended without a word to them. */
export const listedUntil = (expiresAt: number, now: number): Expiry => expiryOf(expiresAt + Math.max(0, expiresAt - now) / 8, now);

/** When a grant was used, as scripts take it; '' for not at all. */
export const useOf = (usedAt: number | undefined): string => {

    if (usedAt !== undefined && !Number.isFinite(usedAt)) {
        throw new TypeError('usedAt is a number of milliseconds');
    }

    return usedAt === undefined ? '' : String(Math.floor(usedAt));
};

/** Up to which expiry, as the end of a range, names may leave a listing: not at once, or a record would be unlisted while it still lives by a slower clock. */
export const clearedBefore = (now: number): string => `(${Math.floor(now) - margin}`;
