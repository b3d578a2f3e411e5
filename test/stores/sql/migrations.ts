import { hash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { testClock } from '../../fixture/clock';
import { emptySchema, sqlEngines, type SqlEngine } from '../../fixture/sql-engines';
import { SqlStore, type SqlClient } from '../../../lib/sql';
import { migrations, migrationScript } from '../../../lib/stores/sql/migrations';

export const lab = Lab.script();
const { after, before, beforeEach, describe, it } = lab;

const clock = testClock();
const slow = 120_000;
const schema = 'migrated';
const record = { kind: 'kind', key: 'key', value: {}, expiresAt: clock.now() + 1000 };
const newest = migrations.length;
const next = { version: newest + 1, sql: (quoted: string) => `\nALTER TABLE ${quoted}.records ADD COLUMN note text;\n` };
const broken = { version: newest + 2, sql: (quoted: string) => `\nCREATE TABLE ${quoted}.half (a integer);\nALTER TABLE ${quoted}.nowhere ADD COLUMN note text;\n` };

/** What each step was when it came: whoever ran it has that, and a change is a step of its own (docs/adr/0021-sql-functions.md). */
const asTheyCame = ['PsWqczaOSR99b16XJnuW7Bss8TEtTQlqxVflz28STf8', 'ZMFfcIIa35SkERSk-RaQw55t45NpHq0tZPslbtFLxmo', 'pqr4Ki2Il59OqdW0gl-rGfeqrgVBs1-CoARS6tLPmWw'];

describe('The steps of the migration', () => {

    it('are what they were, the functions of grants too', () => {

        expect(migrations.map(({ sql }) => hash('sha256', sql('oauth2'), 'base64url'))).to.equal(asTheyCame);
    });
});

for (const [name, open] of Object.entries(sqlEngines).filter(([each]) => each !== 'PGlite in a folder')) {
    describe(`migrations on ${name}`, () => {

        let engine: SqlEngine;
        let client: SqlClient;

        const storeOf = (each: SqlClient) => new SqlStore(each, { clock: clock.now, schema });
        const column = async (sql: string): Promise<unknown[]> => {

            const { rows } = await client.query(sql, []);
            return rows.map((row) => Object.values(row ?? {})[0]);
        };

        const versions = () => column(`SELECT version FROM ${schema}.migrations ORDER BY version`);

        before({ timeout: slow }, async () => {

            engine = await open();
            client = engine.clients()[0] ?? client;
        });

        beforeEach(async () => {

            await emptySchema(client, schema);
        });

        after(async () => {

            await emptySchema(client, schema);
            await engine.end();
        });

        it('are numbered from 1 on without a gap', () => {

            expect(migrations.map(({ version }) => version)).to.equal(migrations.map((_, index) => index + 1));
        });

        it('make the tables once, however often they run', async () => {

            const store = storeOf(client);
            await store.initialize();
            await store.put(record);
            await store.initialize();
            await storeOf(client).initialize();
            expect(await store.get('kind', 'key')).to.not.be.null();
            expect(await versions()).to.equal(migrations.map(({ version }) => version));
        });

        it('make the tables once for many processes that start at once', async () => {

            const clients = engine.clients();
            await Promise.all(Array.from({ length: 20 }, (_, index) => storeOf(clients[index % clients.length] ?? client).initialize()));
            expect(await versions()).to.equal(migrations.map(({ version }) => version));
        });

        it('go on from the version that is there, and keep what the tables hold', async () => {

            const store = storeOf(client);
            await store.initialize();
            await store.put(record);
            await client.query(migrationScript(schema, [...migrations, next]), []);
            await client.query(migrationScript(schema, [...migrations, next]), []);
            expect(await versions()).to.equal([...migrations, next].map(({ version }) => version));
            expect(await store.get('kind', 'key')).to.not.be.null();
            expect(await column(`SELECT note FROM ${schema}.records`)).to.equal([null]);
        });

        it('go on from the first version, whose grants have not been used, and which goes on beside the next ones', async () => {

            await client.query(migrationScript(schema, migrations.slice(0, 1)), []);
            const open = (id: string) => client.query(
                `INSERT INTO ${schema}.grants (id, client_id, record, expires_at) VALUES ($1::text, 'app', $2::jsonb, $3::double precision)`,
                [id, JSON.stringify({ id, clientId: 'app', subject: null, sessionId: null, value: {} }), clock.now() + 1000]);
            await open('before');
            const store = storeOf(client);
            await store.initialize();
            await open('beside');
            expect(await versions()).to.equal(migrations.map(({ version }) => version));
            for (const id of ['before', 'beside']) {
                const grant = { id, clientId: 'app', subject: null, sessionId: null, expiresAt: clock.now() + 1000, value: {} };
                expect(await store.findGrant(id)).to.equal(grant);
                expect(await store.addTokens(id, [], undefined, clock.now())).to.be.true();
                expect(await store.findGrant(id)).to.equal({ ...grant, usedAt: clock.now() });
            }
        });

        it('leave nothing half done when one fails, and can be run again', async () => {

            await storeOf(client).initialize();
            await expect(client.query(migrationScript(schema, [...migrations, next, broken]), [])).to.reject(/nowhere/);
            expect(await versions()).to.equal(migrations.map(({ version }) => version));
            expect(await column(`SELECT to_regclass('${schema}.half')::text`)).to.equal([null]);
            expect(await column(`SELECT column_name FROM information_schema.columns WHERE table_schema = '${schema}' AND column_name = 'note'`)).to.equal([]);

            await client.query(migrationScript(schema, [...migrations, next]), []);
            expect(await versions()).to.equal([...migrations, next].map(({ version }) => version));
        });

        it('leave nothing at all when the first one fails', async () => {

            await expect(client.query(migrationScript(schema, [{ version: 1, sql: broken.sql }]), [])).to.reject(/nowhere/);
            expect(await column(`SELECT to_regnamespace('${schema}')::text`)).to.equal([null]);
        });

        it('are what a DBA can run beforehand, after which the server needs no right to create anything', async () => {

            await client.query(SqlStore.migrations(schema), []);
            const block = (body: string) => client.query(`DO $block$ BEGIN ${body} END $block$`, []);
            await block(`
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'store_app') THEN CREATE ROLE store_app; END IF;
                GRANT USAGE ON SCHEMA ${schema} TO store_app;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO store_app;`);
            await block(`SET LOCAL ROLE store_app; EXECUTE $script$${SqlStore.migrations(schema)}$script$;`);
            await expect(block(`SET LOCAL ROLE store_app; EXECUTE $script$${migrationScript(schema, [...migrations, next])}$script$;`)).to.reject(/must be owner|permission denied/);
        });

        it('leave a schema alone that a newer version has made', async () => {

            await client.query(migrationScript(schema, [...migrations, { ...next, version: 99 }]), []);
            await storeOf(client).initialize();
            expect((await versions()).at(-1)).to.equal(99);
        });

        it('wait for no lock longer than 1.2 seconds, and leave the session as it was', async () => {

            await storeOf(client).initialize();
            expect(await column('SHOW lock_timeout')).to.equal(['0']);
            expect(SqlStore.migrations(schema)).to.include('set_config(\'lock_timeout\', \'1200\', true)');
            const shown = (_quoted: string) => '\nRAISE EXCEPTION \'%\', current_setting(\'lock_timeout\');';
            await expect(client.query(migrationScript(schema, [...migrations, { ...next, sql: shown }]), [])).to.reject(/1200ms/);
        });
    });
}
