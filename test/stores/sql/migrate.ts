import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Pool, type PoolClient } from 'pg';

import { SqlStore } from '../../../lib/sql';
import { migrate } from '../../../lib/stores/sql/migrate';
import { lockWaitMs, migrationScript, migrations } from '../../../lib/stores/sql/migrations';
import { testClock } from '../../fixture/clock';
import { emptySchema, serverUrl } from '../../fixture/sql-engines';

const lab = Lab.script();
const { after, afterEach, before, beforeEach, describe, it } = lab;
export { lab };

const locked = () => Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
const refused = 'The tables in the schema \'oauth2\' could not be migrated, as another transaction holds them: a dump, a report, a session that is idle in a transaction, or another migration. Wait for it, or end it (pg_stat_activity shows it), and start again';

/** A database of which the first tries find a lock, and pauses that take no time. */
const blocked = (lockedTries: number) => {

    const sent: string[] = [];
    const pauses: number[] = [];
    const client = {
        query: async (text: string) => {

            if (sent.push(text) <= lockedTries) {
                throw locked();
            }

            return { rows: [] };
        }
    };
    return { client, sent, pauses, pause: async (ms: number) => void pauses.push(ms) };
};

describe('migrate()', () => {

    it('sends one statement, and waits for nothing where no lock is in the way', async () => {

        const { client, sent, pauses, pause } = blocked(0);
        await migrate(client, 'oauth2', { pause });
        expect([sent, pauses]).to.equal([[migrationScript('oauth2')], []]);
    });

    it('tries again, with a pause in which others have the tables, until it gets the lock', async () => {

        const { client, sent, pauses, pause } = blocked(3);
        await migrate(client, 'oauth2', { pause });
        expect([sent.length, pauses]).to.equal([4, [3500, 3500, 3500]]);
    });

    it('gives up within the minute of initialize(), and says what holds the tables', async () => {

        const { client, sent, pauses, pause } = blocked(Infinity);
        const err = await expect(migrate(client, 'oauth2', { pause })).to.reject(Error, refused);
        expect(err.cause).to.include({ code: '55P03' });
        expect([sent.length, pauses.length]).to.equal([10, 9]);
        const locksOfOneTry = 2;                                // Its own, and the one of a table
        expect(pauses.reduce((sum, ms) => sum + ms, sent.length * locksOfOneTry * lockWaitMs)).to.be.below(60_000);
    });

    it('waits for a running server\'s queries no longer than these are waited for', () => {

        expect(2 * lockWaitMs).to.be.below(2500);
    });

    it('tries nothing again that failed for another reason', async () => {

        const others: readonly unknown[] = [Object.assign(new Error('permission denied'), { code: '42501' }), new Error('Connection terminated'), '55P03'];
        for (const err of others) {
            let tries = 0;
            const client = {
                query: async () => {

                    tries++;
                    throw err;
                }
            };
            expect(await expect(migrate(client, 'oauth2', { pause: () => Promise.reject(new Error('a pause')) })).to.reject()).to.shallow.equal(err);
            expect(tries).to.equal(1);
        }
    });
});

describe('migrate() on PostgreSQL beside a long reader', { skip: serverUrl === undefined, timeout: 120_000 }, () => {

    const schema = 'held';
    const clock = testClock();
    const pool = () => new Pool({ connectionString: serverUrl, max: 4 });
    let running: Pool;
    let starting: Pool;
    let reader: PoolClient;

    const text = async (sql: string): Promise<unknown> => Object.values(Object((await running.query(sql)).rows[0]))[0];
    const newest = () => text(`SELECT max(version) FROM ${schema}.migrations`);
    const waiting = () => text('SELECT count(*)::integer FROM pg_locks WHERE NOT granted');

    before(() => {

        running = pool();
        starting = pool();
    });

    beforeEach(async () => {

        await emptySchema(running, schema);
        await running.query(migrationScript(schema, migrations.slice(0, 1)));
        reader = await running.connect();
        await reader.query('BEGIN');
        await reader.query(`SELECT count(*) FROM ${schema}.grants`);
    });

    afterEach(async () => {

        await reader.query('ROLLBACK');
        reader.release();
        await emptySchema(running, schema);
    });

    after(async () => {

        await Promise.all([running.end(), starting.end()]);
    });

    it('lets the servers that run go on, leaves nothing waiting, and migrates when the reader is done', async () => {

        let pauses = 0;
        const pause = async () => {

            pauses++;
            expect(await waiting()).to.equal(0);
            expect(await newest()).to.equal(1);
            expect(await text(`SELECT count(*)::integer FROM ${schema}.grants`)).to.equal(0);
            if (pauses === 2) {
                await reader.query('COMMIT');
            }
        };

        const migrating = migrate(starting, schema, { pause, waitMs: 50 });
        while (pauses === 0) {
            expect(await text(`SELECT count(*)::integer FROM ${schema}.grants`)).to.equal(0);         // Some of these queue behind the migration
        }

        await migrating;
        expect(pauses).to.equal(2);
        expect(await newest()).to.equal(migrations.length);
        await new SqlStore(starting, { clock: clock.now, schema }).initialize();
    });

    it('gives up with nothing waiting and nothing changed', async () => {

        await expect(migrate(starting, schema, { pause: () => Promise.resolve(), waitMs: 5 })).to.reject(refused.replace('oauth2', schema));
        expect(await waiting()).to.equal(0);
        expect(await newest()).to.equal(1);
        expect(await text(`SELECT count(*)::integer FROM ${schema}.grants`)).to.equal(0);
    });

    it('gives up where another migration holds the schema, too', async () => {

        await reader.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`hapi-oauth2-flows ${schema}`]);
        await expect(migrate(starting, schema, { pause: () => Promise.resolve(), waitMs: 5 })).to.reject(refused.replace('oauth2', schema));
        expect(await waiting()).to.equal(0);
    });
});
