// This library with so many published signing keys: each replaced the one before a minute ago, so that tokens of all of them may be alive.

import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

import { MemoryKeyStore } from '../library.mjs';
import { algorithm } from '../settings.mjs';
import { start as startLibrary } from '../subjects/hapi-oauth2-flows.mjs';

export const start = async ({ keys, ...options }) => {

    const store = new MemoryKeyStore();
    const now = Date.now();
    for (let i = 1; i <= keys; ++i) {
        const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
        const publicJwk = await exportJWK(publicKey);
        await store.putIfAbsent({
            id: `access_token:${algorithm}:${i}`, kid: await calculateJwkThumbprint(publicJwk), purpose: 'access_token', alg: algorithm, generation: i,
            signsFrom: now - (keys - i + 1) * 60_000, publicJwk, privateJwk: await exportJWK(privateKey)
        });
    }

    return await startLibrary({ ...options, configure: (hub) => hub.setJwksKeyStore(store) });
};
