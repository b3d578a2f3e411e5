// How SqlStore on PostgreSQL takes 10^3 to 10^6 live refresh tokens: npm run growth:postgres [-- 7] for 10^7, which takes 15 GB of disk.
//
// A refresh is findToken and rotate. Beside it stand two plain statements by the same driver, the least that a refresh could be: a SELECT that reads the token and its
// grant by their primary keys, and one statement that writes what a rotation writes, the same rows of the same sizes, without asking whether it may: as
// they are sent with `query(text, values)`, and prepared by name, which not every pooler bears.

import { createHash, randomInt } from 'node:crypto';

import pg from 'pg';

import { SqlStore } from '../../dist/sql.js';
import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { inTurns, newGrant, refresh, rotationOf } from './refreshes.mjs';

const power = Number(process.argv[2] ?? 6);
const atOnce = 16;
const times = Number(process.env.BENCH_TIMES ?? 2000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
if (process.env.POSTGRES_URL === undefined) {
    console.error('POSTGRES_URL says which database may be filled; ../.ci/with-postgres starts one for the time of a command.');
    process.exit(1);
}

const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL, max: atOnce });
await pool.query('DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench');
const store = new SqlStore(pool, { clock: Date.now, schema: 'bench' });
await store.initialize();

/** How rows are named, here and by the database: at random, as they are. In what order they come decides how long their indexes take. */
const md5 = (text) => createHash('md5').update(text).digest('hex');
const nameOf = (i) => ({ grantId: md5(`${i}`).slice(0, 22), key: (md5(`key ${i}`) + md5(`${i}`)).slice(0, 43) });
const names = { grantId: 'left(md5(i::text), 22)', key: 'left(md5(\'key \' || i) || md5(i::text), 43)', subject: 'md5(\'subject \' || i / 4)', clientId: '\'client-\' || i % 20', sessionId: 'left(md5(\'session \' || i / 2), 22)' };

/** The indexes of the tables, each as what drops and what makes it. */
const indexesOf = async (client) => {

    const { rows } = await client.query(`
        SELECT format(CASE WHEN con.oid IS NULL THEN 'DROP INDEX bench.%2$I' ELSE 'ALTER TABLE bench.%1$I DROP CONSTRAINT %2$I' END, tab.relname, ind.relname) AS drop,
            CASE WHEN con.oid IS NULL THEN pg_get_indexdef(ind.oid) ELSE format('ALTER TABLE bench.%I ADD CONSTRAINT %I %s', tab.relname, ind.relname, pg_get_constraintdef(con.oid)) END AS make
        FROM pg_index JOIN pg_class AS ind ON ind.oid = indexrelid JOIN pg_class AS tab ON tab.oid = indrelid LEFT JOIN pg_constraint AS con ON con.conindid = ind.oid
        WHERE tab.oid IN ('bench.grants'::regclass, 'bench.tokens'::regclass)`);
    return rows;
};

/**
 * So many rows like those of one grant that the store has opened, made by the database: one by one they would take hours. All but the names is copied from what the store wrote. Indexes
 * are dropped before and made afterwards, as they are after a REINDEX. Answers that grant's token.
 */
const fill = async (count) => {

    await pool.query('TRUNCATE bench.grants, bench.tokens');
    const { grant, token } = newGrant(0);
    await store.openGrant(grant, [token]);
    const client = await pool.connect();
    await client.query('SET maintenance_work_mem = \'512MB\'');
    const indexes = await indexesOf(client);
    for (const { drop } of indexes) {
        await client.query(drop);
    }

    await client.query(`
        INSERT INTO bench.grants (id, subject, client_id, session_id, record, expires_at)
        SELECT ${names.grantId}, ${names.subject}, ${names.clientId}, ${names.sessionId},
            model.record || jsonb_build_object('id', ${names.grantId}, 'subject', ${names.subject}, 'clientId', ${names.clientId}, 'sessionId', ${names.sessionId}), model.expires_at
        FROM generate_series(1, $1::bigint) AS i, bench.grants AS model`, [count]);
    await client.query(`
        INSERT INTO bench.tokens (grant_id, kind, key, value, expires_at)
        SELECT ${names.grantId}, model.kind, ${names.key}, model.value, model.expires_at
        FROM generate_series(1, $1::bigint) AS i, bench.tokens AS model`, [count]);
    for (const { make } of indexes) {
        await client.query(make);
    }

    await client.query('RESET maintenance_work_mem');
    client.release();
    await pool.query('VACUUM ANALYZE bench.grants');
    await pool.query('VACUUM ANALYZE bench.tokens');
    await pool.query('CHECKPOINT');
    return token;
};

