import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { open, signIn, submit, unescapeHtml } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { call, callRaw, encodeForm, post } from '../fixture/http';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
const ada = { username: 'ada', password: 'lovelace' };

describe('a browser', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startLevel1Demo();
    });
    after(() => demo.stop());

    const authorizeUrl = (more: Readonly<Record<string, string>> = {}) =>
        `${demo.url}/oauth2/authorize?${encodeForm({ response_type: 'code', client_id: 'demo-spa', redirect_uri: demo.callback, scope: 'openid', state: 's', ...pkce, ...more })}`;

    const protectedHeaders = (headers: Headers) => {

        expect(headers.get('cache-control')).to.equal('no-store');
        expect(headers.get('referrer-policy')).to.equal('no-referrer');
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        expect(headers.get('x-frame-options')).to.equal('DENY');
        expect(headers.get('access-control-allow-origin')).to.be.null();
        expect(headers.get('set-cookie')).to.be.null();
    };

    const pageHeaders = (headers: Headers) => {

        protectedHeaders(headers);
        expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
        expect(headers.get('content-security-policy')).to.match(/^default-src 'none';.* base-uri 'none'; frame-ancestors 'none'$/).and.not.contain('form-action');
    };

    it('is sent back to the client with 303, the state and iss, and protected on the way', async () => {

        const page = await open(authorizeUrl());
        expect(page.status).to.equal(200);
        pageHeaders(page.headers);
        const after = await submit(page, ada);
        expect(after.status).to.equal(303);
        protectedHeaders(after.headers);
        const location = new URL(after.headers.get('location') ?? '');
        expect([...location.searchParams.keys()]).to.only.include(['code', 'state', 'iss']);
        expect(location.origin + location.pathname).to.equal(demo.callback);
        expect(location.searchParams.get('iss')).to.equal(demo.url);
    });

    it('is sent to no address but the registered one, whoever signs in', async () => {

        const { host } = new URL(demo.url);
        const evil = 'evil.example.com';
        const targets = [
            `http://${evil}/callback`, `https://${evil}/callback`, `//${evil}/callback`, `///${evil}/callback`, `\\\\${evil}\\callback`, `/callback`, 'callback', evil,
            `http://${host}@${evil}/callback`, `http://${host}%40${evil}/callback`, `http://ada:x@${host}/callback`, `http://@${host}/callback`, `http://${evil}\\@${host}/callback`, `http://${evil}#@${host}/callback`, `http://${evil}?@${host}/callback`,
            `http://${host}.${evil}/callback`, `http://${host}${evil}/callback`, `http://localhost/callback`, `https://${host}/callback`, `http://127.0.0.1:${demo.port}/callback`,
            `HTTP://${host}/callback`, `http://LOCALHOST:${demo.port}/callback`, `http://localhost.:${demo.port}/callback`, `http://ⓛocalhost:${demo.port}/callback`, `http://localhost:${demo.port}/сallback`, `http://ｌｏｃａｌｈｏｓｔ:${demo.port}/callback`, `http://localhost。${evil}/callback`, `http://${evil}／callback`, `http:/${host}/callback`, `http:${host}/callback`, `http:\\\\${host}\\callback`,
            `${demo.callback}/`, `${demo.callback}/..`, `${demo.callback}/../callback`, `${demo.callback}%2f..`, `${demo.callback}?x=1`, `${demo.callback}?`, `${demo.callback}#`, `${demo.callback}#x`, `${demo.callback};x`, `${demo.callback}%00`, `${demo.callback}\0`, ` ${demo.callback}`, `${demo.callback} `, `${demo.callback}\n`, `${demo.callback}\r\nLocation: http://${evil}`, `${demo.callback}%0d%0aLocation:%20http://${evil}`, `${demo.callback}\thttp://${evil}`, `${demo.callback},http://${evil}`, `${demo.callback} http://${evil}`, demo.callback.replace('callback', 'Callback'), demo.callback.replace('callback', '%63allback'), demo.callback.replace('http', 'hTTp'),
            'javascript:alert(1)', `javascript://${host}/callback%0aalert(1)`, 'JAVASCRIPT:alert(1)', ' javascript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:x', 'about:blank', 'view-source:x', 'com.example.app:/callback', '', 'null', 'undefined', '.', '{}'
        ];
        for (const target of targets) {
            const url = authorizeUrl({ redirect_uri: target });
            const shown = await open(url);
            expect(shown.status, target).to.be.at.least(200).and.not.be.within(300, 399);
            const { status, headers, text } = await post(url, ada);
            expect([status, headers.get('location'), headers.get('refresh')], target).to.equal([400, null, null]);
            expect(text, target).to.not.contain(evil);
            pageHeaders(headers);
        }
    });

    it('of a native client is sent to any port of this machine, and to nothing else', async () => {

        const url = (target: string) => authorizeUrl({ client_id: 'demo-cli', redirect_uri: target });
        for (const target of ['http://127.0.0.1:1/callback', 'http://127.0.0.1:65535/callback', 'http://127.0.0.1/callback']) {
            expect((await signIn(url(target))).href).to.startWith(`${target}?`);
        }

        const evil = 'evil.example.com';
        for (const target of [`http://127.0.0.1:1@${evil}/callback`, `http://127.0.0.1:@${evil}/callback`, `http://127.0.0.1.${evil}:80/callback`, `http://127.0.0.1:80.${evil}/callback`, `http://${evil}:80/http://127.0.0.1/callback`, 'http://127.0.0.1:65536/callback', 'http://127.0.0.1:x/callback', 'http://127.0.0.1:-1/callback', 'http://127.0.0.1:5000/callback/x', 'http://127.0.0.1:5000/callback?x', 'http://127.0.0.1:5000//callback', 'http://127.0.0.1:5000/', 'https://127.0.0.1:5000/callback', 'http://localhost:5000/callback', 'http://[::1]:5000/callback', 'http://127.0.0.2:5000/callback', 'http://127.1:5000/callback', 'http://2130706433:5000/callback', 'http://0x7f000001:5000/callback', 'http://0:5000/callback', `http://127.0.0.1:5000\\@${evil}/callback`, `http://127.0.0.1:5000%2f@${evil}/callback`]) {
            const { status, headers } = await post(url(target), ada);
            expect([status, headers.get('location')], target).to.equal([400, null]);
        }
    });

    it('is shown a page, not redirected, whatever else is wrong with a request', async () => {

        const wrong: readonly (readonly [string, string])[] = [
            ['response_type', 'token'], ['response_type', 'code token'], ['response_type', 'id_token'], ['response_type', ''], ['response_type', 'CODE'],
            ['response_mode', 'fragment'], ['response_mode', 'form_post'], ['client_id', ''], ['redirect_uri', ''], ['request', 'x'], ['request_uri', 'https://evil.example.com'], ['scope', 'a"b'], ['scope', 'no:such'],
            ['client_id', 'nobody'], ['client_id', 'demo-web '], ['client_id', 'demo-tv'], ['client_id', '__proto__'], ['client_id', 'constructor'], ['resource', 'https://evil.example.com']
        ];
        for (const [name, value] of wrong) {
            const { status, headers } = await post(authorizeUrl({ [name]: value, ...name === 'scope' && value === 'no:such' ? { scope: 'no:such' } : {} }), ada);
            expect([status, headers.get('location')], `${name}=${value}`).to.equal([400, null]);
            pageHeaders(headers);
        }

        for (const name of ['client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method']) {
            const { status, headers } = await post(`${authorizeUrl({ nonce: 'n' })}&${name}=x`, ada);
            expect([status, headers.get('location')], name).to.equal([400, null]);
        }
    });

    const injections = ['"><script>alert(1)</script>', '\'><img src=x onerror=alert(1)>', '</title><script>x</script>', '&lt;script&gt;', '"onfocus="alert(1)" autofocus="', '`${alert(1)}`', '<!--', ']]>', '%3Cscript%3E', '\u2028<script>', '\0<script>', 'javascript:alert(1)', '<base href=//evil.example.com>', '{{7*7}}'];

    const tags = new Set('html,head,meta,strong,/strong,div,/div,title,/title,style,/style,/head,body,main,h1,/h1,p,/p,code,/code,form,/form,label,/label,input,button,/button,/main,/body,/html,pre,/pre'.split(','));

    const harmless = (html: string, about: string) => {

        expect(html, about).to.not.match(/<script|<img|<base|<!--|onfocus="|(?:href|src|action)="(?:javascript|data):/i);
        expect([...html.matchAll(/<(\/?[a-z][a-z0-9]*)/gi)].map(([, tag = '']) => tag).filter((tag) => !tags.has(tag)), about).to.equal([]);
        expect([...html.matchAll(/<input[^>]*>/g)].every(([tag]) => /^<input(?: [a-z-]+(?:="[^"<>]*")?)+>$/.test(tag)), about).to.be.true();
    };

    it('reads what somebody put into a parameter as text', async () => {

        for (const injection of injections) {
            const everywhere = Object.fromEntries(['client_id', 'state', 'nonce', 'scope', 'resource', 'login_hint', 'display', 'ui_locales', 'username', 'x'].map((name) => [name, injection]));
            for (const parameters of [everywhere, { ...everywhere, scope: 'openid' }, { [injection]: injection }, { redirect_uri: injection }, { response_type: injection }, { code_challenge: injection }, { state: injection, nonce: injection }]) {
                const url = authorizeUrl(parameters);
                const [get, posted, wrong] = [await open(url), await post(`${demo.url}/oauth2/authorize`, url.slice(url.indexOf('?') + 1)), await post(url, { username: injection, password: injection })];
                harmless(get.html, url);
                harmless(posted.text, url);
                harmless(wrong.text, url);
            }

            harmless((await open(`${demo.url}/oauth2/device?${encodeForm({ user_code: injection })}`)).html, injection);
            harmless((await post(`${demo.url}/oauth2/device`, { user_code: injection, username: injection, password: injection })).text, injection);
            for (const name of ['code', 'error', 'error_description', 'state', 'iss']) {
                harmless((await call(`${demo.callback}?${encodeForm({ [name]: injection })}`)).text, injection);
            }

            for (const parameters of [{ grant_type: injection }, { grant_type: 'client_credentials', client_id: injection }, { grant_type: 'authorization_code', client_id: 'demo-spa', code: injection, scope: injection }]) {
                const { text, headers } = await post(`${demo.url}/oauth2/token`, parameters);
                expect(headers.get('content-type')).to.match(/^application\/json/);
                expect(text).to.not.contain(injection);
            }
        }
    });

    it('keeps the request through the form, however it is spelled', async () => {

        for (const injection of [...injections, 'é€😀', 'a&b=c', 'a+b c', '%', '%25']) {
            const location = await signIn(authorizeUrl({ state: injection }));
            expect(location.searchParams.get('state')).to.equal(injection);
            const page = await open(`${demo.url}/oauth2/device?${encodeForm({ user_code: injection })}`);
            expect(page.form?.fields.user_code).to.equal(injection);
        }

        const posted = await post(`${demo.url}/oauth2/authorize`, authorizeUrl({ state: '"&<' }).split('?')[1] ?? '');
        const action = unescapeHtml(/action="([^"]*)"/.exec(posted.text)?.[1] ?? '');
        const location = (await post(new URL(action, authorizeUrl()).href, ada)).headers.get('location') ?? '';
        expect(new URL(location).searchParams.get('state')).to.equal('"&<');
    });

    it('is given no line of shell that somebody else wrote', async () => {

        for (const code of ['x;rm -rf ~', '$(id)', '`id`', 'x\nid', '| sh', '-o /etc/passwd', '\'"']) {
            expect((await call(`${demo.callback}?${encodeForm({ code })}`)).text, code).to.not.contain('curl');
        }
    });

    it('gets no header out of a parameter', async () => {

        for (const state of ['\r\nset-cookie: a=b', '\n\n<script>', '%0d%0aset-cookie:a=b', '\u560d\u560aset-cookie:a=b']) {
            const after = await submit(await open(authorizeUrl({ state })), ada);
            expect(after.status).to.equal(303);
            protectedHeaders(after.headers);
            expect(new URL(after.headers.get('location') ?? '').searchParams.get('state')).to.equal(state);
        }
    });

    it('cannot be made to post a form from another site', async () => {

        const send = (url: string, headers: Readonly<Record<string, string>>) => post(url, { ...ada, user_code: 'BBBB-BBBB' }, headers);
        const other: readonly Readonly<Record<string, string>>[] = [
            { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'x' }, { 'sec-fetch-site': 'cross-site', origin: demo.url },
            { origin: 'https://evil.example.com' }, { origin: 'null' }, { origin: `${demo.url}.evil.example.com` }, { origin: `http://localhost:${demo.port + 1}` }, { origin: `http://evil.example.com:${demo.port}` }, { origin: '' }
        ];
        for (const headers of other) {
            for (const url of [authorizeUrl(), `${demo.url}/oauth2/device`]) {
                const reply = await send(url, headers);
                expect([reply.status, reply.headers.get('location')], JSON.stringify(headers)).to.equal([403, null]);
                pageHeaders(reply.headers);
            }
        }

        for (const headers of [{}, { origin: demo.url }, { 'sec-fetch-site': 'same-origin', origin: demo.url }, { 'sec-fetch-site': 'none' }] as Record<string, string>[]) {
            expect((await send(authorizeUrl(), headers)).status, JSON.stringify(headers)).to.equal(303);
        }
    });

    it('cannot call the pages from a script of another site', async () => {

        for (const path of ['/oauth2/authorize', '/oauth2/device']) {
            const preflight = await call(`${demo.url}${path}`, { method: 'OPTIONS', headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' } });
            expect(preflight.headers.get('access-control-allow-origin')).to.be.null();
        }

        const token = await call(`${demo.url}/oauth2/token`, { method: 'OPTIONS', headers: { origin: 'https://spa.example.com', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, dpop' } });
        expect(token.headers.get('access-control-allow-origin')).to.equal('*');
        expect(token.headers.get('access-control-allow-credentials')).to.be.null();
    });

    it('finds the pages by GET and POST only', async () => {

        for (const [path, method] of [['/oauth2/authorize', 'PUT'], ['/oauth2/authorize', 'DELETE'], ['/oauth2/device', 'PATCH']] as const) {
            const { status, headers } = await call(`${demo.url}${path}`, { method });
            expect([status, headers.get('allow')]).to.equal([405, 'GET, POST']);
            pageHeaders(headers);
        }
    });

    it('opens nothing by another spelling of a path', async () => {

        const spellings = ['/reports', '/reports/', '//reports', '/./reports', '/x/../reports', '/%72eports', '/reports%2f', '/reports%00', '/REPORTS', '/reports;x', '/reports?', '/reports#x', '/reports/.', '/reports/..;/me', '/\\reports', '/me', '/%6de', 'http://evil.example.com/reports', 'http://localhost/me', '/reports%', '/reports%ff', '/r%65ports%20'];
        for (const spelling of spellings) {
            const { status, text } = await callRaw(demo.server, 'GET', spelling);
            expect(status, spelling).to.be.within(400, 499);
            expect(text, spelling).to.not.contain('Q1').and.not.contain('Lovelace');
        }

        for (const spelling of ['/oauth2/token/', '//oauth2/token', '/oauth2/./token', '/oauth2/%74oken', '/OAUTH2/TOKEN', '/oauth2/token;x', '/oauth2/token%00', '/oauth2/../oauth2/token', '/oauth2\\token', '/oauth2/token/..', '/oauth2', '/.well-known/openid-configuration/', '/.well-known/../oauth2/keys/x']) {
            const { status } = await callRaw(demo.server, 'POST', spelling, ['content-type: application/x-www-form-urlencoded'], 'grant_type=client_credentials');
            expect(status, spelling).to.be.within(400, 499);
        }
    });

    it('is told the same issuer and endpoints whatever host the request names', async () => {

        for (const headers of [['host: evil.example.com'], ['x-forwarded-host: evil.example.com', 'x-forwarded-proto: https'], ['forwarded: host=evil.example.com']]) {
            for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
                const { json, text } = await callRaw(demo.server, 'GET', path, headers);
                expect(json.issuer).to.equal(demo.url);
                expect(text).to.not.contain('evil');
            }

            const device = await callRaw(demo.server, 'POST', '/oauth2/device_authorization', ['content-type: application/x-www-form-urlencoded', ...headers], 'client_id=demo-tv');
            expect(device.json.verification_uri).to.equal(`${demo.url}/oauth2/device`);
        }
    });
});
