import Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form } from '../fixture/provision';
import {
    ClientSecretBasic, NoneAuthMethod, OAuth2ErrorCode, OAuth2TokenResponse,
    OIDCAuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder
} from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const server = Hapi.server();
const checkDeviceCode = (deviceCode: string) => deviceCode === 'approved';

const register = async () => {
const login = OIDCAuthorizationCodeBuilder
    .create()
    .setTokenTTL(3600)
    .addClientAuthenticationMethod(new ClientSecretBasic())
    .addClientAuthenticationMethod(new NoneAuthMethod())
    .useAccessTokenJwks(true)
    .setScopes({ openid: 'User identity', email: 'Access to user email' })
    .tokenRoute(route =>
        route
            .setPath('/oauth2/token')
            .generateToken(async ({
                grantType, clientId, ttl, tokenType, code, codeVerifier, clientSecret,
                createJwtAccessToken, createIdToken, verifyCodeVerifier
            }, request) => {
                // return { error: OAuth2ErrorCode.INVALID_CLIENT, error_description: 'Client not found' }
                return new OAuth2TokenResponse({ access_token: 'generated-access-token' })
                    .setExpiresIn(ttl).setTokenType(tokenType).setScope('openid email')
                    .setRefreshToken('optional-refresh-token').setIdToken('optional-id-token');
            }));

const machine = OAuth2ClientCredentialsBuilder
    .create()
    .setTokenTTL(600)
    .addClientAuthenticationMethod(new ClientSecretBasic())
    .useAccessTokenJwks(true)
    .tokenRoute(route =>
        route
            .setPath('/oauth2/token')
            .generateToken(async ({
                grantType, clientId, ttl, tokenType, clientSecret, scope, createJwtAccessToken, createIdToken
            }, request) =>
                new OAuth2TokenResponse({ access_token: 'generated-access-token' })
                    .setExpiresIn(ttl).setTokenType(tokenType).setScope(scope ?? '')));

const device = OAuth2DeviceAuthorizationBuilder
    .create()
    .setTokenTTL(600)
    .addClientAuthenticationMethod(new NoneAuthMethod())
    .tokenRoute(route =>
        route
            .setPath('/oauth2/token')
            .generateToken(async ({
                grantType, clientId, ttl, tokenType, deviceCode, clientSecret, createJwtAccessToken, createIdToken
            }, request) => {
                if (!checkDeviceCode(deviceCode)) {
                    return { error: OAuth2ErrorCode.AUTHORIZATION_PENDING };
                }
                return new OAuth2TokenResponse({ access_token: 'generated-access-token' })
                    .setExpiresIn(ttl).setTokenType(tokenType);
            }));

await server.register([login, machine, device]);          // one POST /oauth2/token, three grant types
};

describe('the three chains of the contract', () => {

    it('serve three grant types at one token endpoint', async () => {

        await register();

        const token = (parameters: Record<string, string>, headers = {}) => server.inject<Record<string, unknown>>(form('/oauth2/token', parameters, headers));

        const code = await token({ grant_type: 'authorization_code', code: 'c', client_id: 'spa', code_verifier: 'v' });
        expect(code.statusCode).to.equal(200);
        expect(code.result).to.equal({
            access_token: 'generated-access-token', expires_in: 3600, token_type: 'Bearer', scope: 'openid email',
            refresh_token: 'optional-refresh-token', id_token: 'optional-id-token'
        });

        const credentials = await token({ grant_type: 'client_credentials', scope: 'a b' }, { authorization: basic('machine', 'secret') });
        expect(credentials.result).to.equal({ access_token: 'generated-access-token', expires_in: 600, token_type: 'Bearer', scope: 'a b' });

        const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
        const pending = await token({ grant_type: grantType, device_code: 'waiting', client_id: 'tv' });
        expect(pending.statusCode).to.equal(400);
        expect(pending.result).to.equal({ error: 'authorization_pending' });

        const approved = await token({ grant_type: grantType, device_code: 'approved', client_id: 'tv' });
        expect(approved.result).to.equal({ access_token: 'generated-access-token', expires_in: 600, token_type: 'Bearer' });

        const password = await token({ grant_type: 'password', client_id: 'tv' });
        expect(password.result).to.include({ error: 'unsupported_grant_type' });
    });
});