/** The tokens of the rows that were filled in: which one is live by now, and one at random, of those with a number that only this lane has. */
const tokensOf = (model, count) => {

    const replaced = new Map();
    const any = (lane) => 1 + lane + atOnce * randomInt(Math.floor(count / atOnce));
    return async (lane, step) => {

        const i = any(lane);
        replaced.set(i, await step(replaced.get(i) ?? { ...model, ...nameOf(i) }));
    };
};

/** That the rows are such as the store writes: it finds one, replaces it, lists its grant, and revokes it. */
const check = async (model, i) => {

    const token = { ...model, ...nameOf(i) };
    const next = await refresh(store, token);
    const found = await store.findToken(next);
    const { items: [listed] } = await store.listGrants('sessionId', found.grant.sessionId, token.grantId, 1);
    if ((await store.findToken(token)).used !== true || found.grant.id !== token.grantId || listed.id !== token.grantId || !await store.revokeGrant(token.grantId) || (await store.findToken(next)) !== null) {
        throw new Error('A row that was filled in is none that the store would have written');
    }
};

const select = `
    SELECT token.value, token.version, token.expires_at, token.used, live.record, live.expires_at, live.used_at
    FROM bench.tokens AS token JOIN bench.grants AS live ON live.id = token.grant_id
    WHERE token.grant_id = $1 AND token.kind = $2 AND token.key = $3`;

const write = `
    WITH extended AS (
        UPDATE bench.grants SET expires_at = $13, used_at = $14 WHERE id = $1
    ), replaced AS (
        UPDATE bench.tokens SET used = true, version = version + 1, value = $4, expires_at = $5 WHERE grant_id = $1 AND kind = $2 AND key = $3
    )
    INSERT INTO bench.tokens (grant_id, kind, key, value, expires_at) VALUES ($1, $6, $7, $8, $9), ($1, $10, $3, $11, $12)`;

const plain = async (token, query) => {

    const address = [token.grantId, token.kind, token.key];
    await query('select', select, address);
    const { value, expiresAt, tokens: [next, reply], grantExpiresAt, usedAt } = rotationOf(token, 1);
    await query('write', write, [
        ...address, JSON.stringify(value), expiresAt, next.kind, next.key, JSON.stringify(next.value), next.expiresAt, reply.kind, JSON.stringify(reply.value), reply.expiresAt, grantExpiresAt, usedAt
    ]);
    return next;
};

const found = [];
for (let i = 3; i <= power; ++i) {
    const count = 10 ** i;
    const began = performance.now();
    const model = await fill(count);
    console.error(`10^${i} rows after ${Math.round((performance.now() - began) / 1000)} s`);
    const { rows: [{ rows, bytes }] } = await pool.query('SELECT (SELECT count(*) FROM bench.tokens)::float AS rows, (pg_total_relation_size(\'bench.grants\') + pg_total_relation_size(\'bench.tokens\'))::float AS bytes');
    await check(model, count);
    const any = tokensOf(model, count - 1);
    const steps = {
        many: (lane) => any(lane, (token) => refresh(store, token)),
        raw: (lane) => any(lane, (token) => plain(token, (_name, text, values) => pool.query(text, values))),
        prepared: (lane) => any(lane, (token) => plain(token, (name, text, values) => pool.query({ name, text, values })))
    };
    await inTurns(steps, { rounds: 1, times: times / 2, atOnce });
    const { many, raw, prepared } = await inTurns(steps, { rounds, times, atOnce });
    const { alone } = await inTurns({ alone: steps.many }, { rounds, times: times / 4, atOnce: 1 });
    found.push({ count, bytes: bytes / rows, alone, many, raw, prepared });
    console.error(`10^${i} done`);
}

await pool.query('DROP SCHEMA bench CASCADE');
await pool.end();

publish('postgres', {
    markdown: `# Live refresh tokens in PostgreSQL\n\n${machine()}; database and client on the same machine. Medians of ${rounds} times ${whole(times)} refreshes, ${atOnce} at once over as many connections, in turns with the plain statements.\n\n`
        + table(['tokens', 'bytes each, with grant and indexes', 'one at a time p50 ms', 'p99 ms', 'refreshes/s', 'two plain statements/s', 'ratio', 'prepared by name/s', 'ratio'], found.map(({ count, bytes, alone, many, raw, prepared }) =>
            [whole(count), whole(bytes), alone.p50.toFixed(2), alone.p99.toFixed(2), whole(many.rate), whole(raw.rate), (many.rate / raw.rate).toFixed(2), whole(prepared.rate), (many.rate / prepared.rate).toFixed(2)])),
    plots: [{
        title: 'A refresh in PostgreSQL', x: { label: 'live refresh tokens', log: true }, y: { label: 'ms', log: false },
        series: ['p50', 'p99'].map((name) => ({ name, points: found.map(({ count, alone }) => [count, alone[name]]) }))
    }]
});
process.exit();
