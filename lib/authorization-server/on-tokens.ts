import type { Request } from '@hapi/hapi';

import type { Client } from '../clients/client';
import type { Grant } from '../stores/grant';
import type { TokenErrorResponse } from '../tokens/response';
import type { HandlerUtilities } from './handler-utilities';

/** Claims of your own; those that say what was proven, such as `sub`, `aud` and `exp`, are not used. */
export interface ExtraClaims {
    [claim: string]: unknown;
}

/** What `onTokens` gets, at each token request that was proven. */
export interface OnTokensContext extends HandlerUtilities {
    readonly grantType: string;
    readonly client: Client;
    readonly grant: Grant;
    /** The user; `null` where the client acts for itself. */
    readonly subject: string | null;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly accessToken: { readonly claims: ExtraClaims };
    readonly idToken: { readonly claims: ExtraClaims };
    /** Issues the access token for fewer scopes; names that were not granted are ignored, and `invalid_scope` if none is left. Without `openid` there is no ID token. */
    readonly narrowScope: (scopes: readonly string[]) => void;
    /** Ends the request: `access_denied`, with a description that the client reads. */
    readonly deny: (description?: string) => never;
}

/** What the hook returns: nothing, or why there are no tokens. */
export type OnTokensResult = TokenErrorResponse | undefined | void;

/** Adds claims, narrows the scope or denies, before tokens are issued. It may run more than once for one refresh. Anything returned but nothing and `{ error }` is a mistake, and no tokens. */
export type OnTokens = (ctx: OnTokensContext, request: Request) => OnTokensResult | Promise<OnTokensResult>;
