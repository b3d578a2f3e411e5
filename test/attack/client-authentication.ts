import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { SignJWT } from 'jose';

import { assertion, clientKey, fiveMethods, secrets, withAssertion } from '../fixture/five-methods';
import { callRaw, encodeForm, post, type FormParameters } from '../fixture/http';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const machine = { grant_type: 'client_credentials' };
const rawBasic = (text: string, encoding: 'utf8' | 'latin1' = 'utf8') => `Basic ${Buffer.from(text, encoding).toString('base64')}`;

describe('client authentication', { timeout: 30_000 }, () => {

    let server: Awaited<ReturnType<typeof fiveMethods>>;
    let ahead = 0;
    const now = () => Date.now() + ahead;
    before(async () => {

        server = await fiveMethods(now);
    });
    after(() => server.stop());

    const token = (parameters: FormParameters, headers: Readonly<Record<string, string>> = {}) => post(`${server.url}/oauth2/token`, parameters, headers);

    const answer = async (parameters: FormParameters, headers: Readonly<Record<string, string>> = {}) => {

        const { status, json, headers: received } = await token(parameters, headers);
        expect(received.get('cache-control')).to.equal('no-store');
        expect(received.get('pragma')).to.equal('no-cache');
        return [status, json.error];
    };

    const ok = [200, undefined];
    const refused = [401, 'invalid_client'];
    const invalid = [400, 'invalid_request'];

    describe('with a secret', () => {

        const id = 'client_secret_basic';
        const secret = secrets.client_secret_basic;

        it('takes a secret with : % + and non-ASCII in Basic, encoded and raw', async () => {

            expect(await answer(machine, { authorization: basic(id, secret) })).to.equal(ok);
            expect(await answer(machine, { authorization: rawBasic(`${id}:${secret}`) })).to.equal(ok);
            expect(await answer(machine, { authorization: rawBasic(`${id}:${encodeURIComponent(secret)}`) })).to.equal(ok);           // %20 for the space
            expect(await answer(machine, { authorization: rawBasic(`${id}:${secret}`).replace('Basic', 'bAsIc  ') })).to.equal(ok);
            expect(await answer({ ...machine, client_id: id }, { authorization: basic(id, secret) })).to.equal(ok);
        });

        it('does not take a secret that only looks like it', async () => {

            const others = [
                secret.replace(':', ''), secret.slice(0, secret.indexOf(':')), secret.slice(secret.indexOf(':') + 1), secret.replace('+', ' '), secret.replace('%2B', '+'),
                secret.normalize('NFD'), secret.toUpperCase(), `${secret} `, ` ${secret}`, `${secret}\0`, secret.slice(0, -1), '', ' ', '*', 'undefined', 'null', encodeURIComponent(encodeURIComponent(secret))
            ];
            for (const other of others) {
                expect(await answer(machine, { authorization: basic(id, other) }), other).to.equal(refused);
                expect(await answer(machine, { authorization: rawBasic(`${id}:${other}`) }), other).to.equal(refused);
            }

            expect(await answer(machine, { authorization: rawBasic(`${id}:${secret}`, 'latin1') })).to.equal(refused);
        });

        it('answers the unknown client and the wrong secret alike, byte for byte', async () => {

            const replies = [];
            for (const authorization of [basic(id, 'guess'), basic('nobody', 'guess'), basic('nobody', secret), basic('private_key_jwt', 'guess'), basic('none', 'guess')]) {
                const { status, headers, text } = await token(machine, { authorization });
                replies.push(JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')]));
            }

            expect(new Set(replies).size, replies.join('\n')).to.equal(1);
            expect(replies[0]).to.contain('invalid_client').and.contain('Basic realm=');
        });

        it('survives Authorization headers that nobody expects', async () => {

            const values = ['Basic', 'Basic ', 'Basic !', 'Basic Og==', 'Basic OnNlY3JldA==', 'Basic YQ==', `Basic ${Buffer.from(id).toString('base64')}`, rawBasic(`${id}:`), 'Bearer x', 'Negotiate x', 'Digest username="x"', 'Basic a b', rawBasic('\0:\0'), rawBasic('%:%'), rawBasic('%ff:%fe'), rawBasic('__proto__:x'), `Basic ${'YTpi'.repeat(1500)}`, '\xe9', ','];
            for (const value of values) {
                const reply = await callRaw(server.server, 'POST', '/oauth2/token', ['content-type: application/x-www-form-urlencoded', `authorization: ${value}`], 'grant_type=client_credentials');
                expect([reply.status, reply.json.error], value).to.equal(refused);
                expect(reply.headers.get('www-authenticate'), value).to.equal('Basic realm="OAuth 2.0", charset="UTF-8"');
            }
        });

        it('takes a secret with & = % + and non-ASCII in the form', async () => {

            const client = { client_id: 'client_secret_post', client_secret: secrets.client_secret_post };
            expect(await answer({ ...machine, ...client })).to.equal(ok);
            expect(await answer({ ...machine, ...client, client_secret: encodeURIComponent(client.client_secret) })).to.equal(refused);
            expect(await answer({ ...machine, client_secret: client.client_secret })).to.equal(invalid);
            expect(await answer({ ...machine, client_id: client.client_id })).to.equal(refused);
            expect(await answer({ ...machine, client_id: client.client_id, client_secret: '' })).to.equal(refused);
        });

        it('does not look for credentials in the URL', async () => {

            const search = encodeForm({ client_id: 'client_secret_post', client_secret: secrets.client_secret_post });
            const reply = await post(`${server.url}/oauth2/token?${search}`, machine);
            expect([reply.status, reply.json.error]).to.equal(refused);
        });
    });

    it('refuses two methods at once, whichever and even if both are right', async () => {

        const inBasic = { authorization: basic('client_secret_basic', secrets.client_secret_basic) };
        const inForm = { client_id: 'client_secret_post', client_secret: secrets.client_secret_post };
        const signed = async () => withAssertion(await assertion('private_key_jwt', server.url, now()));
        expect(await answer({ ...machine, ...inForm }, inBasic)).to.equal(invalid);
        expect(await answer({ ...machine, client_secret: 'x' }, inBasic)).to.equal(invalid);
        expect(await answer({ ...machine, ...await signed() }, inBasic)).to.equal(invalid);
        expect(await answer({ ...machine, ...inForm, ...await signed() })).to.equal(invalid);
        expect(await answer({ ...machine, client_id: 'client_secret_post' }, inBasic)).to.equal(invalid);      // The client_id is another one's
        expect(await answer({ ...machine, client_id: 'client_secret_jwt', ...await signed() })).to.equal(invalid);
        expect(await answer({ ...machine, ...await signed() }, { authorization: 'Bearer x' })).to.equal(invalid);
        expect(await answer({ ...machine, client_id: 'client_secret_basic', client_secret: '', client_assertion: '' }, inBasic)).to.equal(ok);         // Without a value it was not sent
    });

    it('refuses the method of another client', async () => {

        expect(await answer({ ...machine, client_id: 'client_secret_basic', client_secret: secrets.client_secret_basic })).to.equal(refused);
        expect(await answer(machine, { authorization: basic('client_secret_post', secrets.client_secret_post) })).to.equal(refused);
        expect(await answer({ ...machine, client_id: 'client_secret_jwt', client_secret: secrets.client_secret_jwt })).to.equal(refused);
        expect(await answer({ ...machine, client_id: 'private_key_jwt' })).to.equal(refused);
        expect(await answer({ ...machine, client_id: 'none' })).to.equal(refused);
        expect(await answer({ grant_type: 'authorization_code', code: 'x', client_id: 'client_secret_basic' })).to.equal(refused);
    });

    describe('with an assertion', () => {

        const send = (signed: string, more: Readonly<Record<string, string>> = {}) => answer({ ...machine, ...withAssertion(signed), ...more });
        const make = (claims: object = {}, header = {}, key?: Parameters<SignJWT['sign']>[0]) => assertion('private_key_jwt', server.url, now(), claims, header, key);

        it('takes one only once, however fast', async () => {

            for (const method of ['client_secret_jwt', 'private_key_jwt'] as const) {
                const signed = await assertion(method, server.url, now());
                const answers = await Promise.all(Array.from({ length: 8 }, () => send(signed)));
                expect(answers.filter(([status]) => status === 200), method).to.have.length(1);
                expect(answers.filter(([status]) => status === 401), method).to.have.length(7);
                expect(await send(signed)).to.equal(refused);
                expect(await send(await assertion(method, server.url, now(), { jti: JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString()).jti }))).to.equal(refused);
            }
        });

        it('lets two clients use one jti, and nobody use up that of another', async () => {

            const jti = randomUUID();
            const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
            expect(await send(await make({ jti }, {}, stranger))).to.equal(refused);
            expect(await send(await assertion('client_secret_jwt', server.url, now(), { jti }))).to.equal(ok);
            expect(await send(await make({ jti }))).to.equal(ok);
        });

        it('takes what the specifications allow', async () => {

            const seconds = Math.floor(now() / 1000);
            const good: readonly (readonly [object, object?])[] = [
                [{ aud: [server.url] }], [{ iat: undefined }], [{ iat: seconds + 10 }], [{ nbf: seconds + 10 }], [{ exp: seconds + 599 }], [{ exp: seconds + 1.5 }],
                [{ jti: 'é'.repeat(4000) }], [{ jti: '__proto__' }], [{ foo: 'bar' }], [{}, { typ: 'JWT' }], [{}, { typ: 'client-authentication+jwt' }], [{}, { kid: 'unknown' }]
            ];
            for (const [claims, header] of good) {
                expect(await send(await make(claims, header)), JSON.stringify([claims, header])).to.equal(ok);
            }

            expect(await send(await make(), { client_id: 'private_key_jwt' })).to.equal(ok);
        });

        it('refuses each claim that is wrong', async () => {

            const seconds = Math.floor(now() / 1000);
            const bad: readonly (readonly [object, object?])[] = [
                [{ aud: `${server.url}/oauth2/token` }], [{ aud: `${server.url}/` }], [{ aud: [server.url, 'https://other.example.com'] }], [{ aud: [] }], [{ aud: undefined }], [{ aud: [[server.url]] }], [{ aud: server.url.toUpperCase() }],
                [{ iss: 'client_secret_jwt' }], [{ iss: undefined }], [{ sub: undefined }], [{ sub: 'client_secret_jwt' }], [{ sub: '', iss: '' }], [{ sub: 'nobody', iss: 'nobody' }], [{ iss: ['private_key_jwt'], sub: ['private_key_jwt'] }],
                [{ exp: seconds - 1 }], [{ exp: seconds }], [{ exp: seconds + 700 }], [{ exp: undefined }], [{ exp: String(seconds + 60) }], [{ exp: 1e300 }], [{ exp: -1 }], [{ exp: null }],
                [{ iat: seconds + 120 }], [{ nbf: seconds + 120 }], [{ iat: 'now' }], [{ nbf: {} }],
                [{ jti: undefined }], [{ jti: '' }], [{ jti: 5 }], [{ jti: ['a'] }],
                [{}, { typ: 'at+jwt' }], [{}, { typ: 'dpop+jwt' }], [{}, { typ: 'logout+jwt' }]
            ];
            for (const [claims, header] of bad) {
                expect(await send(await make(claims, header)), JSON.stringify([claims, header])).to.equal(refused);
            }
        });

        it('refuses one that has expired, although it was never used', async () => {

            const signed = await make();
            ahead += 61_000;
            expect(await send(signed)).to.equal(refused);
        });

        it('refuses another key, no key, and a secret made from the public key', async () => {

            const rsa = generateKeyPairSync('ec', { namedCurve: 'P-384' });
            const pem = String(clientKey.publicKey.export({ type: 'spki', format: 'pem' }));
            const jwk = clientKey.publicKey.export({ format: 'jwk' });
            const [header = '', payload = '', signature = ''] = (await make()).split('.');
            const none = Buffer.from('{"alg":"none"}').toString('base64url');
            const signed = [
                await make({}, {}, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
                await make({}, { alg: 'ES384' }, rsa.privateKey),
                await make({}, { alg: 'HS256' }, Buffer.from(pem)),
                await make({}, { alg: 'HS256' }, Buffer.from(JSON.stringify(jwk))),
                await make({}, { alg: 'HS256' }, createPublicKey(pem).export({ type: 'spki', format: 'der' })),
                await make({ iss: 'client_secret_jwt', sub: 'client_secret_jwt' }),
                await assertion('client_secret_jwt', server.url, now(), {}, { alg: 'HS512' }, Buffer.from(secrets.client_secret_jwt.padEnd(64))),
                await assertion('client_secret_jwt', server.url, now(), {}, {}, Buffer.alloc(32)),
                `${none}.${payload}.`, `${none}.${payload}.${signature}`, `${header}.${payload}.`, `${header}.${payload}`, `${header}.${payload}.${'A'.repeat(86)}`
            ];
            for (const one of signed) {
                expect(await send(one), one).to.equal(refused);
            }
        });

        it('refuses what is no JWT at all, and never fails on it', async () => {

            const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
            const es = part({ alg: 'ES256' });
            for (const text of ['x', '.', '..', '...', 'a.b.c', '{}', 'null', `${es}.x.y`, `${es}.${part([])}.y`, `${es}.${part(null)}.y`, `${es}.${part('x')}.y`, `${es}.${part({})}.`, `${part({ alg: 5 })}.${part({})}.x`, `${part([])}.${part({})}.x`, `${part({ alg: 'ES256', kid: 5 })}.${part({})}.x`, `${part({ alg: 'ES256', typ: 5 })}.${part({})}.x`, `${part({ alg: 'ES256', crit: ['x'] })}.${part({})}.x`, 'é.é.é', '\0', `${es}.${Buffer.from([0xff, 0xfe]).toString('base64url')}.x`, 'a.b.c.d.e', 'x'.repeat(50_000)]) {
                expect(await send(text), text.slice(0, 80)).to.equal(refused);
            }
        });

        it('needs the right client_assertion_type', async () => {

            expect(await answer({ ...machine, client_assertion: await make() })).to.equal(invalid);
            expect(await answer({ ...machine, client_assertion: await make(), client_assertion_type: '' })).to.equal(invalid);
            expect(await send(await make(), { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' })).to.equal(refused);
        });

        it('does not take one of the tokens that the server made', async () => {

            const { json } = await token({ ...machine, ...withAssertion(await make()) });
            expect(await send(String(json.access_token))).to.equal(refused);
        });
    });
});
