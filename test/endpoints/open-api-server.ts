import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { openApiOf } from '../../lib/endpoints/open-api';
import type { DescribedFlow } from '../../lib/endpoints/open-api-schemes';
import { serverPaths, type DescribedServer } from '../../lib/endpoints/open-api-server';
import { formAt, problemsOf } from '../fixture/openapi';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const machine: DescribedFlow = { name: 'machine', tokenPath: '/oauth2/token', grantTypes: ['client_credentials'], clientAuthentication: [], scopes: [], tokenType: {}, tokenTypeName: 'Bearer', description: undefined, scopeTexts: {}, keepsGrants: true };
const login: DescribedFlow = { ...machine, name: 'login', grantTypes: ['authorization_code'], authorizationPath: '/oauth2/authorize', idTokenAlg: 'RS256' };
const methods = (...names: string[]) => names.map((method) => ({ method }));
const server: DescribedServer = {
    issuer: 'https://auth.example.com', jwksPath: '/keys',
    openid: { userinfoPath: '/me', endSessionPath: '/bye', claims: [], acrValues: [], subjectTypes: [], idTokenAlgs: [], userinfoAlgs: [] },
    management: { paths: { introspection: '/introspect', revocation: '/revoke', registration: '/register' }, clientAuthentication: methods('client_secret_basic', 'none') }
};
const securityOf = (operation: unknown): unknown => Object(operation).security;

describe('serverPaths()', () => {

    it('has the endpoints that are served, with the methods that they take', () => {

        expect(Object.entries(serverPaths(server, [machine, login])).map(([path, operations]) => [path, ...Object.keys(operations)])).to.equal([
            ['/introspect', 'post'], ['/revoke', 'post'], ['/register', 'post'], ['/register/{client_id}', 'get', 'put', 'delete'], ['/me', 'get', 'post'], ['/bye', 'get', 'post'],
            ['/keys', 'get'], ['/.well-known/oauth-authorization-server', 'get'], ['/.well-known/openid-configuration', 'get']
        ]);
        expect(Object.keys(serverPaths({ ...server, openid: undefined, management: undefined }, [machine]))).to.equal(['/keys', '/.well-known/oauth-authorization-server']);
        const { paths, components: { schemas, securitySchemes } } = openApiOf([machine], { ...server, openid: undefined, management: undefined });
        expect(Object.keys(paths)).to.not.include(['/me', '/introspect', '/register']);
        expect(Object.keys(schemas)).to.not.include(['OpenIDUserInfo', 'OAuth2ClientMetadata']);
        expect(Object.keys(securitySchemes)).to.equal(['machine']);
    });

    it('leaves what is for users to the flows that know them', () => {

        expect(Object.keys(serverPaths(server, [machine]))).to.not.include(['/me', '/bye', '/.well-known/openid-configuration']);
        const told = { ...login, name: 'told', keepsGrants: false };
        expect(Object.keys(serverPaths(server, [told]))).to.include('/.well-known/openid-configuration').and.to.not.include(['/me', '/bye']);
        expect(securityOf(serverPaths(server, [machine, told, login, { ...login, name: 'other' }])['/me']?.get)).to.equal([{ login: ['openid'] }, { other: ['openid'] }]);
    });

    it('says who may ask: clients that prove who they are about tokens, all of them to give them back, and holders of tokens of the server to register', () => {

        const paths = serverPaths(server, [login]);
        expect(securityOf(paths['/introspect']?.post)).to.equal([{ OAuth2Client: [] }]);
        expect(securityOf(paths['/revoke']?.post)).to.equal([{ OAuth2Client: [] }, {}]);
        expect(securityOf(paths['/register']?.post)).to.equal([{ OAuth2Registration: [] }, {}]);
        for (const method of ['get', 'put', 'delete'] as const) {
            expect(securityOf(paths['/register/{client_id}']?.[method])).to.equal([{ OAuth2Registration: [] }]);
        }

        for (const path of ['/bye', '/keys', '/.well-known/openid-configuration']) {
            expect(securityOf(paths[path]?.get)).to.equal([]);
        }
    });

    it('says what is sent and answered', () => {

        const description = openApiOf([login], server);
        for (const path of ['/introspect', '/revoke']) {
            const { properties, required } = formAt(description, path);
            expect(required).to.equal(['token']);
            expect(Object.keys(properties)).to.include(['token', 'token_type_hint', 'client_id', 'client_secret']);
        }

        expect(Object.keys(formAt(description, '/me').properties)).to.equal(['access_token']);
        expect(Object.keys(formAt(description, '/bye').properties)).to.include(['id_token_hint', 'post_logout_redirect_uri', 'state']);
        const { responses } = Object(description.paths['/me']?.get);
        expect(Object.keys(responses)).to.equal(['200', '400', '401', '403', '503']);
        expect(Object.keys(responses[200].content)).to.equal(['application/json', 'application/jwt']);
        expect(Object.keys(Object(description.paths['/register']?.post).responses)).to.include(['201', '400', '401']);
        expect(Object.keys(description.components.schemas)).to.include(['OAuth2IntrospectionResponse', 'OAuth2JwkSet', 'OAuth2ServerMetadata', 'OpenIDUserInfo', 'OAuth2ClientMetadata', 'OAuth2ClientInformation']);
        expect(Object.keys(description.components.securitySchemes)).to.equal(['login', 'OAuth2Client', 'OAuth2Registration']);
    });

    it('refers to nothing that is not there', () => {

        for (const one of [server, { ...server, openid: undefined }, { ...server, management: undefined }]) {
            const description = openApiOf([machine, login], one);
            const named = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
            expect(named).to.not.be.empty();
            expect(Object.keys(description.components.schemas)).to.include([...new Set(named)]);
        }
    });

    for (const [version, openapi] of [['3.0', '3.0.3'], ['3.1', '3.1.0'], ['3.2', '3.2.0']] as const) {
        it(`is what OpenAPI ${version} says`, async () => {

            expect(await problemsOf(openApiOf([machine, login], server, { version, openIdConnect: version !== '3.0' }), openapi)).to.equal([]);
        });
    }
});
