// How MemoryStore grows with the number of live refresh tokens: npm run growth:memory [-- highest power of ten, 6 unless given [rounds, 3]]

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { machine, table, whole } from '../measure/report.mjs';
import { median } from '../measure/statistics.mjs';
import { publish } from './plot.mjs';

const [power = 6, rounds = 3] = process.argv.slice(2).map(Number);
const counts = Array.from({ length: power - 2 }, (_, index) => 10 ** (index + 3));
const found = new Map(counts.map((count) => [count, []]));
for (let i = 0; i < rounds; ++i) {
    for (const count of counts) {
        found.get(count).push(JSON.parse(execFileSync(process.execPath, ['--expose-gc', '--max-old-space-size=8192', fileURLToPath(new URL('../memory-store.mjs', import.meta.url)), 'measure', String(count)], { encoding: 'utf8' })));
    }
}

const middle = (count, member) => median(found.get(count).map((each) => each[member]));
const rows = counts.map((count) => [
    whole(count), whole(middle(count, 'bytes')), ...['p50', 'p99', 'own999'].map((member) => (middle(count, member) * 1000).toFixed(1)), middle(count, 'own').toFixed(2), middle(count, 'longest').toFixed(2)
]);
publish('memory', {
    markdown: `# Live refresh tokens in MemoryStore\n\n${machine()}; medians of ${rounds} processes each. A refresh is findToken and rotate; expiry is a call while everything is past its end.\n\n`
        + table(['tokens', 'bytes each', 'refresh p50 µs', 'refresh p99 µs', 'expiry p99.9 µs', 'longest ms', 'with garbage collection'], rows),
    plots: [
        { title: 'A refresh in MemoryStore', x: { label: 'live refresh tokens', log: true }, y: { label: 'µs', log: false }, series: ['p50', 'p99'].map((name) => ({ name, points: counts.map((count) => [count, middle(count, name) * 1000]) })) },
        { title: 'Memory of a refresh token', x: { label: 'live refresh tokens', log: true }, y: { label: 'bytes', log: false }, series: [{ name: 'bytes each', points: counts.map((count) => [count, middle(count, 'bytes')]) }] }
    ]
});
