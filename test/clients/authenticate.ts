import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretBasic, ClientSecretJwt, ClientSecretPost, NoneAuthMethod, PrivateKeyJwt } from '../../lib';
import { authenticateClient } from '../../lib/clients/authenticate';
import type { ClientAuthenticationMethod } from '../../lib/clients/method';
import { assertionBench, assertionType, signed } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { basic } from '../fixture/provision';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const all: readonly ClientAuthenticationMethod[] = [
    new ClientSecretBasic(),
    new ClientSecretPost(),
    new ClientSecretJwt().getClientSecret(() => 'a secret of thirty-two octets!!!'),
    new PrivateKeyJwt().getPublicKeyForClient(() => publicHalf(clientKeys.es256)),
    new NoneAuthMethod()
];

const authenticate = (form: Record<string, unknown>, headers: Record<string, unknown> = {}, methods = all) =>
    authenticateClient(methods, { ...assertionBench().context(form), headers });

const byName = (name: string) => all.filter(({ method }) => method === name);
const post = { client_id: 'robot', client_secret: 'secret' };
const assertion = { client_assertion: 'a.b.c', client_assertion_type: assertionType };

describe('authenticateClient()', () => {

    it('rule 20: takes the method that carries a credential', async () => {

        expect(await authenticate({}, { authorization: basic('robot', 'secret') })).to.include({ clientId: 'robot', method: 'client_secret_basic', clientSecret: 'secret' });
        expect(await authenticate(post)).to.equal({ clientId: 'robot', method: 'client_secret_post', clientSecret: 'secret' });
        expect(await authenticate({ client_id: 'robot' })).to.equal({ clientId: 'robot', method: 'none', clientSecret: undefined });
        const signedAssertion = await signed({ alg: 'ES256' }, assertionBench().claims(), clientKeys.es256);
        expect(await authenticate({ ...assertion, client_assertion: signedAssertion })).to.include({ clientId: 'robot', method: 'private_key_jwt' });
    });

    it('rule 20: takes an empty client_secret and an empty client_assertion for none', async () => {

        expect(await authenticate({ client_id: 'robot', client_secret: '', client_assertion: '' })).to.include({ method: 'none' });
    });

    const pairs: Record<string, readonly [form: Record<string, unknown>, headers: Record<string, unknown>]> = {
        'Basic and a secret in the form': [post, { authorization: basic('robot', 'secret') }],
        'Basic and an assertion': [assertion, { authorization: basic('robot', 'secret') }],
        'a secret in the form and an assertion': [{ ...post, ...assertion }, {}],
        'all three': [{ ...post, ...assertion }, { authorization: basic('robot', 'secret') }],
        'another scheme and a secret in the form': [post, { authorization: 'Bearer token' }]
    };

    for (const [name, [form, headers]] of Object.entries(pairs)) {
        it(`rule 20: refuses two methods at once: ${name}, whatever is accepted`, async () => {

            for (const methods of [all, byName('client_secret_post'), byName('client_secret_basic'), byName('none')]) {
                expect(await refusal(() => authenticate(form, headers, methods))).to.equal({ code: 'invalid_request', reason: 'two_client_authentication_methods' });
            }
        });
    }

    it('refuses two methods before any of them is tried', async () => {

        let tried = false;
        const spy: ClientAuthenticationMethod = {
            method: 'spy', present: () => {

                tried = true;
                return null;
            }
        };
        await refusal(() => authenticate(post, { authorization: basic('robot', 'secret') }, [spy]));
        expect(tried).to.be.false();
    });

    for (const name of ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']) {
        it(`rule 27: refuses a repeated ${name}, even with the same value`, async () => {

            const form = { ...name.startsWith('client_assertion') ? { client_id: 'robot', ...assertion } : post };
            expect(await refusal(() => authenticate({ ...form, [name]: ['robot', 'robot'] }))).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
        });
    }

    it('rule 20: refuses a client_id that does not agree with the credential', async () => {

        const headers = { authorization: basic('robot', 'secret') };
        expect(await refusal(() => authenticate({ client_id: 'other' }, headers))).to.equal({ code: 'invalid_request', reason: 'client_id_mismatch' });
        expect(await authenticate({ client_id: 'robot' }, headers)).to.include({ clientId: 'robot' });
    });

    it('refuses a credential that no accepted method takes, rather than ignoring it', async () => {

        const refused = { code: 'invalid_client', reason: 'client_authentication_method_not_accepted' };
        expect(await refusal(() => authenticate({ client_id: 'robot' }, { authorization: basic('robot', 'x') }, byName('none')))).to.equal(refused);
        expect(await refusal(() => authenticate(post, {}, byName('none')))).to.equal(refused);
        expect(await refusal(() => authenticate({ client_id: 'robot', ...assertion }, {}, byName('none')))).to.equal(refused);
        expect(await refusal(() => authenticate(post, {}, byName('client_secret_basic')))).to.equal(refused);
    });

    it('refuses a request without a credential where none is not accepted', async () => {

        expect(await refusal(() => authenticate({ client_id: 'robot' }, {}, byName('client_secret_basic')))).to.equal({ code: 'invalid_client', reason: 'no_client_authentication' });
        expect(await refusal(() => authenticate({ client_id: 'robot' }, {}, []))).to.equal({ code: 'invalid_client', reason: 'no_client_authentication' });
    });
});
