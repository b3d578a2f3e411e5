// How long a fresh process takes from `require` to its first token, and what it loads for that: npm run startup [-- runs, 11 unless given]
//
// The server has one client and client credentials, nothing else; it is asked without a network. hapi is loaded before the clock starts, since every app has it.
// Beside it, in a process of its own each time, is what the same steps take of hapi alone, with a plugin of one route that answers a fixed JSON.

import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { keep, machine, table, whole } from './measure/report.mjs';
import { summary } from './measure/statistics.mjs';

const require = createRequire(import.meta.url);

const measure = async () => {

    const Hapi = require('@hapi/hapi');

    const before = new Set(Object.keys(require.cache));
    const marks = [performance.now()];
    const { AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder } = require('../dist/index.js');

    marks.push(performance.now());
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    marks.push(performance.now());
    await server.register([
        AuthorizationServerBuilder.create()
            .setStore(new MemoryStore({ clock: Date.now }))
            .setIssuer('http://127.0.0.1')
            .setClients([{ client_id: 'bench', client_secret: 'bench-secret-of-32-random-letters', token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'], scope: 'api:read' }]),
        OAuth2ClientCredentialsBuilder.create().setScopes({ 'api:read': 'Read' })
    ]);
    marks.push(performance.now());
    await answer(server, marks);
    const loaded = Object.keys(require.cache).filter((file) => !before.has(file));
    return { steps: stepsOf(marks), loaded };
};

/** The same without this library. */
const measureHapi = async () => {

    const Hapi = require('@hapi/hapi');

    const marks = [performance.now(), performance.now()];
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    marks.push(performance.now());
    await server.register({ name: 'fixed', register: (plugin) => plugin.route({ method: 'POST', path: '/oauth2/token', handler: () => ({ access_token: 'fixed' }) }) });
    marks.push(performance.now());
    await answer(server, marks);
    return { steps: stepsOf(marks) };
};

const answer = async (server, marks) => {

    await server.initialize();
    marks.push(performance.now());
    const { statusCode, payload } = await server.inject({
        method: 'POST', url: '/oauth2/token', headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'grant_type=client_credentials&client_id=bench&client_secret=bench-secret-of-32-random-letters'
    });
    marks.push(performance.now());
    if (statusCode !== 200) {
        throw new Error(payload);
    }
};

const stepsOf = (marks) => marks.slice(1).map((mark, index) => mark - marks[index]);

/** `this library`, or the package a file belongs to. */
const packageOf = (file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? 'hapi-oauth2-flows';

/** Milliseconds that one of the library's dependencies takes to load by itself, after hapi. */
const load = (name) => {

    require('@hapi/hapi');
    const begin = performance.now();
    createRequire(new URL('../dist/index.js', import.meta.url))(name);
    return performance.now() - begin;
};

const [, , task, name] = process.argv;
const tasks = { measure, hapi: measureHapi, load };
if (Object.hasOwn(tasks, task ?? '')) {
    console.log(JSON.stringify(await tasks[task](name)));
    process.exit();
}

const inFreshProcess = (...args) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' }));

const runs = Number(process.argv[2] ?? 11);
const pairs = Array.from({ length: runs }, () => [inFreshProcess('measure'), inFreshProcess('hapi')]);            // In turns: what else the machine does hits both alike
const [found, bare] = [0, 1].map((index) => pairs.map((pair) => pair[index]));
const dependencies = new Map(['joi', 'jose', '@hapi/boom', '@hapi/hoek'].map((dependency) => [dependency, Array.from({ length: runs }, () => inFreshProcess('load', dependency))]));
const names = ['require(\'hapi-oauth2-flows\')', 'Hapi.server()', 'server.register()', 'server.initialize()', 'the first token'];
const row = (name, numbers) => {

    const { median, min, max } = summary(numbers);
    return [name, median.toFixed(1), `${min.toFixed(1)}-${max.toFixed(1)}`];
};

const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
const step = (name, timesOf) => [...row(name, found.map(({ steps }) => timesOf(steps))), ...row(name, bare.map(({ steps }) => timesOf(steps))).slice(1)];

const [{ loaded }] = found;
const counts = new Map();
for (const file of loaded) {
    counts.set(packageOf(file), (counts.get(packageOf(file)) ?? 0) + 1);
}

const own = loaded.filter((file) => packageOf(file) === 'hapi-oauth2-flows').map((file) => file.split('/dist/')[1]?.replace(/\.js$/, '')).filter(Boolean).sort();
const folders = new Map();
for (const file of own) {
    const cut = file.lastIndexOf('/');
    const folder = cut < 0 ? '.' : file.slice(0, cut);
    folders.set(folder, [...folders.get(folder) ?? [], file.slice(cut + 1)]);
}

const markdown = [
    '# Start',
    `${machine()}; ${runs} fresh processes, one after the other.`,
    table(['step', 'median ms', 'min-max', 'hapi alone, median ms', 'min-max'], [
        ...names.map((name, index) => step(name, (steps) => steps[index])), step('from register() to the first token', (steps) => sum(steps.slice(2))), step('all of it', sum)
    ]),
    table(['of which, each loaded alone', 'median ms', 'min-max'], [...dependencies].map(([dependency, numbers]) => row(dependency, numbers))),
    `Loaded for client credentials alone, beside hapi: ${whole(loaded.length)} files; jose is made of ES modules, which count as one.`,
    table(['package', 'files'], [...counts].sort(([, a], [, b]) => b - a)),
    table(['folder of this library', 'files'], [...folders].sort().map(([folder, files]) => [folder, files.length])),
    [...folders].sort().map(([folder, files]) => `- ${folder}: ${files.join(', ')}`).join('\n')
].join('\n\n');
console.log(`${markdown}\n`);
keep('startup.md', markdown);
