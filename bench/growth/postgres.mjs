// How SqlStore on PostgreSQL takes 10^3 to 10^6 live refresh tokens: npm run growth:postgres [-- 7] for 10^7, which takes a few gigabytes.
//
// A refresh is findToken and rotate. Beside it stand two plain statements on the same rows by the same driver, a SELECT and an UPDATE by primary key: the
// least that a refresh could be.

import pg from 'pg';

import { SqlStore } from '../../dist/sql.js';
import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { newGrant, refresh, timed } from './refreshes.mjs';

const power = Number(process.argv[2] ?? 6);
const atOnce = 16;
const times = Number(process.env.BENCH_TIMES ?? 5000);
if (process.env.POSTGRES_URL === undefined) {
    console.error('POSTGRES_URL says which database may be filled; ../.ci/with-postgres starts one for the time of a command.');
    process.exit(1);
}

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: atOnce });
await pool.query('DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench');
const store = new SqlStore(pool, { clock: Date.now, schema: 'bench' });
await store.initialize();

const open = async () => {

    const { grant, token } = newGrant(0);
    await store.openGrant(grant, [token]);
    return token;
};

const model = await open();

/** Rows like that of the first grant, made by the database: one by one they would take hours. */
const fill = async (count) => {

    await pool.query(`
        INSERT INTO bench.grants (id, subject, client_id, session_id, record, expires_at)
        SELECT left(md5(i::text), 22), md5((i / 4)::text), 'client-' || i % 20, md5((i / 2)::text), model.record, model.expires_at
        FROM generate_series((SELECT count(*) FROM bench.grants), $1::bigint) AS i, (SELECT * FROM bench.grants WHERE id = $2) AS model
        ON CONFLICT DO NOTHING`, [count, model.grantId]);
    await pool.query(`
        INSERT INTO bench.tokens (grant_id, kind, key, value, expires_at)
        SELECT grants.id, 'refresh_token', left(md5(grants.id) || md5(grants.id || 'x'), 43), model.value, model.expires_at
        FROM bench.grants, (SELECT * FROM bench.tokens WHERE key = $1) AS model
        WHERE NOT EXISTS (SELECT FROM bench.tokens AS own WHERE own.grant_id = grants.id)`, [model.key]);
    await pool.query('VACUUM ANALYZE bench.grants');
    await pool.query('VACUUM ANALYZE bench.tokens');
};

const found = [];
for (let i = 3; i <= power; ++i) {
    await fill(10 ** i);
    const tokens = await Promise.all(Array.from({ length: atOnce }, open));
    const one = async (lane) => {

        tokens[lane] = await refresh(store, tokens[lane]);
    };

    const plain = async (lane) => {

        const { grantId, kind, key } = tokens[lane];
        await pool.query('SELECT value, version FROM bench.tokens WHERE grant_id = $1 AND kind = $2 AND key = $3', [grantId, kind, key]);
        await pool.query('UPDATE bench.tokens SET version = version + 1 WHERE grant_id = $1 AND kind = $2 AND key = $3', [grantId, kind, key]);
    };

    await timed(times / 5, atOnce, one);
    const alone = await timed(times / 5, 1, one);
    const many = await timed(times, atOnce, one);
    const raw = await timed(times, atOnce, plain);
    const { rows: [{ rows, bytes }] } = await pool.query('SELECT (SELECT count(*) FROM bench.tokens)::float AS rows, (pg_total_relation_size(\'bench.grants\') + pg_total_relation_size(\'bench.tokens\'))::float AS bytes');
    found.push({ count: 10 ** i, bytes: bytes / rows, alone, many, raw });
    console.error(`10^${i} done`);
}

await pool.query('DROP SCHEMA bench CASCADE');
await pool.end();

publish('postgres', {
    markdown: `# Live refresh tokens in PostgreSQL\n\n${machine()}; database and client on the same machine. ${whole(times)} refreshes, ${atOnce} at once over as many connections.\n\n`
        + table(['tokens', 'bytes each, with grant and indexes', 'one at a time p50 ms', 'p99 ms', 'refreshes/s', 'two plain statements/s', 'ratio'], found.map(({ count, bytes, alone, many, raw }) =>
            [whole(count), whole(bytes), alone.p50.toFixed(2), alone.p99.toFixed(2), whole(many.rate), whole(raw.rate), (many.rate / raw.rate).toFixed(2)])),
    plots: [{
        title: 'A refresh in PostgreSQL', x: { label: 'live refresh tokens', log: true }, y: { label: 'ms', log: false },
        series: ['p50', 'p99'].map((name) => ({ name, points: found.map(({ count, alone }) => [count, alone[name]]) }))
    }]
});
process.exit();
