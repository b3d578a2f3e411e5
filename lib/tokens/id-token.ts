import { hash, randomUUID } from 'node:crypto';

import type { SigningKeys } from '../keys/signing-keys';

/** The lifetime of an OpenID flow's ID tokens in seconds: they say that somebody signed in, they open nothing. */
export const idTokenLifetime = 3600;

/**
 * Claims that a handler gives an ID token (OpenID Connect Core §2).
 *
 * `typ`, `iss`, `aud`, `iat`, `exp` and `jti` are the framework's: what a handler gives for them is not used.
 */
export interface IdTokenClaims {
    /** The user. */
    readonly sub: string;
    /** The authorization request's `nonce`: always given when one was sent. */
    readonly nonce?: string | undefined;
    /** When the user signed in, in seconds since the epoch. */
    readonly auth_time?: number | undefined;
    readonly acr?: string | undefined;
    readonly amr?: readonly string[] | undefined;
    /** The access token issued beside: becomes `at_hash` (§3.1.3.6) and is not itself put into the ID token. */
    readonly access_token?: string | undefined;
    readonly typ?: never;
    readonly iss?: never;
    readonly aud?: unknown;
    readonly iat?: never;
    readonly exp?: never;
    readonly jti?: never;
    /** Would make it a logout token (OpenID Connect Back-Channel Logout §2.4). */
    readonly events?: never;
    readonly [claim: string]: unknown;
}

/** A signed ID token. */
export interface SignedIdToken {
    readonly token: string;
    /** The key that signed it. */
    readonly kid: string;
}

/** What the framework puts into every ID token. */
export interface IdTokenIssue {
    readonly issuer: string;
    readonly clientId: string;
    readonly alg: string;
    /** Lifetime in seconds. */
    readonly ttl: number;
    /** Milliseconds since the epoch. */
    readonly now: number;
}

/** Signs an ID token. */
export const signIdToken = (keys: SigningKeys, { issuer, clientId, alg, ttl, now }: IdTokenIssue, claims: IdTokenClaims): Promise<SignedIdToken> => {

    const { access_token: accessToken, events: _events, typ: _typ, ...own } = claims;
    const iat = Math.floor(now / 1000);
    return keys.sign('id_token', alg, 'JWT', Object.assign({}, own, {
        at_hash: accessToken === undefined ? undefined : leftHalf(accessToken, alg),
        iss: issuer, aud: clientId, iat, exp: iat + ttl, jti: randomUUID()
    }));
};

/** Whom an ID token that this server issued is about; `null` for any other text. It may have expired: it proves nothing but whom the client means. */
export interface IdTokenHint {
    readonly subject: string;
    /** The clients it was issued to. */
    readonly audience: readonly string[];
    readonly sid: string | undefined;
}

/** Reads an `id_token_hint`: signature and issuer are checked, its age is not (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). */
export const readIdTokenHint = async (keys: SigningKeys, token: string, issuer: string): Promise<IdTokenHint | null> => {

    const claims = await keys.verifyOld('id_token', 'JWT', token);
    if (claims === null || claims.iss !== issuer || claims.events !== undefined) {
        return null;
    }

    const { sub, aud, sid } = claims;
    const audience = [aud].flat().filter((item) => typeof item === 'string');
    return typeof sub === 'string' && audience.length > 0 ? { subject: sub, audience, sid: typeof sid === 'string' ? sid : undefined } : null;
};

/** The left half of a token's hash, by the hash of the signature algorithm; SHA-512 goes with Ed25519 (OpenID Connect Core §3.1.3.6). */
const leftHalf = (token: string, alg: string): string => {

    const [bits = '512'] = /(?<=S)\d{3}$/.exec(alg) ?? [];
    const digest = hash(`sha${bits}`, token, 'buffer');
    return digest.subarray(0, digest.length / 2).toString('base64url');
};
