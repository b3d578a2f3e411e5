import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/quickstart/server';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the quickstart', { timeout: 30_000 }, () => {

    let server: Server;
    let url: string;
    before(async () => {

        server = await start(await freePort());
        url = server.info.uri;
    });
    after(() => server.stop());

    it('gives a machine a token and takes it', async () => {

        const token = (secret: string) => post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization: basic('reporter', secret) });
        const wrong = await token('wrong');
        expect([wrong.status, wrong.json.error]).to.equal([401, 'invalid_client']);

        const { json } = await token('a-secret-of-32-random-characters');
        expect(json).to.include({ token_type: 'Bearer', expires_in: 3600, scope: 'reports:read' });
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'reporter' });
    });

    it('signs a person in, and takes their token', async () => {

        const request = { response_type: 'code', client_id: 'app', redirect_uri: `${url}/callback`, scope: 'openid reports:read', state: 'x', code_challenge: codeChallenge, code_challenge_method: 'S256' };
        const location = await signInAndDecide(`${url}/oauth2/authorize?${encodeForm(request)}`);
        const parameters = { grant_type: 'authorization_code', client_id: 'app', redirect_uri: `${url}/callback`, code: location.searchParams.get('code') ?? '', code_verifier: codeVerifier };
        const { json } = await post(`${url}/oauth2/token`, parameters);
        expect(json.id_token).to.be.a.string();
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'app', user: 'user-1' });
        expect((await post(`${url}/oauth2/token`, parameters)).json.error).to.equal('invalid_grant');
        expect((await getWith(`${url}/reports`, String(json.access_token))).status).to.equal(401);       // Since its code came twice
    });

    it('lets nobody in without a token, and nobody sign in with a wrong password', async () => {

        const { status, headers } = await call(`${url}/reports`);
        expect([status, headers.get('www-authenticate')]).to.equal([401, 'Bearer']);
        const request = { response_type: 'code', client_id: 'app', redirect_uri: `${url}/callback`, code_challenge: codeChallenge, code_challenge_method: 'S256' };
        await expect(signInAndDecide(`${url}/oauth2/authorize?${encodeForm(request)}`, 'allow', 'wrong')).to.reject(/Nobody asks for consent/);
    });
});
