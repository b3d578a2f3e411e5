import { OAuth2ClientCredentialsBuilder, OAuth2TokenResponse } from 'hapi-oauth2-flows';

import { allowedScope, checkResource, provenClient } from './clients';
import type { Demo } from './demo';

/** A machine gets tokens for itself. */
export const machineFlow = ({ clients, issuer }: Demo) => OAuth2ClientCredentialsBuilder
    .create()
    .setDescription('Programs that act for themselves')
    .setTokenTTL(600)
    .addClientAuthenticationMethod('client_secret_basic')
    .addClientAuthenticationMethod('client_secret_post')
    .setScopes({ 'reports:read': 'Read reports', 'reports:write': 'Write reports' })
    .tokenRoute((route) => route.generateToken(async (ctx) => {

        const client = provenClient(clients, ctx);
        checkResource(issuer(), ctx.resource);
        const scope = allowedScope(client, ctx.scope);
        const { token, expiresIn } = await ctx.createJwtAccessToken({ scope });
        return new OAuth2TokenResponse({ access_token: token }).setTokenType(ctx.tokenType).setExpiresIn(expiresIn).setScope(scope);
    }));
