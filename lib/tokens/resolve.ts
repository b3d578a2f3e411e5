import type { SigningKeys } from '../keys/signing-keys';
import { formatScope } from '../protocol/scope';
import { readTokenValue } from '../protocol/token-value';
import { endExchange, exchangeIn, exchangeLives, findExchange, heldGrant, type Exchange } from '../stores/exchange';
import { grantOf, type Grant } from '../stores/grant';
import { endOfIdle } from '../stores/idle-life';
import type { FoundToken, GrantRecord, Store } from '../stores/store';
import { Stored } from '../stores/stored';
import { alivePayload, readAccessToken, type AccessTokenPayload } from './access-token';
import type { Confirmation } from './token-type';

/** What introspection says about a token that lives (RFC 7662 §2.2). Times are seconds since the epoch. */
export interface TokenClaims {
    readonly iss: string;
    /** The user, or the client where it acts for itself. */
    readonly sub: string;
    readonly aud: string | readonly string[];
    readonly client_id: string;
    readonly exp: number;
    readonly iat: number;
    readonly scope?: string | undefined;
    /** `Bearer` or `DPoP`, of an access token whose binding is known. */
    readonly token_type?: string | undefined;
    /** What whoever presents it has to prove possession of. */
    readonly cnf?: Confirmation | undefined;
    readonly [claim: string]: unknown;
}

/** A token that lives now, whatever it looks like. */
export interface ResolvedToken {
    readonly kind: 'access_token' | 'refresh_token';
    /** Whom it was issued to. */
    readonly clientId: string;
    readonly grantId: string;
    /** The exchange it came from; left out for a token of the grant's own client. */
    readonly exchangeId?: string | undefined;
    /** The resources it is for. */
    readonly audience: readonly string[];
    /** What introspection says about it. */
    readonly claims: TokenClaims;
    /** The claims of an access token as they were issued; `null` for a refresh token. */
    readonly payload: AccessTokenPayload | null;
}

/** What revocation has to know of a token. */
export type RevocableToken = Pick<ResolvedToken, 'kind' | 'clientId' | 'grantId' | 'exchangeId'>;

/** What tokens are resolved with. */
export interface ResolveContext {
    readonly keys: SigningKeys;
    readonly store: Pick<Store, 'findToken' | 'findGrant' | 'get'>;
    readonly issuer: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
}

/**
 * The live token behind a text: a signed or an opaque access token, or a refresh token. `null` for everything else, such as codes, ID tokens,
 * tokens of another issuer, and those that expired, were used or whose grant is dead. The store is asked each time.
 */
export const resolveToken = async (value: string, context: ResolveContext): Promise<ResolvedToken | null> => {

    const place = readTokenValue(value);
    if (place?.kind === 'refresh_token') {
        const found = await context.store.findToken(place);
        return found === null || found.used ? null : await refreshToken(found, place.key, context);
    }

    const verified = await verifiedAccessToken(value, context);
    return verified && accessToken(verified);
};

/** An access token that lives now, and the grant it hangs on. */
export interface VerifiedAccessToken {
    readonly payload: AccessTokenPayload;
    readonly grant: Grant;
    /** The exchange it came from; `null` for a token of the grant's own client. */
    readonly exchange: Exchange | null;
    /** Whether it is a JWT: otherwise its claims are in the store. */
    readonly isSigned: boolean;
}

/** The live access token behind a text, of whichever client and for whomever: `null` for everything else, a refresh token included. */
export const verifiedAccessToken = async (value: string, context: ResolveContext): Promise<VerifiedAccessToken | null> => {

    const place = readTokenValue(value);
    if (place === null) {
        const payload = await readAccessToken(context.keys, value, context);
        const grant = payload?.grant_id === undefined || payload.exchange_id !== undefined ? null : await context.store.findGrant(payload.grant_id);
        return await verified(payload, grant, true, context);
    }

    const found = place.kind === 'access_token' ? await context.store.findToken(place) : null;
    return found === null || found.used ? null : await verified(alivePayload(found.value, context), found.grant, false, context);
};

