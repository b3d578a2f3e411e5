import { createHash, timingSafeEqual } from 'node:crypto';

import type { PresentedClient } from './method';

/** What is kept of a secret with 256 bits of its own: SHA-256 as base64url. */
export const secretDigest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/**
 * Compares what a client presented with what is kept of it, the secret itself or its digest, in each reading of what was sent and in a time
 * that tells nothing.
 *
 * The same work is done for a client that does not exist, whose secret is `undefined` and equal to none.
 */
export const secretVerifier = ({ clientSecret = '', clientSecretAsSent = clientSecret }: PresentedClient) => (expected = '', expectedDigest?: string): boolean => {

    const digest = secretDigest(expected);                                                                      // Always, also where there is a digest
    const kept = Buffer.from(expectedDigest ?? digest);
    const readings = [clientSecret, clientSecretAsSent].map((secret) => equalDigests(kept, Buffer.from(secretDigest(secret))));         // Always both
    return (expected !== '' || expectedDigest !== undefined) && readings.includes(true);
};

/** Digests have one length; what a store made of one may have another, and is equal to none. */
const equalDigests = (kept: Buffer, presented: Buffer): boolean => kept.length === presented.length && timingSafeEqual(kept, presented);
