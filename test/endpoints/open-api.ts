import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { openApiOf } from '../../lib/endpoints/open-api';
import type { DescribedFlow } from '../../lib/endpoints/open-api-schemes';
import { formAt, problemsOf } from '../fixture/openapi';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const server = { issuer: 'https://auth.example.com', jwksPath: '/oauth2/keys', openid: undefined, management: undefined };
const ofServer = ['/oauth2/keys', '/.well-known/oauth-authorization-server'];
const flow = (name: string, changes: Partial<DescribedFlow>): DescribedFlow =>
    ({ name, tokenPath: '/oauth2/token', grantTypes: ['client_credentials'], clientAuthentication: [], scopes: [], tokenType: {}, tokenTypeName: 'Bearer', description: undefined, scopeTexts: {}, keepsGrants: true, ...changes });

const login = flow('login', { grantTypes: ['authorization_code', 'refresh_token'], authorizationPath: '/oauth2/authorize' });
const device = flow('device', { grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'], deviceAuthorizationPath: '/oauth2/device_authorization', verificationPath: '/oauth2/device' });
const own = flow('own', { grantTypes: ['urn:example:grant'], tokenPath: '/own/token' });

describe('openApiOf()', () => {

    it('describes the endpoints of flows, those that they share once', () => {

        const description = openApiOf([login, device, own, flow('machine', {})], server);
        expect(Object.entries(description.paths).map(([path, methods]) => [path, ...Object.keys(methods)])).to.equal([
            ['/oauth2/authorize', 'get', 'post'], ['/oauth2/device_authorization', 'post'], ['/oauth2/device', 'get'], ['/oauth2/token', 'post'], ['/own/token', 'post'], ...ofServer.map((path) => [path, 'get'])
        ]);
        const { properties, required } = formAt(description, '/oauth2/token');
        expect(required).to.equal(['grant_type']);
        expect(properties.grant_type).to.equal({ type: 'string', enum: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code', 'client_credentials'] });
        expect(Object.keys(properties)).to.include(['code', 'code_verifier', 'redirect_uri', 'refresh_token', 'device_code', 'scope', 'resource', 'client_id', 'client_secret', 'client_assertion']).and.to.not.include(['password', 'subject_token']);
        expect(Object.keys(formAt(description, '/own/token').properties)).to.not.include(['code', 'refresh_token', 'device_code']);
        expect(formAt(description, '/oauth2/device_authorization').required).to.be.undefined();
        expect(Object.keys(description.components.securitySchemes)).to.equal(['login', 'device', 'own', 'machine']);
    });

    it('describes a path of their own for refresh tokens, and names it in the schemes', () => {

        const methods = { clientAuthentication: [{ method: 'client_secret_basic' }] };
        const apart = (name: string, changes: Partial<DescribedFlow>) => flow(name, { ...methods, grantTypes: ['authorization_code'], authorizationPath: '/oauth2/authorize', refreshPath: '/oauth2/refresh', ...changes });
        const description = openApiOf([apart('apart', {}), login, { ...device, refreshPath: '/oauth2/refresh' }], server, { version: '3.2' });
        expect(formAt(description, '/oauth2/refresh').properties.grant_type).to.equal({ type: 'string', enum: ['refresh_token'] });
        expect(Object.keys(formAt(description, '/oauth2/refresh').properties)).to.include(['refresh_token', 'scope', 'client_id']).and.to.not.include(['code', 'device_code']);
        expect(Object(description.paths['/oauth2/refresh']?.post).security).to.equal([{ OAuth2Client: [] }]);
        expect(formAt(description, '/oauth2/token').properties.grant_type).to.equal({ type: 'string', enum: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'] });
        const { components: { securitySchemes } } = description;
        expect(Object(securitySchemes.apart).flows.authorizationCode).to.include({ tokenUrl: 'https://auth.example.com/oauth2/token', refreshUrl: 'https://auth.example.com/oauth2/refresh' });
        expect(Object(securitySchemes.login).flows.authorizationCode).to.include({ refreshUrl: 'https://auth.example.com/oauth2/token' });
        expect(Object(securitySchemes.device).flows.deviceAuthorization).to.include({ refreshUrl: 'https://auth.example.com/oauth2/refresh' });
    });

    it('says how clients authenticate where they may do so with HTTP Basic, and names no scheme that is not there', () => {

        const methods = (...names: string[]) => ({ clientAuthentication: names.map((method) => ({ method })) });
        const securityOf = (...names: string[]) => {

            const { paths, components } = openApiOf([{ ...device, ...methods(...names) }], server);
            const { security } = Object(paths['/oauth2/token']?.post);
            expect(Object(paths['/oauth2/device_authorization']?.post).security).to.equal(security);
            return [security, Object.keys(components.securitySchemes)];
        };

        expect(securityOf('client_secret_basic')).to.equal([[{ OAuth2Client: [] }], ['device', 'OAuth2Client']]);
        expect(securityOf('client_secret_basic', 'none')).to.equal([[{ OAuth2Client: [] }, {}], ['device', 'OAuth2Client']]);
        expect(securityOf('client_secret_post', 'private_key_jwt')).to.equal([[], ['device']]);
    });

    it('has the parameters of OpenID Connect where a flow reads them, in the query and in the form alike', () => {

        for (const [one, isOpenid] of [[login, false], [{ ...login, idTokenAlg: 'RS256' }, true], [{ ...login, idTokenAlg: 'RS256', keepsGrants: false }, false]] as const) {
            const { paths } = openApiOf([one], server);
            const parameters: readonly { readonly name: string; readonly required: boolean }[] = Object(paths['/oauth2/authorize']?.get).parameters;
            const { properties, required } = formAt({ paths, components: { securitySchemes: {}, schemas: {} } }, '/oauth2/authorize');
            expect(Object.keys(properties)).to.equal(parameters.map(({ name }) => name));
            expect(required).to.equal(parameters.flatMap((parameter) => (parameter.required ? parameter.name : [])));
            expect(Object.hasOwn(properties, 'prompt')).to.equal(isOpenid);
        }
    });

    for (const [version, openapi] of [['3.0', '3.0.3'], ['3.1', '3.1.0'], ['3.2', '3.2.0']] as const) {
        it(`is what OpenAPI ${version} says`, async () => {

            const flows = [login, { ...login, name: 'oidc', idTokenAlg: 'RS256', description: 'People' }, device, own, flow('machine', {}), flow('legacy', { grantTypes: ['password', 'refresh_token'] }), flow('exchange', { grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] })];
            expect(await problemsOf(openApiOf(flows, server, { version }), openapi)).to.equal([]);
        });
    }
});
