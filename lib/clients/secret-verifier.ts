import { equalSecrets } from '../protocol/compare';
import type { PresentedClient } from './method';

/**
 * Compares what a client presented with what is kept of it, in each reading of what was sent and in a time that tells nothing.
 *
 * The same work is done for a client that does not exist, whose secret is `undefined` and equal to none.
 */
export const secretVerifier = ({ clientSecret = '', clientSecretAsSent = clientSecret }: PresentedClient) => (expected = ''): boolean => {

    const readings = [clientSecret, clientSecretAsSent].map((secret) => equalSecrets(secret, expected));         // Always both
    return expected !== '' && readings.includes(true);
};
