import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { claimsOf } from '../fixture/jwt';
import { proving } from '../fixture/level-2';
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

    describe('where clients are registered', () => {

        const resources = { 'https://api.example/v1': { scopes: { read: 'Read', write: 'Write' }, default: true }, 'https://b.example': { scopes: { b: 'B' } } };
        const bench = () => proving([OAuth2ClientCredentialsBuilder.create()], (hub) => hub.setResources(resources));

        it('grants what is asked for, else what the client is registered for', async () => {

            const { machine, store } = await bench();
            expect((await machine()).body).to.include({ scope: 'read write', token_type: 'Bearer', expires_in: 3600 });
            const { body } = await machine({ scope: 'read' });
            expect(body).to.include({ scope: 'read' }).and.not.include('refresh_token').and.not.include('id_token');
            const claims = claimsOf(body.access_token);
            expect(claims).to.include({ sub: 'machine', client_id: 'machine', aud: 'https://api.example/v1' });
            const grant = await store.findGrant(String(claims.grant_id));
            expect(grant).to.include({ clientId: 'machine', subject: null, expiresAt: epoch + 3_600_000 });
        });

        it('attack: refuses scopes that do not exist or are not the client\'s, and resources that do not exist', async () => {

            const { machine, store } = await bench();
            const refused = { 'scope=admin': 'invalid_scope', 'scope=b': 'invalid_scope', 'scope=read%20%22': 'invalid_scope', 'scope=read&resource=https://b.example': 'invalid_scope', 'resource=https://evil.example': 'invalid_target', 'audience=https://evil.example': 'invalid_target' };
            for (const [parameters, error] of Object.entries(refused)) {
                expect((await machine(`grant_type=client_credentials&${parameters}`)).body, parameters).to.include({ error });
            }

            expect((await store.listGrants('clientId', 'machine')).items).to.equal([]);
        });

        it('takes audience for resource', async () => {

            const { machine } = await bench();
            expect(claimsOf((await machine({ audience: 'HTTPS://API.example/v1' })).body.access_token).aud).to.equal('https://api.example/v1');
        });

        it('knows the scopes of the flow where there are no resources, and refuses a client that has and asks for none', async () => {

            const { machine } = await proving([OAuth2ClientCredentialsBuilder.create().setScopes({ read: 'Read' })]);
            expect((await machine()).body).to.include({ scope: 'read' });
            expect((await machine({ scope: 'write' })).body).to.include({ error: 'invalid_scope' });
            const { token } = await proving([OAuth2ClientCredentialsBuilder.create()], (hub) => hub.setClients([{ client_id: 'bare', client_secret: 's', grant_types: ['client_credentials'] }]));
            expect((await token({ grant_type: 'client_credentials' }, basic('bare', 's'))).body).to.include({ error: 'invalid_scope' });
            expect((await token({ grant_type: 'client_credentials', scope: 'any' }, basic('bare', 's'))).body).to.include({ scope: 'any' });
        });

        it('serves clients with the methods they are registered for, and advertises those', async () => {

            const { server } = await bench();
            const metadata = await server.inject<{ token_endpoint_auth_methods_supported: string[] }>('/.well-known/oauth-authorization-server');
            expect(metadata.result?.token_endpoint_auth_methods_supported).to.equal(['client_secret_basic']);
        });
    });
});
