// Measures MemoryStore: bytes per live refresh token, and the latency of what a refresh does (findToken, then rotate), at 10^3 and at 10^6.
//
//     npm run build && node bench/memory-store.mjs [how often, 5 unless given]
//
// Each measurement has a process of its own, small and big ones take turns, and medians are printed: so a machine that has other things to do
// disturbs both alike. In each, 10,000 tokens warm the compiler up.
//
// Each token has a grant of its own, of one of 20 clients; a user has four grants, a sign-in session two. Ids and keys are as long as the
// server's: 22 characters for a grant or session, a SHA-256 in base64url for a token, a UUID for a user. Afterwards three years pass at
// once, and the longest pause of a call while everything expires is printed, with what of it V8 spent collecting garbage. Latencies differ from
// machine to machine: read the ratio.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

import { MemoryStore } from '../dist/index.js';

const day = 24 * 60 * 60 * 1000;
const rounds = 50_000;
const id = () => randomBytes(16).toString('base64url');
const key = () => createHash('sha256').update(randomBytes(32)).digest('base64url');
const heap = () => {

    globalThis.gc();
    return process.memoryUsage().heapUsed;
};

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

const fill = async (store, now, count) => {

    const opened = Array.from({ length: Math.min(count, 1000) });
    let [subject, sessionId] = ['', ''];
    for (let i = 0; i < count; ++i) {
        subject = i % 4 ? subject : randomUUID();
        sessionId = i % 2 ? sessionId : id();
        const grant = { id: id(), clientId: `client-${i % 20}`, subject, sessionId, expiresAt: now + 90 * day, value: { scopes: ['openid', 'offline_access'], resources: [] } };
        const token = { kind: 'refresh_token', grantId: grant.id, key: key(), value: { issuedAt: now }, expiresAt: now + 14 * day - (i % 1440) * 60_000 };
        await store.openGrant(grant, []);
        await store.addTokens(grant.id, [token], undefined, now + i);                     // As when a code is redeemed
        opened[Math.floor(i * opened.length / count)] = token;
    }

    return opened;
};

const measure = async (count) => {

    let now = Date.UTC(2030, 0, 1);
    const before = heap();
    const store = new MemoryStore({ clock: () => now });
    const opened = await fill(store, now, count);
    const bytes = (heap() - before) / count;

    const times = new Float64Array(rounds);
    for (let i = 0; i < rounds; ++i) {
        const at = i % opened.length;
        const next = { ...opened[at], key: key() };
        const begin = performance.now();
        const { version } = await store.findToken(opened[at]);
        await store.rotate({ token: opened[at], version, value: {}, expiresAt: now + 60_000, tokens: [next], usedAt: now });
        times[i] = performance.now() - begin;
        opened[at] = next;
        now += 20;
    }

    const collections = [];
    const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
    observer.observe({ entryTypes: ['gc'] });
    now += 3 * 365 * day;
    const begins = new Float64Array(2 * count);                // No arrays that grow: their garbage would be measured, too
    const pauses = new Float64Array(2 * count);
    for (let i = 0; i < 2 * count; ++i) {
        const begin = performance.now();
        await store.putIfAbsent({ kind: 'jti', key: 'same', value: {}, expiresAt: now + day });
        begins[i] = begin;
        pauses[i] = performance.now() - begin;
        if (i % 10_000 === 0) {
            await new Promise(setImmediate);                    // Between calls: the observer is told of collections
        }
    }

    await new Promise((resolve) => setTimeout(resolve, 50));
    observer.disconnect();
    const longest = pauses.reduce((most, ms) => Math.max(most, ms), 0);
    const own = pauses.map((ms, i) => ms < 1 ? ms : ms - collections.filter(({ startTime }) => startTime >= begins[i] && startTime <= begins[i] + ms).reduce((sum, { duration }) => sum + duration, 0)).sort();
    times.sort();
    return { bytes, p50: percentile(times, 0.5), p99: percentile(times, 0.99), longest, own: own.at(-1), own999: percentile(own, 0.999), left: store.size };
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (process.argv[2] === 'measure') {
    await measure(10_000);
    console.log(JSON.stringify(await measure(Number(process.argv[3]))));
}
else {
    const counts = [1000, 1_000_000];
    const found = new Map(counts.map((count) => [count, []]));
    for (let i = 0; i < Number(process.argv[2] ?? 5); ++i) {
        for (const count of counts) {
            found.get(count).push(JSON.parse(execFileSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), 'measure', String(count)], { encoding: 'utf8' })));
        }
    }

    const [small, big] = counts.map((count) => Object.fromEntries(Object.keys(found.get(count)[0]).map((name) => [name, median(found.get(count).map((each) => each[name]))])));
    for (const [count, { bytes, p50, p99, longest, own, own999, left }] of [[counts[0], small], [counts[1], big]]) {
        console.log(`${count} tokens: ${bytes.toFixed(0)} bytes each; find and rotate p50 ${(p50 * 1000).toFixed(1)} µs, p99 ${(p99 * 1000).toFixed(1)} µs; expiry p99.9 ${(own999 * 1000).toFixed(1)} µs, longest ${own.toFixed(2)} ms, with garbage collection ${longest.toFixed(2)} ms; ${left} left`);
    }

    const ratios = found.get(counts[1]).map(({ p99 }, index) => p99 / found.get(counts[0])[index].p99);
    console.log(`p99 at 10^6 is ${median(ratios).toFixed(2)} times that at 10^3 (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`);
}
