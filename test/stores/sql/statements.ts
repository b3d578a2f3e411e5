import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Client } from 'pg';

import { testClock } from '../../fixture/clock';
import { openStores, serverEngine, serverUrl, sqlEngines, type SqlEngine } from '../../fixture/sql-engines';
import type { SqlClient, SqlStore } from '../../../lib/sql';
import { grantFunctions } from '../../../lib/stores/sql/grant-functions';
import { grantStatements } from '../../../lib/stores/sql/grant-statements';
import { counterStatements, recordStatements } from '../../../lib/stores/sql/record-statements';
import { sweepStatement } from '../../../lib/stores/sql/sweep-statement';

export const lab = Lab.script();
const { after, before, beforeEach, describe, it } = lab;

const clock = testClock();
const slow = 120_000;
const schema = 'statements';
const later = () => clock.now() + 60_000;
const grantOf = (id: string) => ({ id, clientId: 'client', subject: 'subject', sessionId: null, expiresAt: later(), value: {} });
const tokenOf = (key: string, grantId = 'grant') => ({ kind: 'code', grantId, key, value: {}, expiresAt: later() });
const rotationOf = (key: string, successor: string) => ({ token: tokenOf(key), version: 1, value: {}, expiresAt: later(), tokens: [tokenOf(successor)] });

/** Every statement with parameters, and among many rows that are none of its business. */
const statements = (): Readonly<Record<string, readonly [text: string, ...params: unknown[]]>> => {

    const records = recordStatements(schema);
    const counters = counterStatements(schema);
    const grants = grantStatements(schema);
    const now = clock.now();
    return {
        get: [records.get, 'kind 5', 'key 5', now],
        put: [records.put, 'kind 5', 'key 5', '{}', now, 1],
        putIfAbsent: [records.putIfAbsent, 'kind 5', 'key 5', '{}', now, 1, now],
        replace: [records.replace, 'kind 5', 'key 5', '{}', now, 1, now],
        delete: [records.delete, 'kind 5', 'key 5'],
        list: [records.list, 'kind 5', '', now, 101],
        count: [counters.count, 'key 5', now, now],
        counted: [counters.counted, 'key 5', now],
        lease: [counters.lease, 'key 5', 'holder', now, now],
        release: [counters.release, 'key 5', 'holder'],
        findGrant: [grants.findGrant, 'id 5', now],
        revokeGrant: [grants.revokeGrant, 'id 5', now],
        listBySubject: [grants.listBySubject, 'subject 5', '', now, 101],
        listByClientId: [grants.listByClientId, 'client 5', '', now, 101],
        listBySessionId: [grants.listBySessionId, 'session 5', '', now, 101],
        sweep: [sweepStatement(schema), now, 1000]
    };
};

/** Each step of the functions, whose plans no EXPLAIN of a call shows: as a statement that is prepared with the types of the function's parameters. */
const steps = (): readonly (readonly [name: string, text: string, ...params: string[]])[] => {

    const { openGrant, addTokens, findToken, consume, rotate } = grantFunctions(schema);
    const now = `${clock.now()}`;
    const tokens = `'${JSON.stringify([{ grant_id: 'id 5', kind: 'code', key: 'new', value: {}, expires_at: `${later()}` }])}'`;
    const address = ['\'id 5\'', '\'code\'', '\'key 5\''];
    return [
        [openGrant, '\'id new\'', '\'s\'', '\'c\'', 'NULL', '\'{}\'', now, tokens, now, now] as const,
        [addTokens, '\'id 5\'', now, tokens, `${later()}`, now] as const,
        [findToken, ...address, now] as const,
        [consume, ...address, now] as const,
        [rotate, ...address, now, '1', '\'{}\'', now, tokens, `${later()}`, now] as const
    ].flatMap(([each, ...params]) => Object.entries(each.steps).map(([step, text]) =>
        [`${each.name} ${step}`, `PREPARE step (${each.parameters.join(', ')}) AS ${text}`, ...params] as const));
};

