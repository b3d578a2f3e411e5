// .ci/with-postgres .ci/with-redis node .ci/crash.mjs [kills] [engine]: kills a server under load with SIGKILL, again and again, and starts another one on its data.
// What clients were told must hold then, and what they were not told must be whole or dead. Runs on demand: `npm run build` first. Takes some minutes.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { authorize, get, lives, startServer, token } from './races-client.mjs';

const kills = Number(process.argv[2] ?? 20);
const only = process.argv[3];
const clients = 16;
const { POSTGRES_URL, REDIS_URL } = process.env;
if (!POSTGRES_URL || !REDIS_URL) {
    console.error('POSTGRES_URL and REDIS_URL are not set: .ci/with-postgres .ci/with-redis node .ci/crash.mjs');
    process.exit(2);
}

const problems = [];

const refresh = (url, value) => token(url, { grant_type: 'refresh_token', refresh_token: value });

/** One client's turn; it rejects when the server is gone. What was asked for without an answer stays `asked`. */
const turn = async (url, ledger) => {

    const subject = randomUUID();
    const entry = { subject, form: await authorize(url, subject), asked: null, refreshToken: null };
    ledger.push(entry);
    if (ledger.length % 4 === 0) {
        return;                                 // This code is redeemed after the crash
    }

    for (const asked of ['redeem', 'refresh', 'refresh', 'refresh']) {
        entry.asked = asked;
        const { status, body } = await (asked === 'redeem' ? token(url, entry.form) : refresh(url, entry.refreshToken));
        if (status !== 200) {
            problems.push(`${asked} answered ${status} ${body.error} before the crash`);
            return;
        }

        entry.asked = null;
        entry.refreshToken = body.refresh_token;
    }
};

const load = async (url, ledger) => {

    for (;;) {
        try {
            await turn(url, ledger);
        }
        catch (err) {
            if (err.message.startsWith('no code')) {
                problems.push(err.message);
            }

            return;
        }
    }
};

/** What a client does that comes back after the crash, and what is wrong with what it sees. */
const check = async (url, { subject, form, asked, refreshToken }, { killedAt, row, graceMs }) => {

    const grants = () => get(`${url}/races/grants/${subject}`);
    const isRedeemed = refreshToken !== null;
    const { status, body } = await (isRedeemed ? refresh(url, refreshToken) : token(url, form));
    const isLate = asked === 'refresh' && performance.now() - killedAt > graceMs;
    row['cut off redeeming'] += asked === 'redeem' ? 1 : 0;
    row['of them half done'] += asked === 'redeem' && status !== 200 ? 1 : 0;
    row['cut off refreshing'] += asked === 'refresh' ? 1 : 0;
    row['asked too late'] += isLate ? 1 : 0;
    const alive = await grants();
    const wrong = [
        [![200, 400].includes(status), `answered ${status} ${body.error}`],
        [asked === null && isRedeemed && status !== 200, 'an acknowledged refresh token is lost'],
        [asked === null && !isRedeemed && status !== 200, 'an acknowledged code is lost'],
        [asked === 'refresh' && status !== 200 && !isLate, 'a refresh token that was cut off cannot be presented again'],
        [status === 200 && alive.length !== 1, `the grant is not alive: ${alive.length}`],
        [status === 200 && !await lives(url, body.access_token), 'the new access token is dead'],
        [status !== 200 && alive.length !== 0, 'a half-issued grant is alive']
    ];

    const next = status === 200 ? await refresh(url, body.refresh_token) : undefined;
    const again = await token(url, form);
    row['second uses'] += 1;
    return [
        ...wrong,
        [next !== undefined && next.status !== 200, 'the successor does not work'],
        [again.status !== 400 || again.body.error !== 'invalid_grant', `a code was redeemed twice: ${again.status} ${again.body.error}`],
        [(await grants()).length !== 0 || (next?.status === 200 && await lives(url, next.body.refresh_token)), 'a second use of its code left the grant alive']
    ].filter(([is]) => is).map(([, text]) => text);
};

const loadAll = (url, ledger) => Promise.all(Array.from({ length: clients }, () => load(url, ledger)));

/** Several at once; first those whose grace window is running. */
const checkAll = async (url, ledger, { row, ...context }) => {

    const queue = [...ledger.filter(({ asked }) => asked === 'refresh'), ...ledger.filter(({ asked }) => asked !== 'refresh')];
    const texts = [];
    await Promise.all(Array.from({ length: clients }, async () => {

        while (queue.length > 0) {
            const entry = queue.shift();
            const wrong = await check(url, entry, { row, ...context }).catch((err) => [err.stack]);
            row.wrong += wrong.length > 0 ? 1 : 0;
            texts.push(...wrong.map((text) => `${text} (asked ${entry.asked})`));
        }
    }));
    return texts;
};

/** `slowness` is how many times longer a second of the servers is: what starts for long gets a longer grace window. */
const drive = async (engine, place, slowness) => {

    const row = { engine, kills, codes: 0, 'cut off redeeming': 0, 'of them half done': 0, 'cut off refreshing': 0, 'asked too late': 0, 'second uses': 0, 'wrong': 0, seconds: 0 };
    const began = performance.now();
    const since = Date.now();
    const graceMs = 9000 * slowness;                // A tenth less than a replaced refresh token is answered again
    const start = () => startServer(engine, place, [since, slowness]);
    let server = await start();
    for (let i = 0; i < kills; ++i) {
        const ledger = [];
        const running = loadAll(server.url, ledger);
        await sleep(1000 + Math.random() * 500);
        const killedAt = performance.now();
        server.child.kill('SIGKILL');
        await running;
        server = await start();
        row.codes += ledger.length;
        const wrong = await checkAll(server.url, ledger, { killedAt, row, graceMs });
        console.error(`${engine}, kill ${i + 1}: ${ledger.length} codes, ${wrong.length} wrong`);
        problems.push(...wrong.map((text) => `${engine}, kill ${i + 1}: ${text}`));
    }

    server.child.disconnect();
    row.seconds = Math.round((performance.now() - began) / 100) / 10;
    return row;
};

/** Redis writes everything down, as it has to where a server is more than a cache. */
const writeDown = async () => {

    const { Redis } = createRequire(import.meta.url)('ioredis');
    const client = new Redis(REDIS_URL);
    await client.config('SET', 'appendonly', 'yes');
    client.disconnect();
};

await writeDown();
const folder = mkdtempSync(join(tmpdir(), 'crash-'));
const rows = [];
for (const [engine, place, slowness] of [['PostgreSQL', POSTGRES_URL, 1], ['Redis', REDIS_URL, 1], ['PGlite', join(folder, 'data'), 10]]) {
    rows.push(...only === undefined || only === engine ? [await drive(engine, place, slowness)] : []);
}

rmSync(folder, { recursive: true, force: true });
console.table(rows);
console.log([...problems.slice(0, 40), problems.length === 0 ? 'ok' : `${problems.length} problems`].join('\n'));
process.exit(problems.length === 0 ? 0 : 1);
