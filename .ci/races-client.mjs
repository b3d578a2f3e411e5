// What .ci/races.mjs and .ci/crash.mjs ask a server with: one client, which signs its users in as a browser would.

import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });

/** Starts a server process; answers it and its URL. `time` is since when a second lasts how many. */
export const startServer = (engine, place, time = [0, 1]) => new Promise((done, fail) => {

    const child = fork(new URL('races-server.mjs', import.meta.url), [engine, place, ...time.map(String)]);
    child.once('message', ({ url }) => done({ child, url }));
    child.once('exit', (code, signal) => fail(new Error(`a server on ${engine} ended before it was there: ${code ?? signal}`)));
});

/** Rejects if the connection breaks before all of the answer is there. */
const send = (url, options, payload) => new Promise((done, fail) => {

    const sent = request(url, { agent, timeout: 60_000, ...options }, (response) => {

        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('aborted', () => fail(new Error('cut off')));
        response.on('end', () => done({ status: response.statusCode, location: response.headers.location, cookies: response.headers['set-cookie'] ?? [], text: Buffer.concat(chunks).toString() }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer for a minute')));
    sent.on('error', fail);
    sent.end(payload);
});

const authorization = `Basic ${Buffer.from('web:web-secret').toString('base64')}`;

export const get = async (url) => JSON.parse((await send(url, { method: 'GET' })).text);

/** Posts a form as the client; answers `{ status, body }`. */
export const post = async (url, fields) => {

    const payload = new URLSearchParams(fields).toString();
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(payload) };
    const { status, text } = await send(url, { method: 'POST', headers }, payload);
    return { status, body: JSON.parse(text) };
};

/** Has a user sign in and agree; answers the form that redeems the code. */
export const authorize = async (url, username) => {

    const verifier = randomBytes(32).toString('base64url');
    const redirectUri = 'https://app.example.com/cb';
    const page = `${url}/oauth2/authorize?${new URLSearchParams({
        response_type: 'code', client_id: 'web', redirect_uri: redirectUri, scope: 'openid email offline_access', state: 's', nonce: 'n',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256'
    })}`;
    const cookies = new Map();
    const visit = async (path, options = {}, payload = undefined) => {

        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const answer = await send(new URL(path, page), { method: 'GET', ...options, headers: { ...options.headers, ...cookie === '' ? {} : { cookie } } }, payload);
        for (const [, name, value] of answer.cookies.map((text) => /^([^=]+)=([^;]*)/.exec(text))) {
            cookies.set(name, value);
        }

        return answer.status === 303 && answer.location.startsWith('/') ? await visit(answer.location) : answer;
    };

    const submit = ({ text }, fields) => {

        const [, action = '/no-form'] = /<form method="post" action="([^"]*)"/.exec(text) ?? [];
        const hidden = [...text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
        return visit(action, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, new URLSearchParams([...hidden, ...Object.entries(fields)]).toString());
    };

    const asked = await submit(await visit(page), { username, password: 'pw' });
    const agreed = asked.status === 200 ? await submit(asked, { decision: 'allow' }) : asked;
    const code = agreed.location && new URL(agreed.location).searchParams.get('code');
    if (!code) {
        throw new Error(`no code for ${username}: ${asked.status}, then ${agreed.status} ${agreed.location ?? agreed.text.slice(0, 300)}`);
    }

    return { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri };
};

export const token = (url, fields) => post(`${url}/oauth2/token`, fields);

/** Whether a token lives. */
export const lives = async (url, value) => (await post(`${url}/oauth2/introspect`, { token: value })).body.active;
