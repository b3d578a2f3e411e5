// The process of one subject, configured for one scenario.

import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { serveCalls } from './child.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const session = new Session();
let started;
const makeOne = (kind) => started.make[kind]();

serveCalls({
    /** Starts a subject by its name, or what another file starts in the same way. */
    start: async (name, options) => {

        const { start } = await import(`../${name.includes('/') ? '' : 'subjects/'}${name}.mjs`);
        const begin = performance.now();
        started = await start(options);
        return { port: started.port, milliseconds: performance.now() - begin };
    },
    /** Makes so many codes or tokens, outside of what is measured. */
    make: async (kind, count) => {

        const made = [];
        while (made.length < count) {
            made.push(...await Promise.all(Array.from({ length: Math.min(50, count - made.length) }, () => makeOne(kind))));
            await new Promise(setImmediate);                // Else nothing that the making leaves behind is ever let go: V8 learns that requests live long, and keeps them all among what is old
        }

        return made;
    },
    /** Milliseconds of CPU time so far. */
    cpu: () => {

        const { user, system } = process.cpuUsage();
        return (user + system) / 1000;
    },
    /** Collects garbage; answers the bytes that are left. */
    collect: () => {

        collect();
        return process.memoryUsage().heapUsed;
    },
    profile: async () => {

        session.connect();
        await session.post('Profiler.enable');
        await session.post('Profiler.setSamplingInterval', { interval: 200 });
        await session.post('Profiler.start');
    },
    /** Ends the profile, and answers it. */
    profiled: async () => (await session.post('Profiler.stop')).profile,
    /** Has the store forget what has expired. */
    sweep: async () => {

        while (await started.store.sweep(10_000) > 0) {
            await new Promise(setImmediate);
        }
    },
    /** Bytes on the heap after a collection, bytes of the process, what keeps it busy, and what the store holds. */
    state: () => {

        collect();
        const { heapUsed, rss } = process.memoryUsage();
        return { heap: heapUsed, rss, resources: process.getActiveResourcesInfo(), stored: started.store?.size ?? 0 };
    }
});
