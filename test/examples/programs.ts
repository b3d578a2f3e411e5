import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { open, type Jar } from '../fixture/browser';
import { exampleSources, runExample } from '../fixture/example';
import { call, getWith, post } from '../fixture/http';
import { press, signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

const serving = ['demo', 'quickstart', 'handlers', 'level-2', 'own-pages', 'spa', 'upstream', 'glue'];
const ending = ['cli', 'tv', 'service'];
const own = [...serving, ...ending, 'fleet'];

/** Opens the address that an example prints, redeems the code as its command says, and asks who that is. */
const follow = async (said: string, signIn: (url: string) => Promise<URL>): Promise<unknown> => {

    const [, url = ''] = /^# +(http:\S+\/oauth2\/authorize\?\S+)$/m.exec(said) ?? [];
    const code = (await signIn(url)).searchParams.get('code') ?? '';
    const [, command = '', endpoint = ''] = /^TOKEN=\$\(curl -s (.*) (http:\S+) \|/m.exec(said) ?? [];
    const form = [...command.matchAll(/-d (\w+)=(\S+)/g)].map(([, name = '', value = '']): [string, string] => [name, value.replace('$CODE', code)]);
    const [, id, secret] = /-u ([^:]+):(\S+)/.exec(command) ?? [];
    const { json } = await post(endpoint, form, id === undefined ? {} : { authorization: basic(id, secret ?? '') });
    const [, asked = ''] = /^curl .*Bearer \$TOKEN" (\S+)$/m.exec(said) ?? [];
    return (await getWith(asked, String(json.access_token))).json;
};

/** What examples print that has more than one step, followed to its end. */
const followed: Readonly<Record<string, (said: string) => Promise<void>>> = {
    'own-pages': async (said) => {

        expect(await follow(said, (url) => signInAndDecide(url))).to.include({ sub: 'user-1', name: 'Ada Lovelace' });
    },
    upstream: async (said) => {

        expect(await follow(said, async (url) => {

            const here: Jar = new Map();
            const back = await signInAndDecide((await open(url, here)).headers.get('location') ?? '');
            return new URL((await press(await open(back, here), 'allow')).headers.get('location') ?? '');
        })).to.equal({ sub: 'company|employee-7' });
    }
};

describe('the examples as programs', { timeout: 120_000 }, () => {

    /** A port that is in use, by something that is no authorization server. */
    const busy = createServer((socket) => void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'));
    let port = 0;
    before(async () => {

        busy.listen(0, 'localhost');
        await once(busy, 'listening');
        ({ port } = busy.address() as AddressInfo);
    });
    after(() => {

        busy.close();
    });

    for (const name of serving) {
        it(`has ${name} run until it is told to stop`, async () => {

            const free = await freePort();
            const { child, ended, says } = runExample(name, { PORT: String(free) });
            expect(await says(/Press Ctrl\+C to stop\.\n$/)).to.contain(`http://localhost:${free}`);
            expect((await call(`http://localhost:${free}/oauth2/keys`)).status).to.equal(200);
            await followed[name]?.(await says(/Ctrl/));
            child.kill('SIGTERM');
            const { code, err } = await ended;
            expect([code, err]).to.equal([0, '']);
        });
    }

    it('has service run to its end', async () => {

        expect(await runExample('service', { PORT: String(await freePort()) }).ended).to.equal({ code: 0, out: 'The service read {"stock":{"screws":12},"client":"acme"}\n', err: '' });
    });

    it('has cli wait for its user', async () => {

        const { ended, says } = runExample('cli', { PORT: String(await freePort()) });
        const [url = ''] = /http:\S+/.exec(await says(/http:\S+\n/)) ?? [];
        await call(await signInAndDecide(url));
        const { code, out, err } = await ended;
        expect([code, err]).to.equal([0, '']);
        expect(out).to.match(/You have signed in as ada@example\.com\n$/);
    });

    it('has cli use another server than its own', async () => {

        const free = String(await freePort());
        const first = runExample('cli', { PORT: free });
        await first.says(/http:\S+\n/);
        const second = runExample('cli', { ISSUER: `http://localhost:${free}` });
        expect(await second.says(/http:\S+\n/)).to.contain(`http://localhost:${free}/oauth2/authorize?`);
        first.child.kill();
        second.child.kill();
        await Promise.all([first.ended, second.ended]);
    });

    it('has tv show what to do', async () => {

        const free = await freePort();
        const { child, ended, says } = runExample('tv', { PORT: String(free) });
        expect(await says(/or open \S+\n/)).to.match(new RegExp(`^Go to http://localhost:${free}/oauth2/device\nand enter [A-Z]{4}-[A-Z]{4}\n`));
        child.kill();
        await ended;
    });

    /** One sentence on standard error, nothing on standard output. */
    const failsWith = async (name: string, environment: Readonly<Record<string, string>>, sentence: RegExp) => {

        const { code, out, err } = await runExample(name, environment).ended;
        expect([name, code, out]).to.equal([name, 1, '']);
        expect(err).to.match(sentence);
        expect(err).to.match(/^[^\n]+\n$/);
        return err;
    };

    it('says that a port is in use', async () => {

        const sentence = new RegExp(`^Port ${port} is in use: stop what listens there, or set PORT to another\n$`);
        await Promise.all(own.map((name) => failsWith(name, { PORT: String(port) }, sentence)));
    });

    it('says that a port is none', async () => {

        for (const [name, value] of [['demo', 'abc'], ['quickstart', 'abc'], ['fleet', '0'], ['cli', '65536'], ['tv', '-1'], ['service', '80.5']] as const) {
            await failsWith(name, { PORT: value }, new RegExp(`^PORT is '${value}': give a number from 1 to 65535\n$`));
        }
    });

    it('says that a URL is none, without what it was', async () => {

        const settings = [['cli', 'ISSUER', 'a-secret'], ['tv', 'ISSUER', 'ftp://user:a-secret@localhost'], ['fleet', 'ISSUER', 'localhost:3000'], ['fleet', 'POSTGRES_URL', 'http://user:a-secret@localhost'], ['fleet', 'REDIS_URL', '/a-secret']] as const;
        for (const [name, setting, value] of settings) {
            expect(await failsWith(name, { [setting]: value }, new RegExp(`^${setting} is no URL that begins with \\S+ or \\S+: correct it, or leave it out\n$`))).to.not.contain('a-secret');
        }
    });

    it('says that nobody answers where a setting leads, without the password in it', async () => {

        const nobody = await freePort();
        for (const name of ['cli', 'tv']) {
            for (const url of [`http://localhost:${nobody}`, `http://localhost:${port}`]) {
                await failsWith(name, { ISSUER: url }, /^No authorization server answers at the address that ISSUER names: start it, or correct ISSUER\n$/);
            }
        }

        for (const [setting, url] of [['POSTGRES_URL', `postgres://me:a-secret@localhost:${nobody}/db`], ['REDIS_URL', `redis://me:a-secret@localhost:${nobody}`], ['POSTGRES_URL', `postgres://me:a-secret@localhost:${port}/db`], ['REDIS_URL', `redis://me:a-secret@localhost:${port}`], ['DATA', '/dev/null/data']] as const) {
            expect(await failsWith('fleet', { [setting]: url, PORT: String(await freePort()) }, new RegExp(`^The engine that ${setting} names cannot be used( \\(\\w+\\))?: start it, or correct the setting\n$`))).to.not.contain('a-secret');
        }
    });

    it('says what a fleet at an address of its own lacks', async () => {

        const free = String(await freePort());
        await failsWith('fleet', { ISSUER: 'https://auth.example.com', PORT: free }, /^ISSUER needs a SECRET of 32 random characters or more, which all processes share\n$/);
        await failsWith('fleet', { ISSUER: 'https://auth.example.com', SECRET: 'short', PORT: free }, /^setSecrets\(\).+32.+\n$/);
        await failsWith('fleet', { ISSUER: 'http://auth.example.com', SECRET: 'a-secret-of-at-least-32-characters', PORT: free }, /https/);
    });

    it('says which there are', async () => {

        const names = readdirSync(join(__dirname, '../../examples'), { withFileTypes: true }).filter((one) => one.isDirectory() && exampleSources().has(join(one.name, 'main.ts'))).map((one) => one.name);
        expect(names).to.include(own);
        const list = `npm run example -- ${names.sort().join(' | ')}\n`;
        expect(await runExample('').ended).to.equal({ code: 1, out: '', err: `Say which example to start: ${list}` });
        expect(await runExample('../run').ended).to.equal({ code: 1, out: '', err: `There is no example '../run': ${list}` });
    });
});
