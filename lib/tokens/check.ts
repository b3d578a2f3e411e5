import type { Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import { hasThreeParts } from '../keys/jws';
import { publicUrl } from '../protocol/issuer';
import { parseScope } from '../protocol/scope';
import type { ReplayMemory } from '../stores/store';
import { isAlive, isFor, isPayload, type AccessTokenPayload } from './access-token';
import type { LiveGrants } from './live-grants';
import type { Confirmation, TokenType, TypedAccessToken } from './token-type';
import type { Validate, ValidatedCredentials } from './validate';
import type { VerifiedTokens } from './verified-tokens';

/** A flow as a strategy sees it. */
export interface TokenIssuingFlow {
    readonly name: string;
    readonly tokenType: TokenType;
    /** `true`: every token is a JWT. `false`: none is. `undefined`: what looks like a JWT has to be one, the rest is for `validate`. */
    readonly useAccessTokenJwks: boolean | undefined;
    readonly validate: Validate | undefined;
    /** Whether each of its tokens hangs on a grant in the store; no other is let through then. */
    readonly keepsGrants: boolean;
}

/** What a strategy checks tokens with. */
export interface StrategyContext {
    /** The signed tokens that it has seen. */
    readonly verified: VerifiedTokens;
    readonly store: ReplayMemory;
    readonly issuer: () => string;
    /** Whom tokens have to be for. */
    readonly audience: () => string;
    /** Whether a token has to say itself whom it is for: a flow's `validate` is not asked about one that says nothing. */
    readonly saysAudience: boolean;
    readonly grants: LiveGrants;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    /** The flows whose tokens the strategy accepts. */
    readonly flows: () => readonly TokenIssuingFlow[];
}

/** What a token opens, for hapi. */
export interface AcceptedToken {
    readonly credentials: Readonly<Record<string, unknown>>;
    readonly payload: AccessTokenPayload | null;
}

/** An access token as a request presents it. */
export interface PresentedToken {
    readonly token: string;
    /** The token type whose scheme the request used. */
    readonly tokenType: TokenType;
}

/**
 * Lets an access token through or throws `invalid_token` (RFC 6750 §3.1).
 *
 * A token that looks like a JWT and does not verify is refused before any `validate` runs, unless the flow said that its tokens are no
 * JWTs: otherwise a handler that forgets to look at the claims would let expired and forged tokens in. A proof of possession comes before
 * `validate` as well; only for a token that says nothing by itself it comes after, once a flow has said that the token is its own.
 */
export const checkAccessToken = async (context: StrategyContext, { token, tokenType }: PresentedToken, request: Request, h: ResponseToolkit): Promise<AcceptedToken> => {

    const flows = context.flows();
    const isJwt = hasThreeParts(token);
    const payload = await payloadOf(context, token, isJwt);
    if (payload !== null) {
        const { flow: name, grant_id: grantId, exchange_id: exchangeId, cnf } = payload;
        const issuing = flows.find((flow) => flow.name === name && flow.tokenType.name === tokenType.name && (flow.useAccessTokenJwks !== false || !isJwt) && flow.keepsGrants === (grantId !== undefined));
        if (issuing !== undefined) {
            if (isJwt && grantId !== undefined && !await context.grants.lives(grantId, exchangeId)) {
                throw new OAuth2Error('invalid_token', 'The access token is not valid here', { reason: 'grant_revoked' });
            }

            await prove(context, issuing, { token, confirmation: cnf }, request);
            const accepted = issuing.validate === undefined ? credentialsOf(payload) : (await ask(issuing.validate, token, payload, request, h))?.credentials;
            if (accepted === undefined) {
                throw notValidHere();
            }

            return { credentials: accepted, payload };
        }
    }

    for (const flow of context.saysAudience ? [] : flows) {
        const { validate, useAccessTokenJwks, keepsGrants } = flow;
        const isSilent = !keepsGrants && (useAccessTokenJwks === false || (useAccessTokenJwks === undefined && !isJwt));
        const accepted = isSilent && validate !== undefined && flow.tokenType.name === tokenType.name ? await ask(validate, token, null, request, h) : null;
        if (accepted !== null) {
            await prove(context, flow, { token, confirmation: accepted.confirmation }, request);
            return { credentials: accepted.credentials, payload: null };
        }
    }

    throw notValidHere();
};

const notValidHere = (): OAuth2Error => new OAuth2Error('invalid_token', 'The access token is not valid here');

/** Throws unless the request proves that it may use the token. */
const prove = ({ clock, issuer, store }: StrategyContext, { tokenType }: TokenIssuingFlow, token: TypedAccessToken, request: Request): void | Promise<void> => {

    // Put together, not resolved: a path that begins with two slashes would name another host
    const proof = { method: request.method.toUpperCase(), url: publicUrl(issuer(), request.path), headers: request.headers };
    return tokenType.verify(proof, token, { now: clock(), store });
};

/** The claims of a token that is for this audience: of a JWT those that were signed, of an opaque token those that are in the store. */
const payloadOf = async ({ verified, clock, issuer, audience, grants, flows }: StrategyContext, token: string, isJwt: boolean): Promise<AccessTokenPayload | null> => {

    const payload = await (isJwt ? verified.claimsOf(token) : storedPayload(grants, flows(), token));
    return payload !== null && isAlive(payload, { issuer: issuer(), now: clock() }) && isFor(payload, audience()) ? payload : null;
};

const storedPayload = async (grants: LiveGrants, flows: readonly TokenIssuingFlow[], token: string): Promise<AccessTokenPayload | null> => {

    const claims = flows.some(({ keepsGrants }) => keepsGrants) ? await grants.claimsOf(token) : null;
    return claims !== null && isPayload(claims) ? claims : null;
};

/** What a flow says of a token that it lets through. */
interface Approval {
    readonly credentials: Readonly<Record<string, unknown>>;
    readonly confirmation: Confirmation | undefined;
}

const ask = async (validate: Validate, token: string, payload: AccessTokenPayload | null, request: Request, h: ResponseToolkit): Promise<Approval | null> => {

    const { isValid, credentials, confirmation } = await validate(request, { token, jwtAccessTokenPayload: payload }, h);
    if (isValid !== true) {
        return null;
    }

    if (credentials !== undefined) {
        return { credentials: withScopeArray(credentials), confirmation };
    }

    return payload === null ? null : { credentials: credentialsOf(payload), confirmation };
};

/** A token stands for a user unless its subject is the client itself (RFC 9068 §2.2). */
const credentialsOf = (claims: AccessTokenPayload): Readonly<Record<string, unknown>> => {

    const { sub, client_id: clientId } = claims;
    const credentials = { scope: parseScope(claims.scope), app: { id: clientId }, claims };
    return sub === clientId ? credentials : Object.assign(credentials, { user: { id: sub } });
};

/** hapi takes a scope that is a string for one name: `'a b'` would then be no scope that any route asks for. */
const withScopeArray = (credentials: ValidatedCredentials): Readonly<Record<string, unknown>> => {

    const scope: unknown = credentials.scope;
    return typeof scope === 'string' ? { ...credentials, scope: parseScope(scope) } : credentials;
};
