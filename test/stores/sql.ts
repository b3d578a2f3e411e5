import type { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Client, Pool } from 'pg';

import { testClock } from '../fixture/clock';
import { dumpRows, memoryEngine, openStores, sqlEngines, type SqlEngine } from '../fixture/sql-engines';
import { SqlStore, type SqlClient } from '../../lib/sql';
import { storeContract, type StoreUnderTest } from '../../lib/store-contract';
import type { GrantRecord, PlainRecord, TokenRecord } from '../../lib/stores/store';

export const lab = Lab.script();
const { after, before, beforeEach, describe, it } = lab;

const clock = testClock();
const day = 86_400_000;
const slow = 120_000;                                           // PGlite compiles itself, on a machine that may have much to do

const plain = (changes: Partial<PlainRecord> = {}): PlainRecord => ({ kind: 'kind', key: 'key', value: {}, expiresAt: clock.now() + day, ...changes });
const grantOf = (changes: Partial<GrantRecord> = {}): GrantRecord => ({
    id: 'grant', clientId: 'client', subject: 'subject', sessionId: 'session', expiresAt: clock.now() + day, value: {}, ...changes
});
const tokenOf = (changes: Partial<TokenRecord> = {}): TokenRecord => ({
    kind: 'refresh_token', grantId: 'grant', key: 'key', value: {}, expiresAt: clock.now() + day, ...changes
});

/** What a query, a path, a prototype or an encoder could stumble over, and what could be taken for one another. */
const hostile: readonly string[] = [
    '', ' ', 'a', 'A', 'a ', 'NULL', 'null', '\0', '\\0', '\\0000', '\\u0000', '\0\0', 'a\0b', 'a\\0000b', 'ab', '\\', '\\\\', '\u001b', '\u001b0', '\\001b', '\n', '\t', '\u007f', '\u0085',
    '\ud800', '\udc00', '\udc00\ud800', '\ud800\ud800', '\ud83d\ude00', '\ufffd', '\ufffe', '\uffff', 'd800', '\\d800', 'é', 'e\u0301', '\u202e', '\ufeff',
    '__proto__', 'constructor', 'toString', '$1', '%s', '*', '?', '{"a":1}', '[]', '\'', '"', '--', '/*', '$$', '$hapi_oauth2_flows$',
    `'; DROP TABLE oauth2.records; --`, `') ON CONFLICT DO NOTHING; DELETE FROM oauth2.grants; --`, '\'; SELECT pg_sleep(60); --', '*3\r\n$3\r\nDEL\r\n',
    'x'.repeat(200), 'x'.repeat(201), '\0'.repeat(50), '\0'.repeat(51), '\ud800'.repeat(300), '\ud801'.repeat(300), '€'.repeat(200), '€'.repeat(100_000), `${'€'.repeat(100_000)}a`,
    '\\#', `\\#${'A'.repeat(43)}`
];

for (const [name, open] of Object.entries(sqlEngines)) {
    describe(`SqlStore on ${name}`, () => {

        const schema = 'contract';
        let engine: SqlEngine;
        let stores: readonly [SqlStore, ...SqlStore[]];

        before({ timeout: slow }, async () => {

            engine = await open();
            stores = await openStores(engine.clients(), schema, clock.now, 10_000);
        });

        after(async () => {

            await Promise.all(stores.map((store) => store.close()));
            await engine.end();
        });

        const subject = (): StoreUnderTest => {

            const { reopen } = engine;
            const [store, ...others] = stores;
            return {
                store,
                others,
                now: clock.now,
                advance: (ms) => clock.advance(ms / 1000),
                dump: async () => {

                    const [client] = engine.clients();
                    return (client ? await dumpRows(client, schema) : '') + await engine.files();
                },
                restart: reopen ? async () => {

                    await Promise.all(stores.map((each) => each.close()));
                    await reopen();
                    const [first, ...rest] = engine.clients().map((client) => new SqlStore(client, { clock: clock.now, schema }));
                    stores = [first ?? store, ...rest];
                    return stores[0];
                } : undefined
            };
        };

        for (const { name: promise, needs, run } of storeContract) {
            if (needs !== 'restart' || open !== memoryEngine) {
                it(promise, { timeout: slow }, async () => {

                    await expect(run(subject())).to.not.reject();
                });
            }
        }
    });
}