const fill = async (client: SqlClient): Promise<void> => {

    for (const sql of [
        `INSERT INTO ${schema}.records SELECT 'kind ' || n % 100, 'key ' || n, '{"key":"","value":{}}', 1, $1::float8 + n FROM generate_series(1, 10000) AS n`,
        `INSERT INTO ${schema}.grants SELECT 'id ' || n, 'subject ' || n % 1000, 'client ' || n % 100, 'session ' || n, '{}', false, $1::float8 + n FROM generate_series(1, 10000) AS n`,
        `INSERT INTO ${schema}.tokens SELECT 'id ' || n, 'code', 'key ' || n, '{}', 1, false, $1::float8 + n FROM generate_series(1, 10000) AS n`,
        `INSERT INTO ${schema}.counters SELECT 'key ' || n, 1, $1::float8 + n FROM generate_series(1, 10000) AS n`,
        `INSERT INTO ${schema}.leases SELECT 'key ' || n, 'holder', $1::float8 + n FROM generate_series(1, 10000) AS n`
    ]) {
        await client.query(sql, [clock.now()]);
    }

    for (const table of ['records', 'grants', 'tokens', 'counters', 'leases']) {
        await client.query(`ANALYZE ${schema}.${table}`, []);
    }
};

for (const [name, open] of Object.entries(sqlEngines).filter(([each]) => each !== 'PGlite in a folder')) {
    describe(`statements on ${name}`, () => {

        let engine: SqlEngine;
        let client: SqlClient;
        let store: SqlStore;

        before({ timeout: slow }, async () => {

            engine = await open();
            client = engine.clients()[0] ?? client;
        });

        beforeEach(async () => {

            [store] = await openStores(engine.clients(), schema, clock.now);
        });

        after(async () => {

            await engine.end();
        });

        it('find everything by an index', { timeout: slow }, async () => {

            await fill(client);
            for (const [statement, [text, ...params]] of Object.entries(statements())) {
                const { rows } = await client.query(`EXPLAIN ${text}`, params);
                const plan = rows.map((row) => Object.values(row ?? {}).join()).join('\n');
                expect(plan, `${statement}:\n${plan}`).to.not.match(/Seq Scan|never executed/);
                expect(plan, statement).to.match(/Index|Insert on/);
            }
        });

        it('find everything by an index in the steps of their functions, planned once for all parameters or each time', { timeout: slow }, async () => {

            await fill(client);
            const connection = await engine.connection();
            const plans = async (mode: string) => {

                await connection.client.query(`SET plan_cache_mode = ${mode}`, []);
                for (const [name, text, ...params] of steps()) {
                    await connection.client.query(text, []);
                    const { rows } = await connection.client.query(`EXPLAIN EXECUTE step (${params.join(', ')})`, []);
                    await connection.client.query('DEALLOCATE step', []);
                    const plan = rows.map((row) => Object.values(row ?? {}).join()).join('\n');
                    expect(plan, `${name}:\n${plan}`).to.not.match(/Seq Scan|never executed/);
                    expect(plan, name).to.match(/Index|Insert on/);
                }
            };

            await plans('force_generic_plan');
            await plans('force_custom_plan');
            await connection.client.query('RESET plan_cache_mode', []);
            await connection.end();
        });

        it('sweep what has expired and nothing else, at most as much as told', async () => {

            const soon = clock.now() + 1000;
            await Promise.all(Array.from({ length: 10 }, async (_, n) => {

                await store.put({ kind: 'kind', key: `${n}`, value: {}, expiresAt: n < 5 ? soon : later() });
                await store.count(`${n}`, n < 5 ? 1000 : 60_000);
                await store.lease(`${n}`, 'holder', n < 5 ? 1000 : 60_000);
                await store.openGrant({ ...grantOf(`${n}`), expiresAt: n < 5 ? soon : later() }, [
                    { ...tokenOf('short', `${n}`), expiresAt: soon }, tokenOf('long', `${n}`)
                ]);
            }));
            const left = async () => {

                const tables = ['records', 'counters', 'leases', 'grants', 'tokens'];
                const { rows } = await client.query(`SELECT ARRAY[${tables.map((table) => `(SELECT count(*) FROM ${schema}.${table})`).join()}]::text AS left`, []);
                return rows;
            };

            expect(await store.sweep()).to.equal(0);
            expect(await left()).to.equal([{ left: '{10,10,10,10,20}' }]);

            clock.advance(1);
            const swept = [];
            do {
                swept.push(await store.sweep(7));
            } while (swept.at(-1) !== 0);

            // Ten tokens by themselves, five with their grants, and five each of the other four; a grant waits for its tokens to be gone
            expect(swept.every((count) => count <= 7)).to.be.true();
            expect(swept.reduce((sum, count) => sum + count)).to.equal(35);
            expect(await left()).to.equal([{ left: '{5,5,5,5,5}' }]);
            expect((await store.findToken(tokenOf('long', '7')))?.grant?.id).to.equal('7');

            await store.addTokens('7', [], undefined, clock.now());
            expect(await store.revokeGrant('7')).to.be.true();
            expect(await left()).to.equal([{ left: '{5,5,5,5,4}' }]);
            const { rows } = await client.query(`SELECT concat_ws(' ', id, subject, session_id, record, revoked, used_at) AS grant FROM ${schema}.grants WHERE id = '7'`, []);
            expect(rows).to.equal([{ grant: '7 {} t' }]);       // The id stays taken, until the grant would have expired
            expect(await store.sweep()).to.equal(0);
            clock.advance(60);
            while (await store.sweep() > 0) { /* Until nothing is left */ }
            expect(await left()).to.equal([{ left: '{0,0,0,0,0}' }]);
        });

        it('sweep nothing when told to sweep nothing', async () => {

            await store.put({ kind: 'kind', key: 'key', value: {}, expiresAt: clock.now() });
            expect(await store.sweep(0)).to.equal(0);
            expect(await store.sweep(1)).to.equal(1);
        });
    });
}

