import { gzipSync } from 'node:zlib';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { call, callRaw, post, type Reply } from '../fixture/http';
import { rawRequest, sendRaw } from '../fixture/net';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const formType = 'content-type: application/x-www-form-urlencoded';
const authorization = basic('demo-machine', 'demo-machine-secret');
const endpoints = ['/oauth2/token', '/oauth2/device_authorization'];

describe('the body of a request', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startLevel1Demo();
    });
    after(() => demo.stop());

    const expectRefusal = ({ status, headers, json, text }: Reply, wanted: [number, string], about: string) => {

        expect([status, json.error], `${about}: ${text}`).to.equal(wanted);
        expect(headers.get('content-type'), about).to.match(/^application\/json/);
        expect(headers.get('cache-control'), about).to.equal('no-store');
        expect(headers.get('pragma'), about).to.equal('no-cache');
        expect(json.error_description, about).to.match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/);
    };

    it('may not repeat a known parameter; an unknown one may be repeated', async () => {

        const url = `${demo.url}/oauth2/token`;
        const repeated: Readonly<Record<string, readonly string[]>> = {
            client_credentials: ['grant_type', 'scope', 'client_id', 'client_secret', 'client_assertion'],
            authorization_code: ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id'],
            refresh_token: ['grant_type', 'refresh_token', 'scope', 'client_id'],
            'urn:ietf:params:oauth:grant-type:device_code': ['grant_type', 'device_code', 'client_id']
        };
        for (const [grantType, names] of Object.entries(repeated)) {
            const headers: Record<string, string> = grantType === 'client_credentials' ? { authorization } : {};
            const good = new Map([['grant_type', grantType], ['client_id', grantType === 'client_credentials' ? 'demo-machine' : 'demo-spa'], ['code', 'x'], ['code_verifier', 'x'], ['redirect_uri', demo.callback], ['refresh_token', 'x'], ['device_code', 'x']]);
            for (const name of names) {
                const value = good.get(name) ?? 'x';
                const rest = [...good].filter(([one]) => one !== name);
                for (const [first, second] of [[value, value], ['', value], [value, ''], ['', '']] as const) {
                    expectRefusal(await post(url, [...rest, [name, first], [name, second]], headers), [400, 'invalid_request'], `${grantType} ${name}`);
                }
            }
        }

        expectRefusal(await post(`${demo.url}/oauth2/device_authorization`, 'client_id=demo-tv&client_id=demo-tv'), [400, 'invalid_request'], 'client_id');
        expectRefusal(await post(`${demo.url}/oauth2/device_authorization`, 'client_id=demo-tv&scope=openid&scope=email'), [400, 'invalid_request'], 'scope');
        const fine = await post(url, `grant_type=client_credentials&foo=1&foo=2&foo[]=3&__proto__=1&__proto__=2&constructor=x&resource=${demo.url}&resource=${demo.url}`, { authorization });
        expect(fine.status).to.equal(200);
    });

    it('may name resources that are served, and no other', async () => {

        const ask = (resource: string) => post(`${demo.url}/oauth2/token`, `grant_type=client_credentials&resource=${encodeURIComponent(demo.url)}&resource=${encodeURIComponent(resource)}`, { authorization });
        expectRefusal(await ask('https://other.example.com'), [400, 'invalid_target'], 'resource');
    });

    it('must be a form', async () => {

        const json = JSON.stringify({ grant_type: 'client_credentials' });
        const multipart = '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\n';
        const bodies: readonly (readonly [string[], string])[] = [
            [['content-type: application/json'], json],
            [['content-type: application/json'], '{'],
            [['content-type: application/json'], '[]'],
            [['content-type: application/json'], 'null'],
            [['content-type: application/json'], ''],
            [['content-type: text/plain'], 'grant_type=client_credentials'],
            [['content-type: text/json'], json],
            [['content-type: application/jwt'], 'a.b.c'],
            [['content-type: application/octet-stream'], 'grant_type=client_credentials'],
            [['content-type: multipart/form-data; boundary=x'], multipart],
            [['content-type: multipart/form-data'], multipart],
            [['content-type: multipart/mixed; boundary=x'], multipart],
            [['content-type: application/x-www-form-urlencodedX'], 'grant_type=client_credentials'],
            [['content-type: x'], 'grant_type=client_credentials'],
            [['content-type:'], 'grant_type=client_credentials'],
            [['content-type: /'], 'grant_type=client_credentials'],
            [['content-type: *\x2f*'], 'grant_type=client_credentials'],
            [[], 'grant_type=client_credentials'],
            [[], ''],
            [[formType], ''],
            [[formType], '&'],
            [[formType], '='],
            [[formType], '&&&===&'],
            [[formType], '%'],
            [[formType], '%zz=%zz&%'],
            [[formType], json],
            [[formType], 'grant_type'],
            [[formType], 'grant_type='],
            [[formType], 'grant_type[]=client_credentials'],
            [[formType], 'grant_type[x]=client_credentials'],
            [[formType], ' grant_type=client_credentials'],
            [[formType], 'GRANT_TYPE=client_credentials'],
            [[formType, 'content-encoding: gzip'], 'grant_type=client_credentials'],
            [[formType, 'content-encoding: deflate'], 'grant_type=client_credentials'],
            [[formType, 'content-encoding: deflate, gzip'], 'a=b'],
            [[formType, 'content-encoding: br'], 'a=b'],
            [[formType, 'content-encoding: constructor'], 'a=b']
        ];
        for (const path of endpoints) {
            for (const [headers, body] of bodies) {
                const reply = await callRaw(demo.server, 'POST', path, [`authorization: ${authorization}`, ...headers], body);
                expectRefusal(reply, path === endpoints[0] || headers[0] !== formType || reply.status === 400 ? [400, 'invalid_request'] : [401, 'invalid_client'], `${path} ${headers.join()} ${body}`);
            }
        }
    });

    it('is a form in every spelling of its type, and zipped', async () => {

        const ok = async (headers: readonly string[], body: string | Buffer) => {

            const { status, text } = await callRaw(demo.server, 'POST', '/oauth2/token', [`authorization: ${authorization}`, ...headers], body);
            expect([status, headers], text).to.equal([200, headers]);
        };

        await ok([`${formType}; charset=utf-8`], 'grant_type=client_credentials');
        await ok([`${formType};charset=UTF-8`], 'grant_type=client_credentials&');
        await ok(['content-type: APPLICATION/X-WWW-Form-URLencoded'], '&grant_type=client%5Fcredentials');
        await ok([formType, 'content-encoding: gzip'], gzipSync('grant_type=client_credentials'));
    });

    it('is refused over 64 kB, also without a length, and when it only unzips to that', async () => {

        // Not with `connection: close`: a server that hangs up on a body that is still on its way takes its reply with it
        const junk = (size: number) => `grant_type=client_credentials&x=${'a'.repeat(size)}`;
        const send = (path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
            call(`${demo.url}${path}`, { method: 'POST', headers: { authorization, 'content-type': 'application/x-www-form-urlencoded', ...headers }, body });
        for (const path of endpoints) {
            for (const size of [64 * 1024, 1024 * 1024]) {
                expectRefusal(await send(path, junk(size)), [413, 'invalid_request'], `${path} ${size}`);
            }

            expectRefusal(await send(path, gzipSync(junk(20 * 1024 * 1024)), { 'content-encoding': 'gzip' }), [413, 'invalid_request'], `${path} bomb`);

            // A body that does not say its size is refused where it grows too large, and the reply still arrives
            const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
            const chunked = `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${formType}\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(16)}0\r\n\r\n`;
            expect(await sendRaw(demo.server, chunked)).to.match(/^HTTP\/1\.1 413 /);
        }

        expect((await send('/oauth2/token', junk(60 * 1024))).status).to.equal(200);
        for (const page of ['/oauth2/authorize?client_id=x', '/oauth2/device']) {
            const { status, headers } = await send(page, junk(1024 * 1024));
            expect([status, headers.get('content-type')]).to.equal([413, 'text/html; charset=utf-8']);
        }
    });

    it('may hold octets that are no text', async () => {

        for (const octets of [[0xff, 0xfe], [0x00], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x0a, 0x0d]]) {
            const body = Buffer.concat([Buffer.from('grant_type=client_credentials&scope='), Buffer.from(octets)]);
            const { status, json } = await callRaw(demo.server, 'POST', '/oauth2/token', [`authorization: ${authorization}`, formType], body);
            expect([status, json.error], octets.join()).to.equal([400, 'invalid_scope']);
        }
    });

    it('is not what a GET is about, nor any other method', async () => {

        for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
            for (const path of endpoints) {
                const reply = await call(`${demo.url}${path}?grant_type=client_credentials`, { method, headers: { authorization } });
                expectRefusal(reply, [405, 'invalid_request'], `${method} ${path}`);
                expect(reply.headers.get('allow')).to.equal('POST');
            }
        }

        for (const path of ['/oauth2/keys', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
            const reply = await post(`${demo.url}${path}`, { a: 'b' });
            expectRefusal(reply, [405, 'invalid_request'], path);
            expect(reply.headers.get('allow')).to.equal('GET');
        }

        const big = await callRaw(demo.server, 'PUT', '/oauth2/token', [formType], 'a'.repeat(200_000));
        expectRefusal(big, [405, 'invalid_request'], 'PUT with a body');
    });

    it('does not come in through the URL', async () => {

        const reply = await post(`${demo.url}/oauth2/token?grant_type=client_credentials&scope=reports:read`, '', { authorization });
        expectRefusal(reply, [400, 'invalid_request'], 'query');
        const narrowed = await post(`${demo.url}/oauth2/token?scope=no:such&grant_type=x`, 'grant_type=client_credentials', { authorization });
        expect([narrowed.status, narrowed.json.scope]).to.equal([200, 'reports:read reports:write']);
    });

    it('does not fail for cookies of somebody else', async () => {

        const cookies = ['cookie: a=b; =; ;;"', 'cookie: x={"a":1}; y="', 'cookie: \xe9=\xe9'];
        for (const cookie of cookies) {
            expect((await callRaw(demo.server, 'POST', '/oauth2/token', [formType, cookie, `authorization: ${authorization}`], 'grant_type=client_credentials')).status, cookie).to.equal(200);
            expect((await callRaw(demo.server, 'GET', '/oauth2/device', [cookie])).status, cookie).to.equal(200);
            expect((await callRaw(demo.server, 'GET', '/oauth2/keys', [cookie])).status, cookie).to.equal(200);
        }
    });

    it('of a reply is sent whole, whatever range is asked for', async () => {

        const whole = (await call(`${demo.url}/oauth2/keys`)).json;
        for (const range of ['bytes=0-1', 'bytes=-1', 'bytes=9999999-', 'x', 'bytes=5-1']) {
            const { status, json } = await call(`${demo.url}/oauth2/keys`, { headers: { range } });
            expect([status, json], range).to.equal([200, whole]);
        }
    });

    it('leaves the server alive when the request breaks off or is no HTTP', async () => {

        const head = `POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${formType}\r\n`;
        const attempts = ['\r\n\r\n', 'GET\r\n\r\n', `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, `${head}content-length: -1\r\n\r\n`, `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, `${head}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`, `${head}x: ${'a'.repeat(100_000)}\r\n\r\n`, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', `GET /oauth2/token\0 HTTP/1.1\r\nhost: localhost\r\n\r\n`, 'GET http://[ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n', 'GET * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'];
        const answers = await Promise.all(attempts.map((attempt) => sendRaw(demo.server, attempt).catch(() => '')));
        for (const [index, answer] of answers.entries()) {
            expect(answer, attempts[index]).to.not.match(/^HTTP\/1.1 (?:2|5)/);
        }

        const rest = rawRequest('POST', '/oauth2/token', [formType], 'grant_type=client_credentials');
        await sendRaw(demo.server, rest.subarray(0, rest.length - 5)).catch(() => '');
        expect((await call(`${demo.url}/oauth2/keys`)).status).to.equal(200);
    });
});
