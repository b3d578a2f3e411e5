import type { ReplayMemory } from '../stores/store';

/** The part of a request that a proof of possession is about (RFC 9449 §4.2). */
export interface TokenTypeRequest {
    readonly method: string;
    /** The public URL of the request: the issuer's origin and the path, without query and fragment. */
    readonly url: string;
    readonly headers: Readonly<Record<string, unknown>>;
}

/** What a token type may need beside the request. */
export interface TokenTypeContext {
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Where used proofs are remembered. */
    readonly store: ReplayMemory;
}

/** What a token is bound to: the `cnf` claim (RFC 7800 §3.1), such as `{ jkt }` or `{ 'x5t#S256' }`. */
export type Confirmation = Readonly<Record<string, unknown>>;

/** An access token at a protected route. */
export interface TypedAccessToken {
    readonly token: string;
    /** The `cnf` claim of a verified token; `undefined` for a token that is bound to nothing. */
    readonly confirmation: Confirmation | undefined;
}

/**
 * How access tokens are bound and presented (RFC 6749 §7.1).
 *
 * A bearer token is bound to nothing. A proof-of-possession type such as DPoP reads a proof from the request in both places; it refuses
 * by throwing an `OAuth2Error`, whose code ends up in the challenge.
 */
export interface TokenType {
    /** `token_type` of responses, and the scheme of the `Authorization` header. */
    readonly name: string;
    /** Further parameters of a challenge, such as DPoP's `algs` (RFC 9449 §7.1). */
    readonly challenge?: Readonly<Record<string, string>> | undefined;
    /** Members of the metadata document, such as `dpop_signing_alg_values_supported` (RFC 9449 §5.1). */
    readonly metadata?: Readonly<Record<string, unknown>> | undefined;
    /** At the token endpoint: what the request proves, for the tokens to be bound to; `undefined` for nothing. */
    bind(request: TokenTypeRequest, context: TokenTypeContext): Confirmation | undefined | Promise<Confirmation | undefined>;
    /** At a protected route: throws unless this request may use this token. */
    verify(request: TokenTypeRequest, token: TypedAccessToken, context: TokenTypeContext): void | Promise<void>;
}
