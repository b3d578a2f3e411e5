// Measures every subject at every scenario it can do, and prints a table: npm start [-- scenario or subject …]
//
// In each scenario all subjects are started, checked and warmed up; then they take turns, A B C A B C, so that what else the machine does hits all
// alike. Only one of them is asked at a time. See README.md.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { canPin, cores, startChild } from './measure/child.mjs';
import { keep, machine, table, whole } from './measure/report.mjs';
import { summary } from './measure/statistics.mjs';
import { measureWindow } from './measure/window.mjs';
import { get } from './settings.mjs';

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const rounds = number('BENCH_ROUNDS', 5);
const seconds = number('BENCH_SECONDS', 2);
const warmUp = number('BENCH_WARMUP', 2);
const warmRequests = 15_000;
const connections = number('BENCH_CONNECTIONS', 32);
const staysAwake = canPin && process.env.BENCH_NAP === undefined;
const wanted = process.argv.slice(2);

/** The modules of a folder that say what they are, by their names. */
const load = async (folder) => {

    const files = readdirSync(new URL(folder, import.meta.url)).filter((name) => name.endsWith('.mjs'));
    const modules = await Promise.all(files.map(async (file) => [file.slice(0, -'.mjs'.length), await import(new URL(folder + file, import.meta.url))]));
    return new Map(modules.filter(([, { title }]) => title !== undefined));
};

const order = ['client-credentials-jwt', 'client-credentials-opaque', 'code-exchange', 'refresh', 'introspection', 'device-polling', 'protected-repeated', 'protected-fresh'];
const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
const scenarios = new Map([...await load('./scenarios/')].sort(([a], [b]) => rank(a) - rank(b)));
const subjects = new Map([...await load('./subjects/')].sort(([, a], [, b]) => Number(b.isBare ?? false) - Number(a.isBare ?? false) || Number(b.isOurs ?? false) - Number(a.isOurs ?? false)));

const isWanted = (names, name) => !wanted.some((each) => names.has(each)) || wanted.includes(name);
const unknown = wanted.filter((name) => !scenarios.has(name) && !subjects.has(name));
if (unknown.length > 0) {
    console.error(`No scenario or subject is called ${unknown.join(', ')}. Scenarios: ${[...scenarios.keys()].join(', ')}. Subjects: ${[...subjects.keys()].join(', ')}.`);
    process.exit(1);
}

const require = createRequire(import.meta.url);
const versionOf = (name) => JSON.parse(readFileSync(require.resolve.paths(name).map((folder) => `${folder}/${name}/package.json`).find((file) => readable(file)), 'utf8')).version;
const readable = (file) => {

    try {
        readFileSync(file);
        return true;
    }
    catch {
        return false;
    }
};

const ask = async (port, { method, path, headers, body }) => {

    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { ...headers, 'accept-encoding': 'identity' }, body });
    return { status: response.status, body: await response.text() };
};

/** Looks once at what the subject answers, so that nothing is measured that does not do the work; and that it refuses what it has to. */
const check = async (scenario, subject, { server, port }) => {

    const [item] = scenario.item === undefined ? [] : await server.call('make', scenario.item, 1);
    scenario.check(await ask(port, scenario.request(item)), subject, item);
    if (scenario.refuses && !subject.isBare) {
        const [head, payload, signature] = item.split('.');
        const forged = await ask(port, get(`${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`));
        if (forged.status !== 401) {
            throw new Error(`The route lets a forged token in: ${forged.status} ${forged.body}`);
        }
    }
};

const client = startChild('./load.mjs', { core: cores.load });

/** One window: what the load needs is made before, then it runs. */
const measure = async (name, scenario, running, duration) => {

    const { server, port } = running;
    const count = { same: 0, turns: scenario.items, each: Math.ceil(Math.max(200, duration * running.rate)), chain: connections }[scenario.load];
    const items = count === 0 ? [] : await server.call('make', scenario.item, count);
    const measured = await measureWindow(client, server, { scenario: name, port, items, seconds: duration, connections, staysAwake });
    running.rate = measured.rate;
    return measured;
};

/** At least so many seconds, and so many requests that V8 has compiled what it will: on a busy machine that takes longer, up to five times. */
const warm = async (name, scenario, running) => {

    let requests = 0;
    for (let i = 0; i < 10 && (i < 2 || requests < warmRequests); ++i) {
        requests += (await measure(name, scenario, running, warmUp / 2)).count;
    }
};

