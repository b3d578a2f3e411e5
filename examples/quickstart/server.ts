import Hapi from '@hapi/hapi';

import { OAuth2ClientCredentialsBuilder, OAuth2ErrorCode, OAuth2TokenResponse } from 'hapi-oauth2-flows';

const secrets = new Map([['reporter', 'a-secret-of-32-random-characters']]);

const machine = OAuth2ClientCredentialsBuilder
    .create()
    .setTokenTTL(600)
    .addClientAuthenticationMethod('client_secret_basic')
    .setScopes({ 'reports:read': 'Read reports' })
    .tokenRoute((route) => route.generateToken(async ({ clientId, verifyClientSecret, scope, ttl, tokenType, createJwtAccessToken }) => {

        if (!verifyClientSecret(secrets.get(clientId))) {
            return { error: OAuth2ErrorCode.INVALID_CLIENT };
        }

        const { token } = await createJwtAccessToken({ scope });
        return new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope(scope);
    }));

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register(machine);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth }) => ({ reports: ['Q1', 'Q2'], client: auth.credentials.app?.id })
    });
    await server.start();
    return server;
};
