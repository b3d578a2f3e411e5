// How much memory a live refresh token takes in Redis, and how long a refresh, from 10^3 to 10^5: npm run growth:redis [-- 6] for 10^6.

import { createClient } from 'redis';

import { RedisStore } from '../../dist/redis.js';
import { machine, table, whole } from '../measure/report.mjs';
import { publish } from './plot.mjs';
import { newGrant, refresh, timed } from './refreshes.mjs';

const power = Number(process.argv[2] ?? 5);
const atOnce = 16;
const times = Number(process.env.BENCH_TIMES ?? 5000);
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

await forget();
await store.initialize();
const before = await used();
const found = [];
let there = 0;
for (let i = 3; i <= power; ++i) {
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
    const one = async (lane) => {

        tokens[lane] = await refresh(store, tokens[lane]);
    };

    const plain = async (lane) => {

        await client.get(`${prefix}plain:${lane}`);
        await client.set(`${prefix}plain:${lane}`, 'value');
    };

    await timed(times / 5, atOnce, one);
    const alone = await timed(times / 5, 1, one);
    const many = await timed(times, atOnce, one);
    const raw = await timed(times, atOnce, plain);
    found.push({ count: 10 ** i, bytes, alone, many, raw });
    console.error(`10^${i} done`);
}

await forget();
await client.close();

publish('redis', {
    markdown: `# Live refresh tokens in Redis\n\n${machine()}; Redis and client on the same machine. ${whole(times)} refreshes, ${atOnce} at once over one connection. Memory is what Redis says it uses, divided by the tokens: each has a grant of its own, with its three indexes.\n\n`
        + table(['tokens', 'bytes each', 'one at a time p50 ms', 'p99 ms', 'refreshes/s', 'GET and SET/s', 'ratio'], found.map(({ count, bytes, alone, many, raw }) =>
            [whole(count), whole(bytes), alone.p50.toFixed(2), alone.p99.toFixed(2), whole(many.rate), whole(raw.rate), (many.rate / raw.rate).toFixed(2)])),
    plots: [
        { title: 'Memory of a refresh token in Redis', x: { label: 'live refresh tokens', log: true }, y: { label: 'bytes', log: false }, series: [{ name: 'bytes each', points: found.map(({ count, bytes }) => [count, bytes]) }] },
        { title: 'A refresh in Redis', x: { label: 'live refresh tokens', log: true }, y: { label: 'ms', log: false }, series: ['p50', 'p99'].map((name) => ({ name, points: found.map(({ count, alone }) => [count, alone[name]]) })) }
    ]
});
process.exit();
