import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from 'jose';

import { signIn } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { assertion, fiveMethods, withAssertion } from '../fixture/five-methods';
import { call, callRaw, getWith, post } from '../fixture/http';
import { basic } from '../fixture/provision';
import { staticKeys } from '../fixture/static-keys';
import { verifier } from '../../examples/demo/try-it';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a protected route', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    let machineToken: string;
    let tokens: Readonly<Record<string, unknown>>;
    before(async () => {

        demo = await startLevel1Demo();
        machineToken = String((await post(`${demo.url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization: basic('demo-machine', 'demo-machine-secret') })).json.access_token);
        const search = new URLSearchParams({ response_type: 'code', client_id: 'demo-web', redirect_uri: demo.callback, scope: 'openid offline_access reports:read', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' });
        const location = await signIn(`${demo.url}/oauth2/authorize?${search.toString()}`);
        const parameters = { grant_type: 'authorization_code', code: location.searchParams.get('code') ?? '', code_verifier: verifier };
        tokens = (await post(`${demo.url}/oauth2/token`, parameters, { authorization: basic('demo-web', 'demo-web-secret') })).json;
    });
    after(() => demo.stop());

    const refused = async (token: string, url = `${demo.url}/reports`) => {

        const { status, headers, text } = await getWith(url, token);
        expect(status, token).to.equal(401);
        expect(headers.get('www-authenticate')).to.match(/^Bearer error="invalid_token"/);
        expect(text).to.not.contain(token);
    };

    it('opens for the tokens that these attacks start from', async () => {

        expect((await getWith(`${demo.url}/reports`, machineToken)).status).to.equal(200);
        expect((await getWith(`${demo.url}/reports`, String(tokens.access_token))).status).to.equal(200);
    });

    it('challenges without an error where there are no credentials, and does not look for them elsewhere', async () => {

        const challenges = await Promise.all([
            call(`${demo.url}/reports`),
            call(`${demo.url}/reports?access_token=${machineToken}`),
            call(`${demo.url}/reports`, { headers: { cookie: `access_token=${machineToken}` } }),
            call(`${demo.url}/reports`, { headers: { authorization: basic('demo-machine', 'demo-machine-secret') } }),
            call(`${demo.url}/reports`, { headers: { authorization: `DPoP ${machineToken}` } })
        ]);
        for (const { status, headers } of challenges) {
            expect([status, headers.get('www-authenticate')]).to.equal([401, 'Bearer']);
        }
    });

    it('refuses an ID token, a refresh token, a code and other text', async () => {

        for (const token of [String(tokens.id_token), String(tokens.refresh_token), machineToken.slice(0, -1), `${machineToken}x`, machineToken.split('.').slice(0, 2).join('.'), `${machineToken}.`, '..', 'x', '{}', 'a.b.c', '%00', 'null']) {
            await refused(token);
        }
    });

    it('refuses a token that somebody changed or did not sign', async () => {

        const [header = '', payload = '', signature = ''] = machineToken.split('.');
        const claims = decodeJwt(machineToken);
        const admin = part({ ...claims, sub: 'ada', scope: 'reports:read admin' });
        const { kid } = decodeProtectedHeader(machineToken);
        const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const ownJwk = own.publicKey.export({ format: 'jwk' });
        const signed = (head: object, body = admin) => {

            const input = `${part(head)}.${body}`;
            return `${input}.${sign('sha256', Buffer.from(input), { key: own.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
        };

        const none = ['none', 'None', 'NONE', 'nOnE', '', null, undefined].map((alg) => part({ alg, kid, typ: 'at+jwt' }));
        const forged = [
            ...none.flatMap((head) => [`${head}.${payload}.`, `${head}.${payload}.${signature}`, `${head}.${admin}.`]),
            `${header}.${admin}.${signature}`,
            `${header}.${payload}.`,
            `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,                // r = s = 0 (CVE-2022-21449)
            `${header}.${payload}.${Buffer.from(signature, 'base64url').reverse().toString('base64url')}`,
            signed({ alg: 'ES256', kid, typ: 'at+jwt' }),
            signed({ alg: 'ES256', kid, typ: 'at+jwt', jwk: ownJwk }),
            signed({ alg: 'ES256', kid: '../../../dev/null', typ: 'at+jwt', jku: `${demo.url}/attacker`, jwk: ownJwk }),
            signed({ alg: 'ES256', typ: 'at+jwt', jwk: ownJwk }),
            signed({ alg: 'ES256', kid, typ: 'at+jwt', crit: ['b64'], b64: false })
        ];
        for (const token of forged) {
            await refused(token);
        }
    });

    it('refuses HS256 with a published public key as its secret', async () => {

        const { json } = await call(`${demo.url}/oauth2/keys`);
        for (const jwk of json.keys as Record<string, string>[]) {
            const pem = createPublicKey({ key: jwk, format: 'jwk' });
            const spellings = [
                Buffer.from(JSON.stringify(jwk)),
                Buffer.from(String(pem.export({ type: 'spki', format: 'pem' }))),
                Buffer.from(String(pem.export({ type: 'spki', format: 'pem' })).trim()),
                pem.export({ type: 'spki', format: 'der' }),
                Buffer.from(jwk.n ?? jwk.x ?? '', 'base64url')
            ];
            for (const secret of spellings) {
                await refused(await new SignJWT(decodeJwt(machineToken)).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: jwk.kid ?? '' }).sign(secret));
            }
        }
    });

    it('refuses an expired token, to the millisecond', async () => {

        const { json } = await post(`${demo.url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization: basic('demo-machine', 'demo-machine-secret') });
        const token = String(json.access_token);
        const left = (decodeJwt(token).exp ?? 0) - demo.now() / 1000;
        demo.advance(left - 2);
        expect((await getWith(`${demo.url}/reports`, token)).status).to.equal(200);
        demo.advance(2);
        await refused(token);
    });

    it('lets a machine not pass for a user, and a user not for more than was granted', async () => {

        const fresh = await post(`${demo.url}/oauth2/token`, { grant_type: 'client_credentials', scope: 'reports:write' }, { authorization: basic('demo-machine', 'demo-machine-secret') });
        expect((await getWith(`${demo.url}/me`, String(fresh.json.access_token))).status).to.equal(403);
        const { status, headers } = await getWith(`${demo.url}/reports`, String(fresh.json.access_token));
        expect([status, headers.get('www-authenticate')]).to.equal([403, 'Bearer error="insufficient_scope", scope="reports:read"']);
    });

    it('survives Authorization headers that nobody expects', async () => {

        const headers = ['Bearer', 'Bearer ', 'bearer  x', ' Bearer x', 'Bearer\tx', `Bearer ${'a'.repeat(8000)}`, `Bearer ${'.'.repeat(500)}`, 'Bearer a b', 'Bearer ,', 'Bearer =', 'B', '"', 'Bearer é\xff', `Bearer ${part({ alg: {} })}.${part([])}.x`, `Bearer ${part({ alg: 'ES256', kid: {}, typ: 'at+jwt' })}.${part({})}.x`, `Bearer ${part({ alg: 'ES256', kid: '__proto__', typ: 'at+jwt' })}.${part({})}.x`];
        for (const value of headers) {
            const { status } = await callRaw(demo.server, 'GET', '/reports', [`authorization: ${value}`]);
            expect(status, value).to.equal(401);
        }

        const twice = await callRaw(demo.server, 'GET', '/reports', ['authorization: Bearer x', `authorization: Bearer ${machineToken}`]);
        expect(twice.status).to.equal(401);
    });
});

describe('a protected route, and somebody with the very key', { timeout: 30_000 }, () => {

    let one: Awaited<ReturnType<typeof fiveMethods>>;
    let other: Awaited<ReturnType<typeof fiveMethods>>;
    before(async () => {

        [one, other] = await Promise.all([fiveMethods(), fiveMethods()]);
    });
    after(() => Promise.all([one.stop(), other.stop()]));

    const machine = async ({ url }: typeof one) =>
        String((await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', ...withAssertion(await assertion('private_key_jwt', url, Date.now())) })).json.access_token);

    const status = async (token: string, path = '/oauth2') => (await getWith(`${one.url}${path}`, token)).status;

    it('refuses the token of another issuer that has the same keys', async () => {

        expect(await status(await machine(one))).to.equal(200);
        expect(await status(await machine(other))).to.equal(401);
    });

    it('refuses the token of another flow', async () => {

        const token = await machine(one);
        expect(await status(token, '/oauth2-client-credentials')).to.equal(200);
        expect(await status(token, '/oidc-authorization-code')).to.equal(401);
        expect(await status(token, '/oauth2-device-authorization')).to.equal(401);
    });

    it('refuses every token that is not exactly one of its own', async () => {

        const now = Math.floor(Date.now() / 1000);
        const key = (purpose: string) => staticKeys().list().find((record) => record.purpose === purpose);
        const signed = async (claims: object, header: object = {}, purpose = 'access_token') => {

            const record = key(purpose);
            const good = { iss: one.url, aud: one.url, sub: 'somebody', client_id: 'none', jti: 'x', iat: now, exp: now + 60, flow: 'oidc-authorization-code' };
            const protectedHeader = { alg: record?.alg ?? '', kid: record?.kid ?? '', typ: 'at+jwt', ...header };
            return await new SignJWT({ ...good, ...claims }).setProtectedHeader(protectedHeader).sign(await importJWK({ ...record?.privateJwk }, record?.alg));
        };

        expect(await status(await signed({}))).to.equal(200);
        const bad: readonly (readonly [object, object?, string?])[] = [
            [{}, { typ: 'JWT' }], [{}, { typ: undefined }], [{}, { typ: 'application/json' }], [{}, { typ: 'dpop+jwt' }], [{}, { typ: 'logout+jwt' }],
            [{}, {}, 'id_token'], [{}, { typ: 'JWT' }, 'id_token'],
            [{ iss: other.url }], [{ iss: `${one.url}/` }], [{ iss: undefined }], [{ iss: [one.url] }],
            [{ aud: other.url }], [{ aud: undefined }], [{ aud: [] }], [{ aud: `${one.url}/` }], [{ aud: [other.url, 'none'] }], [{ aud: { [one.url]: true } }],
            [{ exp: now }], [{ exp: now - 1 }], [{ exp: undefined }], [{ exp: String(now + 60) }], [{ exp: null }], [{ exp: [now + 60] }],
            [{ nbf: now + 600 }],
            [{ sub: undefined }], [{ sub: 1 }], [{ client_id: undefined }], [{ jti: undefined }],
            [{ flow: undefined }], [{ flow: 'no-such-flow' }], [{ flow: ['oidc-authorization-code'] }],
            [{ scope: ['a'] }], [{ scope: { a: true } }],
            [{ cnf: { jkt: 'x' } }]
        ];
        const opened = [];
        for (const [claims, header, purpose] of bad) {
            if (await status(await signed(claims, header, purpose)) !== 401) {
                opened.push([claims, header, purpose]);
            }
        }

        expect(opened).to.equal([]);
    });
});
