// node .ci/server-away.mjs [part of an engine's name]: takes the engine of a whole authorization server away under load, in every way, and gives it back.
// Each answer must be right, or 503 with Retry-After, within a bound; never invalid_client, never a code that works twice or a revoked token that
// lets in; a browser may also be sent back to its app with temporarily_unavailable. And the same process must go on when its engine is back. Runs on demand: `npm run build` first; `bash .ci/with-postgres true` and
// `bash .ci/with-redis true` install the engines. Takes some minutes. With EXPLAIN=1 the server says what its 500s came from.

import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

import { slowMs, startCluster, startPostgres, startProxy, startRedis } from './engines.mjs';
import { check, machineTurn, probe, refreshing, userTurn } from './server-away-load.mjs';

const boundMs = 7000;                           // A request ends with the first call of the store that takes 2500 ms, and one before it may have come just in time
const slowBoundMs = 16_000;                     // Each call takes two seconds there, and a request may need several
const hangMs = 30_000;
const backMs = 25_000;
const problems = [];

const subjects = {
    'PostgreSQL, pg': { start: startPostgres, client: 'pgStore' },
    'Redis, ioredis': { start: startRedis, client: 'ioredisStore' },
    'Redis, redis': { start: startRedis, client: 'redisStore' },
    'Cluster, ioredis': { start: startCluster, client: 'ioredisClusterStore' },
    'Cluster, redis': { start: startCluster, client: 'redisClusterStore' }
};

/** What happens to an engine, or to the first master of a cluster, for how long, and what of it must be seen. */
const events = {
    'is there': { ms: 2000, begin: () => {}, end: () => {}, expected: ({ unavailable }) => unavailable === 0 },
    killed: { ms: 5000, begin: ({ engine }) => engine.kill(), end: ({ engine }) => engine.start(), expected: ({ unavailable }) => unavailable > 0 },
    frozen: { ms: 6000, begin: ({ engine }) => engine.freeze(), end: ({ engine }) => engine.thaw(), expected: ({ unavailable }) => unavailable > 0 },
    'slow by 2 s': { ms: 12_000, begin: ({ proxies }) => proxies.forEach(({ slow }) => slow()), end: ({ proxies }) => proxies.forEach(({ pass }) => pass()), expected: ({ late }) => late > 0 },
    vanished: { ms: 8000, begin: ({ proxies }) => proxies.forEach(({ vanish }) => vanish()), end: ({ proxies }) => proxies.forEach(({ pass }) => pass()), expected: ({ unavailable }) => unavailable > 0 }
};

/** Asks the server, and keeps count: `expected` says whether an answer is right. */
const asking = (url, subject) => {

    const seen = { requests: 0, right: 0, late: 0, unavailable: 0, slowest: 0, slowestKind: '' };
    const ask = async (kind, path, { keep, ...init }, expected) => {

        const began = performance.now();
        try {
            const response = await fetch(new URL(path, url), { redirect: 'manual', signal: AbortSignal.timeout(hangMs), ...init });
            const text = await response.text();
            const ms = Math.round(performance.now() - began);
            for (const cookie of response.headers.getSetCookie()) {
                const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
                keep?.set(name, value);
            }

            const location = response.headers.get('location');
            const body = location ? { location } : response.headers.get('content-type')?.startsWith('application/json') && text !== '' ? JSON.parse(text) : {};
            const answer = { status: response.status, body, text };
            const toldByRedirect = location?.startsWith('https://app.example.com/cb?') && new URL(location).searchParams.get('error') === 'temporarily_unavailable';      // RFC 6749 §4.1.2.1
            const isAway = toldByRedirect || response.status === 503 && response.headers.has('retry-after');
            const isRight = !isAway && expected(answer);
            ++seen.requests;
            seen.unavailable += isAway ? 1 : 0;
            seen.right += isRight ? 1 : 0;
            seen.late += isRight && ms >= slowMs ? 1 : 0;
            if (ms > seen.slowest) {
                Object.assign(seen, { slowest: ms, slowestKind: kind });
            }

            if (!isAway && !isRight) {
                problems.push(`${subject}: ${kind} answered ${response.status} ${location ?? text.replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>|\s+/g, ' ').slice(0, 300)}`);
            }

            return { ...answer, isAway };
        }
        catch (err) {
            problems.push(`${subject}: ${kind} was not answered: ${err} ${err.cause ?? ''}`);
            return { status: 0, body: {}, text: '', isAway: true };
        }
    };

    return { seen, ask };
};

