import crypto, { createPublicKey, webcrypto } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretBasic, ClientSecretJwt, ClientSecretPost, PrivateKeyJwt, clientSecretDigest, type ClientAuthenticationMethod, type ClientMetadata } from '../../lib';
import { authenticateRegistered } from '../../lib/clients/registered';
import { ClientRegistry } from '../../lib/clients/registry';
import { OAuth2Error } from '../../lib/error';
import { Form } from '../../lib/protocol/form';
import { assertionBench, assertionType, issuer, signed, tokenEndpoint, unsigned } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const grant = { grant_types: ['client_credentials'] };
const secrets = { basic: 'the secret of the client named basic', post: 'the secret of the client named post!', hmac: 'the secret of the client named hmac!', key: 'the key\'s client has a secret as well', digested: 'the secret of which only the digest is known' };
const es256 = publicHalf(clientKeys.es256);
const clients: readonly ClientMetadata[] = [
    { ...grant, client_id: 'basic', client_secret: secrets.basic, jwks: { keys: [es256] } },
    { ...grant, client_id: 'post', client_secret: secrets.post, token_endpoint_auth_method: 'client_secret_post' },
    { ...grant, client_id: 'digested', client_secret_sha256: clientSecretDigest(secrets.digested) },
    { ...grant, client_id: 'digested-post', client_secret_sha256: clientSecretDigest(secrets.digested), token_endpoint_auth_method: 'client_secret_post' },
    { ...grant, client_id: 'hmac', client_secret: secrets.hmac, token_endpoint_auth_method: 'client_secret_jwt', jwks: { keys: [es256] } },
    { ...grant, client_id: 'key', client_secret: secrets.key, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [es256] } },
    { ...grant, client_id: 'other-key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicHalf(clientKeys.otherEs256)] } },
    { ...grant, client_id: 'legacy', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [es256] }, legacy_assertion_audience: true },
    { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: ['https://app.example.com/cb'] }
];
const registries = { 'an array': new ClientRegistry(clients), 'a store': new ClientRegistry(new Map(clients.map((client) => [client.client_id, client]))) };

interface Sent {
    readonly form?: Readonly<Record<string, unknown>>;
    readonly authorization?: string;
}

const withAssertion = (assertion: string): Sent => ({ form: { client_assertion: assertion, client_assertion_type: assertionType } });

