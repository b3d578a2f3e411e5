import { sha256 } from '../protocol/digest';

const shortest = 32;

/**
 * What a client record may hold as `client_secret_sha256` instead of a secret: SHA-256 of it, base64url, 43 characters.
 *
 * It serves secrets that were made at random, of 256 bits: one that somebody thought of is found by trying. Throws for a secret of fewer than 32 characters.
 */
export const clientSecretDigest = (secret: string): string => {

    if (typeof secret !== 'string' || secret.length < shortest) {
        throw new Error(`clientSecretDigest() takes a secret of ${shortest} characters or more, which nobody can find by trying: make one with randomBytes(32).toString('base64url')`);
    }

    return sha256(secret);
};

const ofNothing = sha256('');

/** What is wrong with a digest of a client's secret; the last of its characters stands for four bits. */
export const digestProblem = (digest: string): string | undefined => {

    if (!/^[\w-]{42}[AEIMQUYcgkosw048]$/.test(digest)) {
        return 'has to be SHA-256 of the secret in 43 characters of base64url: make it with clientSecretDigest(secret)';
    }

    return digest === ofNothing ? 'is the digest of an empty text, often of an environment variable that is not set' : undefined;
};
