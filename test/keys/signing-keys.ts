import { createPublicKey } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { calculateJwkThumbprint, compactVerify, createLocalJWKSet } from 'jose';

import { MemoryKeyStore, type JwksKeyStore, type SigningKeyRecord } from '../../lib';
import type { KeyPurpose } from '../../lib/keys/key-store';
import { SigningKeys, type KeyChange } from '../../lib/keys/signing-keys';
import { signed, unsigned } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { testClock } from '../fixture/clock';
import { CountingKeyStore, day, hour, keyBench, minute, staticKey } from '../fixture/key-bench';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const access = staticKey('access_token');
const id = staticKey('id_token');
const privateOf = (record: SigningKeyRecord) => ({ ...record.privateJwk });

/** A bench whose store has the static keys. */
const ready = () => {

    const store = new CountingKeyStore();
    for (const record of staticKeys().list()) {
        store.put(record);
    }

    const bench = keyBench({}, store);
    bench.keys.use('access_token', 'ES256');
    bench.keys.use('id_token', 'RS256');
    return { ...bench, store };
};

const claims = { sub: 'alice' };
const kidOf = (token: string) => String(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid);

/** A store's functions, to be mixed with others. */
const bound = (store: JwksKeyStore): JwksKeyStore => ({ list: () => store.list(), putIfAbsent: (record) => store.putIfAbsent(record), put: (record) => store.put(record), delete: (id) => store.delete(id) });

