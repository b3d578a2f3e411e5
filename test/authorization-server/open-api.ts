import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from '../../lib';
import { problemsOf } from '../fixture/openapi';
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
        expect(Object.keys(paths)).to.equal(['/oauth2/token']);
        expect(securitySchemes).to.equal({
            'oauth2-client-credentials': { type: 'oauth2', description: 'Machines', flows: { clientCredentials: { tokenUrl: 'http://localhost:3000/oauth2/token', scopes: { write: 'Write reports', read: 'Read reports' } } } }
        });
    });

    it('knows the prefix that the flow was registered behind', async () => {

        const server = quietServer();
        const flow = people();
        await server.register(AuthorizationServerBuilder.create());
        await server.register({ plugin: flow, routes: { prefix: '/v1' } });
        expect(Object.keys(flow.toOpenAPI().paths)).to.equal(['/v1/oauth2/authorize', '/v1/oauth2/token']);
        expect(flow.toOpenAPI({ openIdConnect: false }).components.securitySchemes['oidc-authorization-code']).to.equal({
            type: 'oauth2', flows: { authorizationCode: { authorizationUrl: 'http://localhost/v1/oauth2/authorize', tokenUrl: 'http://localhost/v1/oauth2/token', scopes: { openid: 'Who you are', email: 'Your e-mail address' } } }
        });
    });

    it('is valid OpenAPI where the framework proves', async () => {

        const flows = [login(), device()];
        await provision(flows, (hub) => hub.setClients(clients));
        for (const flow of flows) {
            expect(await problemsOf(flow.toOpenAPI(), '3.1.0')).to.equal([]);
            expect(await problemsOf(flow.toOpenAPI({ version: '3.0', openIdConnect: false }), '3.0.3')).to.equal([]);
        }

        expect(flows[0]?.toOpenAPI({ openIdConnect: false }).components.securitySchemes['oidc-authorization-code']).to.include({ type: 'oauth2' });
    });

    it('waits until the flow is registered', () => {

        expect(() => login().toOpenAPI()).to.throw('toOpenAPI() needs to know where the flow is served: call it once the flow is registered');
    });
});
