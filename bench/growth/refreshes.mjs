// What a store is filled with, and what a refresh asks of it: shared by the measurements of PostgreSQL and Redis.
//
// Sizes and steps are those of the server: the replaced token is remembered, its successor is written, and the sealed reply for a client that asks
// again; the grant lives longer and knows when it was used.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

const day = 24 * 60 * 60 * 1000;
const digest = () => createHash('sha256').update(randomBytes(32)).digest('base64url');

/** As long as a sealed reply with an access token (JWT), an ID token and a refresh token. */
const sealed = randomBytes(1300).toString('base64url');

/** A grant with one refresh token, as long as those of the server. */
export const newGrant = (index) => {

    const now = Date.now();
    const grant = {
        id: randomBytes(16).toString('base64url'), clientId: `client-${index % 20}`, subject: randomUUID(), sessionId: randomBytes(16).toString('base64url'), expiresAt: now + 14 * day,
        value: { scopes: ['openid', 'offline_access', 'api:read'], resources: ['https://api.example.com'], authTime: 1, acr: null, amr: ['pwd'], claims: null, sid: null, flow: 'oidc-authorization-code', createdAt: 1, data: {} }
    };
    return {
        grant,
        token: { kind: 'refresh_token', grantId: grant.id, key: digest(), value: { issuedAt: now, absoluteExpiresAt: now + 90 * day, method: 'client_secret_post', confirmation: null, data: {} }, expiresAt: grant.expiresAt }
    };
};

/** What replaces a token, and what is written for it. */
export const rotationOf = (token, version) => {

    const now = Date.now();
    const next = { ...token, key: digest(), value: { ...token.value, issuedAt: now }, expiresAt: now + 14 * day };
    const reply = { kind: 'refresh_reply', grantId: token.grantId, key: token.key, value: { sealed }, expiresAt: now + 10_000 };
    return { token, version, value: { ...token.value, rotatedAt: now }, expiresAt: token.expiresAt, tokens: [next, reply], grantExpiresAt: next.expiresAt, usedAt: now };
};

/** Replaces a token, in two round trips; answers the next one. */
export const refresh = async (store, token) => {

    const { version } = await store.findToken(token);
    const rotation = rotationOf(token, version);
    const result = await store.rotate(rotation);
    if (result !== 'ok') {
        throw new Error(`The token was not replaced: ${result}`);
    }

    return rotation.tokens[0];
};

/** Runs `step(index)` so often, so many at once; answers the rate, and the latencies in milliseconds. */
export const timed = async (times, atOnce, step) => {

    const took = [];
    let begun = 0;
    const begin = performance.now();
    await Promise.all(Array.from({ length: atOnce }, async (_, lane) => {

        while (begun < times) {
            ++begun;
            const start = performance.now();
            await step(lane);
            took.push(performance.now() - start);
        }
    }));
    const rate = times / (performance.now() - begin) * 1000;
    took.sort((a, b) => a - b);
    return { rate, p50: took[took.length >> 1], p99: took[Math.floor(took.length * 0.99)] };
};

/** The medians of `timed()` for each of some steps by name, which take turns: what else the machine does hits all alike. */
export const inTurns = async (steps, { rounds, times, atOnce }) => {

    const found = new Map(Object.keys(steps).map((name) => [name, []]));
    for (let i = 0; i < rounds; ++i) {
        for (const [name, step] of Object.entries(steps)) {
            found.get(name).push(await timed(times, atOnce, step));
        }
    }

    const middle = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];
    return Object.fromEntries([...found].map(([name, all]) => [name, { rate: middle(all.map(({ rate }) => rate)), p50: middle(all.map(({ p50 }) => p50)), p99: middle(all.map(({ p99 }) => p99)) }]));
};
