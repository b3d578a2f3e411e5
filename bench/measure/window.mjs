// One measured window: the load runs, and the server's CPU time is counted. Garbage is collected when V8 thinks it is time, as on a server at work: a
// collection that is forced while nobody asks also takes what V8 has learnt of requests, and a window would measure how it learns that again.

import { canPin } from './child.mjs';

/** How many answers came; requests per second, CPU microseconds per request, and latencies in milliseconds, of what `client` sends to `server`; `client` stays awake where it has a core of its own. */
export const measureWindow = async (client, server, { scenario, port, items = [], seconds, connections = 32, staysAwake = canPin }) => {

    const before = await server.call('cpu');
    const { count, milliseconds, p50, p99 } = await client.call('run', { scenario, port, items, seconds, connections, staysAwake });
    const cpu = await server.call('cpu') - before;
    return { count, rate: count / milliseconds * 1000, cpu: cpu / count * 1000, busy: cpu / milliseconds, p50, p99 };
};
