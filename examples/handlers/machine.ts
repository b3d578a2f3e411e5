import { ClientSecretBasic, OAuth2ClientCredentialsBuilder, OAuth2ErrorCode, OAuth2TokenResponse } from 'hapi-oauth2-flows';

import { allowedScope, clients } from './clients';

/** A machine acts for itself: `generateToken` proves its secret. */
export const machine = (name: string) => OAuth2ClientCredentialsBuilder
    .create()
    .strategyName(name)
    .setTokenTTL(600)
    .addClientAuthenticationMethod(new ClientSecretBasic())
    .useAccessTokenJwks(true)
    .tokenRoute((route) => route
        .setPath('/oauth2/token')
        .generateToken(async ({ clientId, scope: asked, ttl, tokenType, verifyClientSecret, createJwtAccessToken }) => {

            const client = clients.get(clientId);
            if (client === undefined || !verifyClientSecret(client.secret)) {
                return { error: OAuth2ErrorCode.INVALID_CLIENT };
            }

            const scope = allowedScope(client, asked);
            const { token } = await createJwtAccessToken({ scope });
            return new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope(scope);
        }));
