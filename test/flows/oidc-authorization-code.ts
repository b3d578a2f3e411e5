import { expect } from '@hapi/code';
import type { Plugin } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('OIDCAuthorizationCodeBuilder', () => {

    it('is called oidc-authorization-code, and serves its grant type to clients with its default methods', async () => {

        const flow = OIDCAuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(({ grantType }) => ({ access_token: grantType })));
        const { server } = await provision([flow]);
        expect(flow.name).to.equal('oidc-authorization-code');
        const { result } = await server.inject(form('/oauth2/token', 'grant_type=authorization_code&code=c', { authorization: basic('m', 's') }));
        expect(result).to.equal({ access_token: 'authorization_code', token_type: 'Bearer' });
        const metadata = await server.inject<{ token_endpoint_auth_methods_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect(metadata.result?.token_endpoint_auth_methods_supported).to.equal(['client_secret_basic', 'client_secret_post', 'none']);
        expect(metadata.result).to.not.include('authorization_endpoint').and.not.include('device_authorization_endpoint');
    });

    it('knows openid without being told, and offline_access where it refreshes tokens', async () => {

        const scopes = async (flow: OIDCAuthorizationCodeBuilder) => {

            const { server } = await provision([flow.tokenRoute((route) => route.generateToken(() => null))]);
            return (await server.inject<{ scopes_supported: string[] }>('/.well-known/oauth-authorization-server')).result?.scopes_supported;
        };

        expect(await scopes(OIDCAuthorizationCodeBuilder.create())).to.equal(['openid']);
        expect(await scopes(OIDCAuthorizationCodeBuilder.create().setScopes({ email: 'E-mail' }))).to.equal(['email', 'openid']);
        expect(await scopes(OIDCAuthorizationCodeBuilder.create().refreshTokenRoute((route) => route.generateToken(() => null)))).to.equal(['openid', 'offline_access']);
    });

    it('lists every scope that can be granted: those of resources too, each once, where the framework grants them', async () => {

        const scopes = async (...flows: readonly Plugin<void>[]) => {

            const { server } = await provision([...flows], (hub) => hub.setClients([]).setResources({ 'https://api.example': { scopes: { 'reports:read': 'Read', email: 'Mail' } } }));
            return (await server.inject<{ scopes_supported: string[] }>('/.well-known/oauth-authorization-server')).result?.scopes_supported;
        };

        expect(await scopes(OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Who', email: 'Mail' }))).to.equal(['openid', 'email', 'offline_access', 'reports:read']);
        expect(await scopes(OIDCAuthorizationCodeBuilder.create())).to.equal(['openid', 'offline_access', 'profile', 'email', 'address', 'phone', 'reports:read']);
        expect(await scopes(OAuth2ClientCredentialsBuilder.create())).to.equal(['reports:read', 'email']);
        expect(await scopes(OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(() => null)))).to.be.undefined();
    });

    it('adds members to the metadata, until it is registered', async () => {

        const flow = OIDCAuthorizationCodeBuilder.create().additionalConfiguration({ claims_supported: ['sub'] }).tokenRoute((route) => route.generateToken(() => null));
        const { server } = await provision([flow]);
        expect((await server.inject('/.well-known/oauth-authorization-server')).result).to.include({ claims_supported: ['sub'] });
        expect(() => flow.additionalConfiguration({})).to.throw('Flow \'oidc-authorization-code\' is registered: call additionalConfiguration() before server.register()');
    });
});
