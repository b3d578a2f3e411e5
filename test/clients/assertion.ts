import { createPublicKey } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretJwt, PrivateKeyJwt } from '../../lib';
import { authenticateClient } from '../../lib/clients/authenticate';
import type { ClientAuthenticationMethod } from '../../lib/clients/method';
import { assertionBench, assertionType, issuer, signed, tokenEndpoint, unsigned } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';
import type { ReplayMemory } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const keys: Record<string, ReturnType<typeof publicHalf>> = { robot: publicHalf(clientKeys.es256), other: publicHalf(clientKeys.otherEs256) };
const secret = 'a secret of thirty-two octets!!!';

/** The two assertion methods, each accepting one algorithm; a client called `robot` has a key and a secret. */
const methods = (): ClientAuthenticationMethod[] => [
    new PrivateKeyJwt().addAlgorithm('ES256').getPublicKeyForClient((clientId) => keys[clientId]),
    new ClientSecretJwt().addAlgorithm('HS256').getClientSecret((clientId) => clientId === 'robot' ? secret : null)
];

const present = (bench: ReturnType<typeof assertionBench>, assertion: string, form: Record<string, unknown> = {}) =>
    authenticateClient(methods(), bench.context({ client_assertion: assertion, client_assertion_type: assertionType, ...form }));

/** What becomes of an assertion with these claims and this header. */
const outcome = async (own: Record<string, unknown>, header: Record<string, unknown> = {}) => {

    const bench = assertionBench();
    const assertion = await signed({ alg: 'ES256', ...header }, bench.claims(own), clientKeys.es256);
    return await refusal(() => present(bench, assertion));
};

const refused = (reason: string) => ({ code: 'invalid_client', reason });
const now = assertionBench().clock.now() / 1000;

