import { OAuth2Error } from '../error';
import type { Report } from '../protocol/event';
import type { Target } from '../protocol/resources';
import type { Exchange } from '../stores/exchange';
import type { Grant, Presented } from '../stores/grant';
import type { Store, TokenRecord } from '../stores/store';

/** What a proof works with: the client is authenticated. */
export interface ProofRequest {
    readonly store: Store;
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly clientId: string;
    /** The registered name of the method by which the client authenticated. */
    readonly method: string;
    /** What the request proves possession of. */
    readonly confirmation: Readonly<Record<string, unknown>> | undefined;
    /** The flow that serves the request: it redeems what it issued itself. */
    readonly flow: string;
    /** What this request wants of what was granted; throws `invalid_scope` and `invalid_target`. */
    readonly narrow: (grant: Pick<Grant, 'scopes' | 'resources'>) => Target;
    readonly report: Report;
}

/** What a handler has issued, still to be stored. Times are milliseconds since the epoch. */
export interface Staged {
    readonly tokens: readonly TokenRecord[];
    /** When the last of it expires, signed tokens included: the grant lives until then. */
    readonly expiresAt: number;
    /** The reply as it will be sent. */
    readonly reply: Readonly<Record<string, unknown>>;
}

/** The refresh tokens that a grant has had. Times are milliseconds since the epoch. */
export interface Lineage {
    /** When the last of them ends. */
    readonly absoluteExpiresAt: number;
    /** Whether the client goes on with the one it presented: no other is due. */
    readonly isKept: boolean;
    /** The one that is already there, to be given again. */
    readonly successor: { readonly value: string; readonly expiresAt: number } | null;
}

/** What an exchange adds to the tokens that come from it (RFC 8693). */
export interface ProvenExchange {
    readonly record: Exchange;
    /** When its access token expires at the latest, in seconds since the epoch: the end of the subject token; `null` for a refresh. */
    readonly endsAt: number | null;
    /** Whether a refresh token may be issued. */
    readonly isRefreshable: boolean;
    /** `issued_token_type` of the reply (RFC 8693 §2.2.1); `null` for a refresh, whose reply has none. */
    readonly issuedTokenType: string | null;
}

/** A grant that was proven: what may be issued, and how it is stored. `T` is what was presented. */
export interface Proof<T extends Presented | null> {
    readonly grant: Grant;
    readonly presented: T;
    readonly target: Target;
    /** The `nonce` of the authorization request, for the ID token. */
    readonly nonce: string | null;
    /** `false`: who granted it lets the client have no refresh token, whatever it is registered for. */
    readonly refreshable?: boolean | undefined;
    /** The refresh tokens that the grant has had. */
    readonly lineage: Lineage | null;
    /** The exchange that the tokens come from; left out for those of the grant's own client. */
    readonly exchange?: ProvenExchange | undefined;
    /** Stores what was issued in one call; answers `false` if another request with the same token was faster. */
    readonly settle: (staged: Staged) => Promise<boolean>;
    /** Ends what was opened for a request that failed later on. */
    readonly abandon: () => Promise<void>;
}

/** The one refusal of a code or token, whatever was wrong with it: only the log knows the reason (RFC 6749 §5.2). */
export const invalidGrant = (reason: string): OAuth2Error => new OAuth2Error('invalid_grant', 'The code or token is not valid', { reason });
