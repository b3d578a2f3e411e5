import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from '../../lib';
import { formAt, problemsOf } from '../fixture/openapi';
import { people, quietServer } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { clients, device, login } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('toOpenAPI()', () => {

    it('says where the flow is served, for whom, and what its scopes allow', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().setDescription('Machines').setScopes({ write: 'Write reports' });
        await provision([flow], (hub) => hub.setIssuer('http://localhost:3000').setClients([...clients, { client_id: 'm', client_secret: 's', grant_types: ['client_credentials'] }]).setResources({ 'https://api.example.com': { scopes: { read: 'Read reports' } } }));
        const { paths, components: { securitySchemes } } = flow.toOpenAPI();
        expect(Object.keys(paths)).to.equal(['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke', '/oauth2/keys', '/.well-known/oauth-authorization-server']);
        expect(securitySchemes).to.equal({
            'oauth2-client-credentials': { type: 'oauth2', description: 'Machines', flows: { clientCredentials: { tokenUrl: 'http://localhost:3000/oauth2/token', scopes: { write: 'Write reports', read: 'Read reports' } } } },
            OAuth2Client: { type: 'http', scheme: 'basic', description: 'The id and the secret of a client' }
        });
    });

    it('knows the prefix that the flow was registered behind', async () => {

        const server = quietServer();
        const flow = people();
        await server.register(AuthorizationServerBuilder.create());
        await server.register({ plugin: flow, routes: { prefix: '/v1' } });
        expect(Object.keys(flow.toOpenAPI().paths)).to.equal(['/v1/oauth2/authorize', '/v1/oauth2/token', '/oauth2/keys', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']);
        expect(flow.toOpenAPI({ openIdConnect: false }).components.securitySchemes['oidc-authorization-code']).to.equal({
            type: 'oauth2', flows: { authorizationCode: { authorizationUrl: 'http://localhost/v1/oauth2/authorize', tokenUrl: 'http://localhost/v1/oauth2/token', scopes: { openid: 'Who you are', email: 'Your e-mail address' } } }
        });
    });

    it('describes where refresh tokens are used, if that is a path of its own', async () => {

        for (const [path, tokens, refreshes] of [['/oauth2/refresh', ['authorization_code'], ['refresh_token']], ['/oauth2/token', ['authorization_code', 'refresh_token'], undefined]] as const) {
            const flow = login().refreshTokenRoute((route) => route.setPath(path));
            const { server } = await provision([flow], (hub) => hub.setClients(clients));
            const description = flow.toOpenAPI({ openIdConnect: false });
            expect(formAt(description, '/oauth2/token').properties.grant_type).to.equal({ type: 'string', enum: tokens });
            expect(refreshes && formAt(description, path).properties.grant_type).to.equal(refreshes && { type: 'string', enum: refreshes });
            expect(Object(description.components.securitySchemes['oidc-authorization-code']).flows.authorizationCode.refreshUrl).to.equal(`http://localhost${path}`);
            expect(server.table().filter((route) => route.method === 'post' && route.path === path)).to.have.length(1);
            expect(await problemsOf(description, '3.1.0')).to.equal([]);
        }
    });

    it('is valid OpenAPI where the framework proves', async () => {

        const flows = [login(), device()];
        await provision(flows, (hub) => hub.setClients(clients).registrationRoute((route) => route.allow('open')));
        for (const flow of flows) {
            expect(await problemsOf(flow.toOpenAPI(), '3.1.0')).to.equal([]);
            expect(await problemsOf(flow.toOpenAPI({ version: '3.0', openIdConnect: false }), '3.0.3')).to.equal([]);
        }

        expect(flows[0]?.toOpenAPI({ openIdConnect: false }).components.securitySchemes['oidc-authorization-code']).to.include({ type: 'oauth2' });
    });

    it('describes nothing that is not there, and of what is there all that the metadata names', async () => {

        const flows = [login(), device()];
        const settings = (hub: AuthorizationServerBuilder) => hub.setClients(clients).setIssuer('http://localhost:3000/tenant').registrationRoute((route) => route.setPath('/clients').allow('open'))
            .userinfoRoute((route) => route.setPath('/me')).logoutRoute((route) => route.setPath('/bye')).jwksRoute((route) => route.setPath('/keys'))
            .introspectionRoute((route) => route.setPath('/introspect')).revocationRoute((route) => route.setPath('/revoke'));
        const { server } = await provision(flows, settings);
        const paths = Object.assign({}, ...flows.map((flow) => flow.toOpenAPI().paths));
        for (const [path, methods] of Object.entries(paths)) {
            for (const method of Object.keys(Object(methods))) {
                expect(server.table().some((route) => route.method === method && route.path === path), `${method} ${path}`).to.be.true();
            }
        }

        const { payload } = await server.inject('/tenant/.well-known/openid-configuration');
        const advertised = Object.entries(Object(JSON.parse(payload))).filter(([name]) => name === 'jwks_uri' || name.endsWith('_endpoint')).map(([, url]) => new URL(String(url)).pathname);
        expect(advertised).to.have.length(9);
        expect(Object.keys(paths)).to.include(advertised).and.to.include(['/oauth2/device', '/clients/{client_id}', '/.well-known/oauth-authorization-server/tenant', '/.well-known/openid-configuration/tenant', '/tenant/.well-known/openid-configuration']);
    });

    it('waits until the flow is registered', () => {

        expect(() => login().toOpenAPI()).to.throw('toOpenAPI() needs to know where the flow is served: call it once the flow is registered');
    });
});
