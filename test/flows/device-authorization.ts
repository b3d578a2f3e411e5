import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2DeviceAuthorizationBuilder } from '../../lib';

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
});
