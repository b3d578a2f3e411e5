import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as ts from 'typescript';

import { tryIt, verifier } from '../../examples/demo/try-it';
import { signIn } from '../fixture/browser';
import { startDemo, type RunningDemo } from '../fixture/demo';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const root = join(__dirname, '..', '..');
const run = promisify(execFile);

const demoFolder = join(root, 'examples', 'demo');

const compiledDemo = (): [string, string][] => readdirSync(demoFolder).map((name) => {

    const file = join(demoFolder, name);
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
    return [file, ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText];
});

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

    const login = async (clientId: string, redirectUri: string, scope: string, headers: Readonly<Record<string, string>> = {}) => {

        const search = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
        const location = await signIn(`${demo.url}/oauth2/authorize?${encodeForm(search)}`);
        return await token({ grant_type: 'authorization_code', client_id: clientId, code: location.searchParams.get('code') ?? '', code_verifier: verifier }, headers);
    };

    const web = () => ({ authorization: basic('demo-web', 'demo-web-secret') });
    const machine = () => ({ authorization: basic('demo-machine', 'demo-machine-secret') });
    const statusAt = async (path: string, { json }: { readonly json: Readonly<Record<string, unknown>> }) => (await getWith(`${demo.url}${path}`, String(json.access_token))).status;

    it('shows no form to a client or for a redirect URI that it does not know', async () => {

        const known = { response_type: 'code', client_id: 'demo-spa', redirect_uri: demo.callback, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
        const page = async (own: Record<string, string>) => (await fetch(`${demo.url}/oauth2/authorize?${new URLSearchParams({ ...known, ...own }).toString()}`)).status;
        expect(await page({})).to.equal(200);
        expect(await page({ client_id: 'nobody' })).to.equal(400);
        expect(await page({ redirect_uri: 'https://evil.example.com/' })).to.equal(400);
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
        expect(await refused({ grant_type: 'authorization_code', code: 'x', client_id: 'demo-tv' })).to.equal('unauthorized_client');
        expect(await refused({ grant_type: 'client_credentials', scope: 'openid' }, machine())).to.equal('invalid_scope');
        expect(await refused({ grant_type: 'client_credentials', client_id: 'demo-spa' })).to.equal('invalid_client');
        expect((await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-spa' })).json.error).to.equal('unauthorized_client');
        expect((await post(`${demo.url}/oauth2/device_authorization`, { client_id: 'demo-tv', scope: 'reports:write' })).json.error).to.equal('invalid_scope');
    });

    it('protects /reports by a scope and /me by a user', async () => {

        const [reader, writer] = await Promise.all(['reports:read', 'reports:write'].map((scope) => token({ grant_type: 'client_credentials', scope }, machine())));
        const [person, reporter] = [await login('demo-spa', demo.callback, 'openid'), await login('demo-spa', demo.callback, 'reports:read')];
        expect(await Promise.all([reader, writer, person, reporter].map((one) => statusAt('/reports', one ?? person)))).to.equal([200, 403, 403, 200]);
        expect(await Promise.all([reader, writer, person, reporter].map((one) => statusAt('/me', one ?? person)))).to.equal([403, 403, 200, 200]);
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

    it('shows what to try at its root, and the code at its callback', async () => {

        expect((await call(demo.url)).text).to.equal(tryIt(demo.url));
        const { text, headers } = await call(`${demo.callback}?code=abc-_9&state=x`);
        expect(text).to.contain('curl').and.contain('abc-_9');
        expect(headers.get('cache-control')).to.equal('no-store');
        expect((await call(`${demo.callback}?error=access_denied`)).text).to.contain('error: access_denied');
    });

    it('has lines that work when they are pasted into bash', async () => {

        const { stdout, stderr } = await run('bash', ['-c', `set -u -o pipefail\n${tryIt(demo.url)}`], { timeout: 25_000, env: { ...process.env, no_proxy: 'localhost' } });
        expect(stderr).to.equal('');
        const [reports, me, device, metadata, keys, ...rest] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
        expect(reports).to.equal({ reports: ['Q1', 'Q2', 'Q3'], client: 'demo-machine', user: null });
        expect(me).to.include({ sub: 'ada', name: 'Ada Lovelace' });
        expect(device).to.include({ token_type: 'Bearer', scope: 'reports:read' });
        expect(metadata).to.include({ issuer: demo.url });
        expect(keys?.keys).to.be.an.array().and.not.be.empty();
        expect(rest).to.equal([]);
    });

    it('has the same lines in the README', async () => {

        const readme = await readFile(join(root, 'README.md'), 'utf8');
        const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
        expect(blocks).to.include(tryIt('http://localhost:3000'));
    });
});

/** Runs the demo's `main.ts` from its source: compiled here once, for nothing else has compiled it when the tests run. */
const startMain = (environment: Readonly<Record<string, string>>) => {

    const script = `
        const compiled = new Map(${JSON.stringify(compiledDemo())});
        require.extensions['.ts'] = (module, file) => module._compile(compiled.get(file), file);
        require(${JSON.stringify(join(demoFolder, 'main.ts'))});
    `;
    const { PORT: _port, ISSUER: _issuer, HOST: _host, ...rest } = process.env;
    const child = spawn(process.execPath, ['-e', script], { cwd: root, env: { ...rest, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {

        said.out += String(chunk);
    });
    child.stderr.on('data', (chunk) => {

        said.err += String(chunk);
    });
    const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => child.once('close', (code) => resolve({ code, ...said })));
    const printed = new Promise<string>((resolve) => child.stdout.once('data', () => resolve(said.out)));
    return { child, ended, printed };
};

describe('the demo as a program', { timeout: 60_000 }, () => {

    it('runs until it is told to stop, and prints what to try', async () => {

        for (const signal of ['SIGTERM', 'SIGINT'] as const) {
            const port = await freePort();
            const { child, ended, printed } = startMain({ PORT: String(port) });
            const out = await Promise.race([printed, ended.then(({ err }) => err)]);
            expect(out).to.contain(tryIt(`http://localhost:${port}`));
            expect((await call(`http://localhost:${port}/oauth2/keys`)).status).to.equal(200);
            child.kill(signal);
            const { code, err } = await ended;
            expect([code, err]).to.equal([0, '']);
        }
    });

    it('is known by the issuer that it is given', async () => {

        const port = await freePort();
        const { child, ended, printed } = startMain({ PORT: String(port), ISSUER: `http://127.0.0.1:${port}/demo`, HOST: '127.0.0.1' });
        const out = await Promise.race([printed, ended.then(({ err }) => err)]);
        expect(out).to.contain(`runs at http://127.0.0.1:${port}/demo\n`);
        expect((await call(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server/demo`)).json.issuer).to.equal(`http://127.0.0.1:${port}/demo`);
        child.kill('SIGTERM');
        expect((await ended).code).to.equal(0);
    });

    it('says in one sentence why it cannot start, and exits with 1', async () => {

        const busy = createServer();
        const port = await freePort();
        await new Promise<void>((resolve) => busy.listen(port, 'localhost', resolve));
        const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
            [{ PORT: 'abc' }, /^PORT is 'abc': give a number from 1 to 65535\n$/],
            [{ PORT: '0' }, /^PORT is '0': .+\n$/],
            [{ PORT: '65536' }, /^PORT is '65536': .+\n$/],
            [{ PORT: String(port) }, new RegExp(`^The demo cannot listen on port ${port}: .+\\n$`)],
            [{ PORT: String(await freePort()), ISSUER: 'nonsense' }, /^setIssuer\('nonsense'\): .+\n$/]
        ];
        const results = await Promise.all(wrong.map(([environment]) => startMain(environment).ended));
        await new Promise((resolve) => busy.close(resolve));
        for (const [index, { code, out, err }] of results.entries()) {
            expect([code, out], err).to.equal([1, '']);
            expect(err).to.match(wrong[index]?.[1] ?? /$^/);
        }
    });
});
