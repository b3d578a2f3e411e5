import { OAuth2Error, refusalIn, type OAuth2ErrorCode } from '../error';
import { formatScope } from '../protocol/scope';

/** The reply of the token endpoint (RFC 6749 §5.1): `null`, `undefined` and empty members are left out, any other member reaches the client. */
export interface TokenResponse {
    access_token: string;
    /** The flow's token type when left out. */
    token_type?: string | undefined;
    /** Lifetime of the access token in seconds. */
    expires_in?: number | undefined;
    refresh_token?: string | null | undefined;
    id_token?: string | null | undefined;
    scope?: string | undefined;
    [member: string]: unknown;
}

/** A refusal as a handler may return it. */
export interface TokenErrorResponse {
    error: OAuth2ErrorCode;
    /** Read by the client's developer; nothing secret. */
    error_description?: string | undefined;
}

/** What a handler that proves returns; `null` stands for `invalid_request`. */
export type TokenResult = OAuth2TokenResponse | TokenResponse | TokenErrorResponse | null;

/**
 * The reply of the token endpoint, built member by member.
 *
 * @example
 * new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope('openid email')
 */
export class OAuth2TokenResponse {

    readonly #body: TokenResponse;

    /** From the members that are known already: at least the access token. */
    constructor(body: TokenResponse) {

        this.#body = { ...body };
    }

    /** Lifetime of the access token in seconds. */
    setExpiresIn(seconds: number): this {

        this.#body.expires_in = seconds;
        return this;
    }

    /** How the client presents the access token: `ctx.tokenType` (RFC 6749 §7.1). */
    setTokenType(tokenType: string): this {

        this.#body.token_type = tokenType;
        return this;
    }

    /** The granted scope: a string of names with spaces between, or an array of names. */
    setScope(scope: string | readonly string[] | undefined): this {

        this.#body.scope = formatScope(scope);
        return this;
    }

    /** What the client refreshes with; nothing for `null` and `undefined` (RFC 6749 §6). */
    setRefreshToken(refreshToken: string | null | undefined): this {

        this.#body.refresh_token = refreshToken;
        return this;
    }

    /** Who the user is; nothing for `null` and `undefined` (OpenID Connect Core §3.1.3.3). */
    setIdToken(idToken: string | null | undefined): this {

        this.#body.id_token = idToken;
        return this;
    }

    /** The members as they are sent. */
    toJSON(): TokenResponse {

        return { ...this.#body };
    }
}

/** The members that go to the client of a handler that proves, whose `null` is `invalid_request`; throws what a refusal says, and `server_error` for a value that is no reply at all. */
export const tokenReply = (result: unknown, tokenType: string): Readonly<Record<string, unknown>> => {

    if (result === null) {
        throw new OAuth2Error('invalid_request', 'The request was not accepted', { reason: 'handler_returned_null' });
    }

    return replyOf(result, tokenType, ', { error }, or null');
};

/** The same for a handler after whom nothing is left to prove: its `null` says nothing. */
export const provenTokenReply = (result: unknown, tokenType: string): Readonly<Record<string, unknown>> => replyOf(result, tokenType, ' or { error }');

const replyOf = (result: unknown, tokenType: string, orElse: string): Readonly<Record<string, unknown>> => {

    const unusable = (what: string): OAuth2Error => new OAuth2Error('server_error', 'The server could not answer this request', {
        reason: 'handler_returned_nonsense',
        cause: new Error(`A token handler returned ${what}: return an OAuth2TokenResponse, a plain token response${orElse}`)
    });

    if (typeof result !== 'object' || result === null) {
        throw unusable('nothing');
    }

    if (result instanceof OAuth2Error) {
        throw result;
    }

    const body = result instanceof OAuth2TokenResponse ? result.toJSON() : result;
    const members: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined && value !== ''));
    if (members.error !== undefined) {
        throw refusalIn(members) ?? unusable('an error code that does not exist');
    }

    if (typeof members.access_token !== 'string') {
        throw unusable('no access_token');
    }

    return { token_type: tokenType, ...members };
};
