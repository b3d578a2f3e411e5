import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { decodeJwt, decodeProtectedHeader } from 'jose';

import { MemoryKeyStore, type IdTokenClaims } from '../../lib';
import { type SigningKeys } from '../../lib/keys/signing-keys';
import { idTokenLifetime, signIdToken } from '../../lib/tokens/id-token';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { keyBench, staticKey } from '../fixture/key-bench';
import { issuer } from '../fixture/resource-server';
import { epoch } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A store with one static key for any algorithm. */
const keysFor = (alg: string): SigningKeys => {

    const privateKeys: Record<string, { readonly kty: string; readonly d: string }> = { ES256: clientKeys.es256, ES384: clientKeys.es384, EdDSA: clientKeys.eddsa, Ed25519: clientKeys.eddsa };
    const privateJwk = privateKeys[alg] ?? clientKeys.rs256;
    const store = new MemoryKeyStore();
    store.put({ ...staticKey('id_token'), id: `id_token:${alg}:1`, alg, privateJwk: { ...privateJwk }, publicJwk: publicHalf(privateJwk) });
    return keyBench({}, store).keys;
};

const sign = (claims: IdTokenClaims, alg = 'RS256') => signIdToken(keysFor(alg), { issuer, clientId: 'app', alg, ttl: 3600, now: epoch }, claims);
const claimsOf = async (claims: IdTokenClaims, alg = 'RS256') => decodeJwt((await sign(claims, alg)).token);
const now = epoch / 1000;

describe('signIdToken()', () => {

    it('makes the JWT of OpenID Connect Core §2', async () => {

        const { token, kid } = await sign({ sub: 'alice', nonce: 'n-0S6', auth_time: now - 100, acr: 'urn:a', amr: ['pwd'], email: 'a@example.com' });
        expect(kid).to.equal(staticKey('id_token').kid);
        expect(decodeProtectedHeader(token)).to.equal({ alg: 'RS256', typ: 'JWT', kid });
        const { jti, ...claims } = decodeJwt(token);
        expect(claims).to.equal({ iss: issuer, sub: 'alice', aud: 'app', iat: now, exp: now + idTokenLifetime, nonce: 'n-0S6', auth_time: now - 100, acr: 'urn:a', amr: ['pwd'], email: 'a@example.com' });
        expect(jti).to.match(/^[0-9a-f-]{36}$/);
    });

    it('invents no nonce and no auth_time', async () => {

        expect(Object.keys(await claimsOf({ sub: 'alice' })).sort()).to.equal(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
    });

    it('rule 18: a handler cannot set typ, iss, aud, iat, exp or jti', async () => {

        const forged = { sub: 'alice', typ: 'logout+jwt', iss: 'https://evil.example.com', aud: ['app', 'other'], iat: 1, exp: 9e9, jti: 'mine' };
        // @ts-expect-error as plain JavaScript may call it
        const { token } = await sign(forged);
        expect(decodeProtectedHeader(token).typ).to.equal('JWT');
        const { jti, ...claims } = decodeJwt(token);
        expect(claims).to.equal({ iss: issuer, sub: 'alice', aud: 'app', iat: now, exp: now + idTokenLifetime });
        expect(jti).to.not.equal('mine');
    });

    it('rule 18: never has events, which would make it a logout token', async () => {

        const claims = { sub: 'alice', sid: 's', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } };
        // @ts-expect-error as plain JavaScript may call it
        expect(await claimsOf(claims)).to.not.include('events').and.to.include({ sid: 's' });
    });

    /** Of the access token in the examples of OpenID Connect; each hash was computed by another program. */
    const accessToken = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y';
    const sha256 = '77QmUPtjPfzWtF2AnpK9RQ';
    const sha384 = 'jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs';
    const sha512 = 'q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM';
    const hashes: Record<string, string> = {
        RS256: sha256, RS384: sha384, RS512: sha512, PS256: sha256, PS384: sha384, PS512: sha512, ES256: sha256, ES384: sha384, EdDSA: sha512, Ed25519: sha512
    };

    for (const [alg, hash] of Object.entries(hashes)) {
        it(`has the at_hash of the access token beside it, for ${alg} (OpenID Connect Core §3.1.3.6)`, async () => {

            const claims = await claimsOf({ sub: 'alice', access_token: accessToken }, alg);
            expect(claims.at_hash).to.equal(hash);
            expect(claims).to.not.include('access_token');
        });
    }

    it('has no at_hash of its own making', async () => {

        expect(await claimsOf({ sub: 'alice', at_hash: 'forged' })).to.not.include('at_hash');
    });
});
