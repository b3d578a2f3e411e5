// A key for ES256 and what is signed with it, for the subjects that verify tokens and make none.

import { randomUUID } from 'node:crypto';

import { exportSPKI, generateKeyPair, SignJWT } from 'jose';

import { algorithm, client, resource, scope, ttl } from '../settings.mjs';

export const issuer = 'http://issuer.example.com';

export const keys = async () => {

    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    return {
        publicKey, privateKey,
        pem: await exportSPKI(publicKey),
        /** An access token with the claims that this library gives one (RFC 9068). */
        token: () => new SignJWT({ client_id: client.id, scope })
            .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: 'bench' })
            .setIssuer(issuer).setAudience(resource).setSubject(client.id).setJti(randomUUID()).setIssuedAt().setExpirationTime(`${ttl.accessToken}s`)
            .sign(privateKey)
    };
};
