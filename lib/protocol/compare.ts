import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/**
 * Whether two secrets are equal, in a time that tells nothing about them.
 *
 * Both are hashed first: `timingSafeEqual` needs equal lengths, and comparing lengths would tell one of them.
 */
export const equalSecrets = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
