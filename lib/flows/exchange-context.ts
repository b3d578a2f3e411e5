import type { Request } from '@hapi/hapi';

import type { HandlerUtilities } from '../authorization-server/handler-utilities';
import type { Client } from '../clients/client';
import type { ExchangeTokenType } from '../grant-types/token-exchange';
import type { Presented } from '../stores/grant';
import type { StoredValue } from '../stores/store';
import type { AccessTokenPayload } from '../tokens/access-token';
import type { TokenErrorResponse } from '../tokens/response';
import type { RefreshTokenIssuance } from './proven-context';

/** An access token that a client presents for an exchange: it lives, its grant too, and the client may present it. */
export interface ExchangeToken extends Presented<'access_token'> {
    /** The client that it was issued to. */
    readonly clientId: string;
    readonly claims: AccessTokenPayload;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
}

/** What a policy gets: everything that can be proven is proven. Every function may be destructured. */
export interface ExchangePolicyContext extends HandlerUtilities {
    /** The client that exchanges. */
    readonly client: Client;
    /** The user for whom the new token is. */
    readonly subject: string;
    readonly subjectToken: ExchangeToken;
    /** The token of the one who acts; its `subject` is `null` where that is a client. */
    readonly actorToken: ExchangeToken | null;
    /** What the client wants of the subject token's scopes, and may have. */
    readonly scopes: readonly string[];
    /** What the client wants a token for: the subject token's own where it does not say. */
    readonly resources: readonly string[];
    readonly requestedTokenType: ExchangeTokenType;
}

/** What a policy lets happen: `{}` is all that the client wants, and no refresh token. */
export interface ExchangeDecision {
    /** Fewer scopes; names that the client did not want are ignored. */
    readonly scopes?: readonly string[] | undefined;
    /** Fewer resources; those that the client did not want are ignored. */
    readonly resources?: readonly string[] | undefined;
    /** Where no actor token was presented: `'client'` says in `act` that the client acts for the user (RFC 8693 §1.1). Left out, the client passes for the user. */
    readonly actor?: 'client' | undefined;
    /** Whether the client may refresh: beyond the end of the subject token, as long as its grant lives, and no longer than refresh tokens may live from the day of the grant. */
    readonly refreshToken?: boolean | undefined;
    /**
     * Who alone may act when the new token is exchanged in turn: the claim `may_act` (RFC 8693 §4.4), such as `{ client_id: 'stock' }`; `{}` is nobody, and
     * `null` lifts the restriction. Left out, the subject token's holds on.
     */
    readonly mayAct?: StoredValue | null | undefined;
    readonly error?: undefined;
    readonly error_description?: undefined;
}

/** Decides whether a client may exchange: `null` is no (`invalid_request`, RFC 8693 §2.2.2); `{ error }` and an `OAuth2Error` say it in other words. */
export type ExchangePolicy = (ctx: ExchangePolicyContext, request: Request) => ExchangeDecision | TokenErrorResponse | null | Promise<ExchangeDecision | TokenErrorResponse | null>;

/** What an exchange adds to the context of `issueTokens`. */
export interface ExchangeProof extends RefreshTokenIssuance {
    readonly grantType: 'urn:ietf:params:oauth:grant-type:token-exchange';
    /** The subject token. */
    readonly presented: ExchangeToken;
    readonly subject: string;
    /** The actor token; `null` where none was presented. */
    readonly actor: ExchangeToken | null;
    /** The claim `act` of the access token: who acts, and within it who acted before; `null` where nobody does (RFC 8693 §4.1). */
    readonly act: StoredValue | null;
    /** The claim `may_act` of the access token: who alone may act next; `null` where neither the subject token nor the policy says (RFC 8693 §4.4). */
    readonly mayAct: StoredValue | null;
    readonly requestedTokenType: ExchangeTokenType;
}
