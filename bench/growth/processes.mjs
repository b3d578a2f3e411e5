// How one to four server processes on one store share the work: npm run growth:processes
//
// Nothing is pinned: the processes, the load and the database share the machine. With two cores the sum grows little; what can be seen is that a
// second process costs nothing, and with more cores how far the store carries.

import { startChild } from '../measure/child.mjs';
import { machine, table, whole } from '../measure/report.mjs';
import { summary } from '../measure/statistics.mjs';
import { publish } from './plot.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const most = 4;
const connections = 32;
const scenarios = [{ name: 'client-credentials-opaque', title: 'client credentials, opaque' }, { name: 'refresh', title: 'refresh with rotation' }];
const engines = Object.entries({ postgres: 'POSTGRES_URL', redis: 'REDIS_URL' }).filter(([, name]) => process.env[name] !== undefined).map(([engine]) => engine);
if (engines.length === 0) {
    console.error('POSTGRES_URL or REDIS_URL says which store; ../.ci/with-postgres and ../.ci/with-redis start one for the time of a command.');
    process.exit(1);
}

if (engines.includes('postgres')) {
    const { default: pg } = await import('pg');
    const { SqlStore } = await import('../../dist/sql.js');
    const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL });
    await pool.query('DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench');
    await new SqlStore(pool, { clock: Date.now, schema: 'bench' }).initialize();
    await pool.end();
}

const client = startChild('./load.mjs');
const found = [];
for (const engine of engines) {
    for (const { name, title } of scenarios) {
        const servers = [];
        while (servers.length < most) {
            const server = startChild('./server.mjs');
            const { port } = await server.call('start', 'growth/store-server', { engine, format: name.endsWith('opaque') ? 'opaque' : 'jwt' });
            servers.push({ server, port });
        }

        const [{ server: first }] = servers;
        const measure = async (count) => {

            const items = name === 'refresh' ? await first.call('make', 'refresh', connections) : [];
            const { count: answers, milliseconds } = await client.call('run', { scenario: name, port: servers.slice(0, count).map(({ port }) => port), items, seconds, connections });
            return answers / milliseconds * 1000;
        };

        await measure(most);
        const rates = Array.from({ length: most }, () => []);
        for (let i = 0; i < rounds; ++i) {
            for (const [index, all] of rates.entries()) {
                all.push(await measure(index + 1));
            }
        }

        found.push({ name: `${engine}, ${title}`, rates: rates.map(summary) });
        await Promise.all(servers.map(({ server }) => server.stop()));
    }
}

const processes = Array.from({ length: most }, (_, index) => index + 1);
publish('processes', {
    markdown: `# Processes on one store\n\n${machine()}; requests/s in all, medians of ${rounds} rounds of ${seconds} s in turns; nothing is pinned, and the store runs on the same machine.\n\n`
        + table(['store and work', ...processes.map((count) => `${count} process${count === 1 ? '' : 'es'}`)], found.map(({ name, rates }) => [name, ...rates.map(({ median }) => whole(median))])),
    plots: [{
        title: 'Server processes on one store', x: { label: 'processes', log: false }, y: { label: 'requests/s', log: false },
        series: found.map(({ name, rates }) => ({ name, points: rates.map(({ median }, index) => [index + 1, median]) }))
    }]
});
process.exit();
