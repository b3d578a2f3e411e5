// Measures MemoryStore: bytes per live refresh token, and the latency of what a refresh does (findToken, then rotate), at 10^3 and at 10^6.
//
//     npm run build && node --expose-gc bench/memory-store.mjs
//
// Each token has a grant of its own, of one of 20 clients; a user has four grants, a sign-in session two. Ids and keys are as long as the
// server's: 22 characters for a grant or session, a SHA-256 in base64url for a token, a UUID for a user. Afterwards three years pass at
// once, and the longest pause of a call while everything expires is printed. Latencies differ from machine to machine: read the ratio.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';

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
        await store.openGrant(grant, [token]);
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

    const times = [];
    for (let i = 0; i < rounds; ++i) {
        const at = i % opened.length;
        const next = { ...opened[at], key: key() };
        const begin = performance.now();
        const { version } = await store.findToken(opened[at]);
        await store.rotate({ token: opened[at], version, value: {}, expiresAt: now + 60_000, tokens: [next] });
        times.push(performance.now() - begin);
        opened[at] = next;
        now += 20;
    }

    now += 3 * 365 * day;
    const pauses = [];
    for (let i = 0; i < 2 * count; ++i) {
        const begin = performance.now();
        await store.putIfAbsent({ kind: 'jti', key: 'same', value: {}, expiresAt: now + day });
        pauses.push(performance.now() - begin);
    }

    times.sort((a, b) => a - b);
    pauses.sort((a, b) => a - b);
    return { count, bytes, p50: percentile(times, 0.5), p99: percentile(times, 0.99), pause: pauses.at(-1), pause999: percentile(pauses, 0.999), left: store.size };
};

await measure(10_000);                                          // The compiler warms up on this one
const [small, big] = [await measure(1000), await measure(1_000_000)];
for (const { count, bytes, p50, p99, pause, pause999, left } of [small, big]) {
    console.log(`${count} tokens: ${bytes.toFixed(0)} bytes each; find and rotate p50 ${(p50 * 1000).toFixed(1)} µs, p99 ${(p99 * 1000).toFixed(1)} µs; expiry p99.9 ${(pause999 * 1000).toFixed(1)} µs, longest ${pause.toFixed(2)} ms, ${left} left`);
}

console.log(`p99 at 10^6 is ${(big.p99 / small.p99).toFixed(2)} times that at 10^3`);
