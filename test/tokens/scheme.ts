import { forbidden } from '@hapi/boom';
import Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, type OAuth2ErrorCode } from '../../lib';
import { accessTokenScheme } from '../../lib/tokens/scheme';
import { resourceServer } from '../fixture/resource-server';
import { ToyProofToken } from '../fixture/toy-proof-token';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const invalid = 'Bearer error="invalid_token", error_description="The access token is not valid here"';

describe('the access token scheme', () => {

    it('has no strategies but those of the flows', () => {

        const server = Hapi.server();
        server.auth.scheme('access-token', accessTokenScheme);
        expect(() => server.auth.strategy('mine', 'access-token')).to.throw(/has no strategies but those of its flows/);
        expect(() => server.auth.strategy('mine', 'access-token', {})).to.throw(/has no strategies but those of its flows/);
    });

    describe('without credentials', () => {

        it('answers 401 with a challenge that has no error (RFC 6750 §3)', async () => {

            const { get } = resourceServer({ login: {} });
            for (const authorization of [undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearertoken', 'token']) {
                const { statusCode, challenge } = await get('/login', authorization);
                expect({ statusCode, challenge }, authorization).to.equal({ statusCode: 401, challenge: 'Bearer' });
            }
        });

        it('challenges with every token type of the strategy, once', async () => {

            const { get } = resourceServer({ login: {}, machine: {}, toy: { tokenType: new ToyProofToken() } });
            expect((await get('/oauth2')).challenge).to.equal('Bearer, Toy algs="ES256"');
            expect((await get('/toy')).challenge).to.equal('Toy algs="ES256"');
        });

        it('does not take a token from anywhere else', async () => {

            const { get, sign } = resourceServer({ login: {} });
            const token = await sign('login');
            expect((await get(`/login?access_token=${token}`)).statusCode).to.equal(401);
            expect((await get('/login', undefined, { cookie: `access_token=${token}` })).statusCode).to.equal(401);
        });

        it('lets a route through that only tries', async () => {

            const { get, protect, bearer } = resourceServer({ login: {} });
            protect('/try', { strategy: 'login', mode: 'try' });
            expect((await get('/try')).statusCode).to.equal(200);
            const bad = await bearer('/try', 'bad');
            expect(bad.statusCode).to.equal(200);
            expect(bad.result).to.include({ error: 'The access token is not valid here' });
            expect(bad.result?.credentials).to.be.undefined();
        });
    });

    it('reads the name of its token type in any case, with any number of spaces (RFC 9110 §11.1)', async () => {

        const { get, sign } = resourceServer({ login: {} });
        for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
            expect((await get('/login', `${scheme} ${await sign('login')}`)).statusCode).to.equal(200);
        }
    });

    it('answers 401 invalid_token for a bad token, and logs why without the token', async () => {

        const { bearer } = resourceServer({ login: {} });
        const { statusCode, challenge, logs } = await bearer('/login', 'secret-token');
        expect({ statusCode, challenge }).to.equal({ statusCode: 401, challenge: invalid });
        const refusals = logs.filter(({ tags }) => tags.includes('refused'));
        expect(refusals.map(({ tags, data }) => ({ tags, data }))).to.equal([{ tags: ['oauth', 'refused'], data: { reason: 'invalid_token', error: 'invalid_token' } }]);
        expect(JSON.stringify(logs)).to.not.contain('secret-token');
    });

    describe('for what validate throws', () => {

        const thrown = async (code: OAuth2ErrorCode, description?: string, headers?: Record<string, string>) => {

            const { bearer } = resourceServer({ login: { validate: () => Promise.reject(new OAuth2Error(code, description, { headers })) } });
            return await bearer('/login', 'opaque');
        };

        it('answers a challenge with its code', async () => {

            const { statusCode, challenge } = await thrown('invalid_token', 'It was revoked');
            expect({ statusCode, challenge }).to.equal({ statusCode: 401, challenge: 'Bearer error="invalid_token", error_description="It was revoked"' });
        });

        it('answers 403 for insufficient_scope', async () => {

            const { statusCode, challenge } = await thrown('insufficient_scope', 'Ask for more');
            expect({ statusCode, challenge }).to.equal({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", error_description="Ask for more"' });
        });

        it('keeps quotes and line breaks out of the header', async () => {

            const { challenge } = await thrown('invalid_token', 'say "no"\r\nSet-Cookie: a=b\\');
            expect(challenge).to.equal('Bearer error="invalid_token", error_description="say ?no???Set-Cookie: a=b?"');
        });

        it('keeps its headers', async () => {

            expect((await thrown('use_dpop_nonce', 'Use it', { 'dpop-nonce': 'n' })).headers).to.include({ 'dpop-nonce': 'n' });
        });

        it('does not call a token bad because the server is out of order', async () => {

            const { statusCode, challenge, headers } = await thrown('temporarily_unavailable', 'Later', { 'retry-after': '5' });
            expect({ statusCode, challenge }).to.equal({ statusCode: 503, challenge: undefined });
            expect(headers).to.include({ 'retry-after': '5' });
            expect((await thrown('server_error')).statusCode).to.equal(500);
        });
    });

    describe('on a route with several strategies', () => {

        it('lets the next one have a token that is not good for the first', async () => {

            const { bearer, protect, sign } = resourceServer({ login: {}, machine: {} });
            protect('/both', { strategies: ['login', 'machine'] });
            for (const flow of ['login', 'machine']) {
                const { statusCode, result } = await bearer('/both', await sign(flow));
                expect(statusCode).to.equal(200);
                expect(result?.artifacts.payload).to.include({ flow });
            }
        });

        it('says that a token is bad when none of them takes it', async () => {

            const { bearer, get, protect, sign } = resourceServer({ login: {}, machine: {}, other: {} });
            protect('/both', { strategies: ['login', 'machine'] });
            expect(await bearer('/both', await sign('other'))).to.include({ statusCode: 401, challenge: invalid });
            expect(await get('/both')).to.include({ statusCode: 401, challenge: 'Bearer, Bearer' });
        });

        it('does so for the default strategies of the server too', async () => {

            const { server, bearer, sign } = resourceServer({ login: {}, machine: {} });
            server.auth.default({ strategies: ['login', 'machine'] });
            server.route({ method: 'GET', path: '/default', handler: () => ({}) });
            expect((await bearer('/default', await sign('machine'))).statusCode).to.equal(200);
            expect((await bearer('/default', 'bad')).challenge).to.equal(invalid);
        });

        it('leaves a bad token to no strategy that is not ours', async () => {

            const { server, bearer, get, protect, sign } = resourceServer({ login: {} });
            server.auth.scheme('open', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { scope: ['admin'] } }) }));
            server.auth.strategy('open', 'open');
            protect('/mixed', { strategies: ['login', 'open'] });
            expect((await bearer('/mixed', 'bad')).statusCode).to.equal(401);
            expect((await bearer('/mixed', await sign('login'))).statusCode).to.equal(200);
            expect((await get('/mixed')).statusCode).to.equal(200);
        });

        it('is asked by server.auth.test() as well', async () => {

            const { server, bearer, sign } = resourceServer({ login: {}, machine: {} });
            server.route({
                method: 'GET', path: '/test', handler: async (request) => {

                    const { credentials } = await server.auth.test('login', request);
                    return { credentials };
                }
            });
            server.route({
                method: 'GET', path: '/both', options: { auth: 'machine' }, handler: async (request) => {

                    await server.auth.test('login', request);
                    return {};
                }
            });
            expect((await bearer('/test', await sign('login'))).statusCode).to.equal(200);
            expect((await bearer('/test', 'bad')).challenge).to.equal(invalid);
            expect((await bearer('/both', await sign('machine'))).challenge).to.equal(invalid);
        });
    });

    describe('on a route that asks for more than the token has', () => {

        const routes = () => {

            const bench = resourceServer({ login: {}, toy: { tokenType: new ToyProofToken() } });
            bench.protect('/read', { strategy: 'login', access: { scope: ['read', 'write'] } });
            bench.protect('/both', { strategy: 'login', access: { scope: ['+read', '+write'] } });
            bench.protect('/user', { strategy: 'login', access: { entity: 'user' } });
            bench.protect('/not', { strategy: 'login', access: { scope: ['!read'] } });
            bench.protect('/without', { strategy: 'login', access: { scope: ['+read', 'list', 'search', '!write'] } });
            bench.protect('/or', { strategy: 'login', access: [{ scope: ['read', '!write'] }, { scope: ['admin'] }] });
            return bench;
        };

        it('answers 403 insufficient_scope, naming what is needed (RFC 6750 §3.1)', async () => {

            const { bearer, sign } = routes();
            const token = await sign('login', { scope: 'other' });
            expect(await bearer('/read', token)).to.include({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", scope="read write"' });
            expect(await bearer('/both', token)).to.include({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", scope="read write"' });
            expect((await bearer('/read', await sign('login', { scope: 'x write' }))).statusCode).to.equal(200);
        });

        it('answers 403 without a challenge where no scope would help', async () => {

            const { bearer, sign } = routes();
            expect(await bearer('/user', await sign('login'))).to.include({ statusCode: 403, challenge: undefined });
            expect(await bearer('/not', await sign('login', { scope: 'read' }))).to.include({ statusCode: 403, challenge: undefined });
            expect((await bearer('/user', await sign('login', { sub: 'alice' }))).statusCode).to.equal(200);
        });

        it('sends nobody to get a scope that the token has: one too many is no scope too few', async () => {

            const { bearer, sign } = routes();
            expect(await bearer('/without', await sign('login', { scope: 'read list write' }))).to.include({ statusCode: 403, challenge: undefined });
            expect(await bearer('/without', await sign('login', { scope: 'read write' }))).to.include({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", scope="read list search"' });
            expect(await bearer('/without', await sign('login', { scope: 'search write' }))).to.include({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", scope="read list search"' });
            expect(await bearer('/or', await sign('login', { scope: 'read write' }))).to.include({ statusCode: 403, challenge: 'Bearer error="insufficient_scope", scope="admin"' });
            expect((await bearer('/without', await sign('login', { scope: 'read list' }))).statusCode).to.equal(200);
        });

        it('answers it for injected credentials too, which have no artifacts', async () => {

            const { server } = routes();
            const { statusCode, headers } = await server.inject({ url: '/read', auth: { strategy: 'login', credentials: { scope: ['other'] } } });
            expect(statusCode).to.equal(403);
            expect(headers['www-authenticate']).to.equal('Bearer error="insufficient_scope", scope="read write"');
        });

        it('leaves other refusals alone: a handler\'s own and those of other strategies', async () => {

            const { server, bearer, sign } = routes();
            server.auth.scheme('open', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { scope: ['x'] } }) }));
            server.auth.strategy('open', 'open');
            server.route({ method: 'GET', path: '/open', options: { auth: { strategy: 'open', scope: ['y'] } }, handler: () => ({}) });
            server.route({
                method: 'GET', path: '/own', options: { auth: 'login' }, handler: () => {

                    throw new OAuth2Error('insufficient_scope', 'Mine', { headers: { 'www-authenticate': 'Mine' } });
                }
            });
            server.route({
                method: 'GET', path: '/authorized', options: { auth: { strategy: 'login', scope: ['a'] } }, handler: () => {

                    throw forbidden('Mine', { need: [{ selection: ['b'] }] });
                }
            });
            expect(await bearer('/authorized', await sign('login', { scope: 'a' }))).to.include({ statusCode: 403, challenge: undefined });
            expect(await bearer('/open', 'x')).to.include({ statusCode: 403, challenge: undefined });
            expect(await bearer('/own', await sign('login'))).to.include({ statusCode: 403, challenge: 'Mine' });
        });
    });
});