/** A token is its grant's client's, or came from an exchange that lives and that names its client. */
const verified = async (payload: AccessTokenPayload | null, own: GrantRecord | null, isSigned: boolean, { store }: ResolveContext): Promise<VerifiedAccessToken | null> => {

    if (payload?.grant_id === undefined) {
        return null;
    }

    const { grant_id: grantId, exchange_id: exchangeId } = payload;
    const { grant, exchange } = exchangeId === undefined ? { grant: own, exchange: null } : await findExchange(store, grantId, exchangeId) ?? { grant: null, exchange: null };
    return grant?.id === grantId && payload.client_id === (exchange ?? grant).clientId ? { payload, grant: grantOf(grant), exchange, isSigned } : null;
};

/** The same for revocation, for which a refresh token that was replaced is as good as its successor: its grant is the same (RFC 7009 §2.1). */
export const resolveRevocable = async (value: string, context: ResolveContext): Promise<RevocableToken | null> => {

    const place = readTokenValue(value);
    if (place?.kind !== 'refresh_token') {
        return await resolveToken(value, context);
    }

    const { grant = null, value: kept = {} } = await context.store.findToken(place) ?? {};
    if (grant === null) {
        return null;
    }

    const exchange = exchangeIn(kept);
    return { kind: place.kind, clientId: (exchange ?? grant).clientId, grantId: grant.id, ...exchangeOf(exchange?.id) };
};

/** Ends what a token hangs on, which is its grant, or the exchange it came from: no client ends the grant of another (ADR 0016). Answers whether it lived. */
export const revokeToken = async (store: Pick<Store, 'findToken' | 'rotate' | 'revokeGrant'>, { grantId, exchangeId }: RevocableToken): Promise<boolean> =>
    (exchangeId === undefined ? await store.revokeGrant(grantId) : await endExchange(store, grantId, exchangeId));

const exchangeOf = (exchangeId: string | undefined): Pick<ResolvedToken, 'exchangeId'> => (exchangeId === undefined ? {} : { exchangeId });

const accessToken = ({ payload, grant }: VerifiedAccessToken): ResolvedToken => {

    return {
        kind: 'access_token',
        clientId: payload.client_id,
        grantId: grant.id,
        ...exchangeOf(payload.exchange_id),
        audience: [payload.aud].flat(),
        claims: accessTokenClaims(payload),
        payload
    };
};

/** What introspection says about an access token: all but what is nobody's but this server's. */
export const accessTokenClaims = ({ flow: _flow, grant_id: _grantId, exchange_id: _exchangeId, ...claims }: AccessTokenPayload): TokenClaims => Object.assign({}, claims, { token_type: typeOf(claims.cnf) });

/** A token that is bound to what we do not know has no type here: it must not pass for one that anybody may use. */
const typeOf = (confirmation: Confirmation | undefined): string | undefined => {

    if (confirmation === undefined || Object.hasOwn(confirmation, 'x5t#S256')) {
        return 'Bearer';                                    // A certificate changes nothing about how a token is sent (RFC 8705 §3)
    }

    return Object.hasOwn(confirmation, 'jkt') ? 'DPoP' : undefined;
};

const refreshToken = async (found: FoundToken, key: string, { issuer, now, store }: ResolveContext): Promise<ResolvedToken | null> => {

    const { grant: record, value } = found;
    if (record === null) {
        return null;
    }

    const expiresAt = await endOfIdle(store, key, { value, expiresAt: Math.min(found.expiresAt, record.expiresAt) }, Infinity);
    if (now >= expiresAt) {
        return null;
    }

    const exchange = exchangeIn(value);
    if (exchange !== null && !await exchangeLives(store, record.id, exchange)) {
        return null;
    }

    const { id, clientId, subject, scopes, resources } = heldGrant(grantOf(record), exchange);
    const stored = new Stored('refresh token', value);
    const binding = stored.text('method') === 'none' ? stored.objectOrNull('confirmation') : null;      // Another client's is protected by its authentication
    return {
        kind: 'refresh_token', clientId,
        grantId: id,
        ...exchangeOf(exchange?.id),
        audience: resources,
        claims: {
            scope: formatScope(scopes),
            client_id: clientId,
            exp: Math.floor(expiresAt / 1000),
            iat: Math.floor(stored.number('issuedAt') / 1000),
            sub: subject ?? clientId,
            aud: resources,
            iss: issuer,
            cnf: binding ?? undefined
        },
        payload: null
    };
};
