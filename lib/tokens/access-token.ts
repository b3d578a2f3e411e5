import { randomUUID } from 'node:crypto';

import type { SigningKeys } from '../keys/signing-keys';
import { formatScope } from '../protocol/scope';
import type { Confirmation } from './token-type';

/** `typ` of an access token, and of nothing else (RFC 9068 §2.1). */
const typ = 'at+jwt';

/**
 * Claims that a handler gives an access token (RFC 9068 §2.2).
 *
 * `typ`, `iss`, `iat`, `exp`, `jti`, `client_id`, `cnf` and `flow` are the framework's: what a handler gives for them is not used.
 */
export interface AccessTokenClaims {
    /** The user; without one the token stands for the client itself. */
    readonly sub?: string | undefined;
    /** The resources the token is for; the issuer when left out. */
    readonly aud?: string | readonly string[] | undefined;
    readonly scope?: string | readonly string[] | undefined;
    readonly typ?: never;
    readonly iss?: never;
    readonly iat?: never;
    readonly exp?: never;
    readonly jti?: never;
    readonly [claim: string]: unknown;
}

/** A signed access token. */
export interface JwtAccessToken {
    readonly token: string;
    /** The key that signed it. */
    readonly kid: string;
    /** Lifetime in seconds. */
    readonly expiresIn: number;
}

/** What the framework puts into every access token. */
export interface AccessTokenIssue {
    readonly issuer: string;
    readonly clientId: string;
    /** The flow that issues, so that its strategy knows its tokens. */
    readonly flow: string;
    readonly alg: string;
    /** Lifetime in seconds. */
    readonly ttl: number;
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly confirmation: Confirmation | undefined;
}

/** Signs an access token (RFC 9068 §2). */
export const signAccessToken = async (keys: SigningKeys, { issuer, clientId, flow, alg, ttl, now, confirmation }: AccessTokenIssue, claims: AccessTokenClaims): Promise<JwtAccessToken> => {

    const { typ: _typ, ...own } = claims;
    const iat = Math.floor(now / 1000);
    const { token, kid } = await keys.sign('access_token', alg, typ, {
        ...own,
        sub: claims.sub ?? clientId,
        aud: claims.aud ?? issuer,
        scope: formatScope(claims.scope),
        iss: issuer, iat, exp: iat + ttl, jti: randomUUID(), client_id: clientId, cnf: confirmation, flow
    });
    return { token, kid, expiresIn: ttl };
};

/** The claims of a verified access token. */
export interface AccessTokenPayload {
    readonly iss: string;
    readonly sub: string;
    readonly aud: string | readonly string[];
    readonly exp: number;
    readonly iat: number;
    /** Not before: only where a handler gave it. */
    readonly nbf?: number | undefined;
    readonly jti: string;
    readonly client_id: string;
    readonly scope?: string | undefined;
    readonly cnf?: Confirmation | undefined;
    /** The name of the flow that issued the token. */
    readonly flow: string;
    readonly [claim: string]: unknown;
}

/** What an access token has to match. */
export interface AccessTokenExpectation {
    readonly issuer: string;
    readonly audience: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
}

/** The claims of an access token that this server signed for this audience and that is still alive; `null` for any other text (RFC 9068 §4). */
export const verifyAccessToken = async (keys: SigningKeys, token: string, { issuer, audience, now }: AccessTokenExpectation): Promise<AccessTokenPayload | null> => {

    const claims = await keys.verify('access_token', typ, token);
    if (claims === null || !isPayload(claims) || claims.iss !== issuer || ![claims.aud].flat().includes(audience)) {
        return null;
    }

    return now < claims.exp * 1000 && now >= (claims.nbf ?? 0) * 1000 ? claims : null;
};

const isPayload = (claims: Readonly<Record<string, unknown>>): claims is AccessTokenPayload => {

    const { iss, sub, aud, exp, iat, nbf, jti, client_id: clientId, scope, flow } = claims;
    return [iss, sub, jti, clientId, flow].every((claim) => typeof claim === 'string') &&
        [exp, iat].every((claim) => typeof claim === 'number') &&
        [aud].flat().every((claim) => typeof claim === 'string') &&
        (nbf === undefined || typeof nbf === 'number') &&
        (scope === undefined || typeof scope === 'string');
};
