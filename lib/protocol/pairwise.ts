import { createHmac } from 'node:crypto';

import { deriveKey } from './seal';

/** Fewer characters could be guessed, whatever they are: who knows the salt can tell which users two clients share. */
const shortest = 32;

/** Whether a value can be the salt of pairwise subjects. */
export const isPairwiseSalt = (salt: unknown): salt is string => typeof salt === 'string' && salt.length >= shortest;

/**
 * The subject by which the clients of one sector know a user: 43 characters of base64url, the same each time, and without the salt of no use for
 * anybody who knows another sector's (OpenID Connect Core §8.1).
 */
export const pairwiseSubject = (salt: string, sector: string, subject: string): string =>
    createHmac('sha256', deriveKey(salt, 'pairwise subject')).update(JSON.stringify([sector, subject])).digest('base64url');