describe('SqlStore', () => {

    let engine: SqlEngine;
    let client: SqlClient;
    let store: SqlStore;

    before({ timeout: slow }, async () => {

        engine = await memoryEngine();
    });

    beforeEach(async () => {

        [store] = await openStores(engine.clients(), 'oauth2', clock.now);
        client = engine.clients()[0] ?? client;
    });

    after(async () => {

        await engine.end();
    });

    it('takes a pool, a client of pg or a PGlite as it is, and leaves it open', async () => {

        const lite = (): PGlite => {

            throw new Error('Only its type matters');
        };

        const fits: readonly (() => SqlClient)[] = [() => new Pool(), () => new Client(), lite];
        expect(fits.length).to.equal(3);

        await store.close();
        expect((await client.query('SELECT 1 AS one', [])).rows).to.equal([{ one: 1 }]);
    });

    it('keeps records under whatever keys and kinds, each for itself', { timeout: slow }, async () => {

        const kinds = ['kind', '\0', '\ud800'.repeat(300)];
        for (const [index, kind] of kinds.entries()) {
            for (const [at, key] of hostile.entries()) {
                expect(await store.putIfAbsent(plain({ kind, key, value: { index, at, key } }))).to.be.true();
            }
        }

        for (const [index, kind] of kinds.entries()) {
            for (const [at, key] of hostile.entries()) {
                expect((await store.get(kind, key))?.value).to.equal({ index, at, key });
            }

            const listed = [];
            let cursor: string | null = null;
            do {
                const page: Awaited<ReturnType<SqlStore['list']>> = await store.list(kind, cursor, 7);
                listed.push(...page.items);
                cursor = page.cursor;
            } while (cursor !== null);

            expect(listed.map((record) => record.key).sort()).to.equal([...hostile].sort());
        }

        for (const key of hostile) {
            await store.delete('kind', key);
            expect(await store.get('kind', key)).to.be.null();
        }
    });

    it('keeps grants and tokens under whatever ids, keys and owners, each for itself', { timeout: slow }, async () => {

        for (const [at, id] of hostile.entries()) {
            const grant = grantOf({ id, clientId: id, subject: id, sessionId: id, value: { at } });
            await store.openGrant(grant, [tokenOf({ grantId: id, key: id, kind: id, value: { at, [id]: id } })]);
            expect(await store.addTokens(id, [tokenOf({ grantId: id, key: `${id}+`, kind: id })])).to.be.true();
        }

        for (const [at, id] of hostile.entries()) {
            const address = { grantId: id, kind: id, key: id };
            const found = await store.findToken(address);
            expect([found?.value, found?.grant]).to.equal([{ at, [id]: id }, await store.findGrant(id)]);
            for (const index of ['subject', 'clientId', 'sessionId'] as const) {
                expect(await store.listGrants(index, id)).to.equal({ items: [grantOf({ id, clientId: id, subject: id, sessionId: id, value: { at } })], cursor: null });
            }

            expect(await store.consume(address)).to.equal('ok');
            expect(await store.revokeGrant(id)).to.be.true();
            expect(await store.consume(address)).to.equal('missing');
        }
    });

    it('counts and leases under whatever names, each for itself', { timeout: slow }, async () => {

        for (const [at, name] of hostile.entries()) {
            expect(await store.counted(name)).to.equal(0);
            expect(await store.count(name, 1000)).to.equal({ count: 1, resetsAt: clock.now() + 1000 });
            expect(await store.lease(name, hostile[at] ?? '', 1000)).to.be.true();
            expect(await store.lease(name, hostile[at + 1] ?? 'other', 1000)).to.be.false();
            await store.release(name, hostile[at + 1] ?? 'other');
            expect(await store.lease(name, 'third', 1000)).to.be.false();
            await store.release(name, hostile[at] ?? '');
            expect(await store.lease(name, 'third', 1000)).to.be.true();
        }
    });

    it('answers any cursor, even one that it never gave', async () => {

        await store.put(plain({ key: 'm' }));
        for (const cursor of hostile) {
            const { items } = await store.list('kind', cursor);
            expect(items.length).to.be.within(0, 1);
            expect((await store.listGrants('subject', 'nobody', cursor)).items).to.equal([]);
        }
    });

    it('refuses a schema whose name could mean anything else in SQL', async () => {

        const refused = (schema: string) => () => new SqlStore(client, { clock: clock.now, schema });
        for (const schema of ['', 'a.b', 'a"b', 'A', '1a', 'a b', 'a;', `a'; DROP TABLE x; --`, 'ä', 'a\0', 'a\n', 'x'.repeat(64), '$hapi_oauth2_flows$']) {
            expect(refused(schema)).to.throw(/^The schema of SqlStore must be/);
            expect(() => SqlStore.migrations(schema)).to.throw(/^The schema of SqlStore must be/);
        }

        for (const schema of ['select', 'user', '_', 'x'.repeat(63)]) {
            const quoted = new SqlStore(client, { clock: clock.now, schema });
            await quoted.initialize();
            await quoted.put(plain());
            expect(await quoted.get('kind', 'key')).to.not.be.null();
        }

        expect(await store.get('kind', 'key')).to.be.null();
    });

    it('does not open a grant that has expired until it is swept with its tokens', async () => {

        const expiresAt = clock.now() + 1;
        expect(await store.openGrant(grantOf({ expiresAt }), [tokenOf()])).to.be.true();
        clock.advance(0.001);
        expect(await store.openGrant(grantOf(), [tokenOf({ key: 'other' })])).to.be.false();
        expect([(await store.findToken(tokenOf()))?.grant, await store.findToken(tokenOf({ key: 'other' }))]).to.equal([null, null]);
        expect([await store.sweep(1), await store.openGrant(grantOf(), [])]).to.equal([1, false]);
        expect([await store.sweep(1), await store.openGrant(grantOf(), [])]).to.equal([1, true]);
        expect(await store.findToken(tokenOf())).to.be.null();
    });

    it('refuses a token of another grant, and stores nothing of the call', async () => {

        await store.openGrant(grantOf(), [tokenOf()]);
        const good = tokenOf({ key: 'good' });
        const bad = tokenOf({ key: 'bad', grantId: 'other' });
        await expect(store.addTokens('grant', [good, bad])).to.reject(/violates/);
        await expect(store.rotate({ token: tokenOf(), version: 1, value: {}, expiresAt: clock.now() + day, tokens: [good, bad] })).to.reject(/violates/);
        await expect(store.openGrant(grantOf({ id: 'second' }), [{ ...good, grantId: 'second' }, bad])).to.reject(/violates/);

        expect(await store.findToken(good)).to.be.null();
        expect((await store.findToken(tokenOf()))?.used).to.be.false();
        expect(await store.findGrant('second')).to.be.null();
    });

    it('leaves a token as it is that is added again, so that no used one is fresh again', async () => {

        await store.openGrant(grantOf(), [tokenOf(), tokenOf({ key: 'other' })]);
        await store.consume(tokenOf());
        expect(await store.addTokens('grant', [tokenOf({ value: { again: true } })])).to.be.true();
        expect(await store.rotate({ token: tokenOf({ key: 'other' }), version: 1, value: {}, expiresAt: clock.now() + day, tokens: [tokenOf()] })).to.equal('ok');
        const found = await store.findToken(tokenOf());
        expect([found?.used, found?.value]).to.equal([true, {}]);
    });

    it('keeps what never expires, and refuses a time that is none', async () => {

        await store.put(plain({ expiresAt: Infinity }));
        await store.openGrant(grantOf({ expiresAt: Infinity }), [tokenOf({ expiresAt: Infinity })]);
        expect((await store.get('kind', 'key'))?.expiresAt).to.equal(Infinity);
        const found = await store.findToken(tokenOf());
        expect([found?.expiresAt, found?.grant?.expiresAt]).to.equal([Infinity, Infinity]);

        const fraction = clock.now() + 0.25;
        await store.put(plain({ expiresAt: fraction }));
        expect((await store.get('kind', 'key'))?.expiresAt).to.equal(fraction);

        await expect(store.put(plain({ expiresAt: NaN }))).to.reject(/violates/);
        await expect(store.openGrant(grantOf({ id: 'nan', expiresAt: NaN }), [])).to.reject(/violates/);
        await expect(store.addTokens('grant', [tokenOf({ key: 'nan', expiresAt: NaN })])).to.reject(/violates/);
        await store.openGrant(grantOf({ id: 'other' }), [tokenOf({ grantId: 'other' })]);
        await expect(store.addTokens('other', [], NaN)).to.reject(/violates/);
        expect(await store.addTokens('other', [], Infinity)).to.be.true();
        expect((await store.findGrant('other'))?.expiresAt).to.equal(Infinity);
        await expect(store.count('nan', NaN)).to.reject(/violates/);
        await expect(store.lease('nan', 'holder', NaN)).to.reject(/violates/);
    });

    /** A store on a client that notes the statements it is sent; those of a sweep may wait or fail. */
    const noting = (becomes: () => Promise<unknown> = async () => undefined, options: { readonly sweepEveryMs?: number } = {}) => {

        const kinds: string[] = [];
        const query: SqlClient['query'] = async (text, params) => {

            const isSweep = text.includes('SKIP LOCKED');
            kinds.push(isSweep ? 'sweep' : 'other');
            await (isSweep ? becomes() : undefined);
            return client.query(text, params);
        };

        return { kinds, noted: new SqlStore({ query }, { clock: clock.now, ...options }) };
    };

    it('sweeps by itself after a write, now and then by its clock, and never for a reader', async () => {

        for (let i = 0; i < 3; ++i) {
            await store.put(plain({ key: `${i}`, expiresAt: clock.now() + 1 }));
        }

        clock.advance(1);
        const { kinds, noted } = noting();
        await noted.get('kind', 'a');
        await noted.findGrant('grant');
        await noted.close();
        expect(kinds).to.equal(['other', 'other']);

        await noted.put(plain({ key: 'b' }));
        await noted.close();
        await noted.count('key', 1000);
        expect(kinds.slice(2)).to.equal(['other', 'sweep', 'other']);
        expect((await client.query('SELECT key FROM oauth2.records', [])).rows).to.equal([{ key: 'b' }]);

        clock.advance(10);
        const writes = [
            () => noted.put(plain()), () => noted.putIfAbsent(plain()), () => noted.replace(plain(), 1), () => noted.delete('kind', 'key'), () => noted.openGrant(grantOf(), []), () => noted.addTokens('grant', []),
            () => noted.consume(tokenOf()), () => noted.rotate({ token: tokenOf(), version: 1, value: {}, expiresAt: 1, tokens: [] }), () => noted.revokeGrant('grant'), () => noted.count('key', 1), () => noted.lease('a', 'b', 1)
        ];
        for (const write of writes) {
            kinds.length = 0;
            await write();
            await noted.close();
            expect(kinds).to.equal(['other', 'sweep']);
            clock.advance(10);
        }
    });

    it('answers the call that began a sweep before that has ended, and whatever becomes of it', async () => {

        let fail = (_err: Error): void => undefined;
        const { kinds, noted } = noting(() => new Promise((_resolve, reject) => {

            fail = reject;
        }));
        await noted.put(plain());
        await noted.put(plain());
        const swept = noted.sweep();
        expect(kinds).to.equal(['other', 'sweep', 'other']);        // Two sweeps at once would pass over each other's rows
        fail(new Error('away'));
        await noted.close();
        await new Promise(setImmediate);
        fail(new Error('away by now'));
        await expect(swept).to.reject('away by now');
        expect(await noted.get('kind', 'key')).to.not.be.null();
        clock.advance(10);
        await noted.put(plain());
        expect(kinds.slice(-2)).to.equal(['other', 'sweep']);
        fail(new Error('away'));
    });

    it('leaves sweeping to others where it is told to, and refuses a time that is none', async () => {

        const { kinds, noted } = noting(undefined, { sweepEveryMs: Infinity });
        await noted.put(plain());
        clock.advance(1e6);
        await noted.put(plain());
        expect(kinds).to.equal(['other', 'other']);
        expect(() => noting(undefined, { sweepEveryMs: 0 })).to.throw(/^sweepEveryMs of SqlStore/);
    });

    it('finds nothing by a clock that does not know the time', async () => {

        await store.put(plain());
        await store.openGrant(grantOf(), [tokenOf()]);
        const lost = new SqlStore(client, { clock: () => NaN });
        expect([await lost.get('kind', 'key'), await lost.findGrant('grant'), await lost.findToken(tokenOf()), await lost.consume(tokenOf())]).to.equal([null, null, null, 'missing']);
    });

    it('holds a revocation for a process whose clock is behind', async () => {

        await store.openGrant(grantOf(), [tokenOf()]);
        await store.revokeGrant('grant');
        const behind = new SqlStore(client, { clock: () => clock.now() - day });
        expect(await behind.findGrant('grant')).to.be.null();
        expect(await behind.findToken(tokenOf())).to.be.null();
        expect(await behind.addTokens('grant', [])).to.be.false();
    });

    it('goes on counting versions over a record that expired', async () => {

        await store.put(plain({ expiresAt: clock.now() + 1 }));
        const version = (await store.get('kind', 'key'))?.version ?? NaN;
        clock.advance(1);
        expect(await store.putIfAbsent(plain({ value: { second: true } }))).to.be.true();
        expect((await store.get('kind', 'key'))?.version).to.equal(version + 1);
        expect(await store.replace(plain({ value: { late: true } }), version)).to.be.false();
        expect((await store.get('kind', 'key'))?.value).to.equal({ second: true });
    });

    it('rejects with what the client rejected with', async () => {

        const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        const cut = new SqlStore({ query: () => Promise.reject(away) }, { clock: clock.now });
        const calls = [cut.initialize(), cut.get('kind', 'key'), cut.putIfAbsent(plain()), cut.consume(tokenOf()), cut.sweep(), cut.list('kind'), cut.release('a', 'b')];
        for (const outcome of await Promise.allSettled(calls)) {
            expect(outcome.status === 'rejected' && outcome.reason === away).to.be.true();
        }
    });

    it('rejects rows that are nonsense, and never takes them for an answer', async () => {

        const put = (record: unknown, table = 'records') => client.query(`UPDATE oauth2.${table} SET record = $1::jsonb`, [JSON.stringify(record)]);
        await store.put(plain());
        for (const record of [null, 1, 'text', [], {}, { key: 'key' }, { key: 'key', value: null }, { key: 'key', value: [] }]) {
            await put(record);
            await expect(store.get('kind', 'key')).to.reject(/^The database holds or answered nonsense/);
            await expect(store.list('kind')).to.reject(/nonsense/);
        }

        await put({ key: 1, value: {} });
        await expect(store.list('kind')).to.reject(/nonsense: key is no text/);

        await store.openGrant(grantOf(), [tokenOf()]);
        for (const record of [null, [], {}, { id: 'grant', clientId: 'client', subject: 1, sessionId: null, value: {} }, { id: 'grant', clientId: null, subject: null, sessionId: null, value: {} }]) {
            await put(record, 'grants');
            await expect(store.findGrant('grant')).to.reject(/nonsense/);
            await expect(store.findToken(tokenOf())).to.reject(/nonsense/);
            await expect(store.listGrants('subject', 'subject')).to.reject(/nonsense/);
        }
    });

    it('rejects answers that are nonsense', async () => {

        const found = { value: {}, version: 1, expiresAt: 1, used: false, grant: null };
        const answers: readonly unknown[] = [
            null, 1, 'ok', [], {}, { answer: null }, { answer: 1 }, { answer: '' }, { answer: 'OK' }, { answer: '{' }, { answer: 'null' }, { answer: '[]' }, { answer: '{}' },
            ...Object.keys(found).map((member) => ({ answer: JSON.stringify({ ...found, [member]: 'nonsense' }) }))
        ];
        for (const row of answers) {
            const odd = new SqlStore({ query: () => Promise.resolve({ rows: [row] }) }, { clock: clock.now });
            for (const call of [() => odd.get('a', 'b'), () => odd.findToken(tokenOf()), () => odd.consume(tokenOf()), () => odd.findGrant('a'), () => odd.counted('a'), () => odd.count('a', 1), () => odd.sweep()]) {
                await expect(call()).to.reject();
            }
        }

        const silent = new SqlStore({ query: () => Promise.resolve({ rows: [] }) }, { clock: clock.now });
        await expect(silent.consume(tokenOf())).to.reject(/nonsense/);
        await expect(silent.rotate({ token: tokenOf(), version: 1, value: {}, expiresAt: 1, tokens: [] })).to.reject(/nonsense/);
        await expect(silent.count('a', 1)).to.reject(/nonsense/);
        await expect(silent.sweep()).to.reject(/nonsense/);
    });
});
