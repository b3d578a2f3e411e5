// Starts `npm run demo` as a user does, lets real clients use it, stops it, and says of each step whether it went well.

import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import * as client from 'openid-client';

const root = join(import.meta.dirname, '..');
const startMs = 120_000;                        // It compiles first
const stopMs = 10_000;

const freePort = () => new Promise((resolve, reject) => {

    const server = createServer().once('error', reject);
    server.listen(0, 'localhost', () => {

        const { port } = server.address();
        server.close(() => resolve(port));
    });
});

const within = async (ms, promise, what) => {

    let timer;
    const late = new Promise((_resolve, reject) => {

        timer = setTimeout(() => reject(new Error(`${what} took more than ${ms / 1000} s`)), ms);
    });
    try {
        return await Promise.race([promise, late]);
    }
    finally {
        clearTimeout(timer);
    }
};

const expectEqual = (actual, expected, what) => {

    if (actual !== expected) {
        throw new Error(`${what} is ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
    }
};

let failed = 0;
const step = async (title, run) => {

    try {
        const result = await run();
        console.log(`ok ${title}`);
        return result;
    }
    catch (err) {
        failed++;
        console.log(`FAIL ${title}: ${err instanceof Error ? err.message : String(err)}`);
        return undefined;
    }
};

const port = await freePort();
const url = `http://localhost:${port}`;
const { ISSUER: _issuer, HOST: _host, ...environment } = process.env;
const isWindows = process.platform === 'win32';

// A group of its own, so that the signal reaches npm, its shell and the demo alike, as Ctrl+C in a terminal does
const child = spawn('npm', ['run', 'demo'], { cwd: root, env: { ...environment, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows, shell: isWindows });
let said = '';
const ended = new Promise((resolve) => child.once('close', resolve));
const printed = new Promise((resolve, reject) => {

    const hear = (chunk) => {

        said += chunk;
        if (said.includes('Press Ctrl+C to stop.')) {
            resolve();
        }
    };

    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);

    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`it ended with ${code}`)));
});

const signal = (name) => {

    try {
        process.kill(isWindows ? child.pid : -child.pid, name);
    }
    catch (err) {
        if (err.code !== 'ESRCH') {
            throw err;
        }
    }
};

try {
    await step('npm run demo prints what to try', async () => {

        await within(startMs, printed, 'The start');
        expectEqual(said.includes(`The demo authorization server runs at ${url}\n`), true, 'that it says where it runs');
        expectEqual(said.includes(`Open the playground in a browser: ${url}/\n`), true, 'that it says where the playground is');
        expectEqual(said.includes('curl -s -u demo-machine:demo-machine-secret'), true, 'that it prints lines to paste');
    });

    if (failed === 0) {
        const token = await step('a machine gets a token', async () => {

            const response = await fetch(`${url}/oauth2/token`, {
                method: 'POST',
                headers: { authorization: `Basic ${btoa('demo-machine:demo-machine-secret')}` },
                body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'reports:read' })
            });
            expectEqual(response.status, 200, 'the status');
            expectEqual(response.headers.get('cache-control'), 'no-store', 'Cache-Control');
            const body = await response.json();
            expectEqual(body.token_type, 'Bearer', 'token_type');
            return body.access_token;
        });
        await step('its token opens /reports', async () => {

            const response = await fetch(`${url}/reports`, { headers: { authorization: `Bearer ${token}` } });
            expectEqual(response.status, 200, 'the status');
            expectEqual((await response.json()).client, 'demo-machine', 'the client');
            expectEqual((await fetch(`${url}/reports`)).status, 401, 'the status without a token');
        });
        await step('the lines that it prints work when pasted', async () => {

            const lines = said.slice(said.indexOf('# A machine'), said.indexOf('Press Ctrl+C'));
            const { stdout, stderr } = await within(stopMs, promisify(execFile)('bash', ['-c', `set -u -o pipefail\n${lines}`], { env: { ...environment, no_proxy: 'localhost' } }), 'Pasting them');
            expectEqual(stderr, '', 'what they complain about');
            for (const part of ['"client":"demo-machine"', '"active":true', '"statusCode":401', '"error":"authorization_pending"', `"issuer":"${url}"`]) {
                expectEqual(stdout.includes(part), true, `that they print ${part}`);
            }
        });
        await step('the playground walks a flow', async () => {

            expectEqual((await (await fetch(url)).text()).includes('one request at a time'), true, 'that its list is at /');
            const page = await fetch(`${url}/playground/client-credentials`);
            const [cookie] = page.headers.get('set-cookie').split(';');
            const sent = await fetch(`${url}/playground/client-credentials`, { method: 'POST', headers: { cookie }, body: new URLSearchParams({ act: 'token', turn: '0' }) });
            const text = await sent.text();
            expectEqual(text.includes('As promised.') && text.includes('The access token, decoded'), true, 'that a token comes');
        });
        await step('openid-client discovers it and gets a token', async () => {

            const config = await client.discovery(new URL(url), 'demo-machine', {}, client.ClientSecretBasic('demo-machine-secret'), { execute: [client.allowInsecureRequests] });
            expectEqual(config.serverMetadata().issuer, url, 'the issuer');
            const tokens = await client.clientCredentialsGrant(config, { scope: 'reports:read' });
            const response = await client.fetchProtectedResource(config, tokens.access_token, new URL('/reports', url), 'GET');
            expectEqual(response.status, 200, 'the status');
        });
    }

    await step('it ends on SIGTERM to npm alone and leaves the port', async () => {

        child.kill('SIGTERM');
        await within(stopMs, ended, 'The stop');
        const left = await fetch(url).then(() => false, () => true);
        expectEqual(left, true, 'that nobody listens any more');
    });
}
finally {
    signal('SIGKILL');
}

if (failed > 0) {
    console.log(`\nWhat it printed:\n${said}`);
    process.exitCode = 1;
}
