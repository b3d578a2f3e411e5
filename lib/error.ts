import { boomify, isBoom, type Boom, type Output } from '@hapi/boom';

/**
 * Every error code and its HTTP status: RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 8628 §3.5, RFC 8707 §2, RFC 9449 §5,
 * RFC 7591 §3.2.2, OpenID Connect Core §3.1.2.6, OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
 */
const statuses = {
    invalid_request: 400,
    invalid_client: 401,
    invalid_grant: 400,
    unauthorized_client: 400,
    unsupported_grant_type: 400,
    unsupported_response_type: 400,
    invalid_scope: 400,
    invalid_target: 400,
    access_denied: 400,
    authorization_pending: 400,
    slow_down: 400,
    expired_token: 400,
    invalid_token: 401,
    insufficient_scope: 403,
    invalid_dpop_proof: 400,
    use_dpop_nonce: 400,
    login_required: 400,
    consent_required: 400,
    interaction_required: 400,
    account_selection_required: 400,
    unmet_authentication_requirements: 400,
    request_not_supported: 400,
    request_uri_not_supported: 400,
    registration_not_supported: 400,
    invalid_client_metadata: 400,
    invalid_redirect_uri: 400,
    server_error: 500,
    temporarily_unavailable: 503
} as const;

/** An error code that a client of this server may read. @useDeclaredType */
export type OAuth2ErrorCode = keyof typeof statuses;

/** The codes as constants, so that a handler can write `OAuth2ErrorCode.INVALID_CLIENT`. */
export const OAuth2ErrorCode = {
    INVALID_REQUEST: 'invalid_request',
    INVALID_CLIENT: 'invalid_client',
    INVALID_GRANT: 'invalid_grant',
    UNAUTHORIZED_CLIENT: 'unauthorized_client',
    UNSUPPORTED_GRANT_TYPE: 'unsupported_grant_type',
    UNSUPPORTED_RESPONSE_TYPE: 'unsupported_response_type',
    INVALID_SCOPE: 'invalid_scope',
    INVALID_TARGET: 'invalid_target',
    ACCESS_DENIED: 'access_denied',
    AUTHORIZATION_PENDING: 'authorization_pending',
    SLOW_DOWN: 'slow_down',
    EXPIRED_TOKEN: 'expired_token',
    INVALID_TOKEN: 'invalid_token',
    INSUFFICIENT_SCOPE: 'insufficient_scope',
    INVALID_DPOP_PROOF: 'invalid_dpop_proof',
    USE_DPOP_NONCE: 'use_dpop_nonce',
    LOGIN_REQUIRED: 'login_required',
    CONSENT_REQUIRED: 'consent_required',
    INTERACTION_REQUIRED: 'interaction_required',
    ACCOUNT_SELECTION_REQUIRED: 'account_selection_required',
    UNMET_AUTHENTICATION_REQUIREMENTS: 'unmet_authentication_requirements',
    REQUEST_NOT_SUPPORTED: 'request_not_supported',
    REQUEST_URI_NOT_SUPPORTED: 'request_uri_not_supported',
    REGISTRATION_NOT_SUPPORTED: 'registration_not_supported',
    INVALID_CLIENT_METADATA: 'invalid_client_metadata',
    INVALID_REDIRECT_URI: 'invalid_redirect_uri',
    SERVER_ERROR: 'server_error',
    TEMPORARILY_UNAVAILABLE: 'temporarily_unavailable'
} as const satisfies Record<Uppercase<OAuth2ErrorCode>, OAuth2ErrorCode>;

/** What an {@link OAuth2Error} may carry beside its code and description. */
export interface OAuth2ErrorOptions {
    /** A stable word for the request log; never sent. The code when left out. */
    readonly reason?: string | undefined;
    /** What was thrown underneath, for the log; never sent. */
    readonly cause?: unknown;
    /** The HTTP status, where the situation asks for another one than the code's own. */
    readonly statusCode?: number | undefined;
    /** Headers of the response. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A refusal that the client reads as `{ error, error_description }` (RFC 6749 §5.2).
 *
 * Throw it from any handler. The description is public: it keeps to the characters of RFC 6749 §5.2, others are replaced.
 */
export class OAuth2Error extends Error {                    // Not `extends Boom`: its constructor returns another object

