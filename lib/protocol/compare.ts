import { hash, timingSafeEqual } from 'node:crypto';

const digest = (value: string): Buffer => hash('sha256', value, 'buffer');

/**
 * Whether two secrets are equal, in a time that tells nothing about them.
 *
 * Both are hashed first: `timingSafeEqual` needs equal lengths, and comparing lengths would tell one of them.
 */
export const equalSecrets = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/** The same for two digests, of which everybody knows the length: what has another is equal to none. */
export const equalDigests = (one: string, other: string): boolean => {

    const [first, second] = [Buffer.from(one), Buffer.from(other)];
    return first.length === second.length && timingSafeEqual(first, second);
};
