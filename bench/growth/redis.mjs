// How much memory a live refresh token takes in Redis, and how long a refresh, from 10^3 to 10^5: npm run growth:redis [-- 6] for 10^6, which takes 3 GB.
//
// A refresh is findToken and rotate, a script each. Beside it stand two plain commands by the same client, the least that a refresh could be: an MGET of a token and its
// grant, and a MULTI that writes what a rotation writes, the same texts with the same expiries at once, without asking whether it may. The cheapest write, an
// MSET of the same texts that never expire, stands beside it as well.

import { createClient } from 'redis';

import { RedisStore } from '../../dist/redis.js';
import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { inTurns, newGrant, refresh, rotationOf } from './refreshes.mjs';

const power = Number(process.argv[2] ?? 5);
const atOnce = 16;
const times = Number(process.env.BENCH_TIMES ?? 5000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
if (process.env.REDIS_URL === undefined) {
    console.error('REDIS_URL says which Redis may be filled; ../.ci/with-redis starts one for the time of a command.');
    process.exit(1);
}

const client = await createClient({ url: process.env.REDIS_URL, commandOptions: { timeout: 60_000 } }).on('error', console.error).connect();
const prefix = 'bench:';
const store = new RedisStore(client, { clock: Date.now, prefix, timeout: 60_000 });
const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))[1]);
const forget = async () => {

    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
        if (keys.length > 0) {
            await client.unlink(keys);
        }
    }
};

const found = [];
for (let i = 3; i <= power; ++i) {
    await forget();
    await store.initialize();
    const before = await used();
    let there = 0;
    const tokens = [];
    while (there < 10 ** i) {
        const opened = await Promise.all(Array.from({ length: Math.min(500, 10 ** i - there) }, async (_, index) => {

            const { grant, token } = newGrant(index);
            await store.openGrant(grant, [token]);
            return token;
        }));
        there += opened.length;
        tokens.splice(0, tokens.length, ...opened);
    }

    const bytes = (await used() - before) / there;
    const lanes = tokens.slice(0, atOnce);
    const plain = await Promise.all(lanes.map(async (token) => {

        const { grant } = await store.findToken(token);
        const key = `${prefix}plain:{${token.grantId}}`;
        await client.mSet({ [key]: JSON.stringify(grant), [`${key}:${token.key}`]: JSON.stringify(token) });
        return { token, grant, key };
    }));
    const replace = async (lane, write) => {

        const { token, grant, key } = plain[lane];
        await client.mGet([key, `${key}:${token.key}`]);
        const { value, expiresAt, tokens: [next, reply], grantExpiresAt, usedAt } = rotationOf(token, 1);
        await write([
            [key, JSON.stringify({ ...grant, expiresAt: grantExpiresAt, usedAt }), grantExpiresAt], [`${key}:${token.key}`, JSON.stringify({ ...token, value, expiresAt }), expiresAt],
            [`${key}:${next.key}`, JSON.stringify(next), next.expiresAt], [`${key}:reply:${reply.key}`, JSON.stringify(reply), reply.expiresAt]
        ]);
        plain[lane].token = next;
    };

    const steps = {
        many: async (lane) => { lanes[lane] = await refresh(store, lanes[lane]); },
        multi: (lane) => replace(lane, (writes) => writes.reduce((multi, [key, text, end]) => multi.set(key, text, { expiration: { type: 'PXAT', value: end } }), client.multi()).exec()),
        mset: (lane) => replace(lane, (writes) => client.mSet(writes.map(([key, text]) => [key, text])))
    };
    await inTurns(steps, { rounds: 1, times, atOnce });
    const { many, multi, mset } = await inTurns(steps, { rounds, times, atOnce });
    const { alone } = await inTurns({ alone: steps.many }, { rounds, times: times / 5, atOnce: 1 });
    found.push({ count: 10 ** i, bytes, alone, many, multi, mset });
    console.error(`10^${i} done`);
}

await forget();
await client.close();

publish('redis', {
    markdown: `# Live refresh tokens in Redis\n\n${machine()}; Redis and client on the same machine. Medians of ${rounds} times ${whole(times)} refreshes, ${atOnce} at once over one connection, in turns with the plain commands. Memory is what Redis says it uses, divided by the tokens: each has a grant of its own, with its three indexes.\n\n`
        + table(['tokens', 'bytes each', 'one at a time p50 ms', 'p99 ms', 'refreshes/s', 'MGET and MULTI/s', 'ratio', 'MGET and MSET/s', 'ratio'], found.map(({ count, bytes, alone, many, multi, mset }) =>
            [whole(count), whole(bytes), alone.p50.toFixed(2), alone.p99.toFixed(2), whole(many.rate), whole(multi.rate), (many.rate / multi.rate).toFixed(2), whole(mset.rate), (many.rate / mset.rate).toFixed(2)])),
    plots: [
        { title: 'Memory of a refresh token in Redis', x: { label: 'live refresh tokens', log: true }, y: { label: 'bytes', log: false }, series: [{ name: 'bytes each', points: found.map(({ count, bytes }) => [count, bytes]) }] },
        { title: 'A refresh in Redis', x: { label: 'live refresh tokens', log: true }, y: { label: 'ms', log: false }, series: ['p50', 'p99'].map((name) => ({ name, points: found.map(({ count, alone }) => [count, alone[name]]) })) }
    ]
});
process.exit();
