import { createPrivateKey, generateKeyPairSync, sign as signOctets } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { CompactSign, compactVerify, exportJWK, generateKeyPair, importJWK } from 'jose';

import { jwsSigner, jwsVerifier } from '../../lib/keys/jws';
import { signingAlgorithms } from '../../lib/protocol/signing-algorithm';
import { clientKeys, publicHalf } from '../fixture/client-keys';

const lab = Lab.script();
const { before, describe, it } = lab;
export { lab };

type Jwk = Readonly<Record<string, unknown>> & { readonly kty: string };

const record = (alg: string, privateJwk: Jwk | undefined) =>
    ({ id: `access_token:${alg}:1`, kid: 'k1', purpose: 'access_token' as const, alg, generation: 1, signsFrom: 0, publicJwk: {}, privateJwk });

describe('jwsSigner()', () => {

    const keys = new Map<string, Jwk>();
    let small: Jwk = { kty: 'RSA' };

    before(async () => {

        const { rs256, es256, es384, eddsa } = clientKeys;
        const es512: Jwk = { kty: 'EC', ...await exportJWK((await generateKeyPair('ES512', { extractable: true })).privateKey) };
        small = { kty: 'RSA', ...generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' }) };
        for (const alg of signingAlgorithms) {
            keys.set(alg, alg === 'ES256' ? es256 : alg === 'ES384' ? es384 : alg === 'ES512' ? es512 : alg.startsWith('Ed') ? eddsa : rs256);
        }
    });

    it('signs with each algorithm what others verify', async () => {

        for (const alg of signingAlgorithms) {
            const key = keys.get(alg) ?? { kty: 'none', d: '' };
            const sign = jwsSigner(record(alg, key));
            const token = await sign('at+jwt', { sub: 'ä', n: 1 });
            const { payload, protectedHeader } = await compactVerify(token, await importJWK(publicHalf({ d: '', ...key }), alg), { algorithms: [alg] });
            expect(protectedHeader, alg).to.equal({ alg, kid: 'k1', typ: 'at+jwt' });
            expect(JSON.parse(new TextDecoder().decode(payload)), alg).to.equal({ sub: 'ä', n: 1 });
        }
    });

    it('signs with each algorithm what jwsVerifier() verifies, as others do, and with no other key', async () => {

        for (const alg of signingAlgorithms) {
            const key = keys.get(alg) ?? { kty: 'none', d: '' };
            const verify = jwsVerifier({ ...record(alg, undefined), publicJwk: publicHalf({ d: '', ...key }) });
            expect(await verify(await jwsSigner(record(alg, key))('at+jwt', { sub: 'ä', n: 1 })), alg).to.equal({ sub: 'ä', n: 1 });
            const { privateKey } = await generateKeyPair(alg);
            const sign = async (payload: string, by: Parameters<CompactSign['sign']>[0]) => await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg }).sign(by);
            expect(await verify(await sign('{"sub":"alice"}', await importJWK(key, alg))), alg).to.equal({ sub: 'alice' });
            expect(await verify(await sign('{"sub":"alice"}', privateKey)), alg).to.be.null();
        }
    });

    it('attack: takes no signed token that was changed, in whatever part, or spelled in another way', async () => {

        const verify = jwsVerifier({ ...record('ES256', undefined), publicJwk: publicHalf(clientKeys.es256) });
        const token = await jwsSigner(record('ES256', clientKeys.es256))('at+jwt', { sub: 'alice' });
        const [header = '', payload = '', signature = ''] = token.split('.');
        const other = Buffer.from('{"sub":"mallory"}').toString('base64url');
        const last = signature.slice(-1);
        const wrong = [
            `${header}.${other}.${signature}`, `${other}.${payload}.${signature}`, `${header}.${payload}.`, `${header}.${payload}`, header, '', '..', `${token}.`, `.${token}`, `${token}=`, `${token}!`, ` ${token}`, `${token}\n`,
            `${header}.${payload}.${signature}AA`, `${header}.${payload}.${signature.slice(0, -1)}${last === 'A' ? 'B' : 'A'}`, `${header}.${payload}.${'A'.repeat(86)}`, `${header}=.${payload}.${signature}`, `${header}.${payload}=.${signature}`
        ];
        for (const text of wrong) {
            expect(await verify(text), text).to.be.null();
        }

        expect(await verify(token)).to.equal({ sub: 'alice' });
    });

    it('attack: takes nothing that was signed in other than three parts', async () => {

        const verify = jwsVerifier({ ...record('ES256', undefined), publicJwk: publicHalf(clientKeys.es256) });
        const key = { key: createPrivateKey({ key: clientKeys.es256, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
        const claims = Buffer.from('{"sub":"alice"}').toString('base64url');
        const signedAs = (input: string) => `${input}.${signOctets('sha256', Buffer.from(input), key).toString('base64url')}`;
        expect(await verify(signedAs(`${claims}.${claims}`))).to.equal({ sub: 'alice' });
        for (const input of [claims, `${claims}.${claims}.`, `.${claims}.${claims}`, `${claims}.${claims}.${claims}`]) {
            expect(await verify(signedAs(input)), input).to.be.null();
        }
    });

    it('verifies nothing that holds no claims, although it was signed', async () => {

        const verify = jwsVerifier({ ...record('ES256', undefined), publicJwk: publicHalf(clientKeys.es256) });
        const key = await importJWK(clientKeys.es256, 'ES256');
        for (const payload of ['no JSON', '1', 'null', '', '[]', '[{}]']) {
            expect(await verify(await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg: 'ES256' }).sign(key)), payload).to.be.null();
        }
    });

    it('verifies with no key that does not fit the algorithm, and with no text for one', () => {

        for (const [alg, key] of [['ES256', clientKeys.es384], ['EdDSA', clientKeys.es256], ['RS256', clientKeys.es256]] as const) {
            expect(() => jwsVerifier({ ...record(alg, undefined), publicJwk: publicHalf(key) }), alg).to.throw(`The key store holds a key for ${alg} that is none`);
        }

        expect(() => jwsVerifier(record('none', undefined))).to.throw('The key store holds no public key for none under \'k1\'');
    });

    it('names in each header the typ it was asked for', async () => {

        const sign = jwsSigner(record('ES256', clientKeys.es256));
        const typOf = async (typ: string): Promise<unknown> => JSON.parse(Buffer.from((await sign(typ, {})).split('.')[0] ?? '', 'base64url').toString()).typ;
        expect([await typOf('at+jwt'), await typOf('JWT'), await typOf('at+jwt')]).to.equal(['at+jwt', 'JWT', 'at+jwt']);
    });

    it('takes no key that does not fit the algorithm, and no text for an algorithm', () => {

        for (const [alg, key] of [['ES256', clientKeys.es384], ['ES384', clientKeys.es256], ['ES256', clientKeys.eddsa], ['EdDSA', clientKeys.es256], ['RS256', clientKeys.es256], ['PS256', clientKeys.eddsa], ['ES512', clientKeys.rs256]] as const) {
            expect(() => jwsSigner(record(alg, key)), alg).to.throw(`The key store holds a key for ${alg} that is none`);
        }

        for (const alg of ['none', 'HS256', 'constructor']) {
            expect(() => jwsSigner(record(alg, clientKeys.es256)), alg).to.throw(`The key store holds no private key for ${alg} under 'k1'`);
        }
    });

    it('takes no RSA key of less than 2048 bits (RFC 7518 §3.3)', () => {

        expect(() => jwsSigner(record('RS256', small))).to.throw('The key store holds a key for RS256 that is none');
    });

    it('needs the private half', () => {

        expect(() => jwsSigner(record('ES256', undefined))).to.throw('The key store holds no private key for ES256 under \'k1\'');
        expect(() => jwsSigner(record('ES256', publicHalf(clientKeys.es256)))).to.throw();
    });
});
