// node .ci/engine-away.mjs [module]: takes PostgreSQL and Redis away from under a running server, in every way, and gives them back.
// Each request must be answered within a bound, rightly or with 503 and Retry-After; and the same server must go on when its engine is back.
// Runs on demand: `npm run build` first; `bash .ci/with-postgres true` and `bash .ci/with-redis true` install the engines. Takes a minute or two.
// `module` exports serve, turn and check as .ci/engine-away-routes.mjs does, which is what runs when none is given.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { withinReach } = require('../dist/stores/reach.js');
const { SqlStore } = require('../dist/sql.js');
const { RedisStore } = require('../dist/redis.js');
const { Pool } = require('pg');
const { Redis } = require('ioredis');
const { createClient } = require('redis');

const part = await import(process.argv[2] === undefined ? './engine-away-routes.mjs' : resolve(process.argv[2]));
const slowMs = 2000;
const boundMs = 4000;                           // One call of the store has 2500 ms; the rest is for a busy machine
const hangMs = 10_000;
const backMs = 15_000;
const clients = 6;

const folder = mkdtempSync(join(tmpdir(), 'engine-away-'));
const processes = new Set();
const problems = [];

process.on('exit', () => {

    for (const kill of processes) {
        kill();
    }

    rmSync(folder, { recursive: true, force: true });
});
for (const event of ['unhandledRejection', 'uncaughtException']) {
    process.on(event, (err) => problems.push(`${event}: ${err?.stack ?? err}`));
}

const freePort = () => new Promise((done) => {

    const server = createServer().listen(0, '127.0.0.1', () => {

        const { port } = server.address();
        server.close(() => done(port));
    });
});

const signalAll = (pids, signal) => {

    for (const pid of pids) {
        try {
            process.kill(pid, signal);
        }
        catch {}                                // It has ended
    }
};

/** Tries again what an engine that was killed does not always do at once. */
const insist = async (run) => {

    for (let i = 0; ; ++i) {
        try {
            return await run();
        }
        catch (err) {
            if (i === 100) {
                throw err;
            }

            await sleep(100);
        }
    }
};

const startPostgres = async () => {

    const bin = execFileSync('bash', ['-c', 'ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1'], { encoding: 'utf8' }).trim();
    const home = mkdtempSync(join(folder, 'postgres-'));
    const data = join(home, 'data');
    const isRoot = process.getuid() === 0;      // PostgreSQL refuses to run as root
    const run = (program, ...options) => {

        const command = [join(bin, program), '-D', data, ...options];
        execFileSync(isRoot ? 'runuser' : command[0], isRoot ? ['-u', 'postgres', '--', ...command] : command.slice(1), { cwd: home, stdio: 'ignore' });
    };

    if (isRoot) {
        execFileSync('chmod', ['755', folder]);
        execFileSync('chown', ['postgres', home]);
    }

    run('initdb', '-U', 'postgres', '-A', 'trust', '-E', 'UTF8');
    const port = await freePort();
    const pids = () => {

        const main = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0];
        const parentOf = (pid) => {

            try {
                return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[1];
            }
            catch {
                return undefined;
            }
        };

        return [main, ...readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === main)].map(Number);
    };

    const start = () => insist(() => run('pg_ctl', '-w', '-t', '30', '-l', join(home, 'log'), '-o', `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${home}`, 'start'));
    const kill = () => signalAll(pids(), 'SIGKILL');
    await start();
    processes.add(kill);
    return { port, start, kill, freeze: () => signalAll(pids(), 'SIGSTOP'), thaw: () => signalAll(pids(), 'SIGCONT') };
};

const startRedis = async () => {

    const home = mkdtempSync(join(folder, 'redis-'));
    const port = await freePort();
    let child;
    const start = async () => {

        child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' });
        await insist(() => execFileSync('redis-cli', ['-p', String(port), 'get', 'a'], { stdio: 'ignore' }));
    };

    await start();
    processes.add(() => child.kill('SIGKILL'));
    return { port, start, kill: () => child.kill('SIGKILL'), freeze: () => child.kill('SIGSTOP'), thaw: () => child.kill('SIGCONT') };
};

/** What lies between server and engine. While it is slow, what the engine says comes late; once it has swallowed a connection, that one is dead and does not say so. */
const startProxy = async (port) => {

    const link = { delayMs: 0, swallows: false };
    const pairs = new Set();
    const server = createServer((near) => {

        const far = createConnection(port, '127.0.0.1');
        const pair = { isDead: link.swallows };
        pairs.add(pair);
        near.on('data', (data) => pair.isDead || far.write(data));
        let last = 0;                           // No chunk overtakes one that came before it
        far.on('data', (data) => {

            const now = performance.now();
            last = Math.max(last, now + link.delayMs);
            const send = () => pair.isDead || near.write(data);
            pair.sent = Promise.all([pair.sent, sleep(last - now)]).then(send);
        });
        for (const [from, to] of [[near, far], [far, near]]) {
            from.on('error', () => {});
            from.on('close', () => {

                pairs.delete(pair);
                return pair.isDead && from === far || to.destroy();
            });
        }
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return {
        port: server.address().port,
        slow: () => Object.assign(link, { delayMs: slowMs }),
        vanish: () => {

            link.swallows = true;
            pairs.forEach((pair) => Object.assign(pair, { isDead: true }));
        },
        pass: () => Object.assign(link, { delayMs: 0, swallows: false })
    };
};

const log = () => {};                           // A driver says so often that it has no connection
const wait = (times) => Math.min(times * 100, 1000);

/** `redis` does not notice a connection that swallows everything while requests keep coming: each of them sets its socketTimeout back. */
const watch = async (client) => {

    for (;;) {
        await sleep(1000, undefined, { ref: false });
        try {
            await Promise.race([client.isReady && client.ping(), sleep(3000, undefined, { ref: false }).then(() => { throw new Error('no answer'); })]);
        }
        catch {
            client.destroy();
            client.connect().catch(log);
        }
    }
};

/** The settings are those of docs/stores/README.md. */
const subjects = {
    'PostgreSQL, pg': {
        start: startPostgres, connect: async (port) => {

            const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 6, connectionTimeoutMillis: 2000, query_timeout: 3000, statement_timeout: 3000, keepAlive: true }).on('error', log);
            return new SqlStore(pool, { clock: Date.now });
        }
    },
    'Redis, ioredis': {
        start: startRedis, connect: async (port) => {

            const client = new Redis(port, '127.0.0.1', {
                enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, connectTimeout: 2000, socketTimeout: 3000, retryStrategy: wait
            }).on('error', log);
            await new Promise((done) => client.once('ready', done));
            return new RedisStore(client, { clock: Date.now });
        }
    },
    'Redis, redis': {
        start: startRedis, connect: async (port) => {

            const client = createClient({ disableOfflineQueue: true, pingInterval: 1000, socket: { host: '127.0.0.1', port, connectTimeout: 2000, socketTimeout: 3000, reconnectStrategy: wait } });
            await client.on('error', log).connect();
            void watch(client);
            return new RedisStore(client, { clock: Date.now });
        }
    }
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
