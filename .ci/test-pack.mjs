// Packs the package, installs the tarball in an empty folder, and runs a flow there in each way a project may load it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const readJson = async (...path) => JSON.parse(await readFile(join(...path), 'utf8'));
const installedVersion = async (name) => (await readJson(root, 'node_modules', name, 'package.json')).version;

const runtimeDependencies = ['@hapi/boom', '@hapi/hoek', 'joi', 'jose'];
const published = /^(README\.md|CHANGELOG\.md|LICENSE|package\.json|dist\/.+\.(js|d\.ts))$/;
const required = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json', 'dist/index.js', 'dist/index.d.ts'];

const names = 'ClientSecretBasic, OAuth2ClientCredentialsBuilder, OAuth2ErrorCode, OAuth2TokenResponse';
const imports = `import assert from 'node:assert/strict';
import { server as createServer } from '@hapi/hapi';
import { ${names} } from 'hapi-oauth2-flows';
import { RedisStore } from 'hapi-oauth2-flows/redis';
import { SqlStore } from 'hapi-oauth2-flows/sql';
import { storeContract } from 'hapi-oauth2-flows/store-contract';
import { mintToken } from 'hapi-oauth2-flows/testing';
`;
const requires = `const assert = require('node:assert/strict');
const { server: createServer } = require('@hapi/hapi');
const { ${names} } = require('hapi-oauth2-flows');
const { RedisStore } = require('hapi-oauth2-flows/redis');
const { SqlStore } = require('hapi-oauth2-flows/sql');
const { storeContract } = require('hapi-oauth2-flows/store-contract');
const { mintToken } = require('hapi-oauth2-flows/testing');
`;

/** JavaScript that is strict TypeScript too: whatever a handler is given has its type from the package alone. */
const flow = `
const machine = OAuth2ClientCredentialsBuilder
    .create()
    .setTokenTTL(600)
    .addClientAuthenticationMethod(new ClientSecretBasic())
    .tokenRoute((route) => route
        .setPath('/oauth2/token')
        .generateToken(async ({ clientId, clientSecret, ttl, tokenType, scope, createJwtAccessToken }) => {

            if (clientId !== 'machine' || clientSecret !== 'secret') {
                return { error: OAuth2ErrorCode.INVALID_CLIENT };
            }

            const { token } = await createJwtAccessToken({ scope });
            return new OAuth2TokenResponse({ access_token: token }).setExpiresIn(ttl).setTokenType(tokenType).setScope(scope ?? '');
        }));

const main = async () => {

    for (const entry of [RedisStore, SqlStore, storeContract[0]?.run]) {            // Without any driver installed
        assert.equal(typeof entry, 'function');
    }

    const server = createServer({ debug: false });
    await server.register(machine);
    server.route({ method: 'GET', path: '/reports', options: { auth: 'oauth2-client-credentials' }, handler: () => 'reports' });

    const request = (credentials: string) => server.inject({
        method: 'POST',
        url: '/oauth2/token',
        headers: { authorization: 'Basic ' + btoa(credentials), 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'grant_type=client_credentials'
    });

    const granted = await request('machine:secret');
    assert.equal(granted.statusCode, 200, granted.payload);
    const response = JSON.parse(granted.payload);
    assert.match(response.access_token, /^[\\w-]+\\.[\\w-]+\\.[\\w-]+$/);
    assert.deepEqual([response.token_type, response.expires_in], ['Bearer', 600]);

    const refused = await request('machine:guess');
    assert.equal(refused.statusCode, 401, refused.payload);
    assert.equal(JSON.parse(refused.payload).error, 'invalid_client');

    const reports = await server.inject({ url: '/reports', headers: { authorization: 'Bearer ' + response.access_token } });
    assert.equal(reports.statusCode, 200, reports.payload);
    assert.equal((await server.inject('/reports')).statusCode, 401);

    const { headers } = await mintToken(server, { strategy: 'oauth2-client-credentials' });
    assert.equal((await server.inject({ url: '/reports', headers })).statusCode, 200);
};

main().catch((err) => {

    console.error(err);
    process.exitCode = 1;
});
`;
const untypedFlow = flow.replace('(credentials: string)', '(credentials)');

