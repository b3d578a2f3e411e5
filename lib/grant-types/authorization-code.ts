import { verifyCodeVerifier } from '../protocol/pkce';
import type { GrantType } from './grant-type';

/** What a client sends to redeem a code (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface AuthorizationCodeParameters {
    readonly code: string;
    readonly codeVerifier: string | undefined;
    /** Has to equal the one of the authorization request, if it is there. */
    readonly redirectUri: string | undefined;
    /** Whether a verifier belongs to the challenge kept with the code (S256, RFC 7636 §4.6); false when either is missing. */
    readonly verifyCodeVerifier: (codeVerifier?: string, codeChallenge?: string) => boolean;
}

export const authorizationCode: GrantType<AuthorizationCodeParameters> = {
    type: 'authorization_code',
    read: (form) => ({ code: form.require('code'), codeVerifier: form.get('code_verifier'), redirectUri: form.get('redirect_uri'), verifyCodeVerifier })
};
