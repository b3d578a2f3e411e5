import type { Request, ResponseToolkit } from '@hapi/hapi';

import type { HandlerUtilities } from '../authorization-server/handler-utilities';
import type { Client } from '../clients/client';
import type { ExtraParameters } from '../endpoints/authenticate-user';
import type { Grant, Presented } from '../stores/grant';
import type { OAuth2TokenResponse, TokenErrorResponse, TokenResponse } from '../tokens/response';

/** Claims ready to issue: fresh and mutable; a member of your own is just another claim. Times are in seconds since the epoch. */
export interface AccessTokenData {
    sub: string;
    client_id: string;
    /** May be narrowed, not widened. */
    aud: string | string[];
    /** May be narrowed, not widened. */
    scope: string;
    exp: number;
    [claim: string]: unknown;
}

/** A refresh token ready to issue. */
export interface RefreshTokenData {
    /** When it has been idle for too long; never later than the end of its lineage. */
    exp: number;
    [member: string]: unknown;
}

/** An ID token ready to issue. */
export interface IdTokenData {
    sub: string;
    aud: string;
    exp: number;
    nonce?: string | undefined;
    [claim: string]: unknown;
}

/** A grant ready to be stored. */
export interface GrantData {
    /** May be narrowed, not widened. */
    scopes: string[];
    /** May be narrowed, not widened. */
    resources: string[];
    [member: string]: unknown;
}

/** A code ready to issue. */
export interface CodeData {
    exp: number;
    [member: string]: unknown;
}

/** Serialises one kind and stages its record. `null` in, `null` out: what is not due needs no branch in a handler. */
export interface Issuer<D, R = string> {
    issue(data: D): Promise<R>;
    issue(data: D | null): Promise<R | null>;
}

/** What every level-2 token handler gets: the client is authenticated, its grant proven. Every function may be destructured. */
export interface ProvenTokenContext extends HandlerUtilities {
    readonly grantType: string;
    readonly client: Client;
    readonly grant: Grant;
    /** The scopes of this access token. */
    readonly scopes: readonly string[];
    /** The resources this access token is for. */
    readonly resources: readonly string[];
    readonly getDefaultAccessTokenData: () => AccessTokenData;
    readonly accessTokenIssuer: Issuer<AccessTokenData>;
    /** The complete reply: of what the handler has issued already, and of what is still due. However often it is called, each kind is issued once. */
    readonly defaultResponse: () => Promise<TokenResponse>;
}

/** What a flow adds that can be refreshed. */
export interface RefreshTokenIssuance {
    /** `null`: not due for this request. */
    readonly getDefaultRefreshTokenData: () => RefreshTokenData | null;
    readonly refreshTokenIssuer: Issuer<RefreshTokenData>;
}

/** What an OpenID Connect flow adds. */
export interface IdTokenIssuance {
    /** `null`: not due for this request. */
    readonly getDefaultIdTokenData: () => IdTokenData | null;
    readonly idTokenIssuer: Issuer<IdTokenData>;
}

/** The grant type by which a client presents each code and token of a user. */
export interface PresentingGrantTypes {
    readonly authorization_code: 'authorization_code';
    readonly refresh_token: 'refresh_token';
    readonly device_code: 'urn:ietf:params:oauth:grant-type:device_code';
}

/** A proof for which the client presented nothing but itself. */
export interface ClientProof {
    readonly grantType: 'client_credentials';
    readonly presented: null;
    readonly subject: null;
}

/** A proof for which the client presented a code or token of a user. */
export interface PresentedProof<T extends keyof PresentingGrantTypes> extends RefreshTokenIssuance {
    readonly grantType: PresentingGrantTypes[T];
    readonly presented: Presented<T>;
    readonly subject: string;
}

/** A handler that issues after the framework has proven. `null` would say nothing here: refuse with `{ error }` or an `OAuth2Error`. */
export type IssueTokens<Q extends object> = (ctx: ProvenTokenContext & Q, request: Request, h: ResponseToolkit) =>
    OAuth2TokenResponse | TokenResponse | TokenErrorResponse | Promise<OAuth2TokenResponse | TokenResponse | TokenErrorResponse>;

/** What a level-2 code handler gets: the client is known, the user has signed in and agreed. */
export interface ProvenCodeContext<E extends string = string> extends HandlerUtilities {
    readonly client: Client;
    readonly subject: string;
    /** The request's parameters that `setExtraParameters()` names and that were sent. */
    readonly parameters: ExtraParameters<E>;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly getDefaultGrantData: () => GrantData;
    readonly grantIssuer: Issuer<GrantData, Grant>;
    readonly getDefaultAuthorizationCodeData: () => CodeData;
    readonly authorizationCodeIssuer: Issuer<CodeData>;
    readonly defaultResponse: () => Promise<{ readonly code: string }>;
}

/** What a level-2 device code handler gets: the client is authenticated. */
export interface ProvenDeviceCodeContext extends HandlerUtilities {
    readonly client: Client;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly getDefaultDeviceCodeData: () => CodeData;
    readonly deviceCodeIssuer: Issuer<CodeData>;
    readonly defaultResponse: () => Promise<{ readonly device_code: string; readonly user_code: string }>;
}

/** What a device is told: whatever else the handler returns, and of the rest of RFC 8628 §3.2 what the framework has made. */
export interface ProvenDeviceCodeResponse {
    readonly device_code: string;
    /** The framework's own, as the URLs and the times are: may be left out, not changed. */
    readonly user_code?: string | undefined;
    readonly [member: string]: unknown;
}

/** A handler that makes a code after the framework has proven. */
export type IssueCode<C, R> = (ctx: C, request: Request, h: ResponseToolkit) => R | TokenErrorResponse | Promise<R | TokenErrorResponse>;
