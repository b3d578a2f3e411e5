import type { Server } from '@hapi/hapi';

import { isFor, readAccessToken, type AccessTokenPayload } from '../tokens/access-token';
import { accessTokenClaims, resolveRevocable, resolveToken, revokeToken, type RevocableToken, type ResolvedToken, type TokenClaims } from '../tokens/resolve';
import type { AuthorizationServer } from './authorization-server';
import { resolveContext } from './resolve-context';

/** What introspection says about a text: the claims of a live token, or that it is none (RFC 7662 §2.2). */
export type TokenIntrospection = (TokenClaims & { readonly active: true }) | { readonly active: false };

/** `server.oauth2.tokens`: a look at what somebody presents, outside of a route with an auth strategy. The store is asked each time. */
export interface ServerTokens {
    /**
     * The claims of an access token for this server, or for another audience of it; `null` for everything else, a refresh token and a token that is
     * bound to a key too, since nobody has proven the key here. No `validate` handler runs.
     */
    verify(token: string, options?: { readonly audience?: string | undefined }): Promise<AccessTokenPayload | null>;
    /** What a live access or refresh token says, whomever it is for: to look at, not to let somebody in (RFC 7662 §2.2). */
    introspect(token: string): Promise<TokenIntrospection>;
    /** Ends the grant of an access or refresh token, with every code and token on it; answers whether it lived (RFC 7009 §2.1). */
    revoke(token: string): Promise<boolean>;
}

/** What the endpoints and the app's own code find and end tokens with. */
export interface TokenLookup {
    readonly resolve: (value: string) => Promise<ResolvedToken | null>;
    readonly resolveRevocable: (value: string) => Promise<RevocableToken | null>;
    /** Ends the grant of a token; answers whether it lived, and says so in an event if it did. */
    readonly revoke: (token: RevocableToken) => Promise<boolean>;
}

/** The tokens of one server. */
export const tokenLookup = (server: Server, shared: AuthorizationServer): TokenLookup => ({
    resolve: async (value) => await asItsClientKnows(shared, await resolveToken(value, resolveContext(shared))),
    resolveRevocable: async (value) => await resolveRevocable(value, resolveContext(shared)),
    revoke: async (token) => {

        const { kind, grantId, clientId, exchangeId } = token;
        const lived = await revokeToken(shared.store, token);
        if (lived) {
            server.log(['oauth', 'revoked'], { what: kind, grant_id: grantId, client_id: clientId, ...exchangeId === undefined ? {} : { exchange_id: exchangeId } });
        }

        return lived;
    }
});

/** The tokens of a server, for the app's own code. */
export const serverTokens = (shared: AuthorizationServer, lookup: TokenLookup): ServerTokens => {

    const payloadOf = async (token: string): Promise<AccessTokenPayload | null> => (await lookup.resolve(token))?.payload ?? await signedOnly(shared, token);

    return {
        verify: async (token, { audience = shared.audience() } = {}) => {

            const payload = await payloadOf(token);
            return payload !== null && payload.cnf === undefined && isFor(payload, audience) ? payload : null;
        },
        introspect: async (token) => {

            const claims = (await lookup.resolve(token))?.claims ?? describe(await signedOnly(shared, token));
            return claims === null ? { active: false } : { ...claims, active: true };
        },
        revoke: async (token) => {

            const found = await lookup.resolveRevocable(token);
            return found !== null && await lookup.revoke(found);
        }
    };
};

const describe = (payload: AccessTokenPayload | null): TokenClaims | null => (payload === null ? null : accessTokenClaims(payload));

/** The claims of a token of a flow whose handlers prove: it hangs on no grant, so that its signature is all there is to ask. */
const signedOnly = async (shared: AuthorizationServer, token: string): Promise<AccessTokenPayload | null> => {

    const payload = await readAccessToken(shared.keys, token, resolveContext(shared));
    const isOfOne = shared.flows().some(({ name, keepsGrants, useAccessTokenJwks }) => name === payload?.flow && !keepsGrants && useAccessTokenJwks !== false);
    return isOfOne && payload?.grant_id === undefined ? payload : null;
};

/** A refresh token's user is in its grant: its client learns the subject that it knows from the other tokens (OpenID Connect Core §8.1). */
const asItsClientKnows = async (shared: AuthorizationServer, token: ResolvedToken | null): Promise<ResolvedToken | null> => {

    const client = token?.kind === 'refresh_token' ? await shared.findClient(token.clientId) : null;
    return token === null || client === null ? token : { ...token, claims: { ...token.claims, sub: shared.openid.subjectOf(client, String(token.claims.sub)) } };
};
