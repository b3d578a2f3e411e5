// How signing, verifying and the key set take 1 to 50 published signing keys: npm run growth:keys

import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { rounds, seconds, takeTurns } from './take-turns.mjs';

const counts = [1, 2, 5, 10, 20, 50];
const loads = [
    { name: 'sign', title: 'client credentials, JWT', of: () => ({ scenario: 'client-credentials-jwt' }) },
    { name: 'verify', title: 'protected route, new JWTs', of: async (server, count) => ({ scenario: 'protected-fresh', items: await server.call('make', 'token', count) }) },
    { name: 'publish', title: 'key set', of: () => ({ scenario: 'growth/jwks' }) }
];

const found = await takeTurns(counts.map((count) => ({ x: count, name: 'growth/keys-server', options: { format: 'jwt', keys: count }, loads })));

publish('keys', {
    markdown: `# Published signing keys\n\n${machine()}; medians of ${rounds} rounds of ${seconds} s in turns; requests/s and CPU µs per request.\n\n`
        + table(['keys', ...loads.flatMap(({ title }) => [title, 'µs'])], found.map((each) =>
            [each.x, ...loads.flatMap(({ name }) => [whole(each.loads[name].rate), each.loads[name].cpu.toFixed(0)])])),
    plots: [{
        title: 'CPU time, by published keys', x: { label: 'keys', log: true }, y: { label: 'CPU µs per request', log: false },
        series: loads.map(({ name, title }) => ({ name: title, points: found.map(({ x, loads: results }) => [x, results[name].cpu]) }))
    }]
});
process.exit();
