import { randomBytes } from 'node:crypto';

import { ClientSecretBasic, NoneAuthMethod, OAuth2Error, OAuth2ErrorCode, OAuth2TokenResponse, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

import { allowedScope, clients, type Client } from './clients';
import { verify } from './users';

/** What a code stands for, until it is used or a minute has passed. */
interface Code {
    readonly clientId: string;
    readonly redirectUri: string;
    readonly codeChallenge: string | undefined;
    readonly nonce: string | undefined;
    readonly subject: string;
    readonly scope: string;
    readonly expiresAt: number;
}

/** The client, if the redirect URI is its own: a code goes nowhere else. */
const clientAt = (clientId: string, redirectUri: string): Client => {

    const client = clients.get(clientId);
    if (!client?.redirectUris.includes(redirectUri)) {
        throw new OAuth2Error('invalid_request', 'The client or its redirect_uri is not known here');
    }

    return client;
};

/** People sign in: `generateCode` proves the client and the user, `generateToken` the client and the code. */
export const login = (clock: () => number) => {

    const codes = new Map<string, Code>();
    return OIDCAuthorizationCodeBuilder
        .create()
        .setTokenTTL(3600)
        .addClientAuthenticationMethod(new ClientSecretBasic())
        .addClientAuthenticationMethod(new NoneAuthMethod())
        .useAccessTokenJwks(true)
        .setScopes({ openid: 'User identity', email: 'Access to user email', 'reports:read': 'Read your reports' })
        .authorizationRoute((route) => route
            .setGETResponseRenderer(({ clientId, redirectUri }, _request, h) => {

                clientAt(clientId, redirectUri);            // Before anybody types a password
                return h.continue;
            })
            .generateCode(({ clientId, redirectUri, scope, nonce, codeChallenge, username, password }) => {

                const client = clientAt(clientId, redirectUri);
                const subject = verify(username, password);
                if (subject === null) {
                    return null;                            // The form is shown again
                }

                const value = randomBytes(32).toString('base64url');
                codes.set(value, { clientId, redirectUri, codeChallenge, nonce, subject, scope: allowedScope(client, scope), expiresAt: clock() + 60_000 });
                return { type: 'code', value };
            }))
        .tokenRoute((route) => route
            .setPath('/oauth2/token')
            .generateToken(async ({ clientId, clientSecret, code, codeVerifier, redirectUri, ttl, tokenType, verifyClientSecret, verifyCodeVerifier, createJwtAccessToken, createIdToken }) => {

                const client = clients.get(clientId);
                if (client === undefined || !(client.secret === undefined ? clientSecret === undefined : verifyClientSecret(client.secret))) {
                    return { error: OAuth2ErrorCode.INVALID_CLIENT };
                }

                const kept = codes.get(code);
                const isGood = kept?.clientId === clientId && kept.expiresAt > clock() && (redirectUri ?? kept.redirectUri) === kept.redirectUri && verifyCodeVerifier(codeVerifier, kept.codeChallenge);
                if (!isGood || !codes.delete(code)) {       // Last, and in one step: only one request gets true
                    return { error: OAuth2ErrorCode.INVALID_GRANT, error_description: 'The code is unknown, used, expired or not yours' };
                }

                const { subject, scope, nonce } = kept;
                const { token } = await createJwtAccessToken({ sub: subject, scope });
                const response = new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope(scope);
                return scope.split(' ').includes('openid') ? response.setIdToken((await createIdToken({ sub: subject, nonce, access_token: token })).token) : response;
            }));
};
