import { createHash, randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { open, signIn, submit } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { getWith, post, type Reply } from '../fixture/http';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const outcome = ({ status, json }: Reply) => [status, json.error];
const granted = [200, undefined];
const invalidGrant = [400, 'invalid_grant'];

describe('a code', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startLevel1Demo();
    });
    after(() => demo.stop());

    const authorize = async (clientId: string, more: Readonly<Record<string, string>> = {}) => {

        const verifier = randomBytes(32).toString('base64url');
        const challenge = createHash('sha256').update(verifier).digest('base64url');
        const redirectUri = clientId === 'demo-cli' ? 'http://127.0.0.1:5000/callback' : demo.callback;
        const search = new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'openid reports:read', code_challenge: challenge, code_challenge_method: 'S256', ...more });
        const location = await signIn(`${demo.url}/oauth2/authorize?${search.toString()}`);
        const code = location.searchParams.get('code') ?? '';
        return { verifier, challenge, parameters: { grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: redirectUri, code_verifier: verifier } };
    };

    const redeem = (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) => post(`${demo.url}/oauth2/token`, parameters, headers);
    const reports = async ({ json }: Reply) => (await getWith(`${demo.url}/reports`, String(json.access_token))).status;

    it('is 256 bits that nobody could have guessed, and each another', async () => {

        const codes = await Promise.all(Array.from({ length: 4 }, () => authorize('demo-spa')));
        expect(new Set(codes.map(({ parameters: { code } }) => code)).size).to.equal(4);
        expect(codes.every(({ parameters: { code } }) => /^[\w-]{43,}$/.test(code))).to.be.true();
    });

    it('works once; the second use kills what the first one got', async () => {

        const { parameters } = await authorize('demo-spa');
        const first = await redeem(parameters);
        expect(outcome(first)).to.equal(granted);
        expect(await reports(first)).to.equal(200);
        expect(outcome(await redeem(parameters))).to.equal(invalidGrant);
        expect(await reports(first)).to.equal(401);
        expect(outcome(await redeem(parameters))).to.equal(invalidGrant);
    });

    it('still notices the second use after the code has expired', async () => {

        const { parameters } = await authorize('demo-spa');
        const first = await redeem(parameters);
        demo.advance(300);
        expect(outcome(await redeem(parameters))).to.equal(invalidGrant);
        expect(await reports(first)).to.equal(401);
    });

    it('logs nobody out when somebody presents it who cannot use it', async () => {

        const { parameters } = await authorize('demo-spa');
        const first = await redeem(parameters);
        for (const change of [{ code_verifier: 'x'.repeat(43) }, { code_verifier: '' }, { redirect_uri: `${demo.callback}/` }, { client_id: 'demo-cli' }]) {
            expect(outcome(await redeem({ ...parameters, ...change }))).to.equal(invalidGrant);
            expect(await reports(first)).to.equal(200);
        }
    });

    it('gives tokens at most once to many at the same time, and none of them lives on', async () => {

        const { parameters } = await authorize('demo-spa');
        const replies = await Promise.all(Array.from({ length: 10 }, () => redeem(parameters)));
        const winners = replies.filter(({ status }) => status === 200);
        expect(winners.length).to.be.at.most(1);
        for (const winner of winners) {
            expect(await reports(winner)).to.equal(401);
        }
    });

    it('is bound to its client, also to one that authenticates', async () => {

        const { parameters: { client_id: _, ...parameters } } = await authorize('demo-spa');
        expect(outcome(await redeem(parameters, { authorization: basic('demo-web', 'demo-web-secret') }))).to.equal(invalidGrant);
        expect(outcome(await redeem({ ...parameters, client_id: 'demo-cli' }))).to.equal(invalidGrant);
        expect(outcome(await redeem({ ...parameters, client_id: 'demo-tv' }))).to.equal([400, 'unauthorized_client']);
        expect(outcome(await redeem(parameters, { authorization: basic('demo-machine', 'demo-machine-secret') }))).to.equal([400, 'unauthorized_client']);

        const web = await authorize('demo-web');
        expect(outcome(await redeem(web.parameters))).to.equal([401, 'invalid_client']);       // A confidential client that only names itself
        expect(outcome(await redeem({ ...web.parameters, client_secret: 'guess' }))).to.equal([401, 'invalid_client']);
        expect(outcome(await redeem({ ...web.parameters, client_id: 'demo-spa' }))).to.equal(invalidGrant);
        expect(outcome(await redeem({ ...web.parameters, client_secret: 'demo-web-secret' }))).to.equal(granted);
        expect(outcome(await redeem({ ...(await authorize('demo-spa')).parameters, client_secret: 'x' }))).to.equal([401, 'invalid_client']);
    });

    it('is bound to the verifier', async () => {

        const { parameters, verifier, challenge } = await authorize('demo-spa');
        const { code_verifier: _, ...without } = parameters;
        expect(outcome(await redeem(without))).to.equal(invalidGrant);
        for (const wrong of ['', challenge, verifier.slice(0, -1), `${verifier}x`, verifier.toUpperCase(), 'a'.repeat(42), 'a'.repeat(129), 'a'.repeat(43), `${verifier} `, `${verifier}\n`, 'é'.repeat(43)]) {
            expect(outcome(await redeem({ ...parameters, code_verifier: wrong })), wrong).to.equal(invalidGrant);
        }

        expect(outcome(await redeem(parameters))).to.equal(granted);
    });

    it('is bound to the redirect URI, port included', async () => {

        const { parameters } = await authorize('demo-cli');
        for (const wrong of ['http://127.0.0.1:5001/callback', 'http://127.0.0.1/callback', 'http://127.0.0.1:5000/callback/', 'http://127.0.0.1:5000/Callback', 'http://localhost:5000/callback', 'HTTP://127.0.0.1:5000/callback', 'x']) {
            expect(outcome(await redeem({ ...parameters, redirect_uri: wrong })), wrong).to.equal(invalidGrant);
        }

        const { redirect_uri: _, ...without } = parameters;
        expect(outcome(await redeem(without))).to.equal(granted);           // Rule 13: OAuth 2.1 does without it, since there is PKCE
    });

    it('lives for a minute', async () => {

        const [early, late] = [await authorize('demo-spa'), await authorize('demo-spa')];
        demo.advance(58);
        expect(outcome(await redeem(early.parameters))).to.equal(granted);
        demo.advance(2);
        expect(outcome(await redeem(late.parameters))).to.equal(invalidGrant);
    });

    it('does not come without PKCE, with plain, or with a challenge that is none', async () => {

        const search = (more: Readonly<Record<string, string>>) => new URLSearchParams({ response_type: 'code', client_id: 'demo-web', redirect_uri: demo.callback, ...more }).toString();
        const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
        const wrong: readonly Readonly<Record<string, string>>[] = [{}, { code_challenge: challenge }, { code_challenge: challenge, code_challenge_method: 'plain' }, { code_challenge: challenge, code_challenge_method: 's256' }, { code_challenge: 'short', code_challenge_method: 'S256' }, { code_challenge: `${challenge}=`, code_challenge_method: 'S256' }, { code_challenge_method: 'S256' }];
        for (const more of wrong) {
            const page = await open(`${demo.url}/oauth2/authorize?${search(more)}`);
            expect([page.status, page.form, page.headers.get('location')], JSON.stringify(more)).to.equal([400, undefined, null]);
        }
    });

    it('of a device is bound to its client, and a wrong guess of a user code connects nothing', async () => {

        const { json } = await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-tv', scope: 'reports:read' });
        const page = await open(`${demo.url}/oauth2/device`);
        const enter = (userCode: string, password = 'lovelace') => submit(page, { user_code: userCode, username: 'ada', password });
        expect((await enter('BBBB-BBBB')).status).to.equal(400);
        expect((await enter(String(json.user_code), 'guess')).status).to.equal(400);
        const poll = (clientId: string) => redeem({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: clientId, device_code: String(json.device_code) });
        expect(outcome(await poll('demo-tv'))).to.equal([400, 'authorization_pending']);
        expect((await enter(` ${String(json.user_code).toLowerCase()} `)).status).to.equal(200);
        expect((await enter(String(json.user_code))).status).to.equal(400);
        demo.advance(5);
        for (const thief of ['demo-spa', 'demo-cli', 'demo-web', 'demo-machine', 'nobody']) {
            expect((await poll(thief)).status, thief).to.be.above(399);
        }

        const replies = await Promise.all([poll('demo-tv'), poll('demo-tv'), poll('demo-tv')]);
        expect(replies.filter(({ status }) => status === 200)).to.have.length(1);
    });
});
