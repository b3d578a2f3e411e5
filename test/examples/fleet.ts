import { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/fleet/server';
import { SqlStore } from '../../lib/sql';
import { runExample } from '../fixture/example';
import { getWith, post } from '../fixture/http';
import { freePort } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const nightly = { authorization: basic('nightly', 'nightly-secret-of-32-characters') };
const secret = 'a-secret-of-at-least-32-characters';

/** A token from one address, used at others, revoked at one of them and no good at any other. */
const walk = async (urls: readonly [string, ...string[]]): Promise<readonly unknown[]> => {

    const [url] = urls;
    const { json } = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, nightly);
    const token = String(json.access_token);
    const used = await Promise.all(urls.map((one) => getWith(`${one}/reports`, token)));
    expect(used.map(({ status }) => status)).to.equal(urls.map(() => 200));
    expect((await post(`${url}/oauth2/revoke`, { token }, nightly)).status).to.equal(200);
    const after = await Promise.all(urls.map((one) => getWith(`${one}/reports`, token)));
    expect(after.map(({ status }) => status)).to.equal(urls.map(() => 401));
    return used.map((reply) => reply.json.process);
};

describe('the fleet', { timeout: 120_000 }, () => {

    it('is one server on one store, whichever of its processes is asked', async () => {

        const database = await PGlite.create();
        const ports = [await freePort(), await freePort()];
        const issuer = 'http://localhost:3000';
        const servers = await Promise.all(ports.map((port) => start({ port, issuer, secret, store: new SqlStore(database, { clock: Date.now }) })));
        try {
            const [first = '', second = ''] = servers.map((server) => server.info.uri);
            await walk([first, second]);
            const keys = await Promise.all([first, second].map(async (url) => await (await fetch(`${url}/oauth2/keys`)).text()));
            expect(keys[0]).to.equal(keys[1]);
        }
        finally {
            await Promise.all(servers.map((server) => server.stop()));
            await database.close();
        }
    });

    it('is one process where no engine is set, and ends when it is told', async () => {

        const port = await freePort();
        const { child, ended, says } = runExample('fleet', { PORT: String(port) });
        expect(await says(/Ctrl\+C/)).to.contain(`One process on PGlite, a PostgreSQL in this process is http://localhost:${port}`);
        await walk([`http://localhost:${port}`]);
        child.kill('SIGTERM');
        const { code, err } = await ended;
        expect([code, err]).to.equal([0, '']);
    });

    for (const name of ['POSTGRES_URL', 'REDIS_URL'] as const) {
        const { [name]: engine } = process.env;
        it(`is several processes on the engine that ${name} names`, { skip: engine === undefined }, async () => {

            const port = await freePort();
            const { child, ended, says } = runExample('fleet', { PORT: String(port), [name]: engine ?? '' });
            expect(await says(/Ctrl\+C/)).to.match(/^3 processes on (PostgreSQL|Redis) are http:/);
            const url = `http://localhost:${port}`;
            const asked = new Set<unknown>();
            for (let i = 0; i < 5; ++i) {
                (await walk([url, url, url, url, url])).forEach((one) => asked.add(one));
            }

            expect(asked.size).to.be.above(1);
            child.kill('SIGTERM');
            const { code, err } = await ended;
            expect([code, err]).to.equal([0, '']);
            await expect(fetch(url)).to.reject('fetch failed');
        });
    }
});