const startServer = (client, place) => new Promise((done, fail) => {

    const child = fork(new URL('server-away-server.mjs', import.meta.url), [client, JSON.stringify(place)]);
    child.once('message', ({ url }) => done({ child, url }));
    child.once('exit', (code, signal) => fail(new Error(`the server ended before it was there: ${code ?? signal}`)));
});

const drive = async (subject, { start, client }) => {

    const engine = await start();
    const proxies = await Promise.all((engine.ports ?? [engine.port]).map(startProxy));
    const nodes = engine.ports?.map((port, index) => [`127.0.0.1:${port}`, { host: '127.0.0.1', port: proxies[index].port }]);
    const { child, url } = await startServer(client, nodes ? Object.fromEntries(nodes) : proxies[0].port);
    let isStopped = false;
    child.on('exit', (code, signal) => isStopped || problems.push(`${subject}: the server ended: ${code ?? signal}`));
    const ledger = [];
    const rows = [];
    for (const [event, { ms, begin, end, expected }] of Object.entries(events)) {
        const { seen, ask } = asking(url, `${subject}, ${event}`);
        let isOver = false;
        const repeat = async (turn) => {

            while (!isOver) {
                await turn(ask, ledger);
                await sleep(50);
            }
        };

        const load = [repeat(machineTurn), repeat(machineTurn), repeat(userTurn), repeat(userTurn), refreshing(ask, () => isOver), refreshing(ask, () => isOver)];
        await sleep(1000);                      // Everybody is at work
        await begin({ engine, proxies });
        await sleep(ms);
        await end({ engine, proxies });
        const ended = performance.now();
        const probing = asking(url, `${subject}, back after ${event}`);
        let [inARow, back] = [0, 0];            // Back is what stays: each connection of a pool may have to notice for itself
        while (inARow < 10 && performance.now() - ended < backMs) {
            const before = probing.seen.unavailable;
            await probe(probing.ask);
            inARow = probing.seen.unavailable === before ? inARow + 1 : 0;
            back = inARow === 1 ? Math.round(performance.now() - ended) : back;
        }

        isOver = true;
        await Promise.all(load);
        const last = asking(url, `${subject}, after ${event}`);
        const before = problems.length;
        const wrong = inARow < 10 ? [] : await check(last.ask, ledger.splice(0));
        problems.push(...wrong.map((text) => `${subject}, ${event}: ${text}`));
        rows.push({
            engine: subject, event, requests: seen.requests, 'answered rightly': seen.right, 'after 2 s': seen.late, 'told 503': seen.unavailable,
            'slowest, ms': seen.slowest, 'of it': seen.slowestKind, 'back after, ms': back, 'asked again': last.seen.requests, wrong: problems.length - before
        });
        problems.push(...[
            [inARow < 10, 'the server did not come back'],
            [seen.slowest > (event.startsWith('slow') ? slowBoundMs : boundMs), `${seen.slowestKind} took ${seen.slowest} ms`],
            [!expected(seen), 'it was not noticed, so this run says nothing'],
            [last.seen.unavailable > 0, `${last.seen.unavailable} of what was asked again got 503`]
        ].filter(([is]) => is).map(([, text]) => `${subject}, ${event}: ${text}`));
    }

    isStopped = true;
    child.disconnect();
    return rows;
};

const table = [];
for (const [name, subject] of Object.entries(subjects)) {
    if (name.includes(process.argv[2] ?? '')) {
        const rows = await drive(name, subject).catch((err) => problems.push(`${name}: ${err.stack}`) && []);
        table.push(...rows);
    }
}

console.table(table);
console.log([...problems.slice(0, 40), problems.length === 0 && table.length > 0 ? 'ok' : `${problems.length} problems`].join('\n'));
process.exit(problems.length === 0 && table.length > 0 ? 0 : 1);
