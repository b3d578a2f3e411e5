import type { Request, ResponseToolkit } from '@hapi/hapi';

import type { AccessTokenPayload } from './access-token';
import type { Confirmation } from './token-type';

/** An access token as a `validate` handler gets it. */
export interface AccessTokenInput {
    /** The token as presented. */
    readonly token: string;
    /** Its claims if it is a JWT that this server signed for this flow, verified; otherwise `null`, and the token says nothing by itself. */
    readonly jwtAccessTokenPayload: AccessTokenPayload | null;
}

/** Credentials for hapi's access rules: `scope` for scopes, `user` for entity `user`, without it entity `app`. */
export interface ValidatedCredentials {
    readonly scope?: readonly string[] | undefined;
    readonly user?: object | undefined;
    readonly app?: object | undefined;
    readonly [member: string]: unknown;
}

/** What a `validate` handler answers: a token is let through only by `isValid: true`. */
export interface ValidateResult {
    readonly isValid: boolean;
    /** Taken from the token when left out; a token without verified claims is refused then. */
    readonly credentials?: ValidatedCredentials | undefined;
    /** What a token without verified claims was bound to when it was issued: `ctx.confirmation` of the token handler. */
    readonly confirmation?: Confirmation | undefined;
}

/** Decides about an access token after everything that the framework can check was checked. */
export type Validate = (request: Request, input: AccessTokenInput, h: ResponseToolkit) => ValidateResult | Promise<ValidateResult>;
