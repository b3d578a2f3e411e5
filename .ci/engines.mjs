// Engines that .ci/engine-away.mjs and .ci/server-away.mjs kill, freeze, slow and cut off: each in a folder of its own, gone with the process.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How slow a slow engine is. */
export const slowMs = 2000;

const folder = mkdtempSync(join(tmpdir(), 'engine-away-'));
const processes = new Set();

process.on('SIGTERM', () => process.exit(143));          // Or no engine would be ended
process.on('exit', () => {

    for (const kill of processes) {
        kill();
    }

    rmSync(folder, { recursive: true, force: true });
});

/** Below 50000, since the nodes of a cluster talk to each other on a port that is 10000 higher. */
const freePort = () => new Promise((done) => {

    const server = createServer().listen(20_000 + Math.floor(Math.random() * 20_000), '127.0.0.1', () => {

        const { port } = server.address();
        server.close(() => done(port));
    });
    server.on('error', () => done(freePort()));
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

/** A PostgreSQL of its own. Like every engine here it answers where it is, and what can be done to it; `kill` loses nothing that it has acknowledged. */
export const startPostgres = async () => {

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

/** A Redis of its own. */
export const startRedis = async (...options) => {

    const home = mkdtempSync(join(folder, 'redis-'));
    const port = await freePort();
    let child;
    const start = async () => {

        child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', ...options], { stdio: 'ignore' });
        await insist(() => execFileSync('redis-cli', ['-p', String(port), 'get', 'a'], { stdio: 'ignore' }));
    };

    await start();
    processes.add(() => child.kill('SIGKILL'));
    return { port, start, kill: () => child.kill('SIGKILL'), freeze: () => child.kill('SIGSTOP'), thaw: () => child.kill('SIGCONT') };
};

/** Three masters, of which the first is the one that things happen to. It answers the ports of all. */
export const startCluster = async () => {

    const masters = await Promise.all([1, 2, 3].map(() => startRedis('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000')));
    const ports = masters.map(({ port }) => port);
    execFileSync('redis-cli', ['--cluster', 'create', ...ports.map((port) => `127.0.0.1:${port}`), '--cluster-yes'], { stdio: 'ignore' });
    for (const port of ports) {
        await insist(() => {

            if (!execFileSync('redis-cli', ['-p', String(port), 'cluster', 'info'], { encoding: 'utf8' }).includes('cluster_state:ok')) {
                throw new Error('The cluster is not ready');
            }
        });
    }

    return { ...masters[0], ports };
};

/** What lies between server and engine. While it is slow, what the engine says comes late; once it has swallowed a connection, that one is dead and does not say so. */
export const startProxy = async (port) => {

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
