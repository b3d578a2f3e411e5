import { randomUUID } from 'node:crypto';

import type { SigningKeys } from '../keys/signing-keys';
import { formatScope } from '../protocol/scope';
import type { Confirmation } from './token-type';

/** `typ` of an access token, and of nothing else (RFC 9068 §2.1). */
export const accessTokenTyp = 'at+jwt';

/**
 * Claims that a handler gives an access token (RFC 9068 §2.2).
 *
 * `typ`, `iss`, `iat`, `exp`, `jti`, `client_id`, `cnf`, `flow`, `grant_id` and `exchange_id` are the framework's: what a handler gives for them is not used.
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
    readonly grant_id?: never;
    readonly exchange_id?: never;
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
    /** Whom the token is for where a handler does not say: the issuer when left out. */
    readonly audience?: string | undefined;
    /** The grant the token hangs on; `undefined` where the project keeps its own. */
    readonly grantId?: string | undefined;
    /** The exchange the token came from, if it came from one. */
    readonly exchangeId?: string | undefined;
}

/** The claims of an access token, the framework's and a handler's (RFC 9068 §2.2). */
export const accessTokenPayload = ({ issuer, clientId, flow, ttl, now, confirmation, audience, grantId, exchangeId }: Omit<AccessTokenIssue, 'alg'>, claims: AccessTokenClaims): AccessTokenPayload => {

    const { typ: _typ, ...own } = claims;
    const iat = Math.floor(now / 1000);
    return Object.assign({}, own, {                         // Not { ...own, sub }: V8 adds what follows a spread one by one, each at the price of a digest
        sub: claims.sub ?? clientId,
        aud: claims.aud ?? audience ?? issuer,
        scope: formatScope(claims.scope),
        iss: issuer, iat, exp: iat + ttl, jti: randomUUID(), client_id: clientId, cnf: confirmation, flow, grant_id: grantId, exchange_id: exchangeId
    });
};

/** Signs an access token (RFC 9068 §2). */
export const signAccessToken = async (keys: SigningKeys, issue: AccessTokenIssue, claims: AccessTokenClaims): Promise<JwtAccessToken> => {

    const { token, kid } = await keys.sign('access_token', issue.alg, accessTokenTyp, accessTokenPayload(issue, claims));
    return { token, kid, expiresIn: issue.ttl };
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
    /** The grant that the token hangs on, where the framework keeps grants. */
    readonly grant_id?: string | undefined;
    /** The exchange that the token came from: its client is another one than the grant's. */
    readonly exchange_id?: string | undefined;
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
export const verifyAccessToken = async (keys: SigningKeys, token: string, expected: AccessTokenExpectation): Promise<AccessTokenPayload | null> => {

    const claims = await readAccessToken(keys, token, expected);
    return claims !== null && isFor(claims, expected.audience) ? claims : null;
};

/** The same, whomever the token is for. */
export const readAccessToken = async (keys: SigningKeys, token: string, expected: Omit<AccessTokenExpectation, 'audience'>): Promise<AccessTokenPayload | null> =>
    alivePayload(await keys.verify('access_token', accessTokenTyp, token), expected);

/** Claims that are those of an access token of this issuer, now; `null` for any others. */
export const alivePayload = (claims: Readonly<Record<string, unknown>> | null, expected: Omit<AccessTokenExpectation, 'audience'>): AccessTokenPayload | null =>
    claims !== null && isPayload(claims) && isAlive(claims, expected) ? claims : null;

/** Whether a token is this issuer's and lives now. */
export const isAlive = ({ iss, exp, nbf = 0 }: AccessTokenPayload, { issuer, now }: Omit<AccessTokenExpectation, 'audience'>): boolean =>
    iss === issuer && now < exp * 1000 && now >= nbf * 1000;

/** Whether a token is for an audience. */
export const isFor = ({ aud }: AccessTokenPayload, audience: string): boolean => (typeof aud === 'string' ? aud === audience : aud.includes(audience));

/** Whether claims are those of an access token, of whomever. */
export const isPayload = (claims: Readonly<Record<string, unknown>>): claims is AccessTokenPayload => {

    const { iss, sub, aud, exp, iat, nbf, jti, client_id: clientId, scope, flow, grant_id: grantId, exchange_id: exchangeId } = claims;
    return isText(iss) && isText(sub) && isText(jti) && isText(clientId) && isText(flow) &&
        isNumber(exp) && isNumber(iat) && (nbf === undefined || isNumber(nbf)) &&
        (isText(aud) || Array.isArray(aud) && aud.every(isText)) &&
        isTextOrNone(scope) && isTextOrNone(grantId) && isTextOrNone(exchangeId);
};

const isText = (claim: unknown): boolean => typeof claim === 'string';

const isTextOrNone = (claim: unknown): boolean => claim === undefined || typeof claim === 'string';

const isNumber = (claim: unknown): boolean => typeof claim === 'number';
