import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { type AccessTokenInput, type Validate } from '../../lib';
import { signIdToken } from '../../lib/tokens/id-token';
import { signed, unsigned } from '../fixture/assertion';
import { clientKeys } from '../fixture/client-keys';
import { staticKey } from '../fixture/key-bench';
import { issuer, resourceServer } from '../fixture/resource-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A validate handler that lets everybody in, and remembers what it was asked. */
const trusting = () => {

    const asked: AccessTokenInput[] = [];
    const validate: Validate = (_request, input) => {

        asked.push(input);
        return { isValid: true, credentials: { scope: ['opaque'], user: { id: 'bob' } } };
    };

    return { asked, validate };
};

describe('checkAccessToken()', () => {

    it('rule 17: makes credentials of the claims: a user with an app, or the app alone', async () => {

        const { bearer, sign } = resourceServer({ login: {} });
        const user = await bearer('/login', await sign('login', { sub: 'alice', scope: 'a b' }));
        expect(user.result?.credentials).to.include({ scope: ['a', 'b'], user: { id: 'alice' }, app: { id: 'app' } });
        expect(user.result?.credentials.claims).to.include({ sub: 'alice', flow: 'login' });
        const machine = await bearer('/login', await sign('login'));
        expect(machine.result?.credentials).to.include({ scope: [], app: { id: 'app' } }).and.to.not.include('user');
    });

    it('keeps token, type and verified claims as artifacts', async () => {

        const { bearer, sign } = resourceServer({ login: {} });
        const token = await sign('login', { sub: 'alice' });
        const { result } = await bearer('/login', token);
        expect(result?.artifacts).to.include({ token, tokenType: 'Bearer' });
        expect(result?.artifacts.payload).to.include({ sub: 'alice' });
    });

    describe('refuses, whatever validate would say,', () => {

        const attacks: Record<string, (bench: ReturnType<typeof resourceServer>) => Promise<string>> = {
            'a token that has expired': async ({ sign, clock }) => {

                const token = await sign('login');
                clock.advance(3600);
                return token;
            },
            'a token of another issuer': async () => await signed({ alg: 'ES256', typ: 'at+jwt', kid: staticKey('access_token').kid },
                { iss: 'https://evil.example.com', sub: 'a', aud: issuer, exp: 9e9, iat: 1, jti: 'j', client_id: 'app', flow: 'login' }, { ...staticKey('access_token').privateJwk }),
            'rule 16: a token for another audience': async ({ sign }) => await sign('login', { aud: 'https://api.example.com' }),
            'rule 24: a token of another flow': async ({ sign }) => await sign('machine'),
            'rule 18: an ID token': async ({ keys, clock }) => (await signIdToken(keys, { issuer, clientId: issuer, alg: 'RS256', ttl: 3600, now: clock.now() }, { sub: 'alice', flow: 'login', client_id: 'app' })).token,
            'a token that somebody else signed': async () => await signed({ alg: 'ES256', typ: 'at+jwt', kid: staticKey('access_token').kid },
                { iss: issuer, sub: 'a', aud: issuer, exp: 9e9, iat: 1, jti: 'j', client_id: 'app', flow: 'login' }, clientKeys.es256),
            'a token without a signature': async ({ sign }) => (await sign('login')).replace(/[^.]*$/, ''),
            'alg none': async () => unsigned({ alg: 'none', typ: 'at+jwt', kid: staticKey('access_token').kid },
                { iss: issuer, sub: 'a', aud: issuer, exp: 9e9, iat: 1, jti: 'j', client_id: 'app', flow: 'login' }),
            'rule 42: a bound token as a bearer token': async ({ sign }) => await sign('login', {}, { jkt: 'key' })
        };

        for (const [name, attack] of Object.entries(attacks)) {
            it(name, async () => {

                for (const useAccessTokenJwks of [undefined, true]) {
                    const { asked, validate } = trusting();
                    const bench = resourceServer({ login: { validate, useAccessTokenJwks }, machine: { validate: () => ({ isValid: false }) } });
                    const { statusCode, challenge } = await bench.bearer('/login', await attack(bench));
                    expect(statusCode).to.equal(401);
                    expect(challenge).to.contain('error="invalid_token"');
                    expect(asked).to.equal([]);
                }
            });
        }
    });

    describe('asks validate', () => {

        it('with the verified claims of a JWT, and takes the credentials from them unless it gives its own', async () => {

            const { asked, validate } = trusting();
            const { bearer, sign } = resourceServer({ login: { validate }, machine: { validate: async () => ({ isValid: true }) } });
            const token = await sign('login', { sub: 'alice' });
            expect((await bearer('/login', token)).result?.credentials).to.equal({ scope: ['opaque'], user: { id: 'bob' } });
            expect(asked[0]?.token).to.equal(token);
            expect(asked[0]?.jwtAccessTokenPayload).to.include({ sub: 'alice', flow: 'login' });
            const machine = await bearer('/machine', await sign('machine', { sub: 'alice', scope: 'x' }));
            expect(machine.result?.credentials).to.include({ scope: ['x'], user: { id: 'alice' } });
        });

        it('and refuses a signed token that it does not let through', async () => {

            const { bearer, sign } = resourceServer({ login: { validate: () => ({ isValid: false }) } });
            expect((await bearer('/login', await sign('login', { sub: 'alice' }))).statusCode).to.equal(401);
        });

        it('every time: rule 24 knows no remembered yes', async () => {

            let isValid = true;
            const { bearer, sign } = resourceServer({ login: { validate: () => ({ isValid }) } });
            const token = await sign('login');
            expect((await bearer('/login', token)).statusCode).to.equal(200);
            isValid = false;
            expect((await bearer('/login', token)).statusCode).to.equal(401);
        });

        it('and lets nobody in but for isValid: true', async () => {

            for (const isValid of [false, undefined, 1, 'true', {}]) {
                // @ts-expect-error as plain JavaScript may answer it
                const { bearer, sign } = resourceServer({ login: { validate: () => ({ isValid, credentials: { scope: ['admin'] } }) } });
                expect((await bearer('/login', await sign('login'))).statusCode).to.equal(401);
            }

            for (const answer of [undefined, null]) {
                // @ts-expect-error as plain JavaScript may answer it
                const { bearer, sign } = resourceServer({ login: { validate: () => answer } });
                expect((await bearer('/login', await sign('login'))).statusCode).to.equal(500);
            }
        });

        it('and makes an array of a scope that is a text', async () => {

            const { bearer, protect } = resourceServer({ login: { validate: () => ({ isValid: true, credentials: JSON.parse('{"scope":"a b","id":7}') }) } });
            protect('/b', { strategy: 'login', scope: ['b'] });
            const { statusCode, result } = await bearer('/b', 'opaque');
            expect(statusCode).to.equal(200);
            expect(result?.credentials).to.equal({ scope: ['a', 'b'], id: 7 });
        });
    });

    describe('of a flow that did not say whether its tokens are JWTs', () => {

        it('asks validate about opaque tokens, without a payload', async () => {

            const { asked, validate } = trusting();
            const { bearer } = resourceServer({ login: { validate } });
            const { result } = await bearer('/login', 'opaque');
            expect(result?.artifacts).to.equal({ token: 'opaque', tokenType: 'Bearer', payload: null });
            expect(asked).to.equal([{ token: 'opaque', jwtAccessTokenPayload: null }]);
        });

        it('refuses them without a validate, and where validate gives no credentials', async () => {

            expect((await resourceServer({ login: {} }).bearer('/login', 'opaque')).statusCode).to.equal(401);
            expect((await resourceServer({ login: { validate: () => ({ isValid: true }) } }).bearer('/login', 'opaque')).statusCode).to.equal(401);
        });
    });

    describe('of a flow whose tokens are JWTs', () => {

        it('does not ask validate about any other token', async () => {

            const { asked, validate } = trusting();
            const { bearer } = resourceServer({ login: { validate, useAccessTokenJwks: true } });
            expect((await bearer('/login', 'opaque')).statusCode).to.equal(401);
            expect(asked).to.equal([]);
        });
    });

    describe('of a flow whose tokens are no JWTs', () => {

        it('asks validate about every token, and claims nothing of what is in it', async () => {

            const { asked, validate } = trusting();
            const { bearer, sign } = resourceServer({ login: { validate, useAccessTokenJwks: false } });
            for (const token of ['opaque', 'a.b.c', await sign('login', { sub: 'alice' })]) {
                expect((await bearer('/login', token)).result?.artifacts.payload).to.be.null();
                expect(asked.at(-1)).to.equal({ token, jwtAccessTokenPayload: null });
            }
        });

        it('rule 24: refuses every token without a validate', async () => {

            const { bearer, sign } = resourceServer({ login: { useAccessTokenJwks: false } });
            expect((await bearer('/login', 'opaque')).statusCode).to.equal(401);
            expect((await bearer('/login', await sign('login'))).statusCode).to.equal(401);
        });
    });

    describe('for the strategy of all flows', () => {

        it('rule 24: accepts the tokens of each, and asks only the flow that a token is of', async () => {

            const login = trusting();
            const machine = trusting();
            const { bearer, sign } = resourceServer({ login, machine });
            expect((await bearer('/oauth2', await sign('login'))).statusCode).to.equal(200);
            expect([login.asked.length, machine.asked.length]).to.equal([1, 0]);
            expect((await bearer('/oauth2', await sign('nobody'))).statusCode).to.equal(401);
            expect([login.asked.length, machine.asked.length]).to.equal([1, 0]);
        });

        it('asks one flow after the other about an opaque token, until one says yes', async () => {

            const { asked, validate } = trusting();
            const { bearer } = resourceServer({ jwt: { useAccessTokenJwks: true, validate }, first: { validate: () => ({ isValid: false }) }, second: { validate }, third: { validate } });
            expect((await bearer('/oauth2', 'opaque')).statusCode).to.equal(200);
            expect(asked).to.have.length(1);
        });
    });

    it('is a fault of the server where validate throws, and tells nobody why', async () => {

        const { bearer, sign } = resourceServer({ login: { validate: () => Promise.reject(new Error('password=hunter2')) } });
        const { statusCode, result } = await bearer('/login', await sign('login'));
        expect(statusCode).to.equal(500);
        expect(JSON.stringify(result)).to.not.contain('hunter2');
    });
});
