import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2ClientCredentialsBuilder } from '../../lib';
import { FlowError, runClientCredentialsFlow, runCodeFlow, runRefresh, runTokenRequest } from '../../lib/testing';
import { machines } from '../fixture/flows';
import { proving, secrets } from '../fixture/level-2';
import { provision } from '../fixture/provision';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const machine = () => OAuth2ClientCredentialsBuilder.create().setScopes({ read: 'Read', write: 'Write' });

describe('runClientCredentialsFlow()', () => {

    it('proves the client as its record wants it, whatever is in its secret', async () => {

        const { server } = await proving([machine()]);
        const tokens = await runClientCredentialsFlow(server, { clientId: 'machine', scope: ['read'] });
        expect([tokens.scope, tokens.refreshToken, tokens.idToken]).to.equal([['read'], undefined, undefined]);
        expect(await server.oauth2.tokens.verify(tokens.accessToken)).to.include({ sub: 'machine', scope: 'read' });
        expect((await runClientCredentialsFlow(server, { clientId: 'machine', clientSecret: secrets.machine, flow: 'oauth2-client-credentials' })).scope).to.equal(['read', 'write']);
    });

    it('says why the server refuses', async () => {

        const { server } = await proving([machine()]);
        const refused = await expect(runClientCredentialsFlow(server, { clientId: 'machine', parameters: { scope: 'admin' } })).to.reject(FlowError);
        expect(refused).to.include({ step: 'token', statusCode: 400, code: 'invalid_scope', description: 'The scope is not known here' });
    });

    it('says what a server answers that does not speak JSON', async () => {

        const { server } = await proving([machine()]);
        server.ext('onRequest', (_request, h) => h.response('<p>Busy</p>').code(503).takeover());
        expect(await expect(runClientCredentialsFlow(server, { clientId: 'machine' })).to.reject(FlowError)).to.include({ statusCode: 503, code: undefined, payload: '<p>Busy</p>' });
    });
});

describe('runRefresh()', () => {

    it('refreshes, for fewer scopes if it is told so', async () => {

        const { server, clock } = await registeredServer([login()]);
        const { refreshToken } = await runCodeFlow(server, { clientId: 'web', username: 'alice', password: 'right', scope: 'openid email offline_access' });
        clock.advance(60);
        const tokens = await runRefresh(server, { clientId: 'web', refreshToken, scope: 'email' });
        expect(tokens.scope).to.equal(['email']);
        expect(tokens.refreshToken).to.not.equal(refreshToken);
    });

    it('says that there is nothing to refresh with', async () => {

        const { server } = await registeredServer([login()]);
        const { refreshToken } = await runCodeFlow(server, { clientId: 'web', username: 'alice', password: 'right', scope: 'openid' });
        await expect(runRefresh(server, { clientId: 'web', refreshToken })).to.reject('There is no refresh token: the client needs the grant type refresh_token, and with openid the scope offline_access');
    });
});

describe('runTokenRequest()', () => {

    it('says that no flow serves a grant type', async () => {

        await expect(runTokenRequest((await provision([machines()])).server, 'urn:example:grant', { clientId: 'a' })).to.reject('No flow of this server serves grant_type=urn:example:grant: there is \'oauth2-client-credentials\'');
    });
});
