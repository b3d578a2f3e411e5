// Where a subject spends its time: npm run profile [-- scenario [subject]], this library if no subject is named.
//
// Prints the functions with the most time of their own, where they are, and what share of the time each package has. A profile for a viewer is kept in
// results/, as `.cpuprofile`.

import { canPin, cores, startChild } from './measure/child.mjs';
import { keep, table } from './measure/report.mjs';

const [name = 'client-credentials-jwt', subjectName = 'hapi-oauth2-flows'] = process.argv.slice(2);
const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const scenario = await import(`./scenarios/${name}.mjs`);
const [server, client] = [startChild('./server.mjs', { core: cores.server }), startChild('./load.mjs', { core: cores.load })];
const { port } = await server.call('start', subjectName, { format: scenario.format });

let rate = 2000;
const load = async (duration, around = (fn) => fn()) => {

    const count = { same: 0, turns: scenario.items, each: Math.ceil(duration * rate), chain: 32 }[scenario.load];
    const items = count === 0 ? [] : await server.call('make', scenario.item, count);
    const { count: answers, milliseconds } = await around(() => client.call('run', { scenario: name, port, items, seconds: duration, connections: 32, staysAwake: canPin }));
    rate = answers / milliseconds * 1000;
    return answers;
};

let warm = 0;
while (warm < 15_000) {                                     // What is not compiled yet says nothing
    warm += await load(2);
}

let profile;
const answers = await load(seconds, async (run) => {

    await server.call('profile');
    const result = await run();
    profile = await server.call('profiled');
    return result;
});

/** `lib/tokens/check`, `jose: dist/…/sign`, `node:internal/…`. */
const place = (url) => {

    const path = url.replace(/^file:\/\//, '');
    const [, library] = /\/dist\/(.+?)(?:\.js)?$/.exec(path.includes('/node_modules/') ? '' : path) ?? [];
    const [, packageName, rest] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(path) ?? [];
    return library !== undefined ? { group: 'lib (this library)', file: `lib/${library}` }
        : packageName !== undefined ? { group: packageName, file: `${packageName}/${rest}` }
            : path.startsWith('node:') ? { group: 'node', file: path } : { group: path.includes('/bench/') ? 'bench' : 'V8 and native', file: path.split('/').at(-1) };
};

const own = new Map();
const idle = new Set(['(idle)', '(root)']);
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
let total = 0;
for (const [index, id] of profile.samples.entries()) {
    const { callFrame: { functionName, url, lineNumber } } = nodes.get(id);
    const time = profile.timeDeltas[index + 1] ?? 0;
    if (!idle.has(functionName) && time > 0) {
        total += time;
        const { group, file } = place(url);
        const key = `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
        const each = own.get(key) ?? { function: functionName || '(anonymous)', place: file === '' ? '' : `${file}:${lineNumber + 1}`, group, time: 0 };
        each.time += time;
        own.set(key, each);
    }
}

const share = (time) => `${(time / total * 100).toFixed(1)} %`;
const µs = (time) => (time / answers).toFixed(1);
const groups = new Map();
for (const { group, time } of own.values()) {
    groups.set(group, (groups.get(group) ?? 0) + time);
}

const byTime = [...own.values()].sort((a, b) => b.time - a.time);
console.log(`${scenario.title}, ${subjectName}: ${answers} requests, ${µs(total)} µs each\n`);
console.log(`${table(['package', 'share', 'µs/request'], [...groups].sort(([, a], [, b]) => b - a).map(([group, time]) => [group, share(time), µs(time)]))}\n`);
console.log(`${table(['function', 'place', 'share', 'µs/request'], byTime.slice(0, 40).map((each) => [each.function, each.place, share(each.time), µs(each.time)]))}\n`);
console.log(`Of this library\n\n${table(['function', 'place', 'share', 'µs/request'], byTime.filter(({ group }) => group.startsWith('lib ')).slice(0, 30).map((each) => [each.function, each.place, share(each.time), µs(each.time)]))}\n`);
keep(`${name}.${subjectName}.cpuprofile`, JSON.stringify(profile));
process.exit();
