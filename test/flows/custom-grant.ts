import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2CustomGrantBuilder } from '../../lib';
import { quietServer } from '../fixture/flows';
import { claimsOf } from '../fixture/jwt';
import { link, links, magicLink, ownClients, ownGrants } from '../fixture/own-grants';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const otp = 'urn:example:grant-type:otp';

describe('OAuth2CustomGrantBuilder', () => {

    describe('at level 1', () => {

        const flow = () => OAuth2CustomGrantBuilder.create(otp).setParameters(['otp'], { optional: ['hint'] })
            .tokenRoute((route) => route.generateToken(({ grantType, parameters, clientId }) => ({ access_token: [grantType, clientId, parameters.otp, String(parameters.hint)].join(' ') })));

        it('gives the handler what was sent, and lists its grant type', async () => {

            const { server } = await provision([flow()]);
            expect(flow().name).to.equal('oauth2-custom-grant');
            const send = async (parameters: string) => (await server.inject(form('/oauth2/token', `grant_type=${otp}&${parameters}`, { authorization: basic('m', 's') }))).result;
            expect(await send('otp=1')).to.equal({ access_token: `${otp} m 1 undefined`, token_type: 'Bearer' });
            expect(await send('otp=1&hint=h&other=1&other=2')).to.include({ access_token: `${otp} m 1 h` });
            expect(await send('hint=h')).to.equal({ error: 'invalid_request', error_description: 'The parameter \'otp\' is missing' });
            expect(await send('otp=1&otp=2')).to.include({ error: 'invalid_request' });
            expect(await send('otp=1&hint=1&hint=2')).to.include({ error: 'invalid_request' });
            const metadata = await server.inject<Record<string, unknown>>('/.well-known/oauth-authorization-server');
            expect(metadata.result).to.include({ grant_types_supported: [otp], token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] });
        });

        it('may serve public clients, whom the handler believes or not', async () => {

            const { server } = await provision([flow().addClientAuthenticationMethod('none')]);
            expect((await server.inject(form('/oauth2/token', { grant_type: otp, otp: '1', client_id: 'spa' }))).result).to.include({ access_token: `${otp} spa 1 undefined` });
        });

        it('refreshes by a handler of its own', async () => {

            const { server } = await provision([flow().refreshTokenRoute((route) => route.generateToken(({ refreshToken }) => ({ access_token: refreshToken })))]);
            expect((await server.inject(form('/oauth2/token', { grant_type: 'refresh_token', refresh_token: 'r' }, { authorization: basic('m', 's') }))).result).to.include({ access_token: 'r' });
        });

        it('has no policy', async () => {

            expect(await refusalOf(quietServer(), flow().setPolicy(() => null))).to.match(/^Flow 'oauth2-custom-grant' has a policy, which is asked where the framework proves/);
            expect(await refusalOf(quietServer(), links())).to.match(/call setClients\(\) on the AuthorizationServerBuilder and leave out generateToken\(\), or leave out setPolicy\(\)$/);
            const { server } = await ownGrants([]);
            expect(await refusalOf(server, flow().setPolicy(() => null))).to.match(/has a policy/);
        });
    });

    describe('at level 2', () => {

        it('needs a policy', async () => {

            const { server } = await ownGrants([]);
            expect(await refusalOf(server, OAuth2CustomGrantBuilder.create(otp))).to.startWith('Flow \'oauth2-custom-grant\' has no policy');
            const issuing = OAuth2CustomGrantBuilder.create(otp).tokenRoute((route) => route.issueTokens(({ defaultResponse }) => defaultResponse()));
            expect(await refusalOf(server, issuing)).to.startWith('Flow \'oauth2-custom-grant\' has no policy');
        });

        it('serves confidential clients only', async () => {

            const { server } = await ownGrants([], (hub) => hub.setClients([...ownClients, { client_id: 'spa', token_endpoint_auth_method: 'none', grant_types: [magicLink] }]));
            expect(await refusalOf(server, links())).to.match(/the client 'spa' is registered for it and for token_endpoint_auth_method 'none'/);
            const { server: other } = await ownGrants([]);
            expect(await refusalOf(other, links().addClientAuthenticationMethod('none'))).to.match(/accepts the client authentication method 'none'/);
        });

        it('issues what the policy grants, and tells of it', async () => {

            const { app, store, events, get, server } = await ownGrants([links({ subject: 'ada', acr: 'low', amr: ['link'], authTime: 1_800_000_000, data: { device: 'phone' } })]);
            const { statusCode, body } = await app(link());
            expect(statusCode).to.equal(200);
            expect(body).to.include({ token_type: 'Bearer', expires_in: 3600, scope: 'read write' }).and.not.include('refresh_token').and.not.include('id_token');
            const claims = claimsOf(body.access_token);
            expect(claims).to.include({ sub: 'ada', client_id: 'app', aud: 'https://api.example', flow: 'oauth2-custom-grant' });
            expect(await store.findGrant(String(claims.grant_id))).to.include({ clientId: 'app', subject: 'ada' });
            expect((await store.findGrant(String(claims.grant_id)))?.value).to.include({ acr: 'low', amr: ['link'], authTime: 1_800_000_000, data: { device: 'phone' }, scopes: ['read', 'write'], resources: ['https://api.example'] });
            expect(await get(body.access_token)).to.equal(200);
            expect(events.filter(({ tags }) => tags.includes('issued')).map(({ data }) => data)).to.equal([{ grant_type: magicLink, client_id: 'app', subject: 'ada', grant_id: claims.grant_id, scope: 'read write', issued: ['access_token'] }]);
            const metadata = await server.inject<Record<string, unknown>>('/.well-known/oauth-authorization-server');
            expect(metadata.result?.grant_types_supported).to.equal([magicLink, 'refresh_token']);
        });

        it('lets a handler issue from what was granted', async () => {

            const flow = links({ subject: 'ada', data: { device: 'phone' } }).tokenRoute((route) => route.issueTokens(async ({ defaultResponse, subject, presented, grant, scopes }) =>
                ({ ...await defaultResponse(), said: [String(subject), String(presented), String(grant.data.device), ...scopes].join(' ') })));
            const { app } = await ownGrants([flow]);
            expect((await app(link())).body).to.include({ said: 'ada null phone read write' });
        });

        it('refreshes if the policy says so and the client is registered for it, without asking the policy again', async () => {

            let asked = 0;
            const flow = links(() => {

                ++asked;
                return { subject: 'ada', refreshToken: true };
            }).refreshTokenRoute((route) => route.issueTokens(async ({ defaultResponse, subject }) => ({ ...await defaultResponse(), said: subject })));
            const { app, as, refreshAs } = await ownGrants([flow]);
            const { body } = await app(link());
            const refreshed = await refreshAs('app', body.refresh_token);
            expect(refreshed.body).to.include({ scope: 'read write', said: 'ada' });
            expect(claimsOf(refreshed.body.access_token)).to.include({ sub: 'ada' });
            expect(asked).to.equal(1);
            expect((await refreshAs('web', refreshed.body.refresh_token)).body).to.include({ error: 'invalid_grant' });
            expect((await as('once')(link())).body).to.include({ scope: 'read write' }).and.not.include('refresh_token');
        });

        it('attack: a handler cannot issue a refresh token that the policy did not grant', async () => {

            const issuing = (flow: ReturnType<typeof links>) => flow.tokenRoute((route) => route.issueTokens(async ({ defaultResponse, refreshTokenIssuer, getDefaultRefreshTokenData, clock }) =>
                ({ ...await defaultResponse(), due: getDefaultRefreshTokenData() !== null, refresh_token: await refreshTokenIssuer.issue({ exp: clock() / 1000 + 60 }) })));
            for (const approval of [{ subject: 'ada' }, { subject: 'ada', refreshToken: false }, { subject: null, refreshToken: true }]) {
                const { app, stored } = await ownGrants([issuing(links(approval))]);
                expect((await app(link())).body).to.include({ error: 'server_error' });
                expect(await stored()).to.equal([]);
            }
        });

        it('is one of several under names of their own', async () => {

            const { server } = await ownGrants([links()]);
            const second = () => OAuth2CustomGrantBuilder.create(otp).setPolicy(() => null);
            expect(await refusalOf(server, second())).to.match(/^Two flows are called 'oauth2-custom-grant'/);
            await server.register(second().strategyName('otp'));
            expect(await refusalOf(server, links().strategyName('third'))).to.match(/both serve grant_type 'urn:example:grant-type:magic-link'/);
        });
    });

    it('refuses grant types and parameters that cannot be meant', async () => {

        expect(await refusalOf(quietServer(), OAuth2CustomGrantBuilder.create('password').setPolicy(() => null))).to.equal('Flow \'oauth2-custom-grant\' cannot serve the grant_type \'password\', which is what OAuth2PasswordBuilder serves');
        const { server } = await ownGrants([]);
        expect(await refusalOf(server, OAuth2CustomGrantBuilder.create('otp').strategyName('x').setPolicy(() => null))).to.startWith('Flow \'x\' cannot serve the grant_type \'otp\'');
        expect(await refusalOf(server, OAuth2CustomGrantBuilder.create(otp).setParameters(['otp'], { optional: ['otp'] }).setPolicy(() => null))).to.match(/declares the parameter 'otp' twice/);
        expect(await refusalOf(server, OAuth2CustomGrantBuilder.create(otp).setParameters(Object('o t p') as []).setPolicy(() => null))).to.match(/declares the parameter 'o t p'/);
    });

    it('takes its parameters once, and before it is registered', async () => {

        const flow = links();
        expect(() => flow.setParameters(['other'])).to.throw('Flow \'oauth2-custom-grant\' has setParameters() twice: declare all parameters in one call');
        await ownGrants([flow]);
        expect(() => flow.setPolicy(() => null)).to.throw('Flow \'oauth2-custom-grant\' is registered: call setPolicy() before server.register()');
        expect(() => flow.setParameters(['other'])).to.throw(/is registered: call setParameters\(\)/);
    });
});