    override readonly name = 'OAuth2Error';

    /** The error code of the wire. */
    readonly code: OAuth2ErrorCode;

    /** A stable word for the request log; never sent. */
    readonly reason: string;

    /** How hapi renders the error. */
    declare readonly output: Output;

    readonly #made: Output;

    constructor(code: OAuth2ErrorCode, description?: string, options: OAuth2ErrorOptions = {}) {

        super(description || code, { cause: options.cause });
        this.code = code;
        this.reason = options.reason ?? code;
        boomify(this, { statusCode: options.statusCode ?? statuses[code] });
        Object.assign(this.output, {
            headers: { ...code === 'temporarily_unavailable' ? { 'retry-after': '5' } : {}, ...options.headers },
            payload: { error: code, ...(description ? { error_description: printable(description) } : {}) }
        });
        this.#made = structuredClone(this.output);
    }

    /** @internal The output as it was made: what hapi renders is changed on the way out, and an app may throw one object again. */
    get made(): Output {

        return structuredClone(this.#made);
    }

    /** The error a client may see instead of `error`: itself if it is one of ours, else one that says nothing of what was thrown. */
    static from(error: Boom | OAuth2Error): OAuth2Error {

        if (error instanceof OAuth2Error) {
            return error;
        }

        const { statusCode, headers } = error.output;
        const options = { cause: error, statusCode, headers: headersOf(headers, ['allow', 'retry-after']) };
        if (statusCode === 429 || statusCode === 503) {
            return new OAuth2Error('temporarily_unavailable', 'Try again later', options);
        }

        return statusCode < 500 ?
            new OAuth2Error('invalid_request', descriptions[statusCode], options) :
            new OAuth2Error('server_error', 'The server could not answer this request', { cause: error });
    }
}

/** Whether a value is a code of the table: handlers in plain JavaScript may return anything. */
export const isErrorCode = (value: unknown): value is OAuth2ErrorCode => typeof value === 'string' && Object.hasOwn(statuses, value);

/** What a handler that returned `{ error, error_description }` refuses with, or an error instead of throwing it; `null` for any other result. */
export const refusalIn = (result: unknown): OAuth2Error | null => {

    if (result instanceof OAuth2Error) {
        return result;
    }

    if (typeof result !== 'object' || result === null || !('error' in result) || !isErrorCode(result.error)) {
        return null;
    }

    const description = 'error_description' in result && typeof result.error_description === 'string' ? result.error_description : undefined;
    return new OAuth2Error(result.error, description, { reason: 'handler_refused' });
};

/** hapi's response of a failed request, typed as Boom. */
export const isFailure = (response: unknown): response is Boom => response instanceof Error && isBoom(response);

const descriptions: Readonly<Record<number, string>> = {
    404: 'There is nothing here',
    405: 'This endpoint does not take this HTTP method',
    413: 'The request body is too large'
};

const headersOf = (headers: Output['headers'], kept: readonly string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name.toLowerCase())).map(([name, value]) => [name.toLowerCase(), String(value)]));

/**
 * The answer of a project's handler. A Boom that it throws is meant for hapi, and its status, text and headers would reach the client: it
 * is a failure like any other.
 */
export const answerOf = async <T>(handle: () => T | Promise<T>): Promise<T> => {

    try {
        return await handle();
    }
    catch (err) {
        if (err instanceof OAuth2Error || !isFailure(err)) {
            throw err;
        }

        throw new Error('A handler threw a Boom, which is no answer here: throw an OAuth2Error, or return { error }', { cause: err });
    }
};

/** `error_description` allows %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2). */
const printable = (text: string): string => text.replace(/["\\]/g, '\'').replace(/[^\x20-\x7e]/g, '?');
