import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretBasic, ClientSecretJwt, NoneAuthMethod, PrivateKeyJwt, type Client, type ClientMetadata } from '../../lib';
import { verificationKeys } from '../../lib/clients/private-key-jwt';
import { provenByRecord, type RegisteredClients } from '../../lib/clients/registered-assertion';
import { assertionBench, assertionType, issuer, signed, tokenEndpoint } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const secret = 'a secret of thirty-two octets!!!';
const keyed: ClientMetadata = { client_id: 'robot', jwks: { keys: [publicHalf(clientKeys.es256)] }, token_endpoint_auth_method: 'private_key_jwt' };
const shared: ClientMetadata = { client_id: 'robot', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt' };
const refused = (reason: string) => ({ code: 'invalid_client', reason });
const robot = (metadata: ClientMetadata | null) => (id: string): Promise<Client | null> => Promise.resolve(metadata !== null && id === 'robot' ? { id, metadata } : null);

const keysFor: RegisteredClients['keysFor'] = ({ metadata }, header) => Promise.resolve(verificationKeys(metadata.jwks, header));

interface Attempt {
    readonly own?: ClientSecretJwt | PrivateKeyJwt;
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: { alg: string; [member: string]: unknown };
    readonly key?: object | string;
}

/** What becomes of an assertion where this is known of the client. */
const outcome = async (metadata: ClientMetadata | null, { own = new PrivateKeyJwt(), claims = {}, header = { alg: 'ES256' }, key = clientKeys.es256 }: Attempt = {}) => {

    const bench = assertionBench();
    const method = provenByRecord(own, { find: robot(metadata), keysFor, tokenEndpoint });
    expect(method.method).to.equal(own.method);
    const credential = { carrier: 'client_assertion', assertion: await signed(header, bench.claims(claims), key), type: assertionType } as const;
    return await refusal(async () => expect(await method.present(credential, bench.context())).to.equal({ clientId: 'robot', method: own.method, clientSecret: undefined }));
};

const hs256 = { own: new ClientSecretJwt(), header: { alg: 'HS256' }, key: secret };

describe('provenByRecord()', () => {

    it('leaves the methods alone that are no assertions', () => {

        for (const own of [new ClientSecretBasic(), new NoneAuthMethod()]) {
            expect(provenByRecord(own, { find: robot(null), keysFor, tokenEndpoint })).to.shallow.equal(own);
        }
    });

    it('leaves other credentials and the algorithms of the other method alone', async () => {

        const bench = assertionBench();
        for (const [own, alg, key] of [[new ClientSecretJwt(), 'ES256', clientKeys.es256], [new PrivateKeyJwt(), 'HS256', secret]] as const) {
            const method = provenByRecord(own, { find: robot(keyed), keysFor, tokenEndpoint });
            expect(await method.present({ carrier: 'none' }, bench.context())).to.be.null();
            expect(await method.present({ carrier: 'client_assertion', assertion: await signed({ alg }, bench.claims(), key), type: assertionType }, bench.context())).to.be.null();
        }
    });

    it('takes keys from the record, and from no look-up', async () => {

        expect(await outcome(keyed)).to.be.null();
        expect(await outcome(shared, hs256)).to.be.null();
        const lying = new PrivateKeyJwt().getPublicKeyForClient(() => publicHalf(clientKeys.otherEs256));
        expect(await outcome(keyed, { own: lying })).to.be.null();
        expect(await outcome(keyed, { own: lying, key: clientKeys.otherEs256 })).to.equal(refused('assertion_signature'));
        const lyingSecret = new ClientSecretJwt().getClientSecret(() => 'x'.repeat(32));
        expect(await outcome(shared, { ...hs256, own: lyingSecret })).to.be.null();
        expect(await outcome(shared, { ...hs256, own: lyingSecret, key: 'x'.repeat(32) })).to.equal(refused('assertion_signature'));
    });

    it('takes the key that the kid names', async () => {

        const jwks = { keys: [{ ...publicHalf(clientKeys.otherEs256), kid: 'old' }, { ...publicHalf(clientKeys.es256), kid: 'new' }] };
        expect(await outcome({ ...keyed, jwks }, { header: { alg: 'ES256', kid: 'new' } })).to.be.null();
        expect(await outcome({ ...keyed, jwks }, { header: { alg: 'ES256', kid: 'old' } })).to.equal(refused('assertion_signature'));
        expect(await outcome({ ...keyed, jwks }, { header: { alg: 'ES256', kid: 'none' } })).to.equal(refused('client_key_not_found'));
    });

    it('rule 21: takes the registered algorithm and no other', async () => {

        const own = new PrivateKeyJwt().addAlgorithm('RS256').addAlgorithm('PS256');
        const rsa = { ...keyed, jwks: { keys: [publicHalf(clientKeys.rs256)] } };
        expect(await outcome({ ...rsa, token_endpoint_auth_signing_alg: 'PS256' }, { own, header: { alg: 'PS256' }, key: clientKeys.rs256 })).to.be.null();
        expect(await outcome({ ...rsa, token_endpoint_auth_signing_alg: 'PS256' }, { own, header: { alg: 'RS256' }, key: clientKeys.rs256 })).to.equal(refused('assertion_algorithm'));
        expect(await outcome(rsa, { own, header: { alg: 'RS256' }, key: clientKeys.rs256 })).to.be.null();
        const long = { ...shared, client_secret: secret.repeat(2) };
        const hs512 = { own: new ClientSecretJwt().addAlgorithm('HS256').addAlgorithm('HS512'), header: { alg: 'HS512' }, key: secret.repeat(2) };
        expect(await outcome(long, hs512)).to.be.null();
        expect(await outcome({ ...long, token_endpoint_auth_signing_alg: 'HS256' }, hs512)).to.equal(refused('assertion_algorithm'));
    });

    it('takes no secret that is too short for the algorithm of the assertion (RFC 7518 §3.2)', async () => {

        expect(await outcome(shared, { own: new ClientSecretJwt().addAlgorithm('HS384'), header: { alg: 'HS384' }, key: secret })).to.equal(refused('client_key_not_found'));
    });

    it('refuses a client that is not registered for the method, whatever else its record holds', async () => {

        const both = { client_id: 'robot', client_secret: secret, jwks: { keys: [publicHalf(clientKeys.es256)] } };
        for (const method of ['client_secret_basic', 'client_secret_post', 'none', undefined] as const) {
            const metadata = { ...both, token_endpoint_auth_method: method };
            expect(await outcome(metadata)).to.equal(refused('client_authentication_method_not_registered'));
            expect(await outcome(metadata, hs256)).to.equal(refused('client_authentication_method_not_registered'));
        }

        expect(await outcome({ ...both, token_endpoint_auth_method: 'private_key_jwt' }, hs256)).to.equal(refused('client_authentication_method_not_registered'));
        expect(await outcome({ ...both, token_endpoint_auth_method: 'client_secret_jwt' })).to.equal(refused('client_authentication_method_not_registered'));
    });

    it('refuses a client that nobody knows', async () => {

        expect(await outcome(null)).to.equal(refused('unknown_client'));
        expect(await outcome(null, hs256)).to.equal(refused('unknown_client'));
    });

    it('rule 21: takes the issuer as audience, and the token endpoint only from a client that is registered so', async () => {

        const legacy = { ...keyed, legacy_assertion_audience: true };
        for (const aud of [issuer, [issuer]]) {
            expect(await outcome(keyed, { claims: { aud } })).to.be.null();
            expect(await outcome(legacy, { claims: { aud } })).to.be.null();
        }

        for (const aud of [tokenEndpoint, [tokenEndpoint]]) {
            expect(await outcome(legacy, { claims: { aud } })).to.be.null();
            expect(await outcome(keyed, { claims: { aud } })).to.equal(refused('assertion_audience'));
            expect(await outcome({ ...keyed, legacy_assertion_audience: false }, { claims: { aud } })).to.equal(refused('assertion_audience'));
        }

        for (const aud of [[issuer, tokenEndpoint], [tokenEndpoint, tokenEndpoint], `${issuer}/oauth2/revoke`, `${tokenEndpoint}/`, `${issuer}/`, 'https://evil.example.com', [], [[tokenEndpoint]], undefined, null]) {
            expect(await outcome(legacy, { claims: { aud } }), JSON.stringify(aud)).to.equal(refused('assertion_audience'));
        }
    });
});
