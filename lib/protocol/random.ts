import { randomFillSync } from 'node:crypto';

/** Octets that were fetched together, since each call costs more than the octets do; `used` of them are spent, and wiped. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Random bits as base64url; `octets` is how many, 4096 at most. */
export const randomText = (octets: number): string => {

    if (used + octets > pool.length) {
        randomFillSync(pool);
        used = 0;
    }

    const taken = pool.subarray(used, used + octets);
    const text = taken.toString('base64url');
    taken.fill(0);
    used += octets;
    return text;
};

/** A value that nobody can guess: 256 random bits, 43 characters of base64url. */
export const randomValue = (): string => randomText(32);
