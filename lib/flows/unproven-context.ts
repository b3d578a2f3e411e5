import type { Request, ResponseToolkit } from '@hapi/hapi';

import type { AccessTokenClaims, JwtAccessToken } from '../tokens/access-token';
import type { IdTokenClaims, SignedIdToken } from '../tokens/id-token';
import type { TokenResult } from '../tokens/response';
import type { Confirmation } from '../tokens/token-type';

/**
 * What `generateToken` gets: what the client *sent*. Its form is checked and a signed assertion is verified; whether to believe a secret,
 * a code or a token is the handler's to decide. Every function may be destructured.
 */
export interface UnprovenTokenContext {
    readonly grantType: string;
    readonly clientId: string;
    /** The secret the client presented; compare it with `verifyClientSecret`. */
    readonly clientSecret: string | undefined;
    /** The registered name of the method the client used. The two `_jwt` methods are verified; `none` proves nothing. */
    readonly clientAuthenticationMethod: string;
    /** Whether the presented secret is this one, in constant time; false when either is missing. */
    readonly verifyClientSecret: (expected?: string) => boolean;
    /** Lifetime of an access token in seconds, as `setTokenTTL()` says. */
    readonly ttl: number;
    /** `token_type` of the response. */
    readonly tokenType: string;
    /** The requested scope; each name is one that the flow declared, if it declared any. */
    readonly scope: string | undefined;
    /** The resources the client wants a token for (RFC 8707 §2). */
    readonly resource: readonly string[];
    /** What the request's proof of possession binds tokens to; JWT access tokens carry it by themselves. */
    readonly confirmation: Confirmation | undefined;
    /** Signs an access token for this client (RFC 9068); without `sub` it stands for the client itself. */
    readonly createJwtAccessToken: (claims?: AccessTokenClaims) => Promise<JwtAccessToken>;
    /** Signs an ID token for this client (OpenID Connect Core §2); `access_token` becomes `at_hash`. */
    readonly createIdToken: (claims: IdTokenClaims) => Promise<SignedIdToken>;
}

/** A handler that verifies and issues: `P` is what its grant type `N` reads. */
export type GenerateToken<P extends object, N extends string = string> = (ctx: UnprovenTokenContext & { readonly grantType: N } & P, request: Request, h: ResponseToolkit) => TokenResult | Promise<TokenResult>;
