import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { decodeJwt, decodeProtectedHeader } from 'jose';

import { MemoryKeyStore, type IdTokenClaims } from '../../lib';
import { type SigningKeys } from '../../lib/keys/signing-keys';
import { idTokenLifetime, readIdTokenHint, signIdToken } from '../../lib/tokens/id-token';
import { signed, unsigned } from '../fixture/assertion';
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

describe('readIdTokenHint()', () => {

    const own = staticKey('id_token');
    const header = { alg: 'RS256', kid: own.kid, typ: 'JWT' };
    const claims = { iss: issuer, sub: 'alice', aud: 'app', sid: 's', exp: now + 60 };

    /** What a server at this time reads of a token. */
    const read = async (token: string, seconds = 0) => {

        const store = new MemoryKeyStore();
        store.put(own);
        store.put(staticKey('access_token'));
        const { keys, clock } = keyBench({}, store);
        clock.advance(seconds);
        return await readIdTokenHint(keys, token, issuer);
    };

    const signedHint = async (changes: Readonly<Record<string, unknown>> = {}, head: Readonly<Record<string, string>> = {}) => await signed({ ...header, ...head }, { ...claims, ...changes }, { ...own.privateJwk });

    it('answers whom an ID token is about, for whom and in which session', async () => {

        const keys = keysFor('RS256');
        const { token } = await signIdToken(keys, { issuer, clientId: 'app', alg: 'RS256', ttl: 3600, now: epoch }, { sub: 'alice', sid: 's' });
        expect(await readIdTokenHint(keys, token, issuer)).to.equal({ subject: 'alice', audience: ['app'], sid: 's' });
        expect(await read(await signedHint())).to.equal({ subject: 'alice', audience: ['app'], sid: 's' });
        expect(await read(await signedHint({ sid: undefined }))).to.equal({ subject: 'alice', audience: ['app'], sid: undefined });
        expect(await read(await signedHint({ aud: ['app', 7, 'other'], sid: 7 }))).to.equal({ subject: 'alice', audience: ['app', 'other'], sid: undefined });
    });

    it('takes one that has expired, since it only says whom the client means', async () => {

        expect(await read(await signedHint(), 7 * 86_400)).to.include({ subject: 'alice' });
    });

    it('attack: is null for one of another issuer, one that nobody signed, and a logout token', async () => {

        const refused: Readonly<Record<string, string>> = {
            'another issuer': await signedHint({ iss: 'https://evil.example.com' }),
            'no issuer': await signedHint({ iss: undefined }),
            'another key under our kid': await signed(header, claims, clientKeys.rs256),
            'nobody': unsigned(header, claims),
            'alg none': unsigned({ ...header, alg: 'none' }, claims),
            'a logout token': await signedHint({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, { typ: 'logout+jwt' }),
            'a logout token under the typ of an ID token': await signedHint({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
            'an access token': await signed({ alg: 'ES256', kid: staticKey('access_token').kid, typ: 'at+jwt' }, claims, { ...staticKey('access_token').privateJwk }),
            'an access token under the typ of an ID token': await signed({ alg: 'ES256', kid: staticKey('access_token').kid, typ: 'JWT' }, claims, { ...staticKey('access_token').privateJwk }),
            'a text': 'alice'
        };
        for (const [name, token] of Object.entries(refused)) {
            expect(await read(token), name).to.be.null();
        }
    });

    it('is null for one of nobody, or for nobody', async () => {

        for (const changes of [{ sub: undefined }, { sub: 7 }, { aud: undefined }, { aud: [] }, { aud: [7] }, { aud: { app: true } }]) {
            expect(await read(await signedHint(changes)), JSON.stringify(changes)).to.be.null();
        }
    });
});
