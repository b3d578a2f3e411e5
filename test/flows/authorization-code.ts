import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('OAuth2AuthorizationCodeBuilder', () => {

    it('is called oauth2-authorization-code, and serves its grant type to clients with its default methods', async () => {

        const flow = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(({ grantType }) => ({ access_token: grantType })));
        const { server } = await provision([flow]);
        expect(flow.name).to.equal('oauth2-authorization-code');
        const { result } = await server.inject(form('/oauth2/token', 'grant_type=authorization_code&code=c', { authorization: basic('m', 's') }));
        expect(result).to.equal({ access_token: 'authorization_code', token_type: 'Bearer' });
        const metadata = await server.inject<{ token_endpoint_auth_methods_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect(metadata.result?.token_endpoint_auth_methods_supported).to.equal(['client_secret_basic', 'client_secret_post', 'none']);
        expect(metadata.result).to.not.include('authorization_endpoint').and.not.include('device_authorization_endpoint');
    });
});
