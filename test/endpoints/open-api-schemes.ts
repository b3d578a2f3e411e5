import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { securitySchemeOf, type DescribedFlow, type OpenAPIOptions } from '../../lib/endpoints/open-api-schemes';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const issuer = 'https://auth.example.com/tenant';
const scopes = { read: 'Read your reports' };
const tokenUrl = 'https://auth.example.com/oauth2/token';
const scheme = (changes: Partial<DescribedFlow>, options: OpenAPIOptions = {}) => securitySchemeOf({
    name: 'flow', tokenPath: '/oauth2/token', grantTypes: [], clientAuthentication: [], scopes: ['read'], tokenType: {}, tokenTypeName: 'Bearer', description: undefined, scopeTexts: scopes, keepsGrants: true, ...changes
}, issuer, options);

describe('securitySchemeOf()', () => {

    it('is an authorization code flow, with where to refresh if it can be', () => {

        const code = { authorizationPath: '/oauth2/authorize', grantTypes: ['authorization_code'] };
        const authorizationUrl = 'https://auth.example.com/oauth2/authorize';
        expect(scheme(code)).to.equal({ type: 'oauth2', flows: { authorizationCode: { authorizationUrl, tokenUrl, scopes } } });
        expect(scheme({ ...code, description: 'People', grantTypes: ['authorization_code', 'refresh_token'] })).to.equal({ type: 'oauth2', description: 'People', flows: { authorizationCode: { authorizationUrl, tokenUrl, refreshUrl: tokenUrl, scopes } } });
    });

    it('is OpenID Connect, unless it is to say its scopes', () => {

        const oidc = { authorizationPath: '/oauth2/authorize', grantTypes: ['authorization_code'], idTokenAlg: 'RS256' };
        expect(scheme(oidc)).to.equal({ type: 'openIdConnect', openIdConnectUrl: 'https://auth.example.com/tenant/.well-known/openid-configuration' });
        expect(scheme(oidc, { openIdConnect: false })).to.include({ type: 'oauth2' });
        expect(scheme({ ...oidc, authorizationPath: undefined })).to.equal({ type: 'http', scheme: 'bearer' });
    });

    it('is a flow of machines, or of passwords', () => {

        expect(scheme({ grantTypes: ['client_credentials'] })).to.equal({ type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } });
        expect(scheme({ grantTypes: ['password', 'refresh_token'] })).to.equal({ type: 'oauth2', flows: { password: { tokenUrl, refreshUrl: tokenUrl, scopes } } });
    });

    it('is a device flow where OpenAPI knows one, and a token to be entered where it does not', () => {

        const device = { deviceAuthorizationPath: '/oauth2/device_authorization', grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'] };
        const flow = { deviceAuthorizationUrl: 'https://auth.example.com/oauth2/device_authorization', tokenUrl, scopes };
        expect(scheme(device, { version: '3.2' })).to.equal({ type: 'oauth2', flows: { deviceAuthorization: flow } });
        expect(scheme(device)).to.equal({ type: 'http', scheme: 'bearer', 'x-deviceAuthorization': flow });
        expect(scheme({ grantTypes: ['urn:example:grant'], tokenTypeName: 'DPoP' })).to.equal({ type: 'http', scheme: 'dpop' });
    });
});
