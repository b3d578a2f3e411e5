// Calls functions of another process, which is pinned to one core where taskset is there.

import { fork, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Whether processes can have a core of their own: there is taskset, and there are two cores or more. */
export const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** Which core is whose: the server's are the first ones, the load's is the last. */
export const cores = { server: '0', load: String(availableParallelism() - 1) };

/**
 * Starts a module of this folder as a process; `call` runs one of its functions and answers what that answers. It ends with this one.
 *
 * Processes that are given the same core stay there, and disturb no other.
 */
export const startChild = (name, { core, execArgv = [], env = {} } = {}) => {

    const module = fileURLToPath(new URL(name, import.meta.url));
    const child = fork(module, [], {
        execArgv, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe', 'ipc'], serialization: 'advanced'
    });
    if (core !== undefined && canPin) {
        spawnSync('taskset', ['-a', '-p', '-c', core, String(child.pid)]);
    }

    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {

        errors = (errors + text).slice(-4000);
    });

    const waiting = new Map();
    child.on('message', ({ id, result, error }) => {

        const { resolve, reject } = waiting.get(id);
        waiting.delete(id);
        if (error === undefined) {
            resolve(result);
        }
        else {
            reject(new Error(error));
        }
    });
    const exited = new Promise((resolve) => child.once('exit', (code) => {

        for (const { reject } of waiting.values()) {
            reject(new Error(`${name} ended with ${code}: ${errors}`));
        }

        resolve();
    }));

    let calls = 0;
    return {
        pid: child.pid,
        call: (fn, ...args) => new Promise((resolve, reject) => {

            const id = ++calls;
            waiting.set(id, { resolve, reject });
            child.send({ id, fn, args });
        }),
        stop: async () => {

            child.kill('SIGKILL');
            await exited;
        }
    };
};

/** What a module started by {@link startChild} does: it answers calls of these functions. */
export const serveCalls = (functions) => {

    process.on('message', async ({ id, fn, args }) => {

        try {
            process.send({ id, result: await functions[fn](...args) });
        }
        catch (err) {
            process.send({ id, error: err.stack ?? String(err) });
        }
    });
    process.on('disconnect', () => process.exit());
};