if (serverUrl !== undefined) {
    const connect = serverEngine(serverUrl);
    describe('statements that meet on PostgreSQL', () => {

        let engine: SqlEngine;
        let store: SqlStore;
        let slowClient: Client;
        let slowStore: SqlStore;

        /** Begins a transaction, so that what `slowStore` does is held open until it ends. */
        const begin = () => slowClient.query('BEGIN');
        const commit = () => slowClient.query('COMMIT');

        /** Waits until some others wait for a lock. Asked outside the transaction, as what one has seen of the activity stays so. */
        const waiting = async (count = 1): Promise<void> => {

            const watcher = engine.clients()[1] ?? slowClient;
            for (let i = 0; i < 10_000; ++i) {
                const { rows } = await watcher.query(`SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`, []);
                if (rows.length >= count) {
                    return;
                }
            }

            throw new Error('Nobody waits');
        };

        before(async () => {

            engine = await connect();
            slowClient = new Client({ connectionString: serverUrl });
            await slowClient.connect();
        });

        beforeEach(async () => {

            [store, slowStore = store] = await openStores([...engine.clients().slice(0, 1), slowClient], schema, clock.now);
            await store.openGrant(grantOf('grant'), [tokenOf('old')]);
        });

        after(async () => {

            await slowClient.end();
            await engine.end();
        });

        it('let a rotation that waited for a revocation add nothing', async () => {

            await begin();
            expect(await slowStore.revokeGrant('grant')).to.be.true();
            const late = [store.rotate(rotationOf('old', 'new')), store.consume(tokenOf('old')), store.addTokens('grant', [tokenOf('more')]), store.revokeGrant('grant')] as const;
            await waiting(4);
            await commit();
            expect(await Promise.all(late)).to.equal(['missing', 'missing', false, false]);
            expect([await store.findToken(tokenOf('new')), await store.findToken(tokenOf('more'))]).to.equal([null, null]);
        });

        it('let a revocation that waited for a rotation kill what it added', async () => {

            await begin();
            expect(await slowStore.rotate(rotationOf('old', 'new'))).to.equal('ok');
            const revoked = store.revokeGrant('grant');
            await waiting();
            await commit();
            expect(await revoked).to.be.true();
            const found = await store.findToken(tokenOf('new'));        // It came too late to be deleted, and is dead all the same
            expect([found?.used, found?.grant]).to.equal([false, null]);
        });

        it('let whoever waited for a rotation lose', async () => {

            await begin();
            expect(await slowStore.rotate(rotationOf('old', 'new'))).to.equal('ok');
            const late = [store.rotate(rotationOf('old', 'second')), store.consume(tokenOf('old')), store.addTokens('grant', [tokenOf('more')])] as const;
            await waiting(3);
            await commit();
            expect(await Promise.all(late)).to.equal(['conflict', 'used', true]);
            expect([(await store.findToken(tokenOf('new')))?.used, await store.findToken(tokenOf('second'))]).to.equal([false, null]);
        });

        it('let one of two callers open a grant, whoever waited', async () => {

            const opened = { ...grantOf('new'), value: { first: true } };
            await begin();
            expect(await slowStore.openGrant(opened, [tokenOf('first', 'new')])).to.be.true();
            const late = store.openGrant(grantOf('new'), [tokenOf('second', 'new')]);
            await waiting();
            await commit();
            expect(await late).to.be.false();
            expect(await store.findGrant('new')).to.equal(opened);
            expect([await store.findToken(tokenOf('second', 'new')), (await store.findToken(tokenOf('first', 'new')))?.used]).to.equal([null, false]);

            await begin();
            expect(await slowStore.openGrant(grantOf('back'), [])).to.be.true();
            const next = store.openGrant(grantOf('back'), [tokenOf('second', 'back')]);
            await waiting();
            await slowClient.query('ROLLBACK');
            expect(await next).to.be.true();
        });

        it('let a grant live until the later of two ends, whoever waited, and no longer once it was revoked', async () => {

            const end = later();
            for (const [first, second] of [[end + 2000, end + 1000], [end + 3000, end + 4000]] as const) {
                await begin();
                expect(await slowStore.addTokens('grant', [], first)).to.be.true();
                const late = store.addTokens('grant', [], second);
                await waiting();
                await commit();
                expect(await late).to.be.true();
                expect((await store.findGrant('grant'))?.expiresAt).to.equal(Math.max(first, second));
            }

            await begin();
            expect(await slowStore.revokeGrant('grant')).to.be.true();
            const late = [store.addTokens('grant', [], end + 9000), store.rotate({ ...rotationOf('old', 'new'), grantExpiresAt: end + 9000 })] as const;
            await waiting(2);
            await commit();
            expect(await Promise.all(late)).to.equal([false, 'missing']);
            expect(await store.findGrant('grant')).to.be.null();
        });

        it('let a token stay as it is that somebody else adds at the same time', async () => {

            await begin();
            expect(await slowStore.addTokens('grant', [tokenOf('new')])).to.be.true();
            expect(await slowStore.consume(tokenOf('new'))).to.equal('ok');
            const late = store.addTokens('grant', [tokenOf('new')]);
            await waiting();
            await commit();
            expect(await late).to.be.true();
            expect(await store.consume(tokenOf('new'))).to.equal('used');
        });

        it('let whoever waited win where the first one took it back', async () => {

            await begin();
            expect(await slowStore.consume(tokenOf('old'))).to.equal('ok');
            const late = store.consume(tokenOf('old'));
            await waiting();
            await slowClient.query('ROLLBACK');
            expect(await late).to.equal('ok');
        });

        it('let one of two new records be, whoever waited', async () => {

            const record = { kind: 'kind', key: 'key', value: {}, expiresAt: later() };
            await begin();
            expect(await slowStore.putIfAbsent(record)).to.be.true();
            const late = store.putIfAbsent(record);
            await waiting();
            await commit();
            expect(await late).to.be.false();

            const version = (await store.get('kind', 'key'))?.version ?? NaN;
            await begin();
            expect(await slowStore.replace(record, version)).to.be.true();
            const replaced = store.replace(record, version);
            await waiting();
            await commit();
            expect(await replaced).to.be.false();
        });

        it('put again what was deleted meanwhile', async () => {

            const record = { kind: 'kind', key: 'key', value: {}, expiresAt: later() };
            await store.put(record);
            await begin();
            await slowStore.delete('kind', 'key');
            const late = store.putIfAbsent(record);
            await waiting();
            await commit();
            expect(await late).to.be.true();
        });

        it('let one holder have a lease, and count everyone', async () => {

            await begin();
            expect(await slowStore.lease('name', 'first', 1000)).to.be.true();
            await slowStore.count('key', 1000);
            const late = [store.lease('name', 'second', 1000), store.count('key', 1000).then(({ count }) => count)] as const;
            await waiting(2);
            await commit();
            expect(await Promise.all(late)).to.equal([false, 2]);
        });

        it('sweep around what somebody works on, without waiting', async () => {

            for (const key of ['a', 'b']) {
                await store.put({ kind: 'kind', key, value: {}, expiresAt: clock.now() });
            }

            await begin();
            await slowStore.put({ kind: 'kind', key: 'a', value: {}, expiresAt: later() });
            expect(await store.sweep()).to.equal(1);
            await commit();
            expect(await store.sweep()).to.equal(0);
            expect(await store.get('kind', 'a')).to.not.be.null();
            expect(await store.get('kind', 'b')).to.be.null();
        });

        it('sweep each record once, however many sweep', async () => {

            await Promise.all(Array.from({ length: 300 }, (_, n) => store.put({ kind: 'kind', key: `${n}`, value: {}, expiresAt: clock.now() })));
            let swept = 0;
            let round = 0;
            do {
                round = (await Promise.all([store.sweep(20), slowStore.sweep(20), store.sweep(20), slowStore.sweep(20)])).reduce((sum, count) => sum + count);
                swept += round;
            } while (round > 0);

            expect(swept).to.equal(300);
        });
    });
}
