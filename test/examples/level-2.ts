import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { open, submit } from '../fixture/browser';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { signInAndDecide, startLevel2, type RunningLevel2 } from '../fixture/level-2-example';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const root = join(__dirname, '..', '..');

describe('the example of level 2', { timeout: 30_000 }, () => {

    let running: RunningLevel2;
    let url: string;
    before(async () => {

        running = await startLevel2();
        ({ url } = running);
    });
    after(() => running.stop());

    const web = { authorization: basic('web', 'web-secret-of-32-random-letters') };
    const billing = { authorization: basic('billing', 'billing-secret-of-32-characters') };
    const nightly = { authorization: basic('nightly', 'nightly-secret-of-32-characters') };

    const authorize = (scope: string) => `${url}/oauth2/authorize?${encodeForm({
        response_type: 'code', client_id: 'web', redirect_uri: 'https://app.example.com/callback', scope, state: 'x',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256'
    })}`;

    const signIn = async (scope: string) => {

        const location = await signInAndDecide(authorize(scope));
        const code = location.searchParams.get('code') ?? '';
        const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
        return await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example.com/callback', code_verifier: verifier }, web);
    };

    const introspect = async (token: unknown, headers: Readonly<Record<string, string>>) => (await post(`${url}/oauth2/introspect`, { token: String(token) }, headers)).json;

    it('is the code in its page', async () => {

        const [page, source] = await Promise.all(['docs/level-2.md', 'examples/level-2/server.ts'].map((file) => readFile(join(root, file), 'utf8')));
        expect(page).to.include(`\`\`\`ts\n${source}\`\`\``);
    });

    it('signs a user in, who is asked, and adds to tokens and reply', async () => {

        const consent = await submit(await open(authorize('openid offline_access reports:read')), { username: 'ada', password: 'lovelace' });
        expect(consent.html).to.contain('Report reader').and.to.contain('Read your reports');

        const { status, json } = await signIn('openid offline_access reports:read');
        expect(status).to.equal(200);
        expect(json).to.include({ token_type: 'Bearer', expires_in: 600, reports_url: '/reports' });
        expect(json).to.include(['refresh_token', 'id_token']);

        const reports = await getWith(`${url}/reports`, String(json.access_token));
        expect(reports.json).to.equal({ reports: ['Q1', 'Q2'], plan: 'gold', client: 'web' });
    });

    it('tells the client when the user declines, and nobody in with a wrong password', async () => {

        const location = await signInAndDecide(`${authorize('openid')}&prompt=consent`, 'deny');
        expect(location.searchParams.get('error')).to.equal('access_denied');
        expect((await submit(await open(authorize('openid')), { username: 'ada', password: 'babbage' })).status).to.equal(400);
        expect((await submit(await open(authorize('openid')), { username: 'nobody', password: 'lovelace' })).status).to.equal(400);
    });

    it('gives a machine tokens for itself', async () => {

        const { json } = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, nightly);
        expect(json.scope).to.equal('reports:read');
        expect((await getWith(`${url}/reports`, String(json.access_token))).json).to.equal({ reports: ['Q1', 'Q2'], plan: null, client: 'nightly' });
    });

    it('has opaque tokens for a resource that wants them, which that resource alone may introspect', async () => {

        const { json } = await signIn('openid invoices:read');
        expect(String(json.access_token).split('.')).to.have.length(1);
        expect(json).to.not.include(['reports_url', 'refresh_token']);
        expect(await introspect(json.access_token, billing)).to.include({ active: true, sub: 'user-1', aud: 'https://billing.example.com', plan: 'gold', scope: 'openid invoices:read' });
        expect(await introspect(json.access_token, nightly)).to.equal({ active: false });
        expect((await getWith(`${url}/reports`, String(json.access_token))).status).to.equal(401);
    });

    it('lets a user end what was granted', async () => {

        const { json } = await signIn('openid offline_access reports:read');
        const authorization = `Bearer ${String(json.access_token)}`;
        const { json: answer } = await call(`${url}/me/apps`, { method: 'DELETE', headers: { authorization } });
        expect(answer).to.include('ended').and.to.not.equal({ ended: 0 });
        expect((await getWith(`${url}/reports`, String(json.access_token))).status).to.equal(401);
        expect((await post(`${url}/oauth2/token`, { grant_type: 'refresh_token', refresh_token: String(json.refresh_token) }, web)).json.error).to.equal('invalid_grant');
    });
});
