import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { PrivateKeyJwt, type ClientPublicKey, type SigningAlgorithm } from '../../lib';
import { assertionBench, assertionType, signed } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const es256 = publicHalf(clientKeys.es256);
const otherEs256 = publicHalf(clientKeys.otherEs256);
const rs256 = publicHalf(clientKeys.rs256);
const keyObject = createPublicKey({ key: es256, format: 'jwk' });

interface Attempt {
    readonly alg?: SigningAlgorithm;
    readonly kid?: string;
    readonly key?: object;
}

/** What becomes of an assertion, by the reason of its refusal, where the server has this key of the client. */
const outcome = async (known: ClientPublicKey | null | undefined, { alg = 'ES256', kid, key = clientKeys.es256 }: Attempt = {}) => {

    const bench = assertionBench();
    const method = new PrivateKeyJwt().addAlgorithm(alg).getPublicKeyForClient(() => known);
    const assertion = await signed({ alg, ...kid === undefined ? {} : { kid } }, bench.claims(), key);
    return (await refusal(() => method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context())))?.reason ?? 'accepted';
};

describe('PrivateKeyJwt', () => {

    describe('reads a key', () => {

        const spellings: Record<string, ClientPublicKey> = {
            'as a JWK': es256,
            'as a JWK set': { keys: [es256] },
            'as PEM': keyObject.export({ type: 'spki', format: 'pem' }).toString(),
            'as a KeyObject': keyObject,
            'as a JWK with its private half, of which only the public one is used': { ...clientKeys.es256 }
        };

        for (const [name, known] of Object.entries(spellings)) {
            it(name, async () => {

                expect(await outcome(known)).to.equal('accepted');
                expect(await outcome(known, { key: clientKeys.otherEs256 })).to.equal('assertion_signature');
            });
        }

        it('of every kind', async () => {

            expect(await outcome(rs256, { alg: 'RS256', key: clientKeys.rs256 })).to.equal('accepted');
            expect(await outcome(rs256, { alg: 'PS512', key: clientKeys.rs256 })).to.equal('accepted');
            expect(await outcome(publicHalf(clientKeys.es384), { alg: 'ES384', key: clientKeys.es384 })).to.equal('accepted');
            expect(await outcome(publicHalf(clientKeys.eddsa), { alg: 'EdDSA', key: clientKeys.eddsa })).to.equal('accepted');
            expect(await outcome(publicHalf(clientKeys.eddsa), { alg: 'Ed25519', key: clientKeys.eddsa })).to.equal('accepted');
        });

        it('and lets one that is no key be a fault of the server', async () => {

            await expect(outcome('-----BEGIN PUBLIC KEY-----')).to.reject(Error);
        });
    });

    describe('refuses', () => {

        it('an unknown client', async () => {

            expect(await outcome(null)).to.equal('client_key_not_found');
            expect(await outcome(undefined)).to.equal('client_key_not_found');
            expect(await outcome({ keys: [] })).to.equal('client_key_not_found');
        });

        it('a secret in the place of a public key', async () => {

            expect(await outcome(createSecretKey(Buffer.alloc(32)))).to.equal('assertion_signature');
            const secret = { kty: 'oct', k: 'AAAA' };
            expect(await outcome(secret)).to.equal('client_key_not_found');
        });

        it('a private KeyObject: nobody should have given it to the server', async () => {

            expect(await outcome(createPrivateKey({ key: { ...clientKeys.es256 }, format: 'jwk' }))).to.equal('assertion_signature');
        });

        it('a key of another kind than the algorithm', async () => {

            expect(await outcome(rs256)).to.equal('assertion_signature');
            expect(await outcome(publicHalf(clientKeys.es384))).to.equal('assertion_signature');
        });

        it('a key that is declared for another use or algorithm, alone or in a set', async () => {

            for (const member of [{ use: 'enc' }, { alg: 'ECDH-ES' }, { alg: 'ES384' }]) {
                expect(await outcome({ ...es256, ...member })).to.equal('client_key_not_found');
                expect(await outcome({ keys: [{ ...es256, ...member }] })).to.equal('client_key_not_found');
            }

            expect(await outcome({ ...rs256, alg: 'RS256' }, { alg: 'PS256', key: clientKeys.rs256 })).to.equal('client_key_not_found');
            expect(await outcome({ ...es256, use: 'sig', alg: 'ES256' })).to.equal('accepted');
        });
    });

    describe('of a set', () => {

        const first = { ...otherEs256, kid: 'first' };
        const second = { ...es256, kid: 'second', use: 'sig', alg: 'ES256' };

        it('takes the key that the kid names', async () => {

            expect(await outcome({ keys: [first, second] }, { kid: 'second' })).to.equal('accepted');
            expect(await outcome({ keys: [first, second] }, { kid: 'first' })).to.equal('assertion_signature');
            expect(await outcome({ keys: [first, second] }, { kid: 'third' })).to.equal('client_key_not_found');
        });

        it('tries every key where no kid is named', async () => {

            expect(await outcome({ keys: [first, second] })).to.equal('accepted');
            expect(await outcome({ keys: [first] })).to.equal('assertion_signature');
        });

        it('tries every key with the same kid', async () => {

            expect(await outcome({ keys: [{ ...first, kid: 'same' }, { ...second, kid: 'same' }] }, { kid: 'same' })).to.equal('accepted');
        });

        it('passes over keys that nobody here understands (RFC 7517 §5)', async () => {

            const odd = [{ kty: 'quantum', kid: 'second' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'second' }, { kty: 'oct', k: 'AAAA', kid: 'second' }, { ...first, use: 'enc' }];
            expect(await outcome({ keys: [...odd, second] }, { kid: 'second' })).to.equal('accepted');
            expect(await outcome({ keys: odd }, { kid: 'second' })).to.equal('client_key_not_found');
        });
    });

    it('asks for the key of the client and tells which one the assertion claims to be signed with', async () => {

        const asked: unknown[] = [];
        const bench = assertionBench();
        const method = new PrivateKeyJwt().getPublicKeyForClient((...question) => {

            asked.push(question);
            return es256;
        });
        for (const header of [{ alg: 'ES256', kid: 'k1', typ: 'JWT' }, { alg: 'ES256' }]) {
            const assertion = await signed(header, bench.claims(), clientKeys.es256);
            expect(await method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context())).to.include({ clientId: 'robot' });
        }

        expect(asked).to.equal([['robot', { alg: 'ES256', kid: 'k1' }], ['robot', { alg: 'ES256', kid: undefined }]]);
    });

    it('refuses every client as long as it has no keys to verify with', async () => {

        const bench = assertionBench();
        const method = new PrivateKeyJwt();
        expect(method.incomplete).to.match(/getPublicKeyForClient/);
        const assertion = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
        expect(await refusal(() => method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context()))).to.equal({ code: 'invalid_client', reason: 'client_key_not_found' });
        expect(method.getPublicKeyForClient(() => null).incomplete).to.be.undefined();
    });

    it('accepts four algorithms unless told otherwise; the first one added replaces them', () => {

        expect(new PrivateKeyJwt().algorithms).to.equal(['ES256', 'PS256', 'RS256', 'EdDSA']);
        expect(new PrivateKeyJwt().addAlgorithm('ES512').addAlgorithm('ES512').algorithms).to.equal(['ES512']);
    });

    it('takes no algorithm but asymmetric ones', () => {

        for (const alg of ['HS256', 'none', 'toString']) {
            // @ts-expect-error as plain JavaScript may call it
            expect(() => new PrivateKeyJwt().addAlgorithm(alg)).to.throw(TypeError, `PrivateKeyJwt takes an asymmetric algorithm such as ES256, not '${alg}'`);
        }
    });

    it('leaves other credentials and HMAC to other methods', async () => {

        const bench = assertionBench();
        const method = new PrivateKeyJwt().getPublicKeyForClient(() => es256);
        expect(await method.present({ carrier: 'none' }, bench.context())).to.be.null();
        const assertion = await signed({ alg: 'HS256' }, bench.claims(), 'x'.repeat(32));
        expect(await method.present({ carrier: 'client_assertion', assertion, type: assertionType }, bench.context())).to.be.null();
    });
});
