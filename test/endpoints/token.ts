import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { devices, machines, people, users } from '../fixture/flows';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { OAuth2ClientCredentialsBuilder } from '../../lib';
import { TokenEndpoint } from '../../lib/endpoints/token';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The token endpoint', () => {

    it('finds the flow by grant_type, and no other', async () => {

        const { server } = await provision([machines(), people(), devices()]);
        const headers = { authorization: basic('m', 's') };
        const token = async (parameters: Readonly<Record<string, string>>) => await server.inject<{ error?: string; error_description?: string }>(form('/oauth2/token', parameters, headers));

        expect((await token({ grant_type: 'client_credentials' })).statusCode).to.equal(200);
        expect((await token({ grant_type: 'authorization_code' })).result?.error_description).to.equal('The parameter \'code\' is missing');
        expect((await token({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code' })).result?.error_description).to.equal('The parameter \'device_code\' is missing');
        for (const grantType of ['password', 'Client_Credentials', 'client_credentials ', 'constructor']) {
            expect((await token({ grant_type: grantType })).result).to.equal({ error: 'unsupported_grant_type', error_description: 'This grant_type is not served here' });
        }

        expect((await token({})).result).to.include({ error: 'invalid_request' });
    });

    it('knows what it serves', async () => {

        const { server } = await provision([machines(), people().refreshTokenRoute((route) => route.generateToken(() => null))]);
        const endpoints = server.plugins['hapi-oauth2-flows'].authorizationServer.tokenEndpoints;
        expect([...endpoints.values()].map(({ grantTypes }) => grantTypes)).to.equal([['client_credentials', 'authorization_code', 'refresh_token']]);
        expect([...endpoints.values()][0]).to.satisfy((endpoint: unknown) => endpoint instanceof TokenEndpoint);
    });

    it('keeps the options of the flow that came first, and refuses other ones', async () => {

        const options = { tags: ['api'], app: { deep: { er: 1 } } };
        const { server } = await provision([users().tokenRoute((route) => route.setOptions(options)), devices().tokenRoute((route) => route.setOptions(structuredClone(options)))]);
        expect(server.match('post', '/oauth2/token')?.settings.tags).to.equal(['api']);
        expect(await refusalOf(server, machines().tokenRoute((route) => route.setOptions({ tags: ['other'] }))))
            .to.equal('Flow \'oauth2-client-credentials\' and flow \'oauth2-authorization-code\', \'oauth2-device-authorization\' share the route /oauth2/token and set different options for it: call setOptions() on the first of them only');
        await server.register(machines());
    });

    it('refuses options of one flow that differ for one path', async () => {

        const { server } = await provision([]);
        const flow = users().tokenRoute((route) => route.setOptions({ tags: ['api'] })).refreshTokenRoute((route) => route.setOptions({ tags: ['refresh'] }).generateToken(() => null));
        expect(await refusalOf(server, flow)).to.equal('Flow \'oauth2-authorization-code\' serves \'authorization_code\' and \'refresh_token\' at /oauth2/token and sets different options for it: call setOptions() on the first of them only');
        await server.register(users().tokenRoute((route) => route.setOptions({ tags: ['api'] })).refreshTokenRoute((route) => route.setOptions({ tags: ['api'] }).generateToken(() => null)));
    });

    it('is one for each place: path, prefix and virtual host', async () => {

        const { server } = await provision([machines()]);
        await server.register({ plugin: machines().strategyName('two'), routes: { prefix: '/two' } });
        await server.register({ plugin: machines().strategyName('three'), routes: { prefix: '/two', vhost: 'three.example.com' } });
        expect([...server.plugins['hapi-oauth2-flows'].authorizationServer.tokenEndpoints.keys()]).to.equal(['* /oauth2/token', '* /two/oauth2/token', 'three.example.com /two/oauth2/token']);
    });

    it('sends every member of the reply', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(() => ({ access_token: 'a', plan: 'gold', refresh_token: null })));
        const { server } = await provision([flow]);
        expect((await server.inject(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('m', 's') }))).result).to.equal({ access_token: 'a', plan: 'gold', token_type: 'Bearer' });
    });
});
