import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretBasic, ClientSecretJwt, ClientSecretPost, NoneAuthMethod, PrivateKeyJwt, clientSecretDigest, type ClientAuthenticationMethod, type ClientMetadata } from '../../lib';
import { authenticateRegistered, registeredMethods } from '../../lib/clients/registered';
import { ClientRegistry } from '../../lib/clients/registry';
import { OAuth2Error } from '../../lib/error';
import { Form } from '../../lib/protocol/form';
import { assertionBench, assertionType, signed, tokenEndpoint } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const secret = 'a secret of thirty-two octets!!!';
const grant = { grant_types: ['client_credentials'] };
const clients = {
    basic: { ...grant, client_id: 'basic', client_secret: secret },
    post: { ...grant, client_id: 'post', client_secret: 'secret of post', token_endpoint_auth_method: 'client_secret_post' },
    hmac: { ...grant, client_id: 'hmac', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt' },
    key: { ...grant, client_id: 'key', jwks: { keys: [publicHalf(clientKeys.es256)] }, token_endpoint_auth_method: 'private_key_jwt' },
    spa: { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: ['https://app.example.com/cb'] }
} as const satisfies Record<string, ClientMetadata>;
const registry = new ClientRegistry(Object.values(clients));

const bench = assertionBench();
const rawBasic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

interface Sent {
    readonly form?: Readonly<Record<string, unknown>>;
    readonly authorization?: string;
}

const authenticate = ({ form = {}, authorization }: Sent, methods: readonly ClientAuthenticationMethod[] = [], known = registry) =>
    authenticateRegistered(known, methods, { ...bench.context(), tokenEndpoint, form: Form.from(form), headers: authorization === undefined ? {} : { authorization } });

const assertionOf = async (clientId: 'hmac' | 'key') => ({
    client_assertion: clientId === 'hmac' ?
        await signed({ alg: 'HS256' }, bench.claims({ iss: clientId, sub: clientId }), secret) :
        await signed({ alg: 'ES256' }, bench.claims({ iss: clientId, sub: clientId }), clientKeys.es256),
    client_assertion_type: assertionType
});

/** What each client sends that does as it is registered. */
const proper: Readonly<Record<keyof typeof clients, () => Promise<Sent> | Sent>> = {
    basic: () => ({ authorization: basic('basic', secret) }),
    post: () => ({ form: { client_id: 'post', client_secret: 'secret of post' } }),
    hmac: async () => ({ form: await assertionOf('hmac') }),
    key: async () => ({ form: await assertionOf('key') }),
    spa: () => ({ form: { client_id: 'spa' } })
};
const methodsOf = { basic: 'client_secret_basic', post: 'client_secret_post', hmac: 'client_secret_jwt', key: 'private_key_jwt', spa: 'none' } as const;
const names = ['basic', 'post', 'hmac', 'key', 'spa'] as const;
const flowMethods = { basic: () => new ClientSecretBasic(), post: () => new ClientSecretPost(), hmac: () => new ClientSecretJwt(), key: () => new PrivateKeyJwt(), spa: () => new NoneAuthMethod() };

const refused = (reason: string) => ({ code: 'invalid_client', reason });

describe('authenticateRegistered()', () => {

    for (const name of names) {
        it(`proves a client by ${methodsOf[name]}, where all methods are accepted or that one`, async () => {

            for (const methods of [[], [flowMethods[name]()], names.map((other) => flowMethods[other]())]) {
                const { client, presented } = await authenticate(await proper[name](), methods);
                expect(client.id).to.equal(name);
                expect(client.metadata).to.shallow.equal(clients[name]);
                expect(presented).to.include({ clientId: name, method: methodsOf[name] });
            }
        });

        it(`refuses a client of ${methodsOf[name]} where only others are accepted`, async () => {

            const others = names.filter((other) => other !== name).map((other) => flowMethods[other]());
            const expected = name === 'spa' ? 'no_client_authentication' : 'client_authentication_method_not_accepted';
            expect(await refusal(async () => authenticate(await proper[name](), others))).to.equal(refused(expected));
        });
    }

    it('attack: takes no secret whose time is over by the server\'s clock, in no method, and answers as to a wrong one', async () => {

        const { now } = bench.context();
        for (const name of names) {
            const until = (seconds: number) => new ClientRegistry([{ ...clients[name], client_secret_expires_at: seconds }]);
            for (const seconds of [0, Math.floor(now / 1000) + 1]) {
                expect((await authenticate(await proper[name](), [], until(seconds))).client.id).to.equal(name);
            }

            const late = until(Math.floor(now / 1000));
            if (['basic', 'post', 'hmac'].includes(name)) {
                expect(await refusal(async () => authenticate(await proper[name](), [], late)), name).to.equal(refused('client_secret_expired'));
            }
            else {
                expect((await authenticate(await proper[name](), [], late)).client.id).to.equal(name);          // It has no secret
            }
        }
    });

    it('takes the secret whose digest is in the record, in both readings of Basic and in the form, until its time is over', async () => {

        const odd = 'a+b %2B:ü and thirty-two characters';
        const record = { ...grant, client_id: 'basic', client_secret_sha256: clientSecretDigest(odd) };
        const known = new ClientRegistry([record]);
        for (const authorization of [basic('basic', odd), rawBasic(`basic:${odd}`)]) {
            expect((await authenticate({ authorization }, [], known)).client).to.equal({ id: 'basic', metadata: record });
        }

        expect(await refusal(() => authenticate({ authorization: rawBasic(`basic:${odd.replace('+', ' ')}`) }, [], known))).to.equal(refused('client_secret_wrong'));
        const form = { client_id: 'basic', client_secret: odd };
        const posting = (own: object) => new ClientRegistry(new Map([['basic', { ...record, ...own, token_endpoint_auth_method: 'client_secret_post' } as const]]));
        expect((await authenticate({ form }, [], posting({}))).client.id).to.equal('basic');
        const late = Math.floor(bench.context().now / 1000);
        expect(await refusal(() => authenticate({ form }, [], posting({ client_secret_expires_at: late })))).to.equal(refused('client_secret_expired'));
    });

    it('takes a secret in both readings of Basic', async () => {

        const known = new ClientRegistry([{ ...clients.basic, client_secret: 'a+b %2B:ü' }]);
        for (const authorization of [basic('basic', 'a+b %2B:ü'), rawBasic('basic:a+b %2B:ü')]) {
            expect((await authenticate({ authorization }, [], known)).client.id).to.equal('basic');
        }

        for (const text of ['basic:a b %2B:ü', 'basic:a+b +:ü', 'basic:a+b%20%2B:ü', 'basic:a+b %2B']) {
            expect(await refusal(() => authenticate({ authorization: rawBasic(text) }, [], known)), text).to.equal(refused('client_secret_wrong'));
        }
    });

    it('lets client_id accompany any method, and has it agree', async () => {

        for (const name of names) {
            const { form, ...sent } = await proper[name]();
            expect((await authenticate({ ...sent, form: { ...form, client_id: name } })).client.id).to.equal(name);
        }

        for (const name of ['basic', 'hmac', 'key'] as const) {
            const { form, ...sent } = await proper[name]();
            expect(await refusal(() => authenticate({ ...sent, form: { ...form, client_id: 'spa' } }))).to.equal({ code: 'invalid_request', reason: 'client_id_mismatch' });
        }
    });

    it('refuses two credentials of one request, although each is right', async () => {

        const authorization = basic('basic', secret);
        for (const form of [{ client_id: 'basic', client_secret: secret }, await assertionOf('key'), { ...await assertionOf('key'), client_secret: secret }]) {
            expect(await refusal(() => authenticate({ authorization, form }))).to.equal({ code: 'invalid_request', reason: 'two_client_authentication_methods' });
        }
    });

    it('asks a store once for each request', async () => {

        const asked: string[] = [];
        const known = new ClientRegistry({
            get: (id) => {

                asked.push(id);
                return Object.values(clients).find(({ client_id: other }) => other === id);
            }
        });
        for (const name of names) {
            await authenticate(await proper[name](), [], known);
        }

        expect(asked).to.equal([...names]);
    });

    it('takes the algorithms of the flow for an assertion, and all of them where the flow says nothing', async () => {

        const known = new ClientRegistry([{ ...clients.key, jwks: { keys: [publicHalf(clientKeys.es384)] } }, { ...clients.hmac, client_secret: secret.repeat(2) }]);
        const es384 = async () => ({ form: { ...await assertionOf('key'), client_assertion: await signed({ alg: 'ES384' }, bench.claims({ iss: 'key', sub: 'key' }), clientKeys.es384) } });
        const hs512 = async () => ({ form: { ...await assertionOf('hmac'), client_assertion: await signed({ alg: 'HS512' }, bench.claims({ iss: 'hmac', sub: 'hmac' }), secret.repeat(2)) } });
        for (const methods of [[], [new PrivateKeyJwt().addAlgorithm('ES384'), new ClientSecretJwt().addAlgorithm('HS512')]]) {
            expect((await authenticate(await es384(), methods, known)).client.id).to.equal('key');
            expect((await authenticate(await hs512(), methods, known)).client.id).to.equal('hmac');
        }

        expect(await refusal(async () => authenticate(await es384(), [new PrivateKeyJwt()], known))).to.equal(refused('assertion_algorithm'));
        expect(await refusal(async () => authenticate(await hs512(), [new ClientSecretJwt()], known))).to.equal(refused('assertion_algorithm'));
    });

    it('lets what goes wrong in a client store be a fault of the server', async () => {

        const known = new ClientRegistry({ get: () => ({ client_id: 'basic' }) });
        await expect(authenticate(await proper.basic(), [], known)).to.reject(/The client store answered a record for 'basic' that cannot be used/);
    });
});

describe('registeredMethods()', () => {

    const list = (...args: Parameters<typeof registeredMethods>) => registeredMethods(...args).map(({ method }) => method);
    const everything = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'];
    const store = new ClientRegistry(new Map());

    it('are those that the flow accepts', () => {

        const own = [new PrivateKeyJwt().addAlgorithm('ES512'), new NoneAuthMethod()];
        expect(registeredMethods(registry, own, 'client_credentials', false)).to.equal(own);
        expect(registeredMethods(store, own, 'client_credentials', true)).to.equal(own.slice(0, 1));
    });

    it('are those of the clients that may use the grant type', () => {

        expect(list(registry, [], 'client_credentials', true)).to.equal(everything.slice(0, 4));
        expect(list(registry, [], 'authorization_code', false)).to.equal(['none']);
        expect(list(registry, [], 'authorization_code', true)).to.equal([]);
        expect(list(registry, [], 'refresh_token', false)).to.equal([]);
        expect(list(new ClientRegistry([clients.key, clients.basic]), [], 'client_credentials', false)).to.equal(['client_secret_basic', 'private_key_jwt']);
    });

    it('are all where clients cannot be listed', () => {

        expect(list(store, [], 'authorization_code', false)).to.equal(everything);
        expect(list(store, [], 'client_credentials', true)).to.equal(everything.slice(0, 4));
    });

    it('name the algorithms of assertions', () => {

        const algorithms = registeredMethods(store, [], 'client_credentials', true).flatMap((method) => method.algorithms ?? []);
        expect(algorithms).to.include(['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']).and.not.include('none');
    });
});

describe('authenticateRegistered(), where attempts are counted', () => {

    /** What the counter of each client was told, and how the request ended. */
    const counted = async (sent: Sent, refuse?: 'begin' | 'failed' | 'succeeded') => {

        const told: string[] = [];
        const step = (name: 'begin' | 'failed' | 'succeeded', id: string) => async () => {

            told.push(`${name} ${id}`);
            if (name === refuse) {
                throw new OAuth2Error('temporarily_unavailable', undefined, { reason: 'too_many' });
            }
        };

        const { form = {}, authorization } = sent;
        const ended = await refusal(() => authenticateRegistered(registry, [], { ...bench.context(), tokenEndpoint, form: Form.from(form), headers: authorization === undefined ? {} : { authorization } },
            (id) => ({ begin: step('begin', id), failed: step('failed', id), succeeded: step('succeeded', id) })));
        return [...told, ended?.reason ?? 'accepted'];
    };

    it('counts secrets and assertions, and no client that proves nothing', async () => {

        for (const name of names) {
            expect(await counted(await proper[name]())).to.equal(name === 'spa' ? ['accepted'] : [`begin ${name}`, `succeeded ${name}`, 'accepted']);
        }
    });

    it('counts what fails under the name it was tried for, known or not', async () => {

        expect(await counted({ authorization: basic('basic', 'x') })).to.equal(['begin basic', 'failed basic', 'client_secret_wrong']);
        expect(await counted({ authorization: basic('nobody', 'x') })).to.equal(['begin nobody', 'failed nobody', 'unknown_client']);
        expect(await counted({ authorization: basic('post', 'secret of post') })).to.equal(['begin post', 'failed post', 'client_authentication_method_not_registered']);
        expect(await counted({ form: { client_id: 'post', client_secret: 'x' } })).to.equal(['begin post', 'failed post', 'client_secret_wrong']);
        const forged = { client_assertion: await signed({ alg: 'HS256' }, bench.claims({ iss: 'hmac', sub: 'hmac' }), `${secret}?`), client_assertion_type: assertionType };
        expect(await counted({ form: forged })).to.equal(['begin hmac', 'failed hmac', 'assertion_signature']);
        const unknown = { client_assertion: await signed({ alg: 'HS256' }, bench.claims({ iss: 'nobody', sub: 'nobody' }), secret), client_assertion_type: assertionType };
        expect(await counted({ form: unknown })).to.equal(['begin nobody', 'failed nobody', 'unknown_client']);
    });

    it('counts nothing that names no client, or was no try', async () => {

        expect(await counted({ form: { client_id: 'basic' } })).to.equal(['client_authentication_method_not_registered']);
        expect(await counted({ authorization: 'Basic ?' })).to.equal(['basic_malformed']);
        expect(await counted({ authorization: basic('basic', secret), form: { client_secret: 'x', client_id: 'basic' } })).to.equal(['two_client_authentication_methods']);
        const { form } = { form: {}, ...await proper.key() };
        expect(await counted({ form: { ...form, client_id: 'spa' } })).to.equal(['begin key', 'client_id_mismatch']);
    });

    it('answers what the counter says', async () => {

        for (const step of ['begin', 'succeeded'] as const) {
            expect((await counted(await proper.basic(), step)).at(-1)).to.equal('too_many');
            expect((await counted(await proper.hmac(), step)).at(-1)).to.equal('too_many');
        }

        expect(await counted({ authorization: basic('basic', 'x') }, 'failed')).to.equal(['begin basic', 'failed basic', 'too_many']);
        expect(await counted({ authorization: basic('basic', secret) }, 'begin')).to.equal(['begin basic', 'too_many']);
    });
});
