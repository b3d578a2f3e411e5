import { equalDigests } from '../protocol/compare';
import { sha256 } from '../protocol/digest';
import type { PresentedClient } from './method';

/**
 * Compares what a client presented with what is kept of it, the secret itself or its digest, in each reading of what was sent and in a time
 * that tells nothing.
 *
 * The same work is done for a client that does not exist, whose secret is `undefined` and equal to none.
 */
export const secretVerifier = ({ clientSecret = '', clientSecretAsSent = clientSecret }: PresentedClient) => (expected = '', expectedDigest?: string): boolean => {

    const digest = sha256(expected);                                                                      // Always, also where there is a digest
    const kept = expectedDigest ?? digest;
    const isDecoded = equalDigests(kept, sha256(clientSecret));
    const isAsSent = clientSecretAsSent === clientSecret ? isDecoded : equalDigests(kept, sha256(clientSecretAsSent));         // Always both, where there are two: the sender knows that
    return (expected !== '' || expectedDigest !== undefined) && (isDecoded || isAsSent);
};
