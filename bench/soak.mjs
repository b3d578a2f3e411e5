// Mixed load at full speed, and whether the server stays as it was: npm run soak [-- minutes, 10 unless given] [--bad]
//
// With --bad every second sample has as many bad requests as good ones, and slow bodies; what a request costs in CPU time is compared. The server's clock
// runs faster, so that what expires does so while it is watched. The first third is for warming up; after that the heap has to stay within a tenth, or to
// grow no more than what is stored, which depends on how much the machine lets through. Then the load stops, and when everything has expired the store has
// to be empty but for sessions, the heap nearly as it was, and no socket and no timer left. Says `ok` and exits with 0 if so. The wait for that takes a
// quarter of the time again.

import { setTimeout as sleep } from 'node:timers/promises';

import { cores, startChild } from './measure/child.mjs';
import { keep, machine, table, whole } from './measure/report.mjs';
import { median } from './measure/statistics.mjs';

const isMixed = process.argv.includes('--bad');
const minutes = Number(process.argv.slice(2).find((text) => !text.startsWith('--')) ?? 10);
const milliseconds = minutes * 60_000;
const samples = 24;
const connections = 32;
const longestLife = 4200;                                       // Seconds of the server's clock: a grant lives as long as its ID token, an hour, and is replaced no later than the lifetimes in soak/server.mjs say
const speed = Math.min(60, Math.max(1, longestLife / (milliseconds / 1000 / 4)));      // No code must expire while it is on its way

const server = startChild('./server.mjs', { core: cores.server });
const load = startChild('../soak/lanes.mjs', { core: cores.load });
const { port } = await server.call('start', 'soak/server', { format: 'jwt', speed });
const kindsOf = (resources) => resources.reduce((kinds, kind) => ({ ...kinds, [kind]: (kinds[kind] ?? 0) + 1 }), {});
const sample = async () => {

    const [state, cpu, counts] = [await server.call('state'), await server.call('cpu'), await load.call('counts')];
    return { ...state, kinds: kindsOf(state.resources), cpu, ...counts };
};

console.log(`${machine()}; ${minutes} minutes, the server's clock runs ${speed.toFixed(1)} times as fast${isMixed ? '; every second sample with as many bad requests as good ones' : ''}\n`);
const idle = await sample();
await load.call('begin', port, { connections, slowBodies: isMixed ? 16 : 0 });

const taken = [];
let before = idle;
for (let i = 0; i < samples; ++i) {
    const bad = isMixed && i % 2 === 1;
    await load.call('mix', bad);
    const began = performance.now();
    await sleep(milliseconds / samples);
    const now = await sample();
    const requests = now.good - before.good + now.bad - before.bad;
    taken.push({ ...now, isBad: bad, rate: requests / (performance.now() - began) * 1000, each: (now.cpu - before.cpu) / requests * 1000 });
    before = now;
    process.stderr.write('.');
}

process.stderr.write('\n');
const wrong = await load.call('wrong');
await load.call('end');
await load.stop();
console.error('waiting until everything has expired');
await sleep(longestLife / speed * 1000 + 2000);
await server.call('sweep');
const end = await server.call('state');
const left = kindsOf(end.resources);

const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const rows = [idle, ...taken].map(({ good, bad, slow, rate, each, heap, rss, stored, kinds, isBad }, index) => [
    index === 0 ? 'before' : `${index}${isBad ? ' (bad)' : ''}`, whole(good), whole(bad), whole(slow), rate === undefined ? '' : whole(rate), each === undefined ? '' : each.toFixed(0),
    megabytes(heap), megabytes(rss), whole(stored), kinds.TCPSocketWrap ?? 0, kinds.Timeout ?? 0,
    Object.entries(kinds).filter(([kind]) => !['TCPSocketWrap', 'Timeout'].includes(kind)).reduce((sum, [, count]) => sum + count, 0)
]);
const lines = [table(['sample', 'good', 'bad', 'slow bodies', 'requests/s', 'CPU µs/request', 'heap after GC MB', 'process MB', 'records', 'sockets', 'timers', 'other'], rows)];

const third = samples / 3;
const growth = (member) => median(taken.slice(2 * third).map((each) => each[member])) / median(taken.slice(third, 2 * third).map((each) => each[member]));
const [heap, records] = [growth('heap'), growth('stored')];
const peak = Math.max(...taken.map(({ stored }) => stored));
const findings = [
    ['heap of the last third : that of the second', heap, heap <= 1.1 * Math.max(1, records)],
    ['records when everything has expired, of those there were at most', end.stored / peak, end.stored <= 0.05 * peak + 10 * connections],
    ['heap then, in MB more than before', (end.heap - idle.heap) / 1e6, end.heap <= idle.heap + 15e6],
    ['sockets left at the end', left.TCPSocketWrap ?? 0, (left.TCPSocketWrap ?? 0) <= (idle.kinds.TCPSocketWrap ?? 0)],
    ['timers left at the end', left.Timeout ?? 0, (left.Timeout ?? 0) <= (idle.kinds.Timeout ?? 0) + 1],
    ['answers that were wrong', taken.at(-1).wrong, taken.at(-1).wrong === 0]
];
lines.push(table(['finding', 'value', ''], findings.map(([name, value, holds]) => [name, Number(value.toFixed(3)), holds ? 'ok' : 'NOT OK'])));
if (isMixed) {
    const costs = (bad) => median(taken.slice(third).filter(({ isBad }) => isBad === bad).map(({ each }) => each));
    const [good, mixed] = [costs(false), costs(true)];
    lines.push(`A request costs ${good.toFixed(0)} µs of CPU time with good load, ${mixed.toFixed(0)} µs with as many bad ones: a bad one ${(2 * mixed - good).toFixed(0)} µs.`);
}

if (wrong.length > 0) {
    lines.push(table(['wrong answer', 'times'], wrong));
}

const isFlat = findings.every(([, , holds]) => holds);
lines.push(isFlat ? 'ok' : 'not ok');
console.log(lines.join('\n\n'));
keep('soak.md', `# Soak\n\n${machine()}; ${minutes} minutes${isMixed ? ', with bad requests' : ''}\n\n${lines.join('\n\n')}`);
process.exit(isFlat ? 0 : 1);
