import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/handlers/server';
import { open, signIn } from '../fixture/browser';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { encodeForm, getWith, post } from '../fixture/http';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

const callback = 'https://app.example.com/callback';
const web = { authorization: basic('web', 'web-secret-of-32-random-letters') };
const nightly = { authorization: basic('nightly', 'nightly-secret-of-32-characters') };
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

describe('the example of level 1', { timeout: 30_000 }, () => {

    let server: Server;
    let url: string;
    let ahead = 0;
    before(async () => {

        server = await start(await freePort(), () => Date.now() + ahead);
        url = server.info.uri;
    });
    after(() => server.stop());

    const authorizeUrl = (changes: Readonly<Record<string, string>> = {}) =>
        `${url}/oauth2/authorize?${encodeForm({ response_type: 'code', client_id: 'web', redirect_uri: callback, scope: 'openid reports:read', code_challenge: codeChallenge, code_challenge_method: 'S256', ...changes })}`;
    const token = (parameters: Readonly<Record<string, string>>, headers = {}) => post(`${url}/oauth2/token`, parameters, headers);
    const codeFor = async (changes: Readonly<Record<string, string>> = {}) => (await signIn(authorizeUrl(changes))).searchParams.get('code') ?? '';
    const redeem = (code: string, changes: Readonly<Record<string, string>> = {}) => token({ grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: codeVerifier, ...changes }, web);

    it('issues for a person who signed in, once for each code', async () => {

        const code = await codeFor();
        const { status, json } = await redeem(code);
        expect([status, json.scope, json.expires_in]).to.equal([200, 'openid reports:read', 3600]);
        expect(json.id_token).to.be.a.string();
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'web', user: 'user-1' });
        expect((await redeem(code)).json.error).to.equal('invalid_grant');
    });

    it('issues once of two requests that come at once', async () => {

        const code = await codeFor();
        const replies = await Promise.all([redeem(code), redeem(code)]);
        expect(replies.map(({ status }) => status).sort()).to.equal([200, 400]);
    });

    it('leaves a code to whom it is for', async () => {

        const code = await codeFor();
        const other = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx';
        expect((await redeem(code, { code_verifier: other })).json.error).to.equal('invalid_grant');
        expect((await redeem(code, { redirect_uri: 'https://app.example.com/other' })).json.error).to.equal('invalid_grant');
        expect((await token({ grant_type: 'authorization_code', client_id: 'spa', code, code_verifier: codeVerifier })).json.error).to.equal('invalid_grant');
        expect((await token({ grant_type: 'authorization_code', client_id: 'web', code, code_verifier: codeVerifier })).json.error).to.equal('invalid_client');
        expect((await redeem(code)).status).to.equal(200);
    });

    it('forgets a code after a minute', async () => {

        const code = await codeFor();
        ahead += 60_000;
        expect((await redeem(code)).json.error).to.equal('invalid_grant');
    });

    it('serves clients that have no secret', async () => {

        const code = await codeFor({ client_id: 'spa', redirect_uri: 'https://spa.example.com/', scope: 'openid' });
        const { status, json } = await token({ grant_type: 'authorization_code', client_id: 'spa', code, code_verifier: codeVerifier });
        expect([status, json.scope]).to.equal([200, 'openid']);
        await expect(codeFor({ client_id: 'spa', redirect_uri: 'https://spa.example.com/', scope: 'openid email' })).to.reject(/invalid_scope/);
    });

    it('shows no form for what is not known, and goes nowhere with a wrong password', async () => {

        expect((await open(authorizeUrl({ redirect_uri: 'https://evil.example.com/' }))).status).to.equal(400);
        expect((await open(authorizeUrl({ client_id: 'nobody' }))).status).to.equal(400);
        await expect(signIn(authorizeUrl(), { password: 'wrong' })).to.reject(/Signing in ended with 4/);
        await expect(signIn(authorizeUrl(), { username: 'bob' })).to.reject(/Signing in ended with 4/);
    });

    it('issues for a machine, at either token endpoint, each for its own strategy', async () => {

        const { json } = await token({ grant_type: 'client_credentials' }, nightly);
        expect(json).to.include({ scope: 'reports:read', expires_in: 600 });
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'nightly' });
        expect((await post(`${url}/partners/oauth2/token`, { grant_type: 'client_credentials' }, nightly)).status).to.equal(200);
        expect((await token({ grant_type: 'client_credentials' }, { authorization: basic('nightly', 'wrong') })).json.error).to.equal('invalid_client');
        expect((await token({ grant_type: 'client_credentials', scope: 'openid' }, nightly)).json.error).to.equal('invalid_scope');
    });

    it('issues for a device whose user entered its code', async () => {

        const { json: device } = await post(`${url}/oauth2/device_authorization`, { client_id: 'tv' });
        const poll = () => token({ grant_type: deviceGrant, client_id: 'tv', device_code: String(device.device_code) });
        expect((await poll()).json.error).to.equal('authorization_pending');
        expect((await token({ grant_type: deviceGrant, client_id: 'spa', device_code: String(device.device_code) })).json.error).to.equal('invalid_grant');
        const enter = (password: string) => post(`${url}/oauth2/device`, { user_code: String(device.user_code).toLowerCase(), username: 'ada', password });
        expect((await enter('wrong')).status).to.be.at.least(400);
        expect((await poll()).json.error).to.equal('authorization_pending');
        expect((await enter('lovelace')).status).to.equal(200);
        expect((await enter('lovelace')).status).to.be.at.least(400);
        const { json } = await poll();
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], client: 'tv', user: 'user-1' });
        expect((await poll()).json.error).to.equal('invalid_grant');
    });

    it('lets a device\'s code end', async () => {

        const { json: device } = await post(`${url}/oauth2/device_authorization`, { client_id: 'tv' });
        ahead += 600_000;
        expect((await token({ grant_type: deviceGrant, client_id: 'tv', device_code: String(device.device_code) })).json.error).to.equal('expired_token');
        expect((await post(`${url}/oauth2/device_authorization`, { client_id: 'web' })).json.error).to.equal('invalid_client');
    });
});
