import { randomBytes } from 'node:crypto';

/** A value that nobody can guess: 256 random bits, 43 characters of base64url. */
export const randomValue = (): string => randomBytes(32).toString('base64url');
