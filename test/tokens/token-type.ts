import Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt } from 'jose';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from '../../lib';
import { clientKeys } from '../fixture/client-keys';
import { epoch, testClock } from '../fixture/clock';
import { basic, form } from '../fixture/provision';
import { resourceServer } from '../fixture/resource-server';
import { staticKeys } from '../fixture/static-keys';
import { ToyProofToken, toyProof } from '../fixture/toy-proof-token';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const key = clientKeys.es256;
const thief = clientKeys.otherEs256;
const jkt = async () => {

    const { jkt: thumbprint } = await new ToyProofToken().bind(
        { method: 'POST', url: 'https://auth.example.com/token', headers: { toy: await toyProof(key, { htm: 'POST', htu: 'https://auth.example.com/token', iat: epoch / 1000 }) } },
        { now: epoch, store: { putIfAbsent: () => Promise.resolve(true) } }
    );
    return { jkt: thumbprint };
};

describe('a proof-of-possession token type', () => {

    describe('at a protected route', () => {

        const url = 'https://auth.example.com/toy';
        const bench = async (nonce?: string) => {

            const server = resourceServer({ toy: { tokenType: new ToyProofToken(nonce) }, login: {} });
            const token = await server.sign('toy', { sub: 'alice' }, await jkt());
            const proof = (own: Record<string, unknown> = {}, of: typeof key = key, forToken = token) => toyProof(of, { htm: 'GET', htu: url, iat: server.clock.now() / 1000, ...own }, forToken);
            const present = (toy: string, presented = token, path = '/toy') => server.get(path, `Toy ${presented}`, { toy });
            return { ...server, token, proof, present };
        };

        it('lets the holder of the key in, once for each proof', async () => {

            const { present, proof } = await bench();
            const once = await proof();
            const { statusCode, result } = await present(once);
            expect(statusCode).to.equal(200);
            expect(result?.artifacts.tokenType).to.equal('Toy');
            expect(result?.credentials.user).to.equal({ id: 'alice' });
            expect(await present(once)).to.include({ statusCode: 401, challenge: 'Toy error="invalid_dpop_proof", error_description="The proof was used", algs="ES256"' });
            expect((await present(await proof())).statusCode).to.equal(200);
        });

        it('refuses a stolen token: without a proof, with the thief\'s own, with one for another token or request', async () => {

            const { present, proof, get, token, sign } = await bench();
            const reason = async (answer: ReturnType<typeof present>) => {

                const { statusCode, logs } = await answer;
                return [statusCode, ...logs.filter(({ tags }) => tags.includes('refused')).map(({ data }) => Reflect.get(Object(data), 'reason'))];
            };

            expect(await reason(get('/toy', `Toy ${token}`))).to.equal([401, 'bad_proof']);
            expect(await reason(present(await proof({}, thief)))).to.equal([401, 'other_key']);
            expect(await reason(present(await proof({}, key, 'other')))).to.equal([401, 'other_token']);
            expect(await reason(present(await proof({ htm: 'POST' })))).to.equal([401, 'other_request']);
            expect(await reason(present(await proof({ htu: 'https://auth.example.com/other' })))).to.equal([401, 'other_request']);
            expect(await reason(present(await proof({ iat: 1 })))).to.equal([401, 'other_request']);
            const unbound = await sign('toy');
            expect(await reason(present(await proof({}, key, unbound), unbound))).to.equal([401, 'not_bound']);
        });

        it('rule 42: refuses its token under Bearer, and a bearer token under its own scheme', async () => {

            const { bearer, present, proof, token, sign, protect } = await bench();
            protect('/all', { strategy: 'oauth2' });
            expect(await bearer('/toy', token)).to.include({ statusCode: 401, challenge: 'Toy algs="ES256"' });
            expect((await bearer('/all', token)).statusCode).to.equal(401);
            const plain = await sign('login');
            expect((await present(await proof({ htu: 'https://auth.example.com/all' }, key, plain), plain, '/all')).statusCode).to.equal(401);
            expect((await bearer('/all', plain)).statusCode).to.equal(200);
        });

        it('hands its own headers to the client with the challenge, such as a nonce', async () => {

            const { present, proof } = await bench('n-1');
            const { statusCode, challenge, headers } = await present(await proof());
            expect({ statusCode, challenge }).to.equal({ statusCode: 401, challenge: 'Toy error="use_dpop_nonce", error_description="Use the nonce", algs="ES256"' });
            expect(headers).to.include({ 'toy-nonce': 'n-1' });
            expect((await present(await proof({ nonce: 'n-1' }))).statusCode).to.equal(200);
        });

        it('knows the route by the issuer\'s origin and the path, even where the path looks like a host', async () => {

            const { present, proof, protect } = await bench();
            protect('/{any*}', { strategy: 'toy' });
            const stolen = await proof({ htu: 'https://evil.example.com/x' });
            expect((await present(stolen, undefined, '//evil.example.com/x')).statusCode).to.equal(401);
            expect((await present(await proof({ htu: 'https://auth.example.com//evil.example.com/x' }), undefined, '//evil.example.com/x')).statusCode).to.equal(200);
            expect((await present(await proof({ htu: 'https://auth.example.com/x' }), undefined, '/x?query=1')).statusCode).to.equal(200);
        });

        it('rule 24: proves before validate runs, on every request', async () => {

            let asked = 0;
            const { get, sign, clock } = resourceServer({
                toy: {
                    tokenType: new ToyProofToken(), validate: () => {

                        ++asked;
                        return { isValid: true };
                    }
                }
            });
            const token = await sign('toy', {}, await jkt());
            expect((await get('/toy', `Toy ${token}`)).statusCode).to.equal(401);
            expect(asked).to.equal(0);
            expect((await get('/toy', `Toy ${token}`, { toy: await toyProof(key, { htm: 'GET', htu: url, iat: clock.now() / 1000 }, token) })).statusCode).to.equal(200);
            expect(asked).to.equal(1);
        });

        it('decides about opaque tokens too, once validate has said whose they are', async () => {

            const { get } = resourceServer({ toy: { tokenType: new ToyProofToken(), validate: () => ({ isValid: true, credentials: {} }) } });
            expect((await get('/toy', 'Toy opaque')).challenge).to.contain('The access token is not bound');
        });

        it('holds an opaque token to what validate says it was bound to', async () => {

            const confirmation = await jkt();
            const { get, clock } = resourceServer({ toy: { tokenType: new ToyProofToken(), validate: () => ({ isValid: true, credentials: { user: { id: 'alice' } }, confirmation }) } });
            const proof = (of: typeof key) => toyProof(of, { htm: 'GET', htu: url, iat: clock.now() / 1000 }, 'opaque');
            expect((await get('/toy', 'Toy opaque', { toy: await proof(thief) })).statusCode).to.equal(401);
            const { statusCode, result } = await get('/toy', 'Toy opaque', { toy: await proof(key) });
            expect(statusCode).to.equal(200);
            expect(result?.credentials).to.equal({ user: { id: 'alice' } });
        });

        it('leaves a proof unused by a strategy whose token it is not', async () => {

            const { get, sign, protect, clock } = resourceServer({ one: { tokenType: new ToyProofToken() }, two: { tokenType: new ToyProofToken() } });
            protect('/either', { strategies: ['one', 'two'] });
            const token = await sign('two', {}, await jkt());
            const toy = await toyProof(key, { htm: 'GET', htu: 'https://auth.example.com/either', iat: clock.now() / 1000 }, token);
            expect((await get('/either', `Toy ${token}`, { toy })).statusCode).to.equal(200);
        });
    });

    it('binds the tokens of a flow from the token endpoint to the protected route', async () => {

        const clock = testClock();
        const server = Hapi.server({ debug: false });
        await server.register([
            AuthorizationServerBuilder.create().setClock(clock.now).setJwksKeyStore(staticKeys()),
            OAuth2ClientCredentialsBuilder.create()
                .setTokenType(new ToyProofToken())
                .tokenRoute((route) => route.generateToken(async ({ createJwtAccessToken, tokenType }) => ({ access_token: (await createJwtAccessToken()).token, token_type: tokenType })))
        ]);
        server.route({ method: 'GET', path: '/reports', options: { auth: 'oauth2' }, handler: ({ auth }) => auth.credentials.app ?? null });

        const request = (toy: string) => server.inject<Record<string, string>>(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('machine', 'secret'), toy }));
        const { issuer } = server.oauth2;
        const at = clock.now() / 1000;
        const refused = await request('nonsense');
        expect([refused.statusCode, refused.result?.error]).to.equal([400, 'invalid_dpop_proof']);
        const reply = await request(await toyProof(key, { htm: 'POST', htu: `${issuer}/oauth2/token`, iat: at }));
        expect(reply.result).to.include({ token_type: 'Toy' });
        const token = reply.result?.access_token ?? '';
        expect(decodeJwt(token).cnf).to.equal(await jkt());

        const proof = (of: typeof key) => toyProof(of, { htm: 'GET', htu: `${issuer}/reports`, iat: at }, token);
        const get = async (toy: string) => await server.inject({ url: '/reports', headers: { authorization: `Toy ${token}`, toy } });
        expect((await get(await proof(thief))).statusCode).to.equal(401);
        const { statusCode, result } = await get(await proof(key));
        expect({ statusCode, result }).to.equal({ statusCode: 200, result: { id: 'machine' } });

        const metadata = await server.inject<Record<string, unknown>>('/.well-known/oauth-authorization-server');
        expect(metadata.result).to.include({ toy_signing_alg_values_supported: ['ES256'] });
    });
});
