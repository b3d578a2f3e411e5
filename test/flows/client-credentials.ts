import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2ClientCredentialsBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('OAuth2ClientCredentialsBuilder', () => {

    it('is called oauth2-client-credentials, and serves its grant type to clients with its default methods', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(({ grantType }) => ({ access_token: grantType })));
        const { server } = await provision([flow]);
        expect(flow.name).to.equal('oauth2-client-credentials');
        const { result } = await server.inject(form('/oauth2/token', 'grant_type=client_credentials&x=1', { authorization: basic('m', 's') }));
        expect(result).to.equal({ access_token: 'client_credentials', token_type: 'Bearer' });
        const metadata = await server.inject<{ token_endpoint_auth_methods_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect(metadata.result?.token_endpoint_auth_methods_supported).to.equal(['client_secret_basic', 'client_secret_post']);
        expect(metadata.result).to.not.include('authorization_endpoint').and.not.include('device_authorization_endpoint');
    });
});
