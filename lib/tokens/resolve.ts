import type { SigningKeys } from '../keys/signing-keys';
import { formatScope } from '../protocol/scope';
import { readTokenValue } from '../protocol/token-value';
import { grantOf } from '../stores/grant';
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
    /** The resources it is for. */
    readonly audience: readonly string[];
    /** What introspection says about it. */
    readonly claims: TokenClaims;
    /** The claims of an access token as they were issued; `null` for a refresh token. */
    readonly payload: AccessTokenPayload | null;
}

/** An access token that lives now: what it says, and the grant it hangs on. */
export interface LiveAccessToken {
    readonly payload: AccessTokenPayload;
    readonly grant: GrantRecord;
}

/** What revocation has to know of a token. */
export type RevocableToken = Pick<ResolvedToken, 'kind' | 'clientId' | 'grantId'>;

/** What tokens are resolved with. */
export interface ResolveContext {
    readonly keys: SigningKeys;
    readonly store: Pick<Store, 'findToken' | 'findGrant'>;
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
    if (place?.kind !== 'refresh_token') {
        return described(await resolveAccessToken(value, context));
    }

    const found = await context.store.findToken(place);
    return found === null || found.used ? null : refreshToken(found, context);
};

/** The same for access tokens alone, signed or opaque; codes are nobody's to look at (RFC 7662 §2.1). */
export const resolveAccessToken = async (value: string, context: ResolveContext): Promise<LiveAccessToken | null> => {

    const place = readTokenValue(value);
    if (place === null) {
        const payload = await readAccessToken(context.keys, value, context);
        return live(payload, payload?.grant_id === undefined ? null : await context.store.findGrant(payload.grant_id));
    }

    const found = place.kind === 'access_token' ? await context.store.findToken(place) : null;
    return found === null || found.used ? null : live(alivePayload(found.value, context), found.grant);
};

/** The same for revocation, for which a refresh token that was replaced is as good as its successor: its grant is the same (RFC 7009 §2.1). */
export const resolveRevocable = async (value: string, context: ResolveContext): Promise<RevocableToken | null> => {

    const place = readTokenValue(value);
    if (place?.kind !== 'refresh_token') {
        return await resolveToken(value, context);
    }

    const { grant = null } = await context.store.findToken(place) ?? {};
    return grant === null ? null : { kind: place.kind, clientId: grant.clientId, grantId: grant.id };
};

const live = (payload: AccessTokenPayload | null, grant: GrantRecord | null): LiveAccessToken | null =>
    (payload === null || grant === null || payload.grant_id !== grant.id || payload.client_id !== grant.clientId ? null : { payload, grant });

const described = (token: LiveAccessToken | null): ResolvedToken | null => {

    if (token === null) {
        return null;
    }

    const { payload, grant } = token;
    return {
        kind: 'access_token',
        clientId: grant.clientId,
        grantId: grant.id,
        audience: [payload.aud].flat(),
        claims: accessTokenClaims(payload),
        payload
    };
};

/** What introspection says about an access token: all but what is nobody's but this server's. */
export const accessTokenClaims = ({ flow: _flow, grant_id: _grantId, ...claims }: AccessTokenPayload): TokenClaims => ({ ...claims, token_type: typeOf(claims.cnf) });

/** A token that is bound to what we do not know has no type here: it must not pass for one that anybody may use. */
const typeOf = (confirmation: Confirmation | undefined): string | undefined => {

    if (confirmation === undefined || Object.hasOwn(confirmation, 'x5t#S256')) {
        return 'Bearer';                                    // A certificate changes nothing about how a token is sent (RFC 8705 §3)
    }

    return Object.hasOwn(confirmation, 'jkt') ? 'DPoP' : undefined;
};

const refreshToken = ({ grant: record, value, expiresAt }: FoundToken, { issuer, now }: ResolveContext): ResolvedToken | null => {

    if (record === null || now >= expiresAt) {
        return null;
    }

    const { id, clientId, subject, scopes, resources } = grantOf(record);
    const stored = new Stored('refresh token', value);
    const binding = stored.text('method') === 'none' ? stored.objectOrNull('confirmation') : null;      // Another client's is protected by its authentication
    return {
        kind: 'refresh_token', clientId,
        grantId: id,
        audience: resources,
        claims: {
            scope: formatScope(scopes),
            client_id: clientId,
            exp: Math.floor(Math.min(expiresAt, record.expiresAt) / 1000),         // One that its client keeps ends with its grant
            iat: Math.floor(stored.number('issuedAt') / 1000),
            sub: subject ?? clientId,
            aud: resources,
            iss: issuer,
            cnf: binding ?? undefined
        },
        payload: null
    };
};
