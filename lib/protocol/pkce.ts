import { OAuth2Error } from '../error';
import { equalDigests } from './compare';
import { sha256 } from './digest';

/** 43 to 128 unreserved characters (RFC 7636 §4.1). */
const verifier = /^[A-Za-z0-9\-._~]{43,128}$/;

/** The base64url of a SHA-256 digest (RFC 7636 §4.2). */
const challenge = /^[A-Za-z0-9_-]{43}$/;

/** Whether a verifier belongs to a challenge, in constant time; false when either is missing (S256, RFC 7636 §4.6). */
export const verifyCodeVerifier = (codeVerifier?: string, codeChallenge?: string): boolean => {

    if (codeVerifier === undefined || codeChallenge === undefined || !verifier.test(codeVerifier)) {
        return false;
    }

    return equalDigests(sha256(codeVerifier), codeChallenge);
};

/** What a client sent as its challenge. */
export interface CodeChallenge {
    readonly codeChallenge: string | undefined;
    readonly codeChallengeMethod: 'S256' | undefined;
}

/**
 * Checks a challenge; throws `invalid_request` unless it is a well-formed S256 one, or absent where that is allowed.
 *
 * `plain` is refused, also as the default that a missing method stands for: it protects nothing once the request is read
 * (RFC 7636 §4.3, RFC 9700 §2.1.1).
 */
export const checkCodeChallenge = (codeChallenge: string | undefined, method: string | undefined, required: boolean): CodeChallenge => {

    if (codeChallenge === undefined) {
        if (required || method !== undefined) {
            throw new OAuth2Error('invalid_request', 'PKCE is required: send code_challenge with code_challenge_method=S256', { reason: 'pkce_missing' });
        }

        return { codeChallenge: undefined, codeChallengeMethod: undefined };
    }

    if (method !== 'S256') {
        throw new OAuth2Error('invalid_request', 'code_challenge_method must be S256', { reason: 'pkce_method' });
    }

    if (!challenge.test(codeChallenge)) {
        throw new OAuth2Error('invalid_request', 'code_challenge is not the base64url of a SHA-256 digest', { reason: 'pkce_malformed' });
    }

    return { codeChallenge, codeChallengeMethod: 'S256' };
};
