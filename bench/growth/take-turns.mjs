// Servers that differ in one number, asked in turns, so that what else the machine does hits all alike.

import { cores, startChild } from '../measure/child.mjs';
import { median } from '../measure/statistics.mjs';
import { measureWindow } from '../measure/window.mjs';

export const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
export const seconds = Number(process.env.BENCH_SECONDS ?? 2);

/**
 * Measures each server of `servers`, `{ x, name, options, loads }`, where `loads` are `{ name, scenario, items }` or functions of the running server that
 * answer such; answers for each the medians by load, what starting took, and its heap.
 */
export const takeTurns = async (servers) => {

    const client = startChild('./load.mjs', { core: cores.load });
    const running = [];
    for (const { x, name, options, loads } of servers) {
        const server = startChild('./server.mjs', { core: cores.server });
        const { port, milliseconds } = await server.call('start', name, options);
        const each = { x, server, port, milliseconds, heap: await server.call('collect'), loads, results: new Map() };
        running.push(each);
        for (const load of loads) {
            each.results.set(load.name, []);
            await measureWindow(client, server, { port, seconds, ...await load.of(server, Math.ceil(2000 * seconds)) });
        }
    }

    for (let i = 0; i < rounds; ++i) {
        for (const { server, port, loads, results } of running) {
            for (const load of loads) {
                results.get(load.name).push(await measureWindow(client, server, { port, seconds, ...await load.of(server, Math.ceil(6000 * seconds)) }));
            }
        }
    }

    const middle = (all) => Object.fromEntries(Object.keys(all[0]).map((member) => [member, median(all.map((each) => each[member]))]));
    const found = running.map(({ x, milliseconds, heap, results }) => ({ x, milliseconds, heap, loads: Object.fromEntries([...results].map(([name, all]) => [name, middle(all)])) }));
    await Promise.all([client, ...running.map(({ server }) => server)].map((child) => child.stop()));
    return found;
};
