import { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib';
import { StoredKeys } from '../../lib/authorization-server/stored-keys';
import { SigningKeys } from '../../lib/keys/signing-keys';
import { Secrets } from '../../lib/protocol/secrets';
import { SqlStore } from '../../lib/sql';
import type { Store } from '../../lib/stores/store';
import { testClock } from '../fixture/clock';
import { machines } from '../fixture/flows';
import { basic, form, provision } from '../fixture/provision';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const current = 'c'.repeat(32);
const previous = 'p'.repeat(32);
const minute = 60_000;

/** Signing keys as one process has them. */
const processOn = (store: Store, clock: () => number, secrets = [current]) => {

    const keys = new SigningKeys({ store: () => new StoredKeys(store, new Secrets(secrets)), clock, policy: () => ({ intervalMs: 1000 * minute, leadMs: 10 * minute, retentionMs: 60 * minute }) });
    keys.use('access_token', 'ES256');
    return keys;
};

const readyKey = () => {

    const [record] = staticKeys().list();
    if (record === undefined) {
        throw new Error('There is no key');
    }

    return record;
};

describe('StoredKeys', () => {

    it('keeps every key, page by page, and its private half sealed', async () => {

        const clock = testClock();
        const store = new MemoryStore({ clock: clock.now });
        const keys = new StoredKeys(store, new Secrets([current]));
        const record = readyKey();
        const many = Array.from({ length: 250 }, (_, generation) => ({ ...record, id: `access_token:ES256:${generation + 1}`, generation: generation + 1 }));
        for (const one of many) {
            expect(await keys.putIfAbsent(one)).to.be.true();
        }

        expect((await keys.list()).map(({ id }) => id)).to.equal(many.map(({ id }) => id));
        expect((await keys.list())[0]).to.equal({ ...record, ...many[0] });
        const kept = JSON.stringify((await store.list('signing_key')).items);
        expect(kept).to.not.include(String(record.privateJwk?.d));
        expect(kept).to.include(String(record.publicJwk.x));

        expect(await keys.putIfAbsent({ ...record, ...many[0] })).to.be.false();
        const { privateJwk: _spent, ...spent } = { ...record, ...many[0] };
        await keys.put(spent);
        expect((await keys.list()).find(({ id }) => id === spent.id)).to.equal(spent);
        await keys.delete(spent.id);
        expect(await keys.list()).to.have.length(249);
    });

    it('opens no key that was sealed for another record', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        const keys = new StoredKeys(store, new Secrets([current]));
        const record = readyKey();
        await keys.putIfAbsent(record);
        const [kept] = (await store.list('signing_key')).items;
        await store.put({ kind: 'signing_key', key: 'moved', value: { ...kept?.value, id: 'moved' }, expiresAt: kept?.expiresAt ?? 0 });
        await expect(keys.list()).to.reject();
    });

    it('fails closed on a record that is no key', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        for (const value of [{}, { sealed: { secret: 'x', data: 7 } }, { sealed: { secret: 7 } }, { sealed: 'x' }, { sealed: null }, { sealed: {} }, { sealed: { secret: 'x' } }]) {
            await store.put({ kind: 'signing_key', key: 'x', value, expiresAt: Date.UTC(2040, 0, 1) });
            await expect(new StoredKeys(store, new Secrets([current])).list()).to.reject(/is no signing key/);
        }
    });

    it('rule 26: processes that share a store sign with one key, and rotate it once', async () => {

        const clock = testClock();
        const store = new MemoryStore({ clock: clock.now });
        const processes = Array.from({ length: 4 }, () => processOn(store, clock.now));
        const sign = async () => new Set((await Promise.all(processes.map((keys) => keys.sign('access_token', 'ES256', 'at+jwt', {})))).map(({ kid }) => kid));
        const first = await sign();
        expect(first.size).to.equal(1);

        clock.advance(995 * 60);
        await sign();
        clock.advance(11 * 60);
        const second = await sign();
        expect(second.size).to.equal(1);
        expect([...second]).to.not.equal([...first]);
        const [token] = await Promise.all(processes.map((keys) => keys.sign('access_token', 'ES256', 'at+jwt', { a: 1 })));
        for (const keys of processes) {
            expect(await keys.verify('access_token', 'at+jwt', token?.token ?? '')).to.equal({ a: 1 });
        }
    });

    it('rule 7: refuses the start when a key names a secret that is no longer listed', async () => {

        const clock = testClock();
        const store = new MemoryStore({ clock: clock.now });
        await processOn(store, clock.now, [previous]).jwks();
        await expect(processOn(store, clock.now, [current]).jwks()).to.reject(/which setSecrets\(\) no longer lists/);
        expect((await processOn(store, clock.now, [current, previous]).jwks()).keys).to.have.length(1);
    });
});

describe('a hub with a store and secrets', () => {

    const hubOn = (store: Store) => provision([machines()], (hub) => hub.setIssuer('https://auth.example.com').setStore(store).setSecrets([current]), false);
    const token = async ({ server }: Awaited<ReturnType<typeof hubOn>>) => {

        const { result } = await server.inject<Record<string, string>>(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('machine', 'secret') }));
        return result?.access_token ?? '';
    };

    it('makes the store ready at start; a second process takes the first one\'s tokens, also after a restart', async () => {

        const database = new PGlite();
        const { now } = testClock();
        const [first, second] = [await hubOn(new SqlStore(database, { clock: now })), await hubOn(new SqlStore(database, { clock: now }))];
        for (const { server } of [first, second]) {
            server.route({ method: 'GET', path: '/reports', options: { auth: 'oauth2' }, handler: ({ auth }) => auth.credentials.app ?? null });
        }

        await first.server.initialize();
        await second.server.initialize();
        const headers = { authorization: `Bearer ${await token(first)}` };
        expect((await second.server.inject({ url: '/reports', headers })).result).to.equal({ id: 'machine' });
        await first.server.stop();
        await second.server.stop();
        await database.close();
    });

    it('rule 6: refuses an issuer that is not this machine with secrets or a store alone', async () => {

        const durable = new SqlStore({ query: () => Promise.resolve({ rows: [] }) }, { clock: testClock().now });
        const memory = new MemoryStore({ clock: testClock().now });
        const sentence = /^The issuer https:\/\/auth\.example\.com is not this machine, so its signing keys must outlive the process: .* call setStore\(\) with a store that keeps them and setSecrets\(\)/;
        await expect(provision([machines()], (hub) => hub.setIssuer('https://auth.example.com').setStore(durable), false)).to.reject(sentence);
        await expect(provision([machines()], (hub) => hub.setIssuer('https://auth.example.com').setSecrets([current]), false)).to.reject(sentence);
        await expect(provision([machines()], (hub) => hub.setIssuer('https://auth.example.com').setSecrets([current]).setStore(memory), false)).to.reject(sentence);
        await expect(provision([machines()], (hub) => hub.setSecrets(['short']), false)).to.reject(/^setSecrets\(\) takes at least one secret of 32 characters/);
    });
});
