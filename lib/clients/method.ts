import { OAuth2Error } from '../error';
import type { Form } from '../protocol/form';
import type { ReplayMemory } from '../stores/store';
import type { ClientCredential } from './credential';

/** A client as a request presents it. A signed assertion is verified; a secret is not: whoever knows the client compares it. */
export interface PresentedClient {
    readonly clientId: string;
    /** The registered name of the method that was used, such as `client_secret_basic`. */
    readonly method: string;
    /** The presented secret; `undefined` when the method has none. */
    readonly clientSecret: string | undefined;
    /** Another reading of the same secret: some clients do not encode what they send in Basic. */
    readonly clientSecretAsSent?: string | undefined;
}

/** What a method may need beside the request. */
export interface ClientAuthenticationContext {
    /** The issuer identifier, which is the only audience of an assertion. */
    readonly issuer: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
    /** Where used `jti`s are remembered. */
    readonly store: ReplayMemory;
    readonly form: Form;
    readonly headers: Readonly<Record<string, unknown>>;
}

/** One way in which a client authenticates (RFC 6749 §2.3); a value, so that a project can add its own. */
export interface ClientAuthenticationMethod {
    /** The name registered with IANA for `token_endpoint_auth_method`. */
    readonly method: string;
    /** Signature algorithms to advertise, for methods that have them. */
    readonly algorithms?: readonly string[] | undefined;
    /** What is still to be set, as a sentence; registration is refused with it. */
    readonly incomplete?: string | undefined;
    /** The client that this credential presents, or `null` if it is of another method; throws `invalid_client` if it is bad. */
    present(credential: ClientCredential, context: ClientAuthenticationContext): PresentedClient | null | Promise<PresentedClient | null>;
}

/** The one refusal of a client, whatever was wrong: only the log knows the reason (RFC 6749 §5.2). */
export const invalidClient = (reason: string, cause?: unknown): OAuth2Error => new OAuth2Error('invalid_client', 'Client authentication failed', { reason, cause });
