import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder } from '../../lib';
import { quietServer } from '../fixture/flows';
import { injectedBrowser } from '../fixture/injected-browser';
import { goodbye } from '../fixture/logout-server';
import { basic, form } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { device, deviceCodeType, login, redirectUri } from '../fixture/registered-server';
import { codeIn, ruleClients, ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const origin = 'https://client.example.com';
const authorization = basic('web', 'web-secret');

/** A server with every endpoint that there is. */
const everything = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const bench = await ruleServer({ configure: (hub) => configure(hub.registrationRoute((route) => route.allow('open'))) });
    const inject = async (method: string, url: string, headers: Readonly<Record<string, string>> = {}, payload?: string | Buffer) => {

        const response = await bench.server.inject({ method, url, headers, ...payload !== undefined && { payload } });
        const isJson = String(response.headers['content-type']).startsWith('application/json');
        return { status: response.statusCode, headers: response.headers, text: response.payload, json: { ...Object(isJson ? JSON.parse(response.payload) : {}) } as Record<string, unknown> };
    };

    return { ...bench, inject };
};

/** Endpoints to which programs post forms, and pages to which browsers do. */
const formEndpoints = ['/oauth2/token', '/oauth2/device_authorization', '/oauth2/introspect', '/oauth2/revoke'];
const pages = ['/oauth2/authorize', '/oauth2/authorize/interaction', '/oauth2/device', '/oauth2/logout', '/oauth2/logout/confirm'];
const documents = ['/oauth2/keys', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
const methodsOf: Readonly<Record<string, string>> = {
    ...Object.fromEntries(formEndpoints.map((path) => [path, 'POST'])),
    ...Object.fromEntries(documents.map((path) => [path, 'GET'])),
    ...Object.fromEntries(pages.map((path) => [path, 'GET, POST'])),
    '/oauth2/userinfo': 'GET, POST', '/oauth2/register': 'POST'
};
const formType = { 'content-type': 'application/x-www-form-urlencoded' };

describe('HTTP: rule 27', () => {

    it('rule 27: a body that is no form is 400 invalid_request at every form endpoint, and never 415', async () => {

        const { inject } = await everything();
        const bodies: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
            [{ 'content-type': 'application/json' }, '{"token":"x","grant_type":"client_credentials"}'], [{ 'content-type': 'application/json' }, '{'], [{ 'content-type': 'text/plain' }, 'token=x'], [{}, 'token=x'], [{}, ''],
            [{ 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\ncontent-disposition: form-data; name="token"\r\n\r\nx\r\n--x--\r\n'], [{ 'content-type': '/' }, 'token=x'], [{ ...formType, 'content-encoding': 'gzip' }, 'token=x']
        ];
        for (const path of formEndpoints) {
            for (const [headers, body] of bodies) {
                const { status, json } = await inject('POST', path, { authorization, ...headers }, body);
                expect([status, json.error], `${path} ${JSON.stringify(headers)} ${body}`).to.equal([400, 'invalid_request']);
            }
        }

        for (const path of pages) {
            for (const [headers, body] of bodies.filter(([sent]) => sent['content-type'] !== undefined)) {
                const { status, headers: answered } = await inject('POST', path, headers, body);
                expect([status, answered['content-type']], `${path} ${JSON.stringify(headers)}`).to.equal([400, 'text/html; charset=utf-8']);
            }
        }
    });

    it('rule 27: what is no JSON is 400 at the registration endpoint too', async () => {

        const { inject } = await everything();
        for (const [headers, body] of [[formType, 'redirect_uris=x'], [{ 'content-type': 'application/json' }, '{'], [{ 'content-type': 'text/plain' }, '{}'], [{}, '{}']] as const) {
            expect((await inject('POST', '/oauth2/register', headers, body)).status, JSON.stringify(headers)).to.equal(400);
        }
    });

    it('rule 27: over 64 kB is 413, at endpoints and pages', async () => {

        const { inject } = await everything();
        for (const path of [...formEndpoints, ...pages, '/oauth2/userinfo']) {
            expect((await inject('POST', path, { authorization, ...formType }, `x=${'x'.repeat(65_536)}`)).status, path).to.equal(413);
        }

        expect((await inject('POST', '/oauth2/register', { 'content-type': 'application/json' }, JSON.stringify({ client_name: 'x'.repeat(65_536) }))).status).to.equal(413);
    });

    it('rule 27: a wrong method is 405 with Allow, and OPTIONS stays CORS', async () => {

        const { inject } = await everything();
        for (const [path, allow] of Object.entries(methodsOf)) {
            for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((name) => !allow.split(', ').includes(name))) {
                const { status, headers } = await inject(method, path, {}, method === 'GET' ? undefined : 'x');
                expect([status, headers.allow], `${method} ${path}`).to.equal([405, allow]);
            }

            const preflight = await inject('OPTIONS', path, { origin, 'access-control-request-method': allow.split(', ')[0] ?? '' });
            expect([preflight.status, preflight.headers.allow, preflight.headers['access-control-allow-origin']], path).to.equal([200, undefined, pages.includes(path) ? undefined : '*']);
        }
    });

    it('rule 27: too many failures are 429 temporarily_unavailable with Retry-After', async () => {

        const { inject } = await everything((hub) => hub.setRateLimit({ clientSecret: { failures: 1, seconds: 60 } }));
        const ask = async (path: string) => await inject('POST', path, { ...formType, authorization: basic('web', 'guess') }, 'grant_type=authorization_code&token=x');
        expect((await ask('/oauth2/token')).status).to.equal(401);
        for (const path of formEndpoints) {
            const { status, headers, json } = await ask(path);
            expect([status, json.error, headers['retry-after']], path).to.equal([429, 'temporarily_unavailable', '60']);
        }
    });

    it('rule 27: parameters in the URL of an endpoint that programs post to are ignored', async () => {

        const { inject, tokens } = await everything();
        const { access_token: token } = await tokens();
        for (const path of ['/oauth2/introspect', '/oauth2/revoke']) {
            expect((await inject('POST', `${path}?token=${String(token)}`, { authorization, ...formType }, '')).json.error_description).to.equal('The parameter \'token\' is missing');
        }

        expect((await inject('POST', '/oauth2/token?client_id=machine&client_secret=machine-secret&grant_type=client_credentials', formType, '')).status).to.equal(400);
        expect((await inject('POST', '/oauth2/token?grant_type=x&scope=nonsense&client_id=other', { ...formType, authorization: basic('machine', 'machine-secret') }, 'grant_type=client_credentials')).status).to.equal(200);
    });

    it('rule 27: a known parameter that is repeated is invalid_request, an unknown one is ignored, repeated or not', async () => {

        const { inject } = await everything();
        const known: Readonly<Record<string, readonly string[]>> = {
            '/oauth2/token': ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id', 'client_secret'],
            '/oauth2/introspect': ['token', 'token_type_hint', 'client_id'], '/oauth2/revoke': ['token', 'token_type_hint', 'client_id'], '/oauth2/device_authorization': ['client_id', 'scope']
        };
        for (const [path, names] of Object.entries(known)) {
            const complete = new Map(path === '/oauth2/token' ? [['grant_type', 'authorization_code'], ['code', 'x'], ['code_verifier', 'x']] : path === '/oauth2/device_authorization' ? [['client_id', 'tv']] : [['token', 'x']]);
            const headers = { ...formType, ...path !== '/oauth2/device_authorization' && { authorization } };
            for (const name of names) {
                const body = [...[...complete].filter(([one]) => one !== name), [name, complete.get(name) ?? 'web'], [name, complete.get(name) ?? 'web']].map((pair) => pair.join('=')).join('&');
                expect((await inject('POST', path, headers, body)).json.error, `${path} ${body}`).to.equal('invalid_request');
            }
        }

        expect((await inject('POST', '/oauth2/introspect', { ...formType, authorization }, 'token=x&foo=1&foo=2&__proto__=1&__proto__=2&constructor=x')).json).to.equal({ active: false });
    });

    it('rule 27: a repeated client_id or redirect_uri at authorize is a page, a repeated state a redirect without state', async () => {

        const { authorizeUrl, browser } = await everything();
        for (const name of ['client_id', 'redirect_uri']) {
            for (const value of ['again', name === 'client_id' ? 'web' : encodeURIComponent(redirectUri)]) {
                const page = await browser().open(`${authorizeUrl()}&${name}=${value}`);
                expect([page.statusCode, page.headers['content-type']], name).to.equal([400, 'text/html; charset=utf-8']);
            }
        }

        const { location } = await browser().open(`${authorizeUrl()}&state=again`);
        expect(location).to.startWith(`${redirectUri}?error=invalid_request&`);
        expect(new URL(location).searchParams.has('state')).to.be.false();
    });
});

describe('HTTP: rule 28', () => {

    const forEveryOrigin = [...formEndpoints.filter((path) => path !== '/oauth2/introspect'), ...documents, '/oauth2/userinfo', '/oauth2/register'];

    it('rule 28: what programs in browsers call answers every origin without credentials, with errors and 405 too', async () => {

        const { inject } = await everything();
        for (const path of forEveryOrigin) {
            for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
                for (const headers of [{ origin }, { origin, authorization, ...formType }, { origin: 'null' }]) {
                    const { headers: answered } = await inject(method, path, headers, method === 'GET' ? undefined : 'x=1');
                    expect(answered['access-control-allow-origin'], `${method} ${path}`).to.equal('*');
                    expect(answered['access-control-allow-credentials'], `${method} ${path}`).to.be.undefined();
                    for (const name of ['www-authenticate', 'dpop-nonce', 'retry-after']) {
                        expect(String(answered['access-control-expose-headers']).toLowerCase().split(','), `${method} ${path}`).to.include(name);
                    }
                }
            }
        }
    });

    it('rule 28: preflights allow the headers that clients send', async () => {

        const { inject } = await everything();
        for (const path of forEveryOrigin) {
            const method = methodsOf[path]?.split(', ')[0] ?? '';
            const { headers } = await inject('OPTIONS', path, { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization, content-type, dpop, mcp-protocol-version' });
            expect(headers['access-control-allow-origin'], path).to.equal('*');
            expect(headers['access-control-allow-methods'], path).to.include(method);
            for (const name of ['authorization', 'content-type', 'dpop', 'mcp-protocol-version']) {
                expect(String(headers['access-control-allow-headers']).toLowerCase().split(','), path).to.include(name);
            }
        }
    });

    it('rule 28: pages answer no origin, whatever happens there', async () => {

        const { inject, authorizeUrl } = await everything();
        for (const path of [...pages, authorizeUrl(), '/oauth2/logout?client_id=web&state=s', '/oauth2/account']) {
            for (const method of ['GET', 'POST', 'PUT', 'OPTIONS']) {
                const { headers } = await inject(method, path, { origin, 'access-control-request-method': 'POST', ...formType }, method === 'GET' ? undefined : 'x=1');
                expect(Object.keys(headers).filter((name) => name.startsWith('access-control')), `${method} ${path}`).to.equal([]);
            }
        }
    });

    it('rule 28: setCors(false) answers no origin, a list only its own', async () => {

        const answered = async (setting: false | readonly string[], from: string) => {

            const { inject } = await everything((hub) => hub.setCors(setting));
            const replies = await Promise.all(forEveryOrigin.flatMap((path) => ['GET', 'POST'].map((method) => inject(method, path, { origin: from }, method === 'GET' ? undefined : 'x=1'))));
            return [...new Set(replies.map(({ headers }) => headers['access-control-allow-origin']))];
        };

        expect([await answered(false, origin), await answered([origin], origin), await answered([origin], 'https://evil.example.com')]).to.equal([[undefined], [origin], [undefined]]);
    });
});

describe('HTTP: rule 29', () => {

    it('rule 29: every redirect is 303, and every page and redirect is neither stored, nor framed, nor sniffed, nor told on', async () => {

        const { authorizeUrl, browser, send, inject, redeem } = await everything();
        const user = browser();
        const seen = [await user.send({ url: authorizeUrl() })];
        const visit = async (options: Parameters<typeof user.send>[0]) => {

            const page = await user.send(options);
            seen.push(page);
            return page;
        };

        const signInPage = await visit({ url: seen[0]?.location.startsWith('/') === true ? seen[0].location : authorizeUrl() });
        const action = (payload: string) => (/<form method="post" action="([^"]*)"/.exec(payload)?.[1] ?? '').replaceAll('&amp;', '&');
        const field = (payload: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(payload)?.[1] ?? '';
        await visit(form(action(signInPage.payload), { username: 'alice', password: 'guess' }));
        const signedIn = await visit(form(action(signInPage.payload), { username: 'alice', password: 'right' }));
        const consent = await visit({ url: signedIn.location });
        const decided = await visit(form(action(consent.payload), { about: field(consent.payload, 'about'), decision: 'allow' }));
        expect(codeIn(decided.location)).to.not.equal('');
        await visit({ url: authorizeUrl().replace('response_type=code', 'response_type=token') });
        await visit({ url: authorizeUrl().replace('client_id=web', 'client_id=nobody') });
        await visit({ url: `${authorizeUrl()}&response_mode=form_post` });
        await visit({ url: '/oauth2/device' });
        await visit({ url: '/oauth2/authorize/interaction' });
        const posted = await send('/oauth2/authorize', authorizeUrl().split('?')[1] ?? '', null);
        const hint = String((await redeem(codeIn(decided.location))).body.id_token);
        const question = await visit({ url: '/oauth2/logout' });
        await visit(form(action(question.payload), { decision: 'stay', request: '' }));
        await visit({ url: '/oauth2/logout/confirm' });
        await visit(form('/oauth2/logout/confirm', { decision: 'logout' }));
        await visit({ url: '/oauth2/logout?state=a&state=b' });
        const gone = await visit({ url: `/oauth2/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: goodbye }).toString()}` });
        expect([gone.statusCode, gone.location]).to.equal([303, goodbye]);
        await visit({ url: '/oauth2/logout' });
        const keptLogout = await send('/oauth2/logout', { state: 's' }, null);
        expect(String(keptLogout.headers.location)).to.startWith('/oauth2/logout?posted_request=');
        const others = await Promise.all([inject('PUT', '/oauth2/authorize'), inject('POST', '/oauth2/device', formType, 'x'.repeat(70_000)), inject('POST', '/oauth2/device', { ...formType, 'sec-fetch-site': 'cross-site' }, 'user_code=x')]);
        const all = [...seen, posted, keptLogout, ...others.map(({ status, headers, text }) => ({ statusCode: status, headers, payload: text }))];
        for (const { statusCode, headers, payload } of all) {
            const about = `${statusCode} ${String(headers.location)} ${payload.slice(0, 80)}`;
            expect([200, 303, 400, 403, 405, 413], about).to.include(statusCode);
            expect(headers, about).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
            const policy = String(headers['content-security-policy']);
            expect(policy, about).to.include('base-uri \'none\'').and.include('frame-ancestors \'none\'').and.not.include('form-action');
            expect(statusCode === 303 || policy.startsWith('default-src \'none\''), about).to.be.true();
        }

        expect(all.filter(({ statusCode }) => statusCode === 303).length).to.be.above(2);
    });

    it('rule 29: consent ends with a redirect to an https, a loopback and a private-use address, which no policy of the page stops', async () => {

        const { signIn } = await everything();
        for (const [clientId, uri] of [['web', redirectUri], ['cli', 'http://127.0.0.1:4711/cb?a=1'], ['app', 'com.example.app:/cb']] as const) {
            const { statusCode, location } = await signIn({ client_id: clientId, redirect_uri: uri, scope: 'openid email' });
            expect(statusCode).to.equal(303);
            expect(location).to.startWith(uri).and.include('code=');
        }
    });
});

describe('HTTP: rule 30', () => {

    it('rule 30: under a prefix a flow needs the hub first, whose well-known routes stay at the root and whose issuer does not change', async () => {

        const server = quietServer();
        expect(await refusalOf(server, { name: 'app', register: (inner) => inner.register(OAuth2ClientCredentialsBuilder.create(), { routes: { prefix: '/v1' } }) })).to.include('register the AuthorizationServerBuilder first, without a prefix');
        await server.register(AuthorizationServerBuilder.create().setClients(ruleClients).authenticateUser(({ username, password }) => (password === 'right' ? username : null)));
        await server.register([login(), device()], { routes: { prefix: '/v1' } });
        const { payload } = await server.inject('/.well-known/openid-configuration');
        expect(JSON.parse(payload)).to.include({ issuer: 'http://localhost', token_endpoint: 'http://localhost/v1/oauth2/token', authorization_endpoint: 'http://localhost/v1/oauth2/authorize', device_authorization_endpoint: 'http://localhost/v1/oauth2/device_authorization' });
        expect((await server.inject('/v1/.well-known/openid-configuration')).statusCode).to.equal(404);
    });

    it('rule 30: sign-in, consent and redemption work under a prefix', async () => {

        const { authorizeUrl, redeem } = await ruleServer();
        const server = quietServer();
        await server.register(AuthorizationServerBuilder.create().setClients(ruleClients).authenticateUser(({ username, password }) => (password === 'right' ? username : null)));
        await server.register(login(), { routes: { prefix: '/v1' } });
        const user = injectedBrowser(server);
        const consent = await user.submit(await user.open(`/v1${authorizeUrl()}`), { username: 'alice', password: 'right' });
        const { location } = await user.submit(consent, { decision: 'allow' });
        expect(new URL(location).searchParams.get('iss')).to.equal('http://localhost');
        expect((await redeem(codeIn(location))).body.error).to.equal('invalid_grant');       // Another server's
        const { statusCode } = await server.inject(form('/v1/oauth2/token', { grant_type: 'authorization_code', code: codeIn(location), redirect_uri: redirectUri, code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' }, { authorization }));
        expect(statusCode).to.equal(200);
    });

    it('rule 30: odd foreign cookies are no reason for a 400 anywhere, and neither are broken ones under our names', async () => {

        const { inject, authorizeUrl } = await everything();
        const cookies = ['theme="{\\"a\\":1}; =x; a b=c; session=\u00e9', 'x={"a":1}; y="', 'oauth2-session=x; oauth2-browser=y', 'oauth2-session="; oauth2-browser=\u00e9', 'oauth2-session=a.b; oauth2-session=c.d; oauth2-browser=..', `oauth2-session=${'x'.repeat(4000)}`, '__proto__=x; oauth2-session=__proto__.constructor'];
        for (const cookie of cookies) {
            for (const path of [...documents, authorizeUrl(), '/oauth2/device']) {
                expect([200, 303], `${path} ${cookie}`).to.include((await inject('GET', path, { cookie })).status);
            }

            expect((await inject('POST', '/oauth2/token', { ...formType, cookie, authorization: basic('machine', 'machine-secret') }, 'grant_type=client_credentials')).status, cookie).to.equal(200);
            expect((await inject('POST', '/oauth2/introspect', { ...formType, cookie, authorization }, 'token=x')).status, cookie).to.equal(200);
            expect((await inject('GET', '/oauth2/userinfo', { cookie })).status, cookie).to.equal(401);
        }
    });
});

describe('HTTP: rule 31', () => {

    const devices = async () => {

        const bench = await ruleServer();
        const { body } = await bench.send('/oauth2/device_authorization', {}, 'tv');
        const deviceCode = String(body.device_code);
        const poll = async (clientId = 'tv', code = deviceCode) => {

            bench.clock.advance(6);
            const { statusCode, body: reply } = await bench.send('/oauth2/token', { grant_type: deviceCodeType, device_code: code }, clientId);
            return [statusCode, reply.error];
        };

        const decide = async (decision: string) => {

            const user = bench.browser();
            const page = await user.submit(await user.open('/oauth2/device'), { user_code: String(body.user_code), username: 'alice', password: 'right' });
            return await user.submit(page, { decision });
        };

        return { ...bench, deviceCode, poll, decide };
    };

    it('rule 31: an expired device code is expired_token, for 10 minutes after its end, and then invalid_grant', async () => {

        const { poll, clock } = await devices();
        expect(await poll()).to.equal([400, 'authorization_pending']);
        clock.advance(588);
        expect(await poll()).to.equal([400, 'expired_token']);
        clock.advance(590);
        expect(await poll()).to.equal([400, 'expired_token']);
        clock.advance(10);
        expect(await poll()).to.equal([400, 'invalid_grant']);
    });

    it('rule 31: a denied one is access_denied, also when asked again', async () => {

        const { poll, decide } = await devices();
        await decide('deny');
        expect([await poll(), await poll(), await poll()]).to.equal([[400, 'access_denied'], [400, 'access_denied'], [400, 'access_denied']]);
    });

    it('rule 31: an unknown one, a used one and that of another client are invalid_grant', async () => {

        const { poll, decide, deviceCode, code } = await devices();
        expect([await poll('radio'), await poll('tv', 'x'), await poll('tv', `${deviceCode.slice(0, -1)}${deviceCode.endsWith('A') ? 'B' : 'A'}`), await poll('tv', await code())]).to.equal(Array.from({ length: 4 }, () => [400, 'invalid_grant']));
        await decide('allow');
        expect([await poll('radio'), await poll(), await poll()]).to.equal([[400, 'invalid_grant'], [200, undefined], [400, 'invalid_grant']]);
    });
});