/** Each way TypeScript finds the package: its settings, the sources it compiles, and what comes out of them. */
const resolutions = [
    { name: 'nodenext', module: 'nodenext', moduleResolution: 'nodenext', sources: { 'flow.mts': 'flow.mjs', 'flow.cts': 'flow.cjs' } },
    { name: 'node16', module: 'node16', moduleResolution: 'node16', sources: { 'flow.mts': 'flow.mjs', 'flow.cts': 'flow.cjs' } },
    { name: 'bundler', module: 'esnext', moduleResolution: 'bundler', sources: { 'flow.ts': 'flow.js' } }
];

const counts = { passed: 0, failed: 0 };

const exec = promisify(execFile);

/** Answers what it wrote; what it complained about is in the message of the error. */
const run = async (file, args, cwd) => {

    const { stdout } = await exec(file, args, { cwd, timeout: 180_000, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
};

/** Runs one check and says how it went; answers whether it passed. */
const check = async (name, act) => {

    try {
        await act();
        ++counts.passed;
        console.log(`ok   ${name}`);
        return true;
    }
    catch (err) {
        ++counts.failed;
        console.log(`FAIL ${name}`);
        console.log([err.message, err.stdout].filter(Boolean).join('\n').trim().replace(/^/gm, '     '));
        return false;
    }
};

const refuse = (list, sentence) => {

    if (list.length) {
        throw new Error(`${sentence}: ${list.join(', ')}`);
    }
};

const contents = async (tarball) => {

    const files = (await run('tar', ['-tzf', tarball])).trim().split('\n').map((file) => file.replace(/^package\//, ''));
    refuse(files.filter((file) => !published.test(file)), 'the tarball holds what nobody needs');
    refuse(required.filter((file) => !files.includes(file)), 'the tarball lacks');
};

/** Whatever was installed must be hapi, a declared dependency, or something that those depend on. */
const dependencies = async (project) => {

    const { dependencies: declared = {} } = await readJson(project, 'node_modules', 'hapi-oauth2-flows', 'package.json');
    refuse(Object.keys(declared).filter((name) => !runtimeDependencies.includes(name)), 'package.json declares a new runtime dependency');
    refuse(runtimeDependencies.filter((name) => !(name in declared)), 'package.json does not declare');

    const { packages } = await readJson(project, 'node_modules', '.package-lock.json');
    const installed = Object.entries(packages).map(([path, { dependencies: needs = {} }]) => [path.split('node_modules/').at(-1), Object.keys(needs)]);
    const accounted = new Set(['hapi-oauth2-flows', '@hapi/hapi', ...runtimeDependencies]);
    for (const name of accounted) {                             // a Set shows what is added to it on the way
        if (name !== 'hapi-oauth2-flows') {
            installed.filter(([other]) => other === name).flatMap(([, needs]) => needs).forEach((need) => accounted.add(need));
        }
    }

    refuse(installed.map(([name]) => name).filter((name) => !accounted.has(name)), 'installing the package pulled in');
};

const npmInstall = (project, ...args) => run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...args], project);

const consume = async (project, { name, module, moduleResolution, sources }) => {

    const folder = join(project, name);
    await mkdir(folder);
    await Promise.all(Object.keys(sources).map((source) => writeFile(join(folder, source), imports + flow)));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({
        compilerOptions: {
            target: 'es2022', module, moduleResolution, strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true,
            skipLibCheck: false, esModuleInterop: true, types: ['node'], rootDir: '.', outDir: 'out'
        },
        files: Object.keys(sources)
    }));

    const compiled = await check(`TypeScript, ${name}: ${Object.keys(sources).join(', ')} type-checked, skipLibCheck off`,
        () => run(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder], project));
    for (const output of compiled ? Object.values(sources) : []) {
        await check(`TypeScript, ${name}: ${output} runs a flow`, () => run(process.execPath, [join('out', output)], folder));
    }
};

const freePort = async () => {

    const probe = createServer().listen(0, 'localhost');
    await once(probe, 'listening');
    const { port } = probe.address();
    await promisify(probe.close).call(probe);
    return port;
};

