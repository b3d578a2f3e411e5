// What a store is filled with, and what a refresh asks of it: shared by the measurements of PostgreSQL and Redis.

import { createHash, randomBytes, randomUUID } from 'node:crypto';

const day = 24 * 60 * 60 * 1000;
const digest = () => createHash('sha256').update(randomBytes(32)).digest('base64url');

/** A grant with one refresh token, as long as those of the server. */
export const newGrant = (index) => {

    const now = Date.now();
    const grant = {
        id: randomBytes(16).toString('base64url'), clientId: `client-${index % 20}`, subject: randomUUID(), sessionId: randomBytes(16).toString('base64url'), expiresAt: now + 90 * day,
        value: { scopes: ['openid', 'offline_access', 'api:read'], resources: ['https://api.example.com'], authTime: 1, acr: null, amr: ['pwd'], claims: null, sid: null, flow: 'oidc-authorization-code', createdAt: 1, data: {} }
    };
    return {
        grant,
        token: { kind: 'refresh_token', grantId: grant.id, key: digest(), value: { issuedAt: now, absoluteExpiresAt: grant.expiresAt, method: 'client_secret_post', confirmation: null, data: {} }, expiresAt: now + 14 * day }
    };
};

/** Replaces a token, in two round trips; answers the next one. */
export const refresh = async (store, token) => {

    const next = { ...token, key: digest() };
    const { version } = await store.findToken(token);
    const result = await store.rotate({ token, version, value: { used: true }, expiresAt: Date.now() + 10_000, tokens: [next] });
    if (result !== 'ok') {
        throw new Error(`The token was not replaced: ${result}`);
    }

    return next;
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
