import { expect } from '@hapi/code';
import type { Server, ServerInjectResponse } from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import * as fc from 'fast-check';

import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { assertion, fiveMethods, withAssertion } from '../fixture/five-methods';
import { encodeForm } from '../fixture/http';
import { rawRequest, sendRaw } from '../fixture/net';
import { basic } from '../fixture/provision';
import { OAuth2ErrorCode } from '../../lib';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

fc.configureGlobal({ includeErrorInReport: true });

/** Enough to meet what goes wrong once in a hundred times, over and over; a failure prints its seed. */
const numRuns = 150;
const codes = new Set<unknown>(Object.values(OAuth2ErrorCode));

/** Text that shows where it was put unescaped. */
const marker = '<mark "\'&>';

const grantTypes = ['client_credentials', 'authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
const names = [
    'grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'scope', 'resource', 'code', 'code_verifier', 'redirect_uri', 'refresh_token', 'device_code',
    'response_type', 'response_mode', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'request', 'request_uri', 'prompt', 'max_age', 'user_code', 'username', 'password',
    '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a[b]', marker
];

interface Requested {
    readonly payload: string;
    readonly query: string;
    readonly headers: Readonly<Record<string, string>>;
}

describe('no request makes an endpoint fail:', { timeout: 60_000 }, () => {

    let demo: RunningDemo;
    let five: Awaited<ReturnType<typeof fiveMethods>>;
    let machineToken: string;
    const failures: string[] = [];
    before(async () => {

        [demo, five] = await Promise.all([startLevel1Demo(), fiveMethods()]);
        for (const server of [demo.server, five.server]) {
            server.events.on('response', ({ raw, path, method }) => {

                if (raw.res.statusCode >= 500) {
                    failures.push(`${method} ${path} ${raw.res.statusCode}`);
                }
            });
        }

        const { result } = await demo.server.inject<{ access_token: string }>({ method: 'POST', url: '/oauth2/token', headers: { authorization: basic('demo-machine', 'demo-machine-secret'), 'content-type': 'application/x-www-form-urlencoded' }, payload: 'grant_type=client_credentials' });
        machineToken = String(result?.access_token);
    });
    after(() => Promise.all([demo.stop(), five.stop()]));

    const values = () => fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ maxLength: 60 }),
        fc.constantFrom(
            ...grantTypes, 'demo-machine', 'demo-web', 'demo-spa', 'demo-cli', 'demo-tv', 'demo-web-secret', 'demo-machine-secret', 'client_secret_basic', 'client_secret_jwt', 'private_key_jwt', 'none',
            'openid', 'openid email', 'reports:read', 'offline_access', 'code', 'S256', 'plain', 'query', 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
            'ada', 'lovelace', 'BBBB-BBBB', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', 'http://127.0.0.1:5/callback', 'https://client.example.com/callback', 'javascript:alert(1)', 'http://localhost:0/callback',
            'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.x', 'eyJhbGciOiJFUzI1NiJ9.e30.', 'a.b.c', '..', marker, '\0', '\r\nx: y', '', '0', '-1', 'null', 'undefined', '[object Object]', '%', '%zz', 'x'.repeat(5000)
        )
    );

    const parameters = (likely: readonly [string, string][] = []) => fc.tuple(
        fc.oneof(fc.constant([...likely]), fc.subarray([...likely])),
        fc.array(fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) }), values()), { maxLength: 5 })
    ).map(([some, more]) => encodeForm([...some, ...more]));

    const authorization = () => fc.oneof(
        fc.string({ maxLength: 60 }),
        fc.tuple(fc.constantFrom('Basic ', 'basic  ', 'Bearer ', 'DPoP ', 'Digest ', ''), fc.oneof(fc.base64String({ maxLength: 60 }), fc.string())).map(([scheme, rest]) => scheme + rest),
        fc.tuple(values(), values()).map(([id, secret]) => basic(id, secret)),
        fc.constantFrom(basic('demo-machine', 'demo-machine-secret'), basic('demo-web', 'demo-web-secret'))
    ).map((value) => value.replace(/[^\x20-\x7e\x80-\xff]/g, '?'));

    const headers = () => fc.record({
        'authorization': authorization(),
        'content-type': fc.oneof({ weight: 20, arbitrary: fc.constant('application/x-www-form-urlencoded') }, { weight: 1, arbitrary: fc.constantFrom('application/json', 'multipart/form-data; boundary=x', 'text/plain', '', ';', '*/*', 'application/x-www-form-urlencoded; charset=x') }),
        'content-encoding': fc.constantFrom('identity', 'gzip', 'deflate', 'br', 'x', '__proto__'),
        'cookie': fc.string(),
        'origin': fc.oneof(fc.webUrl(), fc.string(), fc.constant('null')),
        'sec-fetch-site': fc.constantFrom('same-origin', 'none', 'cross-site', 'x'),
        'accept': fc.string(), 'accept-encoding': fc.string(), 'if-none-match': fc.string(), 'range': fc.string(), 'x-forwarded-for': fc.string()
    }, { requiredKeys: [] }).chain((all) => fc.subarray(Object.keys(all).filter((name) => name !== 'content-type' && name !== 'authorization')).map((dropped): Record<string, string> => {

        // Mostly a request that gets through to the handlers, with one or two odd headers
        const kept = Object.entries({ 'content-type': 'application/x-www-form-urlencoded', ...all }).filter(([name, value]) => value !== undefined && (dropped.length < 2 || !dropped.includes(name)));
        return Object.fromEntries(kept.map(([name, value]) => [name, String(value).replace(/[^\x20-\x7e\x80-\xff]/g, '?')]));
    }));

    const request = (likely: readonly [string, string][] = []): fc.Arbitrary<Requested> => fc.record({
        payload: fc.oneof({ weight: 9, arbitrary: parameters(likely) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
        query: fc.oneof({ weight: 6, arbitrary: parameters(likely) }, { weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.string().map((text) => text.replace(/[^\x21-\x7e]|#/g, '%')) }),
        headers: headers()
    });

    const inject = (server: Server, method: string, path: string, { payload, query, headers: sent }: Requested): Promise<ServerInjectResponse> =>
        server.inject({ method, url: `${path}?${query}`, headers: { ...sent }, ...method === 'GET' ? {} : { payload } });

    const expectNoStore = ({ headers: received }: ServerInjectResponse) => {

        expect(received['cache-control']).to.equal('no-store');
        expect(received.pragma).to.equal('no-cache');
    };

    const expectJson = (response: ServerInjectResponse) => {

        expect(response.statusCode).to.be.below(500);
        expect(response.headers['content-type']).to.match(/^application\/json/);
        const body = JSON.parse(response.payload) as Record<string, unknown>;
        if (response.statusCode >= 400) {
            expect(codes.has(body.error), response.payload).to.be.true();
            expect(Object.keys(body)).to.only.include(['error', 'error_description']);
            expect(body.error_description).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
            expect(response.payload).to.not.contain('mark').and.not.contain('demo-machine-secret');
        }
    };

    const expectPage = (response: ServerInjectResponse) => {

        expect(response.statusCode).to.be.below(500);
        expect(response.headers['cache-control']).to.equal('no-store');
        expect(response.headers['x-content-type-options']).to.equal('nosniff');
        expect(response.headers['referrer-policy']).to.equal('no-referrer');
        if (response.statusCode === 303) {
            expect(response.headers.location).to.match(/^(?:http:\/\/localhost:\d+\/callback|http:\/\/127\.0\.0\.1(?::\d+)?\/callback|https:\/\/client\.example\.com\/callback)\?code=/);
            return;
        }

        expect(response.headers.location).to.be.undefined();
        expect(response.headers['content-type']).to.match(/^text\/html/);
        expect(response.headers['content-security-policy']).to.contain('frame-ancestors \'none\'');
        expect(response.payload).to.not.contain('<mark').and.not.contain('mark "').and.not.match(/<script/i);
    };

    const hold = async (arbitrary: fc.Arbitrary<Requested>, run: (one: Requested) => Promise<void>, runs = numRuns) => {

        await fc.assert(fc.asyncProperty(arbitrary, run), { numRuns: runs });
        expect(failures).to.equal([]);
    };

    const askForTokens = async (grantType: string) => {

        const likely: [string, string][] = [['client_id', 'demo-web'], ['client_secret', 'demo-web-secret'], ['code', 'x'], ['code_verifier', 'x'], ['refresh_token', 'x'], ['device_code', 'x']];
        await hold(request(likely), async (one) => {

            const payload = one.payload.includes('grant_type=') ? one.payload : `grant_type=${encodeURIComponent(grantType)}&${one.payload}`;
            for (const server of [demo.server, five.server]) {
                const response = await inject(server, 'POST', '/oauth2/token', { ...one, payload });
                expectJson(response);
                expectNoStore(response);
            }
        });
    };

    for (const grantType of [...grantTypes, 'password']) {
        it(`the token endpoint, ${grantType}`, () => askForTokens(grantType));
    }

    it('the token endpoint, with an assertion that was changed', async () => {

        const good = { payload: await assertion('private_key_jwt', five.url, Date.now()), secret: await assertion('client_secret_jwt', five.url, Date.now(), { exp: 1 }) };
        const edit = fc.tuple(fc.constantFrom(good.payload, good.secret), fc.nat({ max: 400 }), fc.constantFrom('', '.', 'A', '=', '\0', 'é'), fc.nat({ max: 5 })).map(([token, at, put, drop]) => token.slice(0, at) + put + token.slice(at + drop));
        await fc.assert(fc.asyncProperty(edit, async (token) => {

            fc.pre(token !== good.payload);
            const response = await inject(five.server, 'POST', '/oauth2/token', { query: '', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: encodeForm({ grant_type: 'client_credentials', ...withAssertion(token) }) });
            expectJson(response);
            expect(response.statusCode).to.equal(401);
        }), { numRuns });
        expect(failures).to.equal([]);
    });

    it('the device authorization endpoint', async () => {

        await hold(request([['client_id', 'demo-tv'], ['scope', 'openid']]), async (one) => {

            const response = await inject(demo.server, 'POST', '/oauth2/device_authorization', one);
            expectJson(response);
            expectNoStore(response);
        });
    });

    const signingIn = (): [string, string][] => [
        ['client_id', 'demo-spa'], ['redirect_uri', demo.callback], ['response_type', 'code'], ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'], ['code_challenge_method', 'S256'], ['state', marker], ['username', 'ada'], ['password', 'lovelace']
    ];

    const visit = (method: string, path: string, likely: [string, string][]) =>
        hold(request(likely), async (one) => expectPage(await inject(demo.server, method, path, one)));

    for (const method of ['GET', 'POST']) {
        it(`the authorization endpoint, ${method}`, () => visit(method, '/oauth2/authorize', signingIn()));
        it(`the page of the device flow, ${method}`, () => visit(method, '/oauth2/device', [['user_code', marker], ['username', 'ada'], ['password', 'lovelace']]));
    }

    it('the keys and the metadata', async () => {

        await hold(request(), async (one) => {

            for (const path of ['/oauth2/keys', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
                const response = await inject(demo.server, 'GET', path, one);
                expect(response.statusCode).to.be.below(500);
                expect(response.payload).to.not.contain('mark');
                if (response.statusCode >= 400) {
                    expectJson(response);
                }
            }
        }, 150);
    });

    it('any other method, anywhere', async () => {

        const paths = ['/oauth2/token', '/oauth2/device_authorization', '/oauth2/authorize', '/oauth2/device', '/oauth2/keys', '/.well-known/openid-configuration', '/reports', '/me'];
        await fc.assert(fc.asyncProperty(request(), fc.constantFrom(...paths), fc.constantFrom('PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'TRACE'), async (one, path, method) => {

            const response = await inject(demo.server, method, path, one);
            expect(response.statusCode).to.be.below(500);
            expect(response.payload).to.not.contain('<mark');
        }), { numRuns });
        expect(failures).to.equal([]);
    });

    it('protected routes, whatever the Authorization header says', async () => {

        const part = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
        const [header = '', payload = '', signature = ''] = machineToken.split('.');
        const decoded = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
        const forged = fc.tuple(
            fc.oneof(fc.constant(header), fc.record({ alg: fc.oneof(fc.constantFrom('ES256', 'none', 'HS256'), fc.anything()), kid: fc.oneof(fc.constant(decoded.kid), fc.anything()), typ: fc.oneof(fc.constant('at+jwt'), fc.anything()), crit: fc.anything() }, { requiredKeys: [] }).map((value) => {

                try {
                    return part(value);
                }
                catch {
                    return '';                                  // fast-check makes objects that JSON cannot say
                }
            }), fc.base64String()),
            fc.oneof(fc.constant(payload), fc.json().map((json) => Buffer.from(json).toString('base64url')), fc.string()),
            fc.oneof(fc.constant(signature), fc.base64String(), fc.constant(''))
        ).filter((parts) => parts.join('.') !== machineToken).map((parts) => parts.join('.'));
        const bearer = fc.oneof(fc.tuple(fc.constantFrom('Bearer ', 'bearer ', 'BEARER  ', 'Bearer', 'DPoP '), fc.oneof(forged, fc.string(), values())).map((pair) => pair.join('')), authorization());
        await fc.assert(fc.asyncProperty(bearer, fc.constantFrom('/reports', '/me'), async (value, path) => {

            const response = await demo.server.inject({ url: path, headers: { authorization: value.replace(/[^\x20-\x7e\x80-\xff]/g, '?') } });
            expect(response.statusCode).to.equal(401);
            expect(response.headers['www-authenticate']).to.match(/^Bearer(?: error="invalid_token", error_description="[^"\\]*")?$/);
        }), { numRuns: 2 * numRuns });
        expect(failures).to.equal([]);
    });

    it('octets that are almost HTTP', async () => {

        const form = ['content-type: application/x-www-form-urlencoded', `authorization: ${basic('demo-machine', 'demo-machine-secret')}`];
        const good = [
            rawRequest('POST', '/oauth2/token', form, 'grant_type=client_credentials&scope=reports%3Aread'),
            rawRequest('GET', '/oauth2/authorize?client_id=demo-spa&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback'),
            rawRequest('GET', '/reports', [`authorization: Bearer ${machineToken}`])
        ];
        const edited = fc.tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat({ max: 400 }), fc.uint8Array({ maxLength: 4 }), fc.nat({ max: 4 })), { minLength: 1, maxLength: 4 }))
            .map(([octets, edits]) => edits.reduce((all, [at, put, drop]) => Buffer.concat([all.subarray(0, at), put, all.subarray(at + drop)]), octets));
        await fc.assert(fc.asyncProperty(fc.array(edited, { minLength: 20, maxLength: 20 }), async (requests) => {

            const answers = await Promise.all(requests.map((octets) => sendRaw(demo.server, octets).catch(() => '')));
            expect(answers.filter((answer) => /^HTTP\/1\.1 5/.test(answer))).to.equal([]);
        }), { numRuns: 15, endOnFailure: true });
        expect(failures).to.equal([]);
    });
});