const measureScenario = async (name, scenario) => {

    const taking = [...subjects].filter(([subjectName, subject]) => subject.scenarios.includes(name) && isWanted(subjects, subjectName));
    const running = [];
    for (const [subjectName, subject] of taking) {
        const server = startChild('./server.mjs', { core: cores.server });
        const { port } = await server.call('start', subjectName, { format: scenario.format });
        const each = { subjectName, subject, server, port, rate: 1000, results: [] };
        running.push(each);
        try {
            await check(scenario, subject, each);
            await warm(name, scenario, each);
        }
        catch (err) {
            throw new Error(`${subject.title}, ${scenario.title}: ${err.message}`, { cause: err });
        }
    }

    for (let i = 0; i < rounds; ++i) {
        for (const each of running) {
            each.results.push(await measure(name, scenario, each, seconds));
        }
    }

    await Promise.all(running.map(({ server }) => server.stop()));
    return running.map(({ subjectName, subject, results }) => ({
        subject: subjectName, title: subject.title, note: subject.notes?.[name] ?? null, isOurs: subject.isOurs === true, isBare: subject.isBare === true,
        ...Object.fromEntries(['rate', 'cpu', 'busy', 'p50', 'p99'].map((member) => [member, summary(results.map((result) => result[member]))]))
    }));
};

const ratio = (a, b) => (b === undefined ? '' : (a / b).toFixed(2));

const scenarioTable = (scenario, results) => {

    const ours = results.find(({ isOurs }) => isOurs)?.rate.median;
    const ceiling = results.find(({ subject }) => subject === scenario.ceiling)?.rate.median;
    return table(
        ['subject', 'requests/s', 'min-max', 'of the ceiling', 'ours : this', 'CPU µs/request', 'server busy', 'p50 ms', 'p99 ms'],
        results.map(({ subject, title, note, rate, cpu, busy, p50, p99 }) => [
            `${title}${subject === scenario.ceiling ? ' (ceiling)' : ''}${note === null ? '' : ` (${note})`}`, whole(rate.median), `${whole(rate.min)}-${whole(rate.max)}`,
            ratio(rate.median, ceiling), ratio(ours ?? NaN, rate.median).replace('NaN', ''), cpu.median.toFixed(0), `${(busy.median * 100).toFixed(0)} %`, p50.median.toFixed(2), p99.median.toFixed(2)
        ])
    );
};

/** What this library does in the time in which another one does one request: more than 1 is faster. */
const overview = (found) => {

    const others = [...subjects].filter(([, { isOurs }]) => !isOurs).filter(([name]) => Object.values(found).some((results) => results.some(({ subject, isOurs }) => subject === name && !isOurs)));
    const rows = Object.entries(found).flatMap(([name, results]) => {

        const ours = results.find(({ isOurs }) => isOurs)?.rate.median;
        const cells = others.map(([other]) => {

            const rate = results.find(({ subject }) => subject === other)?.rate.median;
            return ours === undefined || rate === undefined ? '' : ratio(ours, rate);
        });
        return [[scenarios.get(name).title, ...cells]];
    });
    return table(['hapi-oauth2-flows : …', ...others.map(([, { title }]) => title)], rows);
};

const began = Date.now();
const packages = Object.fromEntries([...subjects.values()].flatMap(({ packages = [], versions = {} }) => [...packages.map((name) => [name, versionOf(name)]), ...Object.entries(versions)]).sort());
const setting = [
    machine(),
    canPin ? `server on core ${cores.server}, load on core ${cores.load}` : 'nothing is pinned to a core, since there is no taskset or only one core: the spread is wider',
    `${connections} connections, ${rounds} rounds of ${seconds} s in turns after ${warmUp} s and ${warmRequests} requests of warm-up (or five times as long), medians`
];
console.log(`${setting.join('; ')}\n`);

const found = {};
const parts = [];
for (const [name, scenario] of scenarios) {
    if (isWanted(scenarios, name)) {
        found[name] = await measureScenario(name, scenario);
        parts.push(`## ${scenario.title}\n\n${scenarioTable(scenario, found[name])}`);
        console.log(`${parts.at(-1)}\n`);
    }
}

const command = ['BENCH_ROUNDS', 'BENCH_SECONDS', 'BENCH_WARMUP', 'BENCH_CONNECTIONS', 'BENCH_NAP'].flatMap((name) => (process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`]));
const ratios = `## Ratios

Requests per second of this library, divided by those of another: above 1 this library is faster.

${overview(found)}`;
console.log(`${ratios}\n`);
for (const results of Object.values(found)) {
    const ours = results.find(({ isOurs }) => isOurs)?.rate.median;
    results.forEach((result) => Object.assign(result, { oursToThis: ours === undefined ? null : ours / result.rate.median }));
}

const minutes = ((Date.now() - began) / 60_000).toFixed(1);
const markdown = [
    '# Benchmarks',
    `\`${[...command, 'npm start', ...wanted.length > 0 ? ['--', ...wanted] : []].join(' ')}\`, ${new Date(began).toISOString().slice(0, 10)}, ${minutes} minutes.`,
    setting.map((line) => `- ${line}`).join('\n'),
    Object.entries(packages).map(([name, version]) => `${name} ${version}`).join(', '),
    ratios,
    ...parts
].join('\n\n');
keep('latest.md', markdown);
keep('latest.json', JSON.stringify({ began: new Date(began).toISOString(), node: process.versions.node, machine: machine(), pinned: canPin, rounds, seconds, warmUp, connections, packages, scenarios: found }, null, 4));
console.log(`${minutes} minutes`);
process.exit();
