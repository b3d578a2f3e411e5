// Mixed load at full speed, and whether the server stays as it was: npm run soak [-- minutes, 10 unless given] [--bad]
//
// With --bad every second sample has as many bad requests as good ones, and slow bodies; what a request costs in CPU time is compared. The server's clock
// runs faster, so that what expires does so while it is watched. The first third is for warming up; after that what the store holds has to stay
// within a tenth for the same number of requests, and the heap within a tenth beside it; at the end no socket and no timer may be left that was not there before. Says `ok` and exits with 0 if so.

import { setTimeout as sleep } from 'node:timers/promises';

import { cores, startChild } from './measure/child.mjs';
import { keep, machine, table, whole } from './measure/report.mjs';
import { median } from './measure/statistics.mjs';

const isMixed = process.argv.includes('--bad');
const minutes = Number(process.argv.slice(2).find((text) => !text.startsWith('--')) ?? 10);
const milliseconds = minutes * 60_000;
const samples = 24;
const longestLife = 1800;                                       // Seconds of the server's clock: lifetimes in soak/server.mjs
const speed = Math.max(1, longestLife / (milliseconds / 1000 / 4));

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
await load.call('begin', port, { connections: 32, slowBodies: isMixed ? 16 : 0 });

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
await sleep(2000);
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
const window = samples / 4;                                     // For so long anything lives: what is stored depends on how much was asked since
const recent = taken.map(({ good, stored }, index) => stored / (good - (taken[index - window]?.good ?? 0)));
const growth = (numbers) => median(numbers.slice(2 * third)) / median(numbers.slice(third, 2 * third));
const heap = growth(taken.map((each) => each.heap));
const records = growth(taken.map(({ stored }) => stored));
const perRequest = growth(recent);
const findings = [
    ['heap of the last third : that of the second', heap, heap <= 1.1 * Math.max(1, records)],
    ['records for each request of the last quarter, likewise', perRequest, perRequest <= 1.1],
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