describe('SigningKeys', () => {

    describe('sign()', () => {

        it('rule 26: names algorithm, key and typ in the header, and nothing else', async () => {

            const { keys } = ready();
            const { token, kid } = await keys.sign('access_token', 'ES256', 'at+jwt', claims);
            const { payload, protectedHeader } = await compactVerify(token, createPublicKey({ key: { ...access.publicJwk }, format: 'jwk' }));
            expect(protectedHeader).to.equal({ alg: 'ES256', kid: access.kid, typ: 'at+jwt' });
            expect(JSON.parse(new TextDecoder().decode(payload))).to.equal(claims);
            expect(kid).to.equal(access.kid);
        });

        it('fails where nobody declared the use', async () => {

            const { keys } = ready();
            await expect(keys.sign('access_token', 'RS256', 'at+jwt', claims)).to.reject('The key store holds no RS256 key that signs access_tokens now');
        });

        it('makes a first key that signs at once, under its RFC 7638 thumbprint', async () => {

            const { keys, store, clock } = keyBench();
            keys.use('access_token', 'ES256');
            const { kid } = await keys.sign('access_token', 'ES256', 'at+jwt', claims);
            const [record] = await store.list();
            expect(record).to.include({ id: 'access_token:ES256:1', kid, generation: 1, signsFrom: clock.now(), alg: 'ES256', purpose: 'access_token' });
            expect(kid).to.equal(await calculateJwkThumbprint({ ...record?.publicJwk }));
            expect(record?.publicJwk).to.only.include(['kty', 'crv', 'x', 'y']);
        });

        it('finds a use that was declared while the keys were being read', async () => {

            let release = () => undefined as void;
            const gate = new Promise<void>((resolve) => {

                release = resolve;
            });
            const inner = new MemoryKeyStore();
            const store: JwksKeyStore = {
                list: () => inner.list(),
                putIfAbsent: async (record) => {

                    await gate;
                    return inner.putIfAbsent(record);
                },
                put: (record) => inner.put(record),
                delete: (key) => inner.delete(key)
            };
            const { keys } = keyBench({}, store);
            keys.use('access_token', 'ES256');
            const first = keys.sign('access_token', 'ES256', 'at+jwt', claims);
            for (let i = 0; i < 10; ++i) {
                await new Promise(setImmediate);
            }

            keys.use('id_token', 'ES256');
            const second = keys.sign('id_token', 'ES256', 'JWT', claims);
            release();
            expect((await first).token).to.be.a.string();
            expect(await keys.verify('id_token', 'JWT', (await second).token)).to.equal(claims);
        });
    });

    describe('verify()', () => {

        const attack = async (token: string, purpose: KeyPurpose = 'access_token', typ = 'at+jwt') => await ready().keys.verify(purpose, typ, token);
        const header = { alg: 'ES256', kid: access.kid, typ: 'at+jwt' };

        it('answers the claims of what it signed, however the typ is spelled', async () => {

            expect(await attack(await signed(header, claims, privateOf(access)))).to.equal(claims);
            expect(await attack(await signed({ ...header, typ: 'AT+JWT' }, claims, privateOf(access)))).to.equal(claims);
        });

        it('refuses alg none', async () => {

            for (const alg of ['none', 'None', '']) {
                expect(await attack(unsigned({ ...header, alg }, claims))).to.be.null();
                expect(await attack(unsigned({ ...header, alg }, claims, 'AAAA'))).to.be.null();
            }
        });

        it('refuses HS256 with the public key as its secret (algorithm confusion)', async () => {

            const key = createPublicKey({ key: { ...access.publicJwk }, format: 'jwk' });
            const secrets = [key.export({ type: 'spki', format: 'pem' }).toString(), JSON.stringify(access.publicJwk), String(access.publicJwk.x)];
            for (const secret of secrets) {
                expect(await attack(await signed({ ...header, alg: 'HS256' }, claims, secret))).to.be.null();
            }
        });

        it('refuses another asymmetric algorithm than the key\'s own', async () => {

            const rsa = { alg: 'PS256', kid: id.kid, typ: 'JWT' };
            expect(await attack(await signed(rsa, claims, privateOf(id)), 'id_token', 'JWT')).to.be.null();
            expect(await attack(await signed({ ...rsa, alg: 'RS256' }, claims, privateOf(id)), 'id_token', 'JWT')).to.equal(claims);
        });

        it('rule 18: refuses a token signed by an ID token key under at+jwt', async () => {

            expect(await attack(await signed({ alg: 'RS256', kid: id.kid, typ: 'at+jwt' }, claims, privateOf(id)))).to.be.null();
            expect(await attack(await signed({ alg: 'RS256', kid: access.kid, typ: 'at+jwt' }, claims, privateOf(id)))).to.be.null();
        });

        it('rule 18: refuses a token signed by an access token key as an ID token', async () => {

            expect(await attack(await signed({ ...header, typ: 'JWT' }, claims, privateOf(access)), 'id_token', 'JWT')).to.be.null();
        });

        for (const typ of ['JWT', 'dpop+jwt', 'logout+jwt', 'client-authentication+jwt', '', undefined]) {
            it(`rule 18: refuses typ ${typ ?? 'none'} where at+jwt is due`, async () => {

                const { typ: _typ, ...rest } = header;
                expect(await attack(await signed(typ === undefined ? rest : { ...rest, typ }, claims, privateOf(access)))).to.be.null();
            });
        }

        it('refuses a key of somebody else under a kid of ours', async () => {

            expect(await attack(await signed(header, claims, clientKeys.es256))).to.be.null();
        });

        it('refuses a key that the token brings along', async () => {

            const jwk = publicHalf(clientKeys.es256);
            expect(await attack(await signed({ ...header, jwk }, claims, clientKeys.es256))).to.be.null();
            expect(await attack(await signed({ ...header, kid: await calculateJwkThumbprint(jwk), jwk }, claims, clientKeys.es256))).to.be.null();
        });

        it('refuses claims or a header that were changed after signing', async () => {

            const [head = '', , signature = ''] = (await signed(header, claims, privateOf(access))).split('.');
            expect(await attack(`${head}.${Buffer.from('{"sub":"admin"}').toString('base64url')}.${signature}`)).to.be.null();
            const [, body = '', idSignature = ''] = (await signed({ ...header, typ: 'JWT' }, claims, privateOf(access))).split('.');
            expect(await attack(`${head}.${body}.${idSignature}`)).to.be.null();
        });

        it('refuses a payload that is no JSON object', async () => {

            for (const payload of [null, 'text', 7]) {
                expect(await attack(await signed(header, payload, privateOf(access)))).to.be.null();
            }
        });

        it('refuses texts that are no tokens', async () => {

            for (const text of ['', 'x', 'a.b', 'a.b.c', '...', 'ä.ö.ü', unsigned({}, claims), unsigned({ ...header, kid: 7 }, claims), unsigned({ ...header, typ: 7 }, claims), unsigned([], claims)]) {
                expect(await attack(text), text).to.be.null();
            }
        });
    });

    describe('verifyOld()', () => {

        it('takes a token whose key is no longer published, for as long as a session may last, and verify() does not', async () => {

            const { keys, clock } = keyBench({ retentionMs: 10 * minute });
            keys.use('id_token', 'ES256');
            const { token, kid } = await keys.sign('id_token', 'ES256', 'JWT', claims);
            for (let i = 0; i < 3; ++i) {
                clock.advance(hour / 1000);
                await keys.sign('id_token', 'ES256', 'JWT', claims);
            }

            expect((await keys.jwks()).keys.map((key) => key.kid)).to.not.include(kid);
            expect(await keys.verify('id_token', 'JWT', token)).to.be.null();
            expect(await keys.verifyOld('id_token', 'JWT', token)).to.equal(claims);
            clock.advance(14 * day / 1000);
            await keys.jwks();
            expect(await keys.verifyOld('id_token', 'JWT', token)).to.be.null();
        });

        it('attack: refuses another purpose, another typ, another key and no signature all the same', async () => {

            const { keys } = ready();
            const header = { alg: 'RS256', kid: id.kid, typ: 'JWT' };
            const token = await signed(header, claims, privateOf(id));
            expect(await keys.verifyOld('id_token', 'JWT', token)).to.equal(claims);
            expect(await keys.verifyOld('access_token', 'JWT', token)).to.be.null();
            expect(await keys.verifyOld('id_token', 'logout+jwt', token)).to.be.null();
            for (const forged of [await signed(header, claims, clientKeys.rs256), unsigned(header, claims), unsigned({ ...header, alg: 'none' }, claims), await signed({ ...header, kid: 'unknown' }, claims, privateOf(id)), 'text']) {
                expect(await keys.verifyOld('id_token', 'JWT', forged)).to.be.null();
            }
        });
    });

    describe('a kid that is not known', () => {

        it('makes a process re-read the store at once, so that the first key of another process is good everywhere', async () => {

            const { keys, join, clock, store } = keyBench({}, new CountingKeyStore());
            await keys.jwks();
            const other = join();
            other.use('access_token', 'ES256');
            clock.advance(2);
            const { token } = await other.sign('access_token', 'ES256', 'at+jwt', claims);
            expect(await keys.verify('access_token', 'at+jwt', token)).to.equal(claims);
            expect(await store.list()).to.have.length(1);
        });

        it('makes it do so at most once a second, however many come', async () => {

            const { keys, store, clock } = ready();
            await keys.jwks();
            const made = (kid: string) => unsigned({ alg: 'ES256', kid, typ: 'at+jwt' }, claims, 'AAAA');
            const before = store.reads;
            clock.advance(5);
            await Promise.all(Array.from({ length: 100 }, (_, i) => keys.verify('access_token', 'at+jwt', made(`a${i}`))));
            expect(store.reads - before).to.equal(1);
            clock.advance(0.9);
            await keys.verify('access_token', 'at+jwt', made('b'));
            expect(store.reads - before).to.equal(1);
            clock.advance(0.1);
            await keys.verify('access_token', 'at+jwt', made('c'));
            expect(store.reads - before).to.equal(2);
        });

        it('does not make it read for a token of another typ, nor for a kid that is known', async () => {

            const { keys, store, clock } = ready();
            await keys.jwks();
            const before = store.reads;
            clock.advance(5);
            await keys.verify('access_token', 'at+jwt', unsigned({ alg: 'ES256', kid: 'unknown', typ: 'JWT' }, claims));
            await keys.verify('access_token', 'at+jwt', unsigned({ alg: 'ES256', kid: access.kid, typ: 'at+jwt' }, claims));
            expect(store.reads - before).to.equal(0);
        });
    });

    describe('reads', () => {

        it('rule 26: the store every 60 s and not more often', async () => {

            const { keys, store, clock } = ready();
            await Promise.all([keys.jwks(), keys.jwks(), keys.sign('access_token', 'ES256', 'at+jwt', claims)]);
            expect(store.reads).to.equal(1);
            clock.advance(59);
            await keys.jwks();
            expect(store.reads).to.equal(1);
            clock.advance(1);
            await keys.jwks();
            expect(store.reads).to.equal(2);
        });

        it('the store again when the clock was set back, and goes on from there', async () => {

            const { keys, store, clock } = ready();
            const { token } = await keys.sign('access_token', 'ES256', 'at+jwt', claims);
            clock.advance(-7200);
            expect(await keys.verify('access_token', 'at+jwt', token)).to.equal(claims);
            expect(store.reads).to.equal(2);
            expect((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid).to.equal(access.kid);
            clock.advance(60);
            await keys.jwks();
            expect(store.reads).to.equal(3);
            expect(store.list()).to.have.length(2);
        });
    });

    describe('jwks()', () => {

        it('rule 26: lists each public key with kid, alg and use, and no private half', async () => {

            const { keys } = ready();
            expect(await keys.jwks()).to.equal({
                keys: [access, id].map((record) => ({ ...record.publicJwk, kid: record.kid, alg: record.alg, use: 'sig' }))
            });
            expect(JSON.stringify(await keys.jwks())).to.not.match(/"(d|p|q|dp|dq|qi|k)":/);
        });

        it('lists the keys of another use of the same server once they were declared', async () => {

            const { keys } = keyBench();
            expect(await keys.jwks()).to.equal({ keys: [] });
            keys.use('access_token', 'ES256');
            keys.use('access_token', 'ES256');
            expect((await keys.jwks()).keys).to.have.length(1);
            keys.use('access_token', 'ES384');
            expect((await keys.jwks()).keys.map(({ alg }) => alg)).to.equal(['ES256', 'ES384']);
        });
    });

    describe('on a store that does not keep its word', () => {

        const answering = (list: () => unknown) => {

            const store = new MemoryKeyStore();
            store.list = () => {

                const answer: ReturnType<typeof store.list> = JSON.parse(JSON.stringify(list()));
                return answer;
            };

            const bench = keyBench({}, store);
            bench.keys.use('access_token', 'ES256');
            return bench.keys;
        };

        const nonsense: Record<string, unknown> = {
            'no list': { keys: [] },
            'nothing': null,
            'a list of texts': ['key'],
            'a symmetric key': [{ ...access, alg: 'HS256', publicJwk: { kty: 'oct', k: 'AAAA' } }],
            'a published private key': [{ ...access, publicJwk: access.privateJwk }],
            'a good key beside a bad one': [access, { ...id, publicJwk: 7 }]
        };

        for (const [name, answer] of Object.entries(nonsense)) {
            it(`fails closed: ${name}`, async () => {

                const token = await signed({ alg: 'ES256', kid: access.kid, typ: 'at+jwt' }, claims, privateOf(access));
                await expect(answering(() => answer).verify('access_token', 'at+jwt', token)).to.reject();
                await expect(answering(() => answer).sign('access_token', 'ES256', 'at+jwt', claims)).to.reject();
                await expect(answering(() => answer).jwks()).to.reject();
            });
        }

        it('fails closed: a key that is none', async () => {

            const broken = { ...access, publicJwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, privateJwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' } };
            const token = await signed({ alg: 'ES256', kid: access.kid, typ: 'at+jwt' }, claims, privateOf(access));
            await expect(answering(() => [broken]).verify('access_token', 'at+jwt', token)).to.reject();
            await expect(answering(() => [broken]).sign('access_token', 'ES256', 'at+jwt', claims)).to.reject();
        });

        it('fails closed: a key without a private half signs nothing', async () => {

            await expect(answering(() => [{ ...access, privateJwk: undefined }]).sign('access_token', 'ES256', 'at+jwt', claims)).to.reject('The key store holds no ES256 key that signs access_tokens now');
        });

        it('fails closed: a store that forgets every key is not asked for ever', async () => {

            await expect(answering(() => []).sign('access_token', 'ES256', 'at+jwt', claims)).to.reject('The key store holds no ES256 key that signs access_tokens now');
        });

        it('goes on with the keys at hand while the store does not answer, asks again after five seconds, and never calls an unknown key wrong', async () => {

            const { clock, policy, store } = keyBench({ intervalMs: 1000 * day }, new CountingKeyStore());
            const failures: unknown[] = [];
            let reads = 0;
            let isAway = false;
            const away = { ...bound(store), list: () => {

                ++reads;
                return isAway ? Promise.reject(new Error('away')) : store.list();
            } };
            const keys = new SigningKeys({ store: () => away, clock: clock.now, policy: () => policy, onFailure: (cause) => failures.push(String(cause)) });
            keys.use('access_token', 'ES256');
            const { token, kid } = await keys.sign('access_token', 'ES256', 'at+jwt', claims);

            isAway = true;
            clock.advance(61);
            reads = 0;
            expect((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid).to.equal(kid);
            expect(await keys.verify('access_token', 'at+jwt', token)).to.equal(claims);
            expect((await keys.jwks()).keys).to.have.length(1);
            expect({ reads, failures }).to.equal({ reads: 1, failures: ['Error: away'] });
            clock.advance(5);
            await keys.jwks();
            expect(reads).to.equal(2);

            const other = new SigningKeys({ store: () => store, clock: clock.now, policy: () => policy });
            other.use('access_token', 'ES256');
            await other.rotate();
            clock.advance(700);
            const foreign = await other.sign('access_token', 'ES256', 'at+jwt', claims);
            await expect(keys.verify('access_token', 'at+jwt', foreign.token)).to.reject('away');
            isAway = false;
            clock.advance(2);
            expect(await keys.verify('access_token', 'at+jwt', foreign.token)).to.equal(claims);
            expect((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid).to.equal(foreign.kid);
        });

        it('recovers as soon as the store does', async () => {

            let answer: unknown = null;
            const keys = answering(() => answer);
            await expect(keys.jwks()).to.reject();
            answer = [access];
            expect((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid).to.equal(access.kid);
        });
    });

    describe('of two processes on one store', () => {

        it('agree on the first key', async () => {

            const { keys, join, store } = keyBench();
            const other = join();
            for (const process of [keys, other]) {
                process.use('access_token', 'ES256');
            }

            const tokens = await Promise.all([keys, other].map((process) => process.sign('access_token', 'ES256', 'at+jwt', claims)));
            expect(new Set(tokens.map(({ kid }) => kid)).size).to.equal(1);
            expect(await store.list()).to.have.length(1);
            expect(await keys.verify('access_token', 'at+jwt', tokens[1]?.token ?? '')).to.equal(claims);
            expect(await other.verify('access_token', 'at+jwt', tokens[0]?.token ?? '')).to.equal(claims);
            expect(await keys.jwks()).to.equal(await other.jwks());
        });

        it('tell of each change once, by the process that saw to it', async () => {

            const store = new MemoryKeyStore();
            const clock = testClock();
            const told: KeyChange[] = [];
            const join = () => new SigningKeys({ store: () => store, clock: clock.now, policy: () => ({ intervalMs: hour, leadMs: 10 * minute, retentionMs: 10 * minute }), onChange: (change) => told.push(change) });
            const processes = [join(), join(), join()];
            for (const process of processes) {
                process.use('access_token', 'ES256');
            }

            const changes = async (seconds: number) => {

                clock.advance(seconds);
                for (const process of processes) {
                    await process.jwks();
                }

                return told.splice(0);
            };

            await Promise.all(processes.map((process) => process.jwks()));
            const first = await changes(0);
            const { kid } = await processes[0]?.sign('access_token', 'ES256', 'at+jwt', claims) ?? {};
            const use = { purpose: 'access_token', alg: 'ES256' } as const;
            const began = clock.now();
            expect(first).to.equal([{ step: 'published', kid: String(kid), ...use, signsFrom: began }]);
            expect(await changes(2900)).to.equal([]);
            const next = await changes(100);
            expect(next).to.have.length(1);
            expect(next[0]).to.include({ step: 'published', signsFrom: began + hour });
            expect(await changes(500)).to.equal([]);
            expect(await changes(100)).to.equal([{ step: 'replaced', kid: String(kid), ...use, signsFrom: began }]);
            expect(await changes(60)).to.equal([]);
        });

        it('agree on rotated keys, whether time or somebody rotated them', async () => {

            const { keys, join, store, clock } = keyBench();
            const other = join();
            const processes = [keys, other];
            for (const process of processes) {
                process.use('access_token', 'ES256');
            }

            const kidsNow = async () => (await Promise.all(processes.map((process) => process.sign('access_token', 'ES256', 'at+jwt', claims)))).map(({ kid }) => kid);
            const [first] = await kidsNow();
            clock.advance(3000);
            expect(await kidsNow()).to.equal([first, first]);
            expect(await store.list(), 'one new key, published by either').to.have.length(2);
            clock.advance(600);
            const [second, same] = await kidsNow();
            expect(second).to.equal(same).and.to.not.equal(first);

            await Promise.all(processes.map((process) => process.rotate()));
            expect(await store.list(), 'rotated once').to.have.length(3);
            expect(await kidsNow()).to.equal([second, second]);
            clock.advance(600);
            const [third, alsoThird] = await kidsNow();
            expect(third).to.equal(alsoThird).and.to.not.equal(second);
        });

        it('take a first key whose maker has a clock that runs ahead', async () => {

            const { keys, join, clock } = keyBench();
            const ahead = join(() => clock.now() + 5000);
            for (const process of [ahead, keys]) {
                process.use('access_token', 'ES256');
            }

            const { kid } = await ahead.sign('access_token', 'ES256', 'at+jwt', claims);
            expect((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid).to.equal(kid);
        });

        it('never refuse a token that the other signed before it saw the next key, even without a lead', async () => {

            const { keys, join, clock } = keyBench({ leadMs: 0 });
            const other = join();
            for (const process of [keys, other]) {
                process.use('access_token', 'ES256');
            }

            await other.jwks();
            await keys.rotate();
            clock.advance(59);
            const late = await other.sign('access_token', 'ES256', 'at+jwt', claims);
            expect(late.kid).to.not.equal((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid);
            clock.advance(599);
            expect(await keys.verify('access_token', 'at+jwt', late.token)).to.equal(claims);
            expect(await other.verify('access_token', 'at+jwt', late.token)).to.equal(claims);
        });
    });

    it('rotate() publishes a key for every use at once, which signs when verifiers have seen it', async () => {

        const { keys, clock } = keyBench();
        keys.use('access_token', 'ES256');
        keys.use('id_token', 'ES384');
        const before = (await keys.jwks()).keys.map(({ kid }) => kid);
        await keys.rotate();
        const after = (await keys.jwks()).keys.map(({ kid }) => kid);
        expect(after).to.have.length(4).and.to.include(before);
        clock.advance(599);
        expect(before).to.include((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid);
        expect(before).to.include((await keys.sign('id_token', 'ES384', 'JWT', claims)).kid);
        clock.advance(1);
        expect(before).to.not.include((await keys.sign('access_token', 'ES256', 'at+jwt', claims)).kid);
        expect(before).to.not.include((await keys.sign('id_token', 'ES384', 'JWT', claims)).kid);
    });

    it('rule 26: three rotations, in steps of a minute, without one valid token failing anywhere', async () => {

        const ttl = 5 * minute;
        const { keys, join, store, clock, policy } = keyBench({ intervalMs: 20 * minute, retentionMs: ttl });
        const uses = [{ purpose: 'access_token', alg: 'ES256', typ: 'at+jwt' }, { purpose: 'id_token', alg: 'EdDSA', typ: 'JWT' }] as const;
        const other = join();
        for (const { purpose, alg } of uses) {
            keys.use(purpose, alg);
            other.use(purpose, alg);
        }

        let alive: { token: string; purpose: KeyPurpose; typ: string; expiresAt: number }[] = [];
        const resourceServer = async () => ({ at: clock.now(), keys: createLocalJWKSet({ keys: (await other.jwks()).keys.map((key) => ({ kty: String(key.kty), ...key })) }) });
        let cached = await resourceServer();
        const order: Record<KeyPurpose, string[]> = { access_token: [], id_token: [] };
        const lastSigned = new Map<string, number>();
        const firstPublished = new Map<string, number>();

        for (let i = 0; i < 68; ++i, clock.advance(60)) {
            const now = clock.now();
            const signing = [keys, other][i % 2] ?? keys;
            for (const { purpose, alg, typ } of uses) {
                const { token, kid } = await signing.sign(purpose, alg, typ, { i });
                alive.push({ token, purpose, typ, expiresAt: now + ttl });
                lastSigned.set(kid, now);
                if (!order[purpose].includes(kid)) {
                    order[purpose].push(kid);
                }
            }

            alive = alive.filter(({ expiresAt }) => expiresAt > now);
            const published = (await keys.jwks()).keys.map(({ kid }) => String(kid));
            for (const kid of published) {
                firstPublished.set(kid, firstPublished.get(kid) ?? now);
            }

            // A resource server elsewhere, that keeps the key set as long as it is told to
            if (now - cached.at >= 5 * minute) {
                cached = await resourceServer();
            }

            for (const { token, purpose, typ } of alive) {
                expect(await keys.verify(purpose, typ, token), `minute ${i}`).to.not.be.null();
                expect(await other.verify(purpose, typ, token), `minute ${i}, other process`).to.not.be.null();
                expect(published, `minute ${i}`).to.include(kidOf(token));
                await compactVerify(token, cached.keys);
            }

            const records = await store.list();
            for (const { kid, purpose, privateJwk } of records) {
                const place = order[purpose].indexOf(kid);
                const replaced = place >= 0 && place < order[purpose].length - 1;
                expect(privateJwk === undefined, `minute ${i}: the private half of a key that was${replaced ? '' : ' not'} replaced`).to.equal(replaced);
            }

            for (const [kid, at] of lastSigned) {
                const gone = now > at + minute + ttl;               // It was replaced a minute after its last token
                expect(published.includes(kid), `minute ${i}`).to.equal(!gone);
            }
        }

        for (const kids of Object.values(order)) {
            expect(kids).to.have.length(4);
            for (const kid of kids.slice(1)) {
                const firstToken = Math.min(...[...lastSigned.entries()].filter(([name]) => name === kid).map(([, at]) => at));
                expect(firstToken - (firstPublished.get(kid) ?? Infinity)).to.be.at.least(policy.leadMs);
            }
        }

        expect(await store.list()).to.have.length(8);
        const before = await store.list();
        clock.advance(14 * day / 1000);
        await keys.jwks();
        clock.advance(61);
        await keys.jwks();
        const remembered = (await store.list()).map(({ kid }) => kid);
        expect(before.filter(({ kid }) => !remembered.includes(kid)).map(({ generation }) => generation).sort(), 'forgotten once no session is that old').to.equal([1, 1, 2, 2, 3, 3]);
    });

    it('says of a key whether it is published at once while the keys are fresh, and waits where they are not', async () => {

        const { keys, clock } = keyBench();
        keys.use('access_token', 'ES256');
        const { kid } = await keys.sign('access_token', 'ES256', 'at+jwt', {});
        expect(keys.isPublished('access_token', kid)).to.be.true();
        expect(await keys.isPublished('access_token', 'nobody')).to.be.false();
        expect(await keys.isPublished('id_token', kid)).to.be.false();
        clock.advance(60);
        const answer = keys.isPublished('access_token', kid);
        expect(answer).to.be.an.instanceOf(Promise);
        expect(await answer).to.be.true();
        let seconds = 60;
        while (await keys.isPublished('access_token', kid)) {
            await keys.jwks();
            clock.advance(1);
            ++seconds;
        }

        expect(seconds).to.equal(4201);                     // Replaced after an hour, and ten minutes more
        expect(await keys.isPublished('access_token', kid)).to.be.false();
    });
});