for (const [kind, registry] of Object.entries(registries)) {
    describe(`the authentication of clients that are registered in ${kind}`, () => {

        const authenticate = ({ form = {}, authorization }: Sent, { bench = assertionBench(), methods = [] }: { bench?: ReturnType<typeof assertionBench>; methods?: readonly ClientAuthenticationMethod[] } = {}) =>
            authenticateRegistered(registry, methods, { ...bench.context(), tokenEndpoint, form: Form.from(form), headers: authorization === undefined ? {} : { authorization } });

        const reason = async (...args: Parameters<typeof authenticate>) => {

            const result = await refusal(() => authenticate(...args));
            expect(result?.code ?? 'invalid_client').to.equal('invalid_client');
            return result?.reason ?? 'accepted';
        };

        it('refuses the secret of another client', async () => {

            for (const secret of [secrets.post, secrets.hmac, secrets.key, '', ' ', 'undefined', 'null', `${secrets.basic} `, secrets.basic.toUpperCase(), secrets.basic.slice(1)]) {
                expect(await reason({ authorization: basic('basic', secret) }), secret).to.equal(secret === '' ? 'basic_malformed' : 'client_secret_wrong');
            }

            expect(await reason({ form: { client_id: 'post', client_secret: secrets.basic } })).to.equal('client_secret_wrong');
            expect(await reason({ authorization: basic('basic', secrets.basic) })).to.equal('accepted');
        });

        it('refuses the digest of a secret where the secret is to be shown: whoever reads a record cannot pose as its client', async () => {

            const digest = clientSecretDigest(secrets.digested);
            for (const secret of [digest, clientSecretDigest(digest), Buffer.from(digest, 'base64url').toString('hex'), Buffer.from(digest, 'base64url').toString('latin1'), secrets.basic, `${secrets.digested} `, 'undefined']) {
                expect(await reason({ authorization: basic('digested', secret) }), secret).to.equal('client_secret_wrong');
                expect(await reason({ form: { client_id: 'digested-post', client_secret: secret } }), secret).to.equal('client_secret_wrong');
            }

            expect(await reason({ authorization: basic('basic', clientSecretDigest(secrets.basic)) })).to.equal('client_secret_wrong');
            expect(await reason({ authorization: basic('digested', '') })).to.equal('basic_malformed');
            expect(await reason({ form: { client_id: 'digested-post', client_secret_sha256: digest } })).to.equal('client_authentication_method_not_registered');
            const hmac = await signed({ alg: 'HS256' }, assertionBench().claims({ iss: 'digested', sub: 'digested' }), digest);
            expect(await reason(withAssertion(hmac))).to.equal('client_authentication_method_not_registered');
            expect(await reason({ authorization: basic('digested', secrets.digested) })).to.equal('accepted');
            expect(await reason({ form: { client_id: 'digested-post', client_secret: secrets.digested } })).to.equal('accepted');
        });

        it('refuses the right credential by another method than the registered one', async () => {

            const other = 'client_authentication_method_not_registered';
            for (const id of ['basic', 'post', 'hmac', 'key'] as const) {
                expect(await reason({ authorization: basic(id, secrets[id]) }), id).to.equal(id === 'basic' ? 'accepted' : other);
                expect(await reason({ form: { client_id: id, client_secret: secrets[id] } }), id).to.equal(id === 'post' ? 'accepted' : other);
                expect(await reason({ form: { client_id: id } }), id).to.equal(other);
                const bench = assertionBench();
                const claims = () => bench.claims({ iss: id, sub: id });
                expect(await reason(withAssertion(await signed({ alg: 'HS256' }, claims(), secrets[id]))), id).to.equal(id === 'hmac' ? 'accepted' : other);
                expect(await reason(withAssertion(await signed({ alg: 'ES256' }, claims(), clientKeys.es256))), id).to.equal(id === 'key' ? 'accepted' : other);
            }
        });

        it('refuses a public client that sends a credential, whichever', async () => {

            for (const sent of [{ authorization: basic('spa', 'x') }, { form: { client_id: 'spa', client_secret: 'x' } }, { form: { client_id: 'spa', client_secret: 'undefined' } }]) {
                expect(await reason(sent)).to.equal('client_authentication_method_not_registered');
            }

            expect(await reason({ authorization: basic('spa', '') })).to.equal('basic_malformed');
            expect(await reason({ form: { client_id: 'spa', client_secret: '' } })).to.equal('accepted');        // Without a value it was not sent
        });

        it('refuses a confidential client that sends nothing', async () => {

            for (const id of ['basic', 'post', 'hmac', 'key', 'nobody']) {
                expect(await reason({ form: { client_id: id, client_secret: '', client_assertion: '' } })).to.equal(id === 'nobody' ? 'unknown_client' : 'client_authentication_method_not_registered');
            }
        });

        it('refuses HS256 over whatever of the public key an attacker could take for a secret (algorithm confusion)', async () => {

            const pem = createPublicKey({ key: es256, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
            for (const id of ['key', 'hmac', 'basic']) {
                for (const octets of [pem, pem.trim(), JSON.stringify(es256), JSON.stringify({ keys: [es256] }), clientKeys.es256.x, '\0'.repeat(32), '\0'.repeat(64)]) {
                    const assertion = await signed({ alg: 'HS256' }, assertionBench().claims({ iss: id, sub: id }), octets);
                    for (const methods of [[], [new ClientSecretJwt(), new PrivateKeyJwt()], [new PrivateKeyJwt(), new ClientSecretJwt()]]) {
                        expect(await reason(withAssertion(assertion), { methods })).to.equal(id === 'hmac' ? 'assertion_signature' : 'client_authentication_method_not_registered');
                    }

                    expect(await reason(withAssertion(assertion), { methods: [new PrivateKeyJwt()] })).to.equal('client_authentication_method_not_accepted');
                }
            }
        });

        it('refuses alg none and signatures that are none', async () => {

            for (const id of ['key', 'hmac']) {
                for (const alg of ['none', 'None', 'NONE', '', 'hs256', 'es256', 'RSA1_5', '__proto__']) {
                    expect(await reason(withAssertion(unsigned({ alg }, assertionBench().claims({ iss: id, sub: id })))), alg).to.equal('client_authentication_method_not_accepted');
                }

                expect(await reason(withAssertion(unsigned({ alg: id === 'key' ? 'ES256' : 'HS256' }, assertionBench().claims({ iss: id, sub: id }))))).to.equal('assertion_signature');
            }
        });

        it('refuses the assertion of one client in the name of another', async () => {

            const bench = assertionBench();
            expect(await reason(withAssertion(await signed({ alg: 'ES256' }, bench.claims({ iss: 'other-key', sub: 'other-key' }), clientKeys.es256)))).to.equal('assertion_signature');
            expect(await reason(withAssertion(await signed({ alg: 'HS256' }, bench.claims({ iss: 'hmac', sub: 'hmac' }), secrets.basic)))).to.equal('assertion_signature');
            expect(await reason(withAssertion(await signed({ alg: 'ES256' }, bench.claims({ iss: 'key', sub: 'other-key' }), clientKeys.es256)))).to.equal('assertion_subject');
            const jwk = publicHalf(clientKeys.otherEs256);
            expect(await reason(withAssertion(await signed({ alg: 'ES256', jwk, jku: 'https://evil.example.com/jwks' }, bench.claims({ iss: 'key', sub: 'key' }), clientKeys.otherEs256)))).to.equal('assertion_signature');
        });

        it('refuses an assertion that was used, however fast, and lets nobody use up that of another', async () => {

            for (const [id, alg, key] of [['key', 'ES256', clientKeys.es256], ['hmac', 'HS256', secrets.hmac]] as const) {
                const bench = assertionBench();
                const claims = bench.claims({ iss: id, sub: id, jti: 'guessed' });
                const forged = await signed({ alg }, claims, id === 'key' ? clientKeys.otherEs256 : 'x'.repeat(32));
                expect(await reason(withAssertion(forged), { bench })).to.equal('assertion_signature');
                expect(bench.store.size).to.equal(0);
                const sent = withAssertion(await signed({ alg }, claims, key));
                const outcomes = await Promise.all(Array.from({ length: 8 }, () => reason(sent, { bench })));
                expect(outcomes.sort()).to.equal(['accepted', ...Array.from({ length: 7 }, () => 'assertion_replayed')]);
                bench.clock.advance(59);
                expect(await reason(sent, { bench })).to.equal('assertion_replayed');
                bench.clock.advance(1);
                expect(await reason(sent, { bench })).to.equal('assertion_expiry');
            }
        });

        it('keeps a jti that was refused for its audience, or for its client', async () => {

            const bench = assertionBench();
            const send = async (own: object) => reason(withAssertion(await signed({ alg: 'ES256' }, bench.claims({ iss: 'key', sub: 'key', jti: 'same', ...own }), clientKeys.es256)), { bench });
            expect(await send({ aud: 'https://evil.example.com' })).to.equal('assertion_audience');
            expect(await send({ iss: 'hmac', sub: 'hmac' })).to.equal('client_authentication_method_not_registered');
            expect(bench.store.size).to.equal(0);
            expect(await send({})).to.equal('accepted');
        });

        it('refuses an assertion that was addressed elsewhere', async () => {

            const send = async (id: string, aud: unknown) => reason(withAssertion(await signed({ alg: 'ES256' }, assertionBench().claims({ iss: id, sub: id, aud }), clientKeys.es256)));
            for (const aud of ['https://evil.example.com', `${issuer}/`, `${issuer}/oauth2/par`, [issuer, 'https://evil.example.com'], [issuer, tokenEndpoint], [], null, undefined]) {
                expect(await send('key', aud), JSON.stringify(aud)).to.equal('assertion_audience');
                expect(await send('legacy', aud), JSON.stringify(aud)).to.equal('assertion_audience');
            }

            expect(await send('key', tokenEndpoint)).to.equal('assertion_audience');
            expect(await send('legacy', tokenEndpoint)).to.equal('accepted');
            expect(await send('key', issuer)).to.equal('accepted');
        });

        it('refuses names of prototypes and ids that nobody has', async () => {

            for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'BASIC', 'basic ', ' basic', 'basic\0', 'x'.repeat(100_000), 'b\u0430sic', '*', '%', 'undefined', 'null']) {
                expect(await reason({ authorization: basic(id, secrets.basic) }), id).to.equal('unknown_client');
                expect(await reason({ form: { client_id: id, client_secret: secrets.post } }), id).to.equal('unknown_client');
                expect(await reason({ form: { client_id: id } }), id).to.equal('unknown_client');
                for (const [alg, key] of [['ES256', clientKeys.es256], ['HS256', secrets.hmac]] as const) {
                    expect(await reason(withAssertion(await signed({ alg }, assertionBench().claims({ iss: id, sub: id }), key))), id).to.equal('unknown_client');
                }
            }
        });

        /** What a client reads of its refusal, and how often secrets were compared and signatures verified on the way there. */
        const observed = async (sent: Sent, methods: readonly ClientAuthenticationMethod[] = []) => {

            const { timingSafeEqual } = crypto;
            const { subtle } = webcrypto;
            const verify = subtle.verify.bind(subtle);
            const work = { compared: 0, verified: 0 };
            crypto.timingSafeEqual = (...args) => {

                work.compared++;
                return timingSafeEqual(...args);
            };

            subtle.verify = (...args: Parameters<typeof verify>) => {

                work.verified++;
                return verify(...args);
            };

            try {
                const err: unknown = await authenticate(sent, { methods }).then(() => null, (err: unknown) => err);
                return { ...work, answer: err instanceof OAuth2Error ? JSON.stringify(err.made) : 'accepted' };
            }
            finally {
                crypto.timingSafeEqual = timingSafeEqual;
                Reflect.deleteProperty(subtle, 'verify');
            }
        };

        it('does the same work and gives the same answer for the unknown client, the wrong secret and the wrong method', async () => {

            const forged = (id: string) => signed({ alg: 'HS256' }, assertionBench().claims({ iss: id, sub: id }), 'x'.repeat(32));
            const { answer } = await observed({ authorization: basic('basic', 'guess') });
            for (const id of ['basic', 'post', 'digested', 'digested-post', 'hmac', 'key', 'spa', 'nobody', '__proto__']) {
                for (const methods of [[], [new ClientSecretBasic(), new ClientSecretPost(), new ClientSecretJwt()]]) {
                    expect(await observed({ authorization: basic(id, 'guess') }, methods), id).to.equal({ compared: 1, verified: 0, answer });
                    expect(await observed({ authorization: basic(id, 'g+uess') }, methods), id).to.equal({ compared: 2, verified: 0, answer });      // Two readings
                    expect(await observed({ form: { client_id: id, client_secret: 'guess' } }, methods), id).to.equal({ compared: 1, verified: 0, answer });
                    expect(await observed(withAssertion(await forged(id)), methods), id).to.equal({ compared: 0, verified: 1, answer });
                }
            }
        });

        it('says nothing of secrets and reasons to the client', async () => {

            const { answer } = await observed({ authorization: basic('basic', secrets.post) });
            expect(answer).to.include('"error":"invalid_client"').and.include('Client authentication failed');
            for (const text of [...Object.values(secrets), clientSecretDigest(secrets.digested), 'client_secret_wrong', 'unknown', 'not_registered']) {
                expect(answer).to.not.include(text);
            }
        });
    });
}
