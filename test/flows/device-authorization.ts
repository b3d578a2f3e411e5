import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2DeviceAuthorizationBuilder } from '../../lib';
import { en } from '../../lib/pages/texts/en';
import { runDeviceFlow } from '../../lib/testing';
import { basic, form, provision } from '../fixture/provision';
import { deviceCodeType, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('OAuth2DeviceAuthorizationBuilder', () => {

    it('is called oauth2-device-authorization, and serves its grant type to clients with its default methods', async () => {

        const flow = OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(({ grantType }) => ({ access_token: grantType })));
        const { server } = await provision([flow]);
        expect(flow.name).to.equal('oauth2-device-authorization');
        const { result } = await server.inject(form('/oauth2/token', 'grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=d', { authorization: basic('m', 's') }));
        expect(result).to.equal({ access_token: 'urn:ietf:params:oauth:grant-type:device_code', token_type: 'Bearer' });
        const metadata = await server.inject<{ token_endpoint_auth_methods_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect(metadata.result?.token_endpoint_auth_methods_supported).to.equal(['client_secret_basic', 'client_secret_post', 'none']);
        expect(metadata.result).to.not.include('authorization_endpoint').and.not.include('device_authorization_endpoint');
    });

    it('serves its endpoint and its page at once, or neither', async () => {

        const { server } = await provision([OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(() => null))]);
        expect((await server.inject('/oauth2/device_authorization')).statusCode).to.equal(404);
        expect((await server.inject('/oauth2/device')).statusCode).to.equal(404);
        const { server: full } = await provision([OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(() => null)).authorizationRoute((route) => route.generateCode(() => null)).authorizationRoute((route) => route.verifyUserCode(() => null))]);
        expect((await full.inject('/oauth2/device_authorization')).statusCode).to.equal(405);
        expect((await full.inject('/oauth2/device')).statusCode).to.equal(200);
        const { result } = await full.inject<{ device_authorization_endpoint: string }>('/.well-known/oauth-authorization-server');
        expect(result?.device_authorization_endpoint).to.equal('http://localhost/oauth2/device_authorization');
    });

    it('lets a device whose user is asked for it refresh, also where it asks who the user is', async () => {

        const { server, clock } = await registeredServer([OAuth2DeviceAuthorizationBuilder.create().setScopes({ openid: 'Who you are', email: 'Your e-mail address' })], (hub) => hub.setClients([
            { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceCodeType, 'refresh_token'], scope: 'openid email offline_access' },
            { client_id: 'once', token_endpoint_auth_method: 'none', grant_types: [deviceCodeType], scope: 'openid email offline_access' }
        ]));
        const run = async (clientId: string, scope: string) => await runDeviceFlow(server, { clientId, scope, username: 'alice', password: 'right' });

        const tokens = await run('tv', 'openid email offline_access');
        expect(tokens.scope).to.equal(['openid', 'email', 'offline_access']);
        clock.advance(3600);
        const refreshed = await server.inject(form('/oauth2/token', { grant_type: 'refresh_token', client_id: 'tv', refresh_token: String(tokens.refreshToken) }));
        expect(refreshed.result).to.include({ scope: 'openid email offline_access' });

        const asked = await run('tv', 'openid email');
        expect([asked.scope, asked.refreshToken]).to.equal([['openid', 'email'], undefined]);
        const plain = await run('tv', 'email');
        expect([plain.scope, typeof plain.refreshToken]).to.equal([['email'], 'string']);
        const never = await run('once', 'openid email offline_access');
        expect([never.scope, never.refreshToken]).to.equal([['openid', 'email'], undefined]);
    });

    it('tells the user that the device would keep its access', async () => {

        const { post, enterUserCode } = await registeredServer([OAuth2DeviceAuthorizationBuilder.create().setScopes({ openid: 'Who you are' })], (hub) => hub.setClients([
            { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceCodeType, 'refresh_token'], scope: 'openid offline_access' }
        ]));
        for (const scope of ['openid offline_access', 'openid']) {
            const { body } = await post('/oauth2/device_authorization', { client_id: 'tv', scope });
            const { asked } = await enterUserCode(body.user_code);
            expect(asked.payload.includes(en.scopeOfflineAccess)).to.equal(scope.includes('offline_access'));
        }
    });
});