describe('a client assertion', () => {

    it('presents the client that signed it, for both methods, with and without client_id', async () => {

        const bench = assertionBench();
        const asymmetric = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
        expect(await present(bench, asymmetric)).to.equal({ clientId: 'robot', method: 'private_key_jwt', clientSecret: undefined });
        const symmetric = await signed({ alg: 'HS256' }, bench.claims(), secret);
        expect(await present(bench, symmetric, { client_id: 'robot' })).to.equal({ clientId: 'robot', method: 'client_secret_jwt', clientSecret: undefined });
    });

    describe('rule 21: its jti', () => {

        it('is good once: a replay is refused until the assertion expires, and by its expiry after that', async () => {

            const bench = assertionBench();
            const assertion = await signed({ alg: 'ES256' }, bench.claims({ exp: now + 600 }), clientKeys.es256);
            await present(bench, assertion);
            expect(await refusal(() => present(bench, assertion))).to.equal(refused('assertion_replayed'));
            bench.clock.advance(599);
            expect(await refusal(() => present(bench, assertion))).to.equal(refused('assertion_replayed'));
            bench.clock.advance(1);
            expect(await refusal(() => present(bench, assertion))).to.equal(refused('assertion_expiry'));
        });

        it('is good once among requests that arrive together', async () => {

            const bench = assertionBench();
            const assertion = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
            const outcomes = await Promise.all(Array.from({ length: 10 }, () => refusal(() => present(bench, assertion))));
            expect(outcomes.filter((result) => result === null)).to.have.length(1);
        });

        it('is good once under another signature too: the client is asked for a new jti, not for a new text', async () => {

            const bench = assertionBench();
            await present(bench, await signed({ alg: 'ES256' }, bench.claims({ jti: 'same' }), clientKeys.es256));
            const again = await signed({ alg: 'ES256' }, bench.claims({ jti: 'same', exp: now + 90 }), clientKeys.es256);
            expect(await refusal(() => present(bench, again))).to.equal(refused('assertion_replayed'));
        });

        it('is remembered per client: the same jti of another client is another one', async () => {

            const bench = assertionBench();
            await present(bench, await signed({ alg: 'ES256' }, bench.claims({ jti: 'same' }), clientKeys.es256));
            const other = await signed({ alg: 'ES256' }, bench.claims({ jti: 'same', iss: 'other', sub: 'other' }), clientKeys.otherEs256);
            expect((await present(bench, other)).clientId).to.equal('other');
        });

        it('is not used up by a forged assertion', async () => {

            const bench = assertionBench();
            const claims = bench.claims({ jti: 'guessed' });
            const forged = await signed({ alg: 'ES256' }, claims, clientKeys.otherEs256);
            expect(await refusal(() => present(bench, forged))).to.equal(refused('assertion_signature'));
            expect(bench.store.size).to.equal(0);
            expect((await present(bench, await signed({ alg: 'ES256' }, claims, clientKeys.es256))).clientId).to.equal('robot');
        });

        it('is required', async () => {

            for (const jti of [undefined, '', null, 7, ['a']]) {
                expect(await outcome({ jti })).to.equal(refused('assertion_jti'));
            }
        });

        it('may have megabytes: what is remembered stays small', async () => {

            const bench = assertionBench();
            const kept: string[] = [];
            const store: ReplayMemory = {
                putIfAbsent: (record) => {

                    kept.push(record.key);
                    return bench.store.putIfAbsent(record);
                }
            };
            const assertion = await signed({ alg: 'ES256' }, bench.claims({ jti: 'x'.repeat(2_000_000) }), clientKeys.es256);
            const attempt = () => authenticateClient(methods(), { ...bench.context({ client_assertion: assertion, client_assertion_type: assertionType }), store });
            expect((await attempt()).clientId).to.equal('robot');
            expect(await refusal(attempt)).to.equal(refused('assertion_replayed'));
            expect(Math.max(...kept.map((key) => key.length))).to.be.below(100);
        });
    });

    describe('rule 21: its audience', () => {

        const audiences: Record<string, readonly [aud: unknown, accepted: boolean]> = {
            'accepts the issuer': [issuer, true],
            'accepts an array of the issuer alone': [[issuer], true],
            'refuses an array with a second member': [[issuer, 'https://evil.example.com'], false],
            'refuses an array with the issuer twice': [[issuer, issuer], false],
            'refuses an empty array': [[], false],
            'refuses an array in an array': [[[issuer]], false],
            'refuses the token endpoint': [tokenEndpoint, false],
            'refuses an array of the token endpoint': [[tokenEndpoint], false],
            'refuses the issuer with a slash at its end': [`${issuer}/`, false],
            'refuses another issuer': ['https://evil.example.com', false],
            'refuses an object': [{ 0: issuer, length: 1 }, false],
            'refuses none': [undefined, false]
        };

        for (const [name, [aud, accepted]] of Object.entries(audiences)) {
            it(`rule 21: ${name}`, async () => {

                expect(await outcome({ aud })).to.equal(accepted ? null : refused('assertion_audience'));
            });
        }
    });

    describe('rule 21: its times', () => {

        const times: Record<string, readonly [claims: Record<string, unknown>, reason: string | null]> = {
            'refuses one that expired a second ago': [{ exp: now - 1 }, 'assertion_expiry'],
            'refuses one that expires now': [{ exp: now }, 'assertion_expiry'],
            'refuses one without exp': [{ exp: undefined }, 'assertion_expiry'],
            'refuses an exp that is text': [{ exp: String(now + 60) }, 'assertion_expiry'],
            'accepts an exp 10 minutes ahead': [{ exp: now + 600 }, null],
            'refuses an exp more than 10 minutes ahead': [{ exp: now + 601 }, 'assertion_expiry'],
            'accepts an iat 30 s ahead': [{ iat: now + 30 }, null],
            'refuses an iat 61 s ahead': [{ iat: now + 61, exp: now + 120 }, 'assertion_time'],
            'accepts an nbf 30 s ahead': [{ nbf: now + 30 }, null],
            'refuses an nbf 61 s ahead': [{ nbf: now + 61, exp: now + 120 }, 'assertion_time'],
            'accepts one without iat and nbf': [{ iat: undefined }, null],
            'accepts an iat of long ago': [{ iat: now - 86_400 }, null],
            'refuses an iat that is text': [{ iat: 'now' }, 'assertion_time'],
            'refuses an nbf that is text': [{ nbf: 'now' }, 'assertion_time']
        };

        for (const [name, [claims, reason]] of Object.entries(times)) {
            it(`rule 21: ${name}`, async () => {

                expect(await outcome(claims)).to.equal(reason === null ? null : refused(reason));
            });
        }

        it('rule 21: refuses an exp beyond every number', async () => {

            const bench = assertionBench();
            const text = JSON.stringify(bench.claims({ exp: 0 })).replace('"exp":0', '"exp":1e999');
            const assertion = unsigned({ alg: 'ES256' }, {}).replace(/\.[^.]*\./, `.${Buffer.from(text).toString('base64url')}.`);
            expect(await refusal(() => present(bench, assertion))).to.equal(refused('assertion_expiry'));
        });
    });

    describe('rule 21: its subject', () => {

        it('rule 21: refuses iss that is not sub', async () => {

            expect(await outcome({ iss: 'other' })).to.equal(refused('assertion_subject'));
            expect(await outcome({ iss: undefined })).to.equal(refused('assertion_subject'));
            expect(await outcome({ sub: 'other' })).to.equal(refused('assertion_subject'));
        });

        it('refuses a subject that is no text', async () => {

            for (const sub of [undefined, '', 7, ['robot']]) {
                expect(await outcome({ iss: sub, sub })).to.equal(refused('assertion_subject'));
            }
        });

        it('rule 20: refuses a client_id that is another client', async () => {

            const bench = assertionBench();
            const assertion = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
            expect(await refusal(() => present(bench, assertion, { client_id: 'other' }))).to.equal({ code: 'invalid_request', reason: 'client_id_mismatch' });
        });

        it('refuses an unknown client like any other bad client', async () => {

            expect(await outcome({ iss: 'nobody', sub: 'nobody' })).to.equal(refused('client_key_not_found'));
            expect(await outcome({ iss: '__proto__', sub: '__proto__' })).to.equal(refused('client_key_not_found'));
        });
    });

    describe('its signature', () => {

        const attack = async (header: { alg: string; [member: string]: unknown }, key: object | string) => {

            const bench = assertionBench();
            const assertion = await signed(header, bench.claims(), key);
            return await refusal(() => present(bench, assertion));
        };

        it('refuses the key of another client', async () => {

            expect(await attack({ alg: 'ES256' }, clientKeys.otherEs256)).to.equal(refused('assertion_signature'));
            expect(await attack({ alg: 'HS256' }, 'another secret of thirty-two oct')).to.equal(refused('assertion_signature'));
        });

        it('refuses claims that were changed after signing', async () => {

            const bench = assertionBench();
            const [header = '', , signature = ''] = (await signed({ alg: 'ES256' }, bench.claims({ iss: 'other', sub: 'other' }), clientKeys.otherEs256)).split('.');
            const claims = Buffer.from(JSON.stringify(bench.claims())).toString('base64url');
            expect(await refusal(() => present(bench, `${header}.${claims}.${signature}`))).to.equal(refused('assertion_signature'));
        });

        it('refuses alg none, in every spelling', async () => {

            for (const alg of ['none', 'None', 'NONE', '']) {
                const bench = assertionBench();
                expect(await refusal(() => present(bench, unsigned({ alg }, bench.claims())))).to.equal(refused('client_authentication_method_not_accepted'));
            }
        });

        it('refuses an empty signature', async () => {

            const bench = assertionBench();
            expect(await refusal(() => present(bench, unsigned({ alg: 'ES256' }, bench.claims())))).to.equal(refused('assertion_signature'));
            expect(await refusal(() => present(bench, unsigned({ alg: 'HS256' }, bench.claims())))).to.equal(refused('assertion_signature'));
        });

        it('refuses an algorithm of its family that is not accepted', async () => {

            keys.robot384 = publicHalf(clientKeys.es384);
            const bench = assertionBench();
            const asymmetric = await signed({ alg: 'ES384' }, bench.claims({ iss: 'robot384', sub: 'robot384' }), clientKeys.es384);
            expect(await refusal(() => present(bench, asymmetric))).to.equal(refused('assertion_algorithm'));
            const symmetric = await signed({ alg: 'HS512' }, bench.claims(), secret.repeat(2));
            expect(await refusal(() => present(bench, symmetric))).to.equal(refused('assertion_algorithm'));
        });

        it('refuses HS256 that is signed with the client\'s public key (algorithm confusion)', async () => {

            const pem = createPublicKey({ key: publicHalf(clientKeys.es256), format: 'jwk' });
            const spellings = [
                pem.export({ type: 'spki', format: 'pem' }).toString(),
                pem.export({ type: 'spki', format: 'pem' }).toString().trim(),
                JSON.stringify(publicHalf(clientKeys.es256)),
                clientKeys.es256.x
            ];
            for (const spelling of spellings) {
                expect(await attack({ alg: 'HS256' }, spelling)).to.equal(refused('assertion_signature'));
                const bench = assertionBench();
                const assertion = await signed({ alg: 'HS256' }, bench.claims(), spelling);
                const onlyAsymmetric = methods().slice(0, 1);
                expect(await refusal(() => authenticateClient(onlyAsymmetric, bench.context({ client_assertion: assertion, client_assertion_type: assertionType }))))
                    .to.equal(refused('client_authentication_method_not_accepted'));
            }
        });

        it('refuses HS256 with the empty secret that an unknown client might have', async () => {

            const bench = assertionBench();
            const assertion = await signed({ alg: 'HS256' }, bench.claims({ iss: 'other', sub: 'other' }), '\0'.repeat(32));
            expect(await refusal(() => present(bench, assertion))).to.equal(refused('client_key_not_found'));
        });

        it('ignores keys and key addresses that the assertion brings along', async () => {

            const jwk = publicHalf(clientKeys.otherEs256);
            expect(await attack({ alg: 'ES256', jwk, jku: 'https://evil.example.com/jwks', x5u: 'https://evil.example.com/x5u' }, clientKeys.otherEs256)).to.equal(refused('assertion_signature'));
        });

        it('refuses a critical header that nobody here understands (RFC 7515 §4.1.11)', async () => {

            const bench = assertionBench();
            expect(await refusal(() => present(bench, unsigned({ alg: 'ES256', crit: ['exp'], exp: 1 }, bench.claims(), 'AAAA')))).to.equal(refused('assertion_signature'));
        });
    });

    describe('rule 18: its typ', () => {

        for (const typ of [undefined, 'JWT', 'jwt', 'client-authentication+jwt', 'Client-Authentication+JWT']) {
            it(`rule 18: accepts ${typ ?? 'none'}`, async () => {

                expect(await outcome({}, typ === undefined ? {} : { typ })).to.be.null();
            });
        }

        for (const typ of ['at+jwt', 'dpop+jwt', 'logout+jwt', 'oauth-authz-req+jwt', 'token-introspection+jwt', 'JWE', '']) {
            it(`rule 18: refuses '${typ}'`, async () => {

                expect(await outcome({}, { typ })).to.equal(refused('assertion_header'));
            });
        }
    });

    describe('its form', () => {

        it('is a JWT, and any other text is invalid_client rather than a fault of the server', async () => {

            const bench = assertionBench();
            const array = Buffer.from('[1]').toString('base64url');
            const texts = ['x', 'a.b', '...', 'a.b.c', 'a.b.c.d.e', 'ä.ö.ü', unsigned({ alg: 'ES256' }, []), unsigned({ alg: 'ES256' }, 'text'), unsigned({ alg: 'ES256' }, null),
                `${array}.${array}.`, unsigned([], {}), unsigned({ alg: 'ES256', typ: 5 }, bench.claims())];
            for (const text of texts) {
                const result = await refusal(() => present(bench, text));
                expect(result?.code, text).to.equal('invalid_client');
                expect(['assertion_malformed', 'assertion_header'], text).to.include(result?.reason ?? '');
            }
        });

        it('has a header whose members are texts: what a key look-up gets is never an object', async () => {

            const bench = assertionBench();
            for (const header of [{}, { alg: 7 }, { alg: ['ES256'] }, { alg: 'ES256', kid: { $ne: null } }, { alg: 'HS256', kid: 7 }]) {
                expect(await refusal(() => present(bench, unsigned(header, bench.claims())))).to.equal(refused('assertion_header'));
            }
        });

        it('has the type of RFC 7523 §2.2', async () => {

            const bench = assertionBench();
            const assertion = await signed({ alg: 'ES256' }, bench.claims(), clientKeys.es256);
            const saml = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
            expect(await refusal(() => present(bench, assertion, { client_assertion_type: saml }))).to.equal(refused('assertion_type'));
            expect(await refusal(() => present(bench, assertion, { client_assertion_type: '' }))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
        });
    });

    it('is refused with one public text, whatever was wrong with it', async () => {

        const bench = assertionBench();
        const messages = new Set<string>();
        for (const own of [{ aud: 'x' }, { jti: '' }, { exp: 1 }, { iss: 'nobody', sub: 'nobody' }]) {
            const assertion = await signed({ alg: 'ES256' }, bench.claims(own), clientKeys.es256);
            messages.add(await present(bench, assertion).then(() => 'accepted', (err: Error) => err.message));
        }

        expect([...messages]).to.equal(['Client authentication failed']);
    });
});
