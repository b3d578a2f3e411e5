// node .ci/engine-away.mjs [module]: takes PostgreSQL and Redis away from under a running server, in every way, and gives them back.
// Each request must be answered within a bound, rightly or with 503 and Retry-After; and the same server must go on when its engine is back.
// Runs on demand: `npm run build` first; `bash .ci/with-postgres true` and `bash .ci/with-redis true` install the engines. Takes a minute or two.
// `module` exports serve, turn and check as .ci/engine-away-routes.mjs does, which is what runs when none is given.

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ioredisStore, pgStore, redisStore } from './engine-clients.mjs';
import { slowMs, startPostgres, startProxy, startRedis } from './engines.mjs';

const { withinReach } = createRequire(import.meta.url)('../dist/stores/reach.js');

const part = await import(process.argv[2] === undefined ? './engine-away-routes.mjs' : resolve(process.argv[2]));
const boundMs = 4000;                           // One call of the store has 2500 ms; the rest is for a busy machine
const hangMs = 10_000;
const backMs = 15_000;
const clients = 6;

const problems = [];

for (const event of ['unhandledRejection', 'uncaughtException']) {
    process.on(event, (err) => problems.push(`${event}: ${err?.stack ?? err}`));
}

const subjects = {
    'PostgreSQL, pg': { start: startPostgres, connect: pgStore },
    'Redis, ioredis': { start: startRedis, connect: ioredisStore },
    'Redis, redis': { start: startRedis, connect: redisStore }
};

/** What happens to an engine, for how long, and what of it must be seen. */
const events = {
    'is there': { ms: 1500, begin: () => {}, end: () => {}, expected: ({ unavailable }) => unavailable === 0 },
    killed: { ms: 4000, begin: ({ engine }) => engine.kill(), end: ({ engine }) => engine.start(), expected: ({ unavailable }) => unavailable > 0 },
    frozen: { ms: 6000, begin: ({ engine }) => engine.freeze(), end: ({ engine }) => engine.thaw(), expected: ({ unavailable }) => unavailable > 0 },
    'slow by 2 s': { ms: 9000, begin: ({ proxy }) => proxy.slow(), end: ({ proxy }) => proxy.pass(), expected: ({ late }) => late > 0 },
    vanished: { ms: 8000, begin: ({ proxy }) => proxy.vanish(), end: ({ proxy }) => proxy.pass(), expected: ({ unavailable }) => unavailable > 0 }
};

/** Asks the server over HTTP, and keeps count. */
const asking = (url, subject) => {

    const seen = { requests: 0, ok: 0, late: 0, unavailable: 0, slowest: 0 };
    const ask = async (method, path, options = {}) => {

        const began = performance.now();
        try {
            const response = await fetch(url + path, { method, signal: AbortSignal.timeout(hangMs), ...options });
            const text = await response.text();
            const ms = Math.round(performance.now() - began);
            ++seen.requests;
            seen.ok += response.ok ? 1 : 0;
            seen.late += response.ok && ms >= slowMs ? 1 : 0;
            seen.unavailable += response.status === 503 ? 1 : 0;
            seen.slowest = Math.max(seen.slowest, ms);
            if (!response.ok && !(response.status === 503 && response.headers.has('retry-after'))) {
                problems.push(`${subject}: ${method} ${path} answered ${response.status} ${text}`);
            }

            return { status: response.status, body: JSON.parse(text) };
        }
        catch (err) {
            problems.push(`${subject}: ${method} ${path} was not answered: ${err}`);
            return { status: 0, body: {} };
        }
    };

    return { seen, ask };
};

const drive = async (subject, { start, connect }) => {

    const engine = await start();
    const proxy = await startProxy(engine.port);
    const store = withinReach(await connect(proxy.port));
    await store.initialize();
    const { url, stop } = await part.serve(store, Date.now);
    const ledger = [];
    const rows = [];
    for (const [event, { ms, begin, end, expected }] of Object.entries(events)) {
        const { seen, ask } = asking(url, `${subject}, ${event}`);
        let isOver = false;
        const load = Array.from({ length: clients }, async () => {

            while (!isOver) {
                await part.turn(ask, ledger);
                await sleep(30);
            }
        });
        await begin({ engine, proxy });
        await sleep(ms);
        await end({ engine, proxy });
        const ended = performance.now();
        const probe = asking(url, `${subject}, back after ${event}`);
        let inARow = 0;                         // Back is what stays: each connection of a pool may have to notice for itself
        while (inARow < 20 && performance.now() - ended < backMs) {
            const before = probe.seen.unavailable;
            await part.turn(probe.ask, ledger);
            inARow = probe.seen.unavailable === before ? inARow + 1 : 0;
        }

        const back = Math.round(performance.now() - ended);
        isOver = true;
        await Promise.all(load);
        const last = asking(url, `${subject}, after ${event}`);
        const wrong = inARow < 20 ? [] : await part.check(last.ask, ledger);
        rows.push({ engine: subject, event, requests: seen.requests, 'answered': seen.ok, 'after 2 s': seen.late, '503': seen.unavailable, 'slowest, ms': seen.slowest, 'back after, ms': back, 'wrong': wrong.length });
        problems.push(...wrong.map((text) => `${subject}, ${event}: ${text}`));
        problems.push(...[
            [inARow < 20, 'the server did not come back'],
            [seen.slowest > boundMs, `a request took ${seen.slowest} ms`],
            [!expected(seen), 'it was not noticed, so this run says nothing']
        ].filter(([is]) => is).map(([, text]) => `${subject}, ${event}: ${text}`));
    }

    await stop();
    return rows;
};

console.table((await Promise.all(Object.entries(subjects).map(([name, subject]) => drive(name, subject)))).flat());
console.log([...problems.slice(0, 40), problems.length === 0 ? 'ok' : `${problems.length} problems`].join('\n'));
process.exit(problems.length === 0 ? 0 : 1);