/** Types docs/getting-started.md into a folder, but for the port, and does what it says; with settings for TypeScript it is compiled first. */
const followThePage = async (project, name) => {

    const page = await readFile(join(root, 'docs', 'getting-started.md'), 'utf8');
    const port = await freePort();
    const [source, settings] = [/^```ts\n([\s\S]*?)^```$/m, /^```json\n([\s\S]*?)^```$/m].map((block) => block.exec(page)[1].replaceAll('localhost:3000', `localhost:${port}`).replace('port: 3000', `port: ${port}`));
    const folder = join(project, `getting-started-${name}`);
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(folder, name === 'JavaScript' ? 'server.js' : 'server.ts'), source);
    if (name === 'TypeScript') {
        await writeFile(join(folder, 'tsconfig.json'), settings);
        await run(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc')], folder);
    }

    const server = spawn(process.execPath, ['server.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
        const [said] = await once(createInterface({ input: server.stdout }), 'line', { signal: AbortSignal.timeout(30_000) });
        assert.equal(said, `Listening at http://localhost:${port}`);
        const [, credentials] = /curl -s -u (\S+)/.exec(page);
        const token = await fetch(`http://localhost:${port}/oauth2/token`, { method: 'POST', headers: { authorization: `Basic ${btoa(credentials)}` }, body: new URLSearchParams({ grant_type: 'client_credentials' }) });
        const { access_token: accessToken, ...rest } = await token.json();
        assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'reports:read' });
        const reports = await fetch(`http://localhost:${port}/reports`, { headers: { authorization: `Bearer ${accessToken}` } });
        assert.deepEqual(await reports.json(), { reports: ['Q1', 'Q2'], client: 'nightly' });
        const [, address] = /^(http:\/\/localhost:3000\/oauth2\/authorize\S+)$/m.exec(page);
        const signIn = await fetch(address.replaceAll('localhost:3000', `localhost:${port}`).replaceAll('localhost%3A3000', `localhost%3A${port}`));
        assert.match(await signIn.text(), /name="password"/);
    }
    finally {
        server.kill();
    }
};

const main = async (folder) => {

    let tarball = '';
    const packed = await check('npm pack', async () => {

        await run('npm', ['pack', '--pack-destination', folder], root);
        [tarball] = (await readdir(folder)).filter((file) => file.endsWith('.tgz')).map((file) => join(folder, file));
    });
    if (!packed) {
        return;
    }

    await check('the tarball holds dist, README, CHANGELOG, LICENSE and package.json, nothing else', () => contents(tarball));
    await check('publint --strict', () => run(bin('publint'), ['run', tarball, '--strict'], folder));
    await check('attw, every resolution mode', () => run(bin('attw'), [tarball, '--profile', 'strict', '--format', 'ascii', '--no-emoji', '--no-color'], folder));

    const project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true }));
    const hapi = `@hapi/hapi@${await installedVersion('@hapi/hapi')}`;
    if (!await check('npm install, in an empty folder', () => npmInstall(project, tarball, hapi))) {
        return;
    }

    await check(`the install holds nothing but ${runtimeDependencies.join(', ')}, hapi and their own`, () => dependencies(project));

    await writeFile(join(project, 'flow.mjs'), imports + untypedFlow);
    await writeFile(join(project, 'flow.cjs'), requires + untypedFlow);
    await check('flow.mjs, named imports, runs a flow', () => run(process.execPath, ['flow.mjs'], project));
    await check('flow.cjs, require, runs a flow', () => run(process.execPath, ['flow.cjs'], project));

    await check('docs/getting-started.md, in JavaScript', () => followThePage(project, 'JavaScript'));

    const compiler = await Promise.all(['typescript', '@types/node'].map(async (name) => `${name}@${await installedVersion(name)}`));
    if (await check('npm install, TypeScript and the types of Node.js', () => npmInstall(project, '--save-dev', ...compiler))) {
        for (const resolution of resolutions) {
            await consume(project, resolution);
        }

        await check('docs/getting-started.md, in TypeScript', () => followThePage(project, 'TypeScript'));
    }
};

const folder = await mkdtemp(join(tmpdir(), 'hapi-oauth2-flows-'));
try {
    await main(folder);
}
finally {
    await rm(folder, { recursive: true, force: true });
}

console.log(`pack: ${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;
