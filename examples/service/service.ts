import { webcrypto } from 'node:crypto';

import * as client from 'openid-client';

import { discover } from '../discover';

/** A key pair, of which the server is told the public half. In production the private one comes from a vault, or never leaves it. */
export const createKeys = async () => {

    const { privateKey, publicKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
    return { privateKey, publicKey: { ...await webcrypto.subtle.exportKey('jwk', publicKey), kty: 'EC' } };
};

/** Gets a token for the service itself, and reads the stock with it. */
export const readStock = async (issuer: string, privateKey: webcrypto.CryptoKey): Promise<string> => {

    const config = await discover(issuer, 'acme', client.PrivateKeyJwt(privateKey));
    const { access_token: token } = await client.clientCredentialsGrant(config, { scope: 'stock:read' });
    const response = await client.fetchProtectedResource(config, token, new URL('/stock', issuer), 'GET');
    return await response.text();
};
