// One measured window: garbage is collected, the load runs, and the server's CPU time is counted.

/** How many answers came; requests per second, CPU microseconds per request, and latencies in milliseconds, of what `client` sends to `server`. */
export const measureWindow = async (client, server, { scenario, port, items = [], seconds, connections = 32 }) => {

    await server.call('collect');
    const before = await server.call('cpu');
    const { count, milliseconds, p50, p99 } = await client.call('run', { scenario, port, items, seconds, connections });
    const cpu = await server.call('cpu') - before;
    return { count, rate: count / milliseconds * 1000, cpu: cpu / count * 1000, busy: cpu / milliseconds, p50, p99 };
};
