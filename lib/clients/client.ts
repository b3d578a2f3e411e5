import type { SigningAlgorithm } from '../protocol/signing-algorithm';
import type { PublicJwk } from './private-key-jwt';

/** The registered name of a client authentication method that a client record may have (RFC 7591 §2, OpenID Connect Core §9). */
export type TokenEndpointAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none';

/** Members of a client record that there may be of in several languages (RFC 7591 §2.2). */
export type LocalizedMember = 'client_name' | 'client_uri' | 'logo_uri' | 'policy_uri' | 'tos_uri';

/**
 * What is known of a client, under the names registered for it (RFC 7591 §2).
 *
 * `undefined` is allowed everywhere, so that `process.env.X` fits; members of your own are added by module augmentation.
 */
export interface ClientMetadata {
    /** 1 to 512 printable ASCII characters. */
    readonly client_id: string;
    /** What the client authenticates with, if its method has a secret. */
    readonly client_secret?: string | undefined;
    /** SHA-256 of a random secret instead of the secret itself, as `clientSecretDigest()` makes it: 43 characters. Not for `client_secret_jwt`, which computes with the secret. */
    readonly client_secret_sha256?: string | undefined;
    readonly client_name?: string | undefined;
    /** Where authorization responses may go: compared letter by letter, but for the port where a native client listens. */
    readonly redirect_uris?: readonly string[] | undefined;
    /** `['authorization_code']` when left out. */
    readonly grant_types?: readonly string[] | undefined;
    /** `['code']`, which is all there is. */
    readonly response_types?: readonly string[] | undefined;
    /** `client_secret_basic` when left out: a client that cannot keep a secret says `none`. */
    readonly token_endpoint_auth_method?: TokenEndpointAuthMethod | undefined;
    /** The one algorithm the client signs its assertions with; any of its method's when left out. */
    readonly token_endpoint_auth_signing_alg?: string | undefined;
    /** The client's public keys. */
    readonly jwks?: { readonly keys: readonly PublicJwk[] } | undefined;
    /** Where the client publishes its public keys, instead of `jwks`: https, and not in this server's own network. */
    readonly jwks_uri?: string | undefined;
    /** The scopes the client may have, with spaces between; what it gets when it asks for none. */
    readonly scope?: string | undefined;
    /** `native` clients may listen on any loopback port (RFC 8252 §7.3). */
    readonly application_type?: 'web' | 'native' | undefined;
    /** `false` exempts a confidential client from PKCE. */
    readonly require_pkce?: boolean | undefined;
    /** `none` lets remembered and implicit consent serve also a client that other programs can pose as (RFC 8252 §8.6). */
    readonly consent?: 'none' | undefined;
    /** Whether the client is the operator's own: with `setConsent('implicit')` its users are not asked. */
    readonly first_party?: boolean | undefined;
    /** Resources whose tokens the client may introspect. */
    readonly resources?: readonly string[] | undefined;
    /** Lets the client's assertions name the token endpoint as audience, as they did before 2025. */
    readonly legacy_assertion_audience?: boolean | undefined;
    /** How long the client's access tokens live, in seconds: no longer than `setTokenTTL()` of its flow, which holds when this is left out. */
    readonly access_token_ttl?: number | undefined;
    /** How long the client's ID tokens live, in seconds: no longer than others. */
    readonly id_token_ttl?: number | undefined;
    /** How long the client's refresh tokens live, in seconds: no longer than `setRefreshTokenTTL()` of its flow says. */
    readonly refresh_token_ttl?: { readonly idle?: number | undefined; readonly absolute?: number | undefined } | undefined;
    /** How long ago a user may have signed in, in seconds (OpenID Connect Registration §2). */
    readonly default_max_age?: number | undefined;
    /** The `acr` values that the client would like, the dearest first (OpenID Connect Registration §2). */
    readonly default_acr_values?: readonly string[] | undefined;
    /** Whether the client relies on `auth_time` in its ID tokens, which all of a user who signed in have (OpenID Connect Registration §2). */
    readonly require_auth_time?: boolean | undefined;
    /** The addresses of the client's request objects (OpenID Connect Registration §2). */
    readonly request_uris?: readonly string[] | undefined;
    /** `pairwise` for subjects of the client's own sector instead of everybody's (OpenID Connect Core §8); needs `setPairwiseSalt()`. */
    readonly subject_type?: 'public' | 'pairwise' | undefined;
    /** Its host is the sector of a pairwise client whose redirect URIs have not one host: https. What is there is not read. */
    readonly sector_identifier_uri?: string | undefined;
    /** The signature algorithm of the client's ID tokens; its flow's when left out. */
    readonly id_token_signed_response_alg?: SigningAlgorithm | undefined;
    /** The signature algorithm of the client's UserInfo replies; left out they are plain JSON. */
    readonly userinfo_signed_response_alg?: SigningAlgorithm | undefined;
    /** The client's home page: https. */
    readonly client_uri?: string | undefined;
    /** A picture of the client: https. */
    readonly logo_uri?: string | undefined;
    /** What the client does with data: https. */
    readonly policy_uri?: string | undefined;
    /** The client's terms of service: https. */
    readonly tos_uri?: string | undefined;
    /** Where a sign-in begins that somebody else asks for: https (OpenID Connect Core §4). */
    readonly initiate_login_uri?: string | undefined;
    /** Where the browser may go after a logout: compared letter by letter (OpenID Connect RP-Initiated Logout §3). */
    readonly post_logout_redirect_uris?: readonly string[] | undefined;
    /** Where the client is told that a user has signed out: https, and not in this server's own network (OpenID Connect Back-Channel Logout §2.2). */
    readonly backchannel_logout_uri?: string | undefined;
    /** Whether the client needs `sid` in what it is told, which is always there. */
    readonly backchannel_logout_session_required?: boolean | undefined;
    /** Which software the client is, the same for all its copies (RFC 7591 §2). */
    readonly software_id?: string | undefined;
    readonly software_version?: string | undefined;
    /** What somebody else says of the software, signed: kept, and not read. */
    readonly software_statement?: string | undefined;
    /** When the client was registered, in seconds since the epoch. */
    readonly client_id_issued_at?: number | undefined;
    /** When its secret ends, in seconds since the epoch by the server's clock; 0, as when left out, is never (RFC 7591 §3.2.1). */
    readonly client_secret_expires_at?: number | undefined;
    /** A name, or an https address, in another language, such as `client_name#de`: texts, which is checked when the server starts (RFC 7591 §2.2). */
    readonly [localized: `${LocalizedMember}#${string}`]: unknown;
    /** How the people behind the client are reached, such as e-mail addresses. */
    readonly contacts?: readonly string[] | undefined;
}

/**
 * Where clients are found: a `Map` is one. A record that it answers is checked before it is used.
 *
 * One that takes longer than 2.5 seconds, or that throws what a driver does when its engine is away, such as `ECONNREFUSED`, is answered 503 with `Retry-After`.
 */
export interface ClientStore {
    /** The record of this very id; `null` or `undefined` for an unknown one. */
    get(clientId: string): ClientMetadata | null | undefined | Promise<ClientMetadata | null | undefined>;
}

/** A client that the framework authenticated: only the framework makes one. */
export interface Client {
    readonly id: string;
    readonly metadata: ClientMetadata;
    /** `true` for a client that registered itself and that nobody has vouched for: the user should be told. */
    readonly unverified?: true | undefined;
}
