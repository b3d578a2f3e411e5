import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { pagesOrigin } from '../../examples/demo/clients';
import { tryIt, verifier } from '../../examples/demo/try-it';
import { open, submit, unescapeHtml } from '../fixture/browser';
import { startDemo, type RunningDemo } from '../fixture/demo';
import { runExample } from '../fixture/example';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { press, signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const run = promisify(execFile);

/** Every claim of OpenID Connect Core §5.1. */
const standardClaims = [
    'sub', 'name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'email', 'email_verified', 'gender', 'birthdate', 'zoneinfo', 'locale',
    'phone_number', 'phone_number_verified', 'address', 'updated_at'
];

describe('the demo', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startDemo();
    });
    after(() => demo.stop());

    const token = (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) => post(`${demo.url}/oauth2/token`, parameters, headers);

    const authorizeUrl = (clientId: string, redirectUri: string, scope: string) => `${demo.url}/oauth2/authorize?${encodeForm({
        response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256'
    })}`;

    const login = async (clientId: string, redirectUri: string, scope: string, headers?: Readonly<Record<string, string>>) => {

        const location = await signInAndDecide(authorizeUrl(clientId, redirectUri, scope));
        const identity = headers === undefined ? { client_id: clientId } : {};
        return await token({ grant_type: 'authorization_code', ...identity, code: location.searchParams.get('code') ?? '', code_verifier: verifier, redirect_uri: redirectUri }, headers);
    };

    /** The person of a device signs in and agrees. */
    const connect = async (url: string) => {

        const asked = await submit(await open(url), { username: 'ada', password: 'lovelace' });
        expect((await press(asked, 'allow')).html).to.contain('Your device is connected');
    };

    const web = () => ({ authorization: basic('demo-web', 'demo-web-secret') });
    const machine = () => ({ authorization: basic('demo-machine', 'demo-machine-secret') });
    const statusAt = async (path: string, { json }: { readonly json: Readonly<Record<string, unknown>> }) => (await getWith(`${demo.url}${path}`, String(json.access_token))).status;

    it('shows no form to a client or for a redirect URI that it does not know', async () => {

        const page = async (clientId: string, redirectUri: string) => (await call(authorizeUrl(clientId, redirectUri, 'openid'))).status;
        expect(await page('demo-spa', demo.callback)).to.equal(200);
        expect(await page('nobody', demo.callback)).to.equal(400);
        expect(await page('demo-spa', 'https://evil.example.com/')).to.equal(400);
    });

    it('has the clients of its contract', async () => {

        const credentials = await token({ grant_type: 'client_credentials', scope: 'reports:read reports:write' }, machine());
        expect([credentials.status, credentials.json.scope]).to.equal([200, 'reports:read reports:write']);

        const confidential = await login('demo-web', demo.callback, 'openid offline_access', web());
        expect(confidential.status).to.equal(200);
        expect((await token({ grant_type: 'refresh_token', refresh_token: String(confidential.json.refresh_token) }, web())).status).to.equal(200);

        expect((await login('demo-spa', demo.callback, 'openid')).status).to.equal(200);
        expect((await login('demo-cli', 'http://127.0.0.1:4711/callback', 'openid')).status).to.equal(200);

        const device = await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-tv' });
        expect(device.status).to.equal(200);
        expect(device.json.user_code).to.match(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
        expect(device.json).to.include({ expires_in: 600, interval: 5, verification_uri: `${demo.url}/oauth2/device` });
    });

    it('lets each client do that and no more', async () => {

        const refused = async (parameters: Readonly<Record<string, string>>, headers = {}) => (await token(parameters, headers)).json.error;
        expect(await refused({ grant_type: 'refresh_token', refresh_token: 'x' }, machine())).to.equal('unauthorized_client');
        expect(await refused({ grant_type: 'client_credentials' }, web())).to.equal('unauthorized_client');
        expect(await refused({ grant_type: 'authorization_code', code: 'x', client_id: 'demo-tv', code_verifier: verifier })).to.equal('unauthorized_client');
        expect(await refused({ grant_type: 'client_credentials', scope: 'openid' }, machine())).to.equal('invalid_scope');
        expect(await refused({ grant_type: 'client_credentials', client_id: 'demo-spa' })).to.equal('unauthorized_client');
        expect((await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-spa' })).json.error).to.equal('unauthorized_client');
        expect((await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-tv', scope: 'reports:write' })).json.error).to.equal('invalid_scope');
    });

    it('protects /reports by a scope, /me by a user and /archive by its audience', async () => {

        const [reader, writer] = await Promise.all(['reports:read', 'reports:write'].map((scope) => token({ grant_type: 'client_credentials', scope }, machine())));
        const [person, reporter] = [await login('demo-spa', demo.callback, 'openid'), await login('demo-spa', demo.callback, 'reports:read')];
        const all = [reader, writer, person, reporter];
        expect(await Promise.all(all.map((one) => statusAt('/reports', one ?? person)))).to.equal([200, 403, 403, 200]);
        expect(await Promise.all(all.map((one) => statusAt('/me', one ?? person)))).to.equal([403, 403, 200, 200]);
        expect(await Promise.all(all.map((one) => statusAt('/archive', one ?? person)))).to.equal([401, 401, 401, 401]);
        expect((await call(`${demo.url}/reports`)).status).to.equal(401);
        expect((await call(`${demo.url}/me`)).status).to.equal(401);
        expect(person.json.id_token).to.be.a.string();
        expect(reporter.json.id_token).to.be.undefined();
    });

    it('knows every standard claim of its user', async () => {

        const { json } = await getWith(`${demo.url}/me`, String((await login('demo-spa', demo.callback, 'openid')).json.access_token));
        expect(Object.keys(json)).to.only.include(standardClaims);
        expect(Object.values(json).every((value) => value !== null && value !== '')).to.be.true();
        expect(json).to.include({ sub: 'ada', email_verified: true, phone_number_verified: true });
        expect(json.updated_at).to.be.a.number();
        expect(json.birthdate).to.match(/^\d{4}-\d\d-\d\d$/);
        expect(json.address).to.include(['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country']);
    });

    it('shows the code at its callback, with a line that redeems it', async () => {

        const location = await signInAndDecide(authorizeUrl('demo-spa', demo.callback, 'openid'));
        const { text, headers } = await call(location);
        expect(headers.get('cache-control')).to.equal('no-store');
        const [, line = ''] = /<code>(.*)<\/code>/.exec(text) ?? [];
        const { stdout } = await run('bash', ['-c', unescapeHtml(line)], { env: { ...process.env, no_proxy: 'localhost' } });
        expect(JSON.parse(stdout)).to.include({ token_type: 'Bearer', scope: 'openid' });
        expect((await call(`${demo.callback}?error=access_denied`)).text).to.contain('error: access_denied');
        expect((await call(`${demo.callback}?error=a&error=b`)).text).to.contain('error: there is no code');
    });

    it('serves Swagger UI, whose document knows the routes and their scopes', async () => {

        expect((await call(`${demo.url}/documentation`)).text).to.contain('swagger-ui').and.contain('demo-swagger');
        const { json } = await call(`${demo.url}/openapi.json`);
        expect(Object.keys(Object(json.paths))).to.include(['/reports', '/me', '/archive', '/oauth2/token']);
    });

    it('gives its clients every scope that Swagger UI offers in their flow, and has ticked none that a flow does not know', async () => {

        const [{ json }, { text }] = await Promise.all([call(`${demo.url}/openapi.json`), call(`${demo.url}/documentation`)]);
        const offered = (scheme: string, flow: string): readonly string[] => Object.keys(Object(Object(Object(json.components).securitySchemes)[scheme]).flows[flow].scopes as object);
        const [people, machines] = [offered('oidc-authorization-code', 'authorizationCode'), offered('oauth2-client-credentials', 'clientCredentials')];
        expect(people).to.include(['openid', 'offline_access', 'reports:read', 'reports:write']);
        expect(machines).to.only.include(['reports:read', 'reports:write']);
        const person = await login('demo-swagger', `${demo.url}/swaggerui/oauth2-redirect.html`, people.join(' '));
        expect([person.status, String(person.json.scope).split(' ').sort()]).to.equal([200, [...people].sort()]);
        expect((await token({ grant_type: 'client_credentials', scope: machines.join(' ') }, machine())).status).to.equal(200);
        const [, ticked = ''] = /initOAuth\(\{.*?"scopes":\[(.*?)\]/.exec(text) ?? [];
        expect(ticked).to.equal('"reports:read"');
        expect((await token({ grant_type: 'client_credentials', scope: 'reports:read' }, machine())).status).to.equal(200);
    });

    it('has lines that work when they are pasted into bash', async () => {

        const lines = tryIt(demo.url);
        const shell = (script: string) => run('bash', ['-c', `set -u -o pipefail\n${script}`], { timeout: 25_000, env: { ...process.env, no_proxy: 'localhost' } });
        const { stdout, stderr } = await shell(`${lines}\necho "$DEVICE"`);
        expect(stderr).to.equal('');
        const said = stdout.trimEnd().split('\n');
        expect(said.length).to.equal(8);
        const [reports, introspected, refused, , pending, metadata, keys, device] = said.map((line) => (line.startsWith('{') ? JSON.parse(line) as Record<string, unknown> : {}));
        expect(reports).to.equal({ reports: ['Q1', 'Q2', 'Q3'], client: 'demo-machine', user: null });
        expect(introspected).to.include({ active: true, client_id: 'demo-machine' });
        expect(refused).to.include({ statusCode: 401 });
        expect(said[3]).to.equal(`${demo.url}/oauth2/device?user_code=${String(device?.user_code)}`);
        expect(pending).to.include({ error: 'authorization_pending' });
        expect(metadata).to.include({ issuer: demo.url });
        expect(keys?.keys).to.be.an.array().and.not.be.empty();

        await connect(said[3] ?? '');
        demo.advance(5);
        const [poll = ''] = lines.split('\n').filter((line) => line.includes('device_code='));
        expect(JSON.parse((await shell(`DEVICE='${JSON.stringify(device)}'\n${poll}`)).stdout)).to.include({ token_type: 'Bearer', scope: 'reports:read' });

        const [authorize = ''] = /http\S+authorize\S+/.exec(lines) ?? [];
        expect((await signInAndDecide(authorize)).searchParams.get('state')).to.equal('my-state');
    });

    it('has the same lines in docs/playground.md', async () => {

        const page = await readFile(join(root, 'docs', 'playground.md'), 'utf8');
        const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
        expect(blocks).to.include(tryIt('http://localhost:3000'));
    });
});

describe('the demo as a program', { timeout: 60_000 }, () => {

    it('prints where the playground is, and what to try', async () => {

        const port = await freePort();
        const { child, ended, says } = runExample('demo', { PORT: String(port) });
        const out = await says(/Press Ctrl\+C to stop\.\n$/);
        expect(out).to.contain(`runs at http://localhost:${port}\n\nOpen the playground in a browser: http://localhost:${port}/\n`).and.contain(tryIt(`http://localhost:${port}`));
        child.kill('SIGINT');
        const { code, err } = await ended;
        expect([code, err]).to.equal([0, '']);
    });

    it('is known by the issuer that it is given', async () => {

        const port = await freePort();
        const { child, ended, says } = runExample('demo', { PORT: String(port), ISSUER: `http://127.0.0.1:${port}/demo`, HOST: '127.0.0.1' });
        expect(await says(/Press Ctrl/)).to.contain(`runs at http://127.0.0.1:${port}/demo\n\nOpen the playground in a browser: http://127.0.0.1:${port}/\n`);
        expect((await call(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server/demo`)).json.issuer).to.equal(`http://127.0.0.1:${port}/demo`);
        child.kill('SIGTERM');
        expect((await ended).code).to.equal(0);
    });

    it('has its pages on this machine where codes may not be sent to its issuer', async () => {

        const port = await freePort();
        const { child, ended, says } = runExample('demo', { PORT: String(port), ISSUER: 'http://auth.example.com' });
        expect(await says(/Press Ctrl/)).to.contain(`runs at http://auth.example.com\n\nOpen the playground in a browser: http://localhost:${port}/\n`);
        const page = await call(`http://localhost:${port}/playground/code`);
        expect(page.headers.get('content-security-policy')).to.contain('form-action \'self\' http://auth.example.com;');
        const [cookie = ''] = page.headers.getSetCookie();
        const send = (turn: string, act: string) => call(`http://localhost:${port}/playground/code`, { method: 'POST', headers: { cookie, origin: `http://localhost:${port}` }, body: new URLSearchParams({ turn, act }) });
        expect((await send('0', 'prepare')).status).to.equal(303);
        const { headers } = await send('1', 'authorize');
        expect(new URL(headers.get('location') ?? '').searchParams.get('redirect_uri')).to.equal(`http://localhost:${port}/playground/callback`);
        const { text } = await call(headers.get('location')?.replace('http://auth.example.com', `http://localhost:${port}`) ?? '');
        expect(text).to.contain('Password');
        for (const [issuer, origin] of [['https://auth.example.com/x', 'https://auth.example.com'], ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'], ['http://[::1]:4000', 'http://[::1]:4000'], ['http://localhost.example.com', 'http://localhost:3000']] as const) {
            expect(pagesOrigin(issuer, 3000)).to.equal(origin);
        }

        child.kill('SIGTERM');
        expect((await ended).code).to.equal(0);
    });

    it('says in one sentence that its issuer is none', async () => {

        const { code, out, err } = await runExample('demo', { PORT: String(await freePort()), ISSUER: 'nonsense' }).ended;
        expect([code, out, err]).to.equal([1, '', 'ISSUER is no URL that begins with http:// or https://: correct it, or leave it out\n']);
    });
});
