import { badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { authorizeQuery, codeChallenge, redirectUri } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder, OAuth2Error, OIDCAuthorizationCodeBuilder, type AuthorizationContext, type AuthorizationPageContext, type AuthorizationResult, type AuthorizationRoute, type FinalizeAuthorizationContext, type GenerateCode } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = '/oauth2/authorize';
const url = (changes: Readonly<Record<string, string | null>> = {}) => `${path}?${authorizeQuery(changes)}`;
const credentials = { username: 'alice', password: 'correct' };

/** A server whose users are verified by this handler. */
const server = async (generateCode: GenerateCode, configure: (route: AuthorizationRoute) => unknown = () => undefined) => {

    const flow = OAuth2AuthorizationCodeBuilder.create()
        .setScopes({ email: 'Your e-mail address', profile: 'Your name' })
        .authorizationRoute((route) => configure(route.generateCode(generateCode)))
        .tokenRoute((route) => route.generateToken(() => null));
    return (await provision([flow], (hub) => hub.setIssuer('https://auth.example.com/tenant').allowDevelopmentDefaults())).server;
};

const code = (): AuthorizationResult => ({ type: 'code', value: 'the-code' });
const never = (): never => {

    throw new Error('generateCode() must not run');
};

/** HTML text as a browser reads it. */
const unescaped = (html: string) => html.replaceAll('&amp;', '&').replace(/&#x([0-9a-f]+);/g, (_entity, hex: string) => String.fromCodePoint(parseInt(hex, 16)));

const location = ({ headers }: Hapi.ServerInjectResponse) => String(headers.location);

describe('The authorization endpoint', () => {

    it('leaves a name and a password that came in the URL out of the page', async () => {

        const app = await server(never);
        for (const response of [await app.inject(url({ password: 'hunter2', username: 'alice' })), await app.inject(form('/oauth2/authorize', url({ password: 'hunter2' }).split('?')[1] ?? ''))]) {
            expect(response.statusCode).to.equal(200);
            expect(unescaped(response.payload)).to.include('client_id=').and.not.include('hunter2').and.not.include('alice');
        }
    });

    it('lets a renderer look first: it refuses, or leaves the page to us', async () => {

        const app = await server(never, (route) => route.setGETResponseRenderer(({ clientId }, _request, h) => {

            if (clientId === 'nobody') {
                throw new OAuth2Error('invalid_request', 'This client is not known');
            }

            return h.continue;
        }));
        const { statusCode, payload } = await app.inject(url());
        expect([statusCode, payload.includes('type="password"')]).to.equal([200, true]);
        const refused = await app.inject(url({ client_id: 'nobody' }));
        expect([refused.statusCode, refused.payload.includes('type="password"')]).to.equal([400, false]);
    });

    it('shows the form, which posts to the same request', async () => {

        const app = await server(never);

        const { statusCode, payload, headers } = await app.inject(url());
        expect(statusCode).to.equal(200);
        expect(headers['content-type']).to.equal('text/html; charset=utf-8');
        const [, action = ''] = /<form method="post" action="([^"]+)">/.exec(payload) ?? [];
        expect(unescaped(action)).to.equal(`?${authorizeQuery()}`);
        expect(payload).to.include('name="username"').and.include('name="password"');
        expect(payload).to.not.include('role="alert"');
    });

    it('answers HEAD, as for every page', async () => {

        const app = await server(never);
        expect((await app.inject({ method: 'HEAD', url: url() })).statusCode).to.equal(200);
    });

    it('takes an authorization request in the form of a POST, and shows the same page', async () => {

        const app = await server(never);

        const { statusCode, payload } = await app.inject(form(path, authorizeQuery({ state: 'ü &"' })));
        expect(statusCode).to.equal(200);
        expect(payload).to.equal((await app.inject(url({ state: 'ü &"' }))).payload);
    });

    it('does not take a password that comes with the authorization request itself', async () => {

        const app = await server(never);
        expect((await app.inject(form(path, `${authorizeQuery()}&username=alice&password=correct`))).statusCode).to.equal(200);
    });

    it('hands the handler the whole request, and what the user entered', async () => {

        const seen: AuthorizationContext[] = [];
        const app = await server((ctx) => {

            seen.push(ctx);
            return code();
        });
        const changes = { scope: 'email profile email', nonce: 'n-1', state: 'a b', resource: 'https://api.example.com', unknown: 'x' };
        await app.inject(form(`${url(changes)}&resource=urn:b`, credentials));
        await app.inject(form(url(), {}));

        const rest = { clientId: 'spa', redirectUri, responseType: 'code', codeChallenge, codeChallengeMethod: 'S256' } as const;
        expect(seen).to.equal([
            { ...rest, scope: 'email profile', nonce: 'n-1', state: 'a b', resource: ['https://api.example.com', 'urn:b'], ...credentials },
            { ...rest, scope: undefined, nonce: undefined, state: 'abc', resource: [], username: undefined, password: undefined }
        ]);
    });

    it('reads the request from the URL only when the form is posted', async () => {

        const app = await server(({ clientId }) => (clientId === 'spa' ? code() : never()));

        const response = await app.inject(form(url(), { ...credentials, client_id: 'other', redirect_uri: 'https://evil.example.com' }));
        expect(location(response)).to.match(/^https:\/\/app\.example\.com\/callback\?tenant=a%20b&code=the-code&/);
    });

    it('sends the code to the client by 303, with state, iss, and the query that was registered', async () => {

        const app = await server(code);

        const response = await app.inject(form(url({ state: 'a b+c%2B&=#\r\n☃' }), credentials));
        expect(response.statusCode).to.equal(303);
        expect(location(response)).to.equal(`${redirectUri}&code=the-code&state=a%20b%2Bc%252B%26%3D%23%0D%0A%E2%98%83&iss=https%3A%2F%2Fauth.example.com%2Ftenant`);
        expect(response.payload).to.equal('');
    });

    it('sends no state where none was sent', async () => {

        const app = await server(code);
        for (const state of [null, '']) {
            expect(new URL(location(await app.inject(form(url({ state }), credentials)))).searchParams.has('state')).to.be.false();
        }
    });

    it('sends a denial to the client', async () => {

        const app = await server(() => ({ type: 'deny' }));

        const response = await app.inject(form(url({ redirect_uri: 'com.example.app:/callback' }), credentials));
        expect(response.statusCode).to.equal(303);
        expect(location(response)).to.equal('com.example.app:/callback?error=access_denied&error_description=The%20user%20denied%20the%20request&state=abc&iss=https%3A%2F%2Fauth.example.com%2Ftenant');
    });

    it('comes back to the same request for one more step', async () => {

        const app = await server(() => ({ type: 'continue' }));

        const response = await app.inject(form(url(), credentials));
        expect(response.statusCode).to.equal(303);
        expect(new URL(location(response), `https://auth.example.com${path}`).href).to.equal(`https://auth.example.com${url()}`);
    });

    it('shows the form again for a null result, and says that something was wrong', async () => {

        const app = await server(() => null);
        const events: unknown[] = [];
        app.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push([tags, data]));

        const { statusCode, payload, headers } = await app.inject(form(url(), { ...credentials, password: 'very-secret' }));
        expect(events).to.equal([[['oauth', 'refused'], { reason: 'wrong_credentials', error: 'access_denied', client_id: 'spa' }]]);
        expect(statusCode).to.equal(400);
        expect(headers.location).to.be.undefined();
        expect(payload).to.include('<p id="problem" role="alert">The username or the password is wrong</p>');
        expect(unescaped(payload)).to.include(`action="?${authorizeQuery()}"`);
        expect(payload).to.not.include('very-secret');
    });

    it('redirects nowhere until the handler has answered', async () => {

        const order: string[] = [];
        const app = await server(async () => {

            await Promise.resolve();
            order.push('answered');
            return code();
        });
        app.ext('onPreResponse', ({ response }, h) => {

            order.push('isBoom' in response ? 'error' : `redirect ${String('location' in response.headers)}`);
            return h.continue;
        });
        await app.inject(form(url(), credentials));
        await app.inject(form(url({ response_type: 'token' }), credentials));
        expect(order).to.equal(['answered', 'redirect true', 'error']);
    });

    it('is a page without an echo when the handler throws', async () => {

        const errors: readonly (readonly [Error, number, string])[] = [
            [new Error('password of db is hunter2'), 500, 'server_error'],
            [new TypeError('hunter2'), 500, 'server_error'],
            [new OAuth2Error('server_error', 'hunter2'), 500, 'server_error'],
            [badRequest('hunter2'), 500, 'server_error'],
            [new OAuth2Error('unauthorized_client', 'This client is not known'), 400, 'unauthorized_client']
        ];
        for (const [error, status, name] of errors) {
            const app = await server(() => {

                throw error;
            });
            const response = await app.inject(form(url(), credentials));
            expect(response.statusCode).to.equal(status);
            expect(response.headers['content-type']).to.equal('text/html; charset=utf-8');
            expect(response.headers.location).to.be.undefined();
            expect(response.payload).to.include(`<code>${name}</code>`);
            expect(`${response.payload}${JSON.stringify(response.headers)}`).to.not.include('hunter2');
        }

        const unauthorized = await server(() => {

            throw new OAuth2Error('unauthorized_client', 'This client is not known');
        });
        expect((await unauthorized.inject(form(url(), credentials))).payload).to.include('This client is not known.');
    });

    it('is a 500 that says to the log what a handler has to return, for anything else', async () => {

        const nonsense = [undefined, 'code', 7, true, {}, [], { type: 'cod' }, { type: 'code' }, { type: 'code', value: 7 }, { type: 'code', value: '' }, { type: 'code', value: 'a\r\nb' }, { type: 'code', value: 'ü' }];
        for (const result of nonsense) {
            const app = await server(() => result as AuthorizationResult);
            const logged: unknown[] = [];
            app.events.on({ name: 'request', channels: ['error'] }, (_request, { error }) => logged.push(error));
            const response = await app.inject(form(url(), credentials));
            expect(response.statusCode, JSON.stringify(result)).to.equal(500);
            expect(response.headers.location).to.be.undefined();
            const [error] = logged;
            expect(error).to.be.instanceof(OAuth2Error);
            expect(String((error as OAuth2Error).cause)).to.match(/generateCode\(\) returned no result: return \{ type: 'code', value \}/);
        }
    });

    it('encodes a code, whatever is in it', async () => {

        const app = await server(() => ({ type: 'code', value: 'a b&c=d#e' }));
        expect(new URL(location(await app.inject(form(url(), credentials)))).searchParams.get('code')).to.equal('a b&c=d#e');
    });

    it('refuses redirect URIs that nothing may be sent to, before anybody is asked', async () => {

        const app = await server(never);
        const uris = [
            'https://app.example.com/#', 'https://app.example.com/#x', 'javascript:alert(1)', 'JavaScript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:x', 'about:blank',
            'https://app.example.com/\r\nset-cookie: a=b', 'https://app.example.com/ x', '\thttps://app.example.com', 'https://user@app.example.com/', 'https://user:pw@app.example.com/',
            'http://app.example.com/', 'http://localhost.evil.com/', '/relative', '//app.example.com', 'app.example.com', 'https://äpp.example.com/', ''
        ];
        for (const uri of uris) {
            for (const request of [url({ redirect_uri: uri }), form(url({ redirect_uri: uri }), credentials)]) {
                const { statusCode, headers, payload } = await app.inject(request);
                expect(statusCode, uri).to.equal(400);
                expect(headers.location, uri).to.be.undefined();
                expect(payload, uri).to.include('<code>invalid_request</code>');
            }
        }
    });

    it('takes https, loopback http and private-use schemes', async () => {

        const app = await server(code);
        for (const uri of ['https://app.example.com', 'http://127.0.0.1:4711/cb', 'http://[::1]/cb', 'http://localhost:3000/?a=b&c', 'com.example.app:/cb']) {
            const response = await app.inject(form(url({ redirect_uri: uri }), credentials));
            expect(response.statusCode, uri).to.equal(303);
            expect(location(response), uri).to.match(new RegExp(`^${uri.replace(/[.?[\]/]/g, '\\$&')}[?&]code=the-code&state=abc&iss=`));
        }
    });

    it('refuses what it does not do, by a page that names it', async () => {

        const app = await server(never);
        const refusals: Readonly<Record<string, readonly [Readonly<Record<string, string | null>>, string]>> = {
            unsupported_response_type: [{ response_type: 'token' }, 'The response_type must be code'],
            invalid_request: [{ response_mode: 'form_post' }, 'The response_mode must be query'],
            request_not_supported: [{ request: 'a.b.c' }, 'Request objects are not supported'],
            request_uri_not_supported: [{ request_uri: 'urn:x' }, 'Request objects are not supported'],
            registration_not_supported: [{ registration: '{}' }, 'Clients cannot be registered by an authorization request'],
            invalid_scope: [{ scope: 'nowhere' }, 'The scope is not known here']
        };
        for (const [error, [changes, description]] of Object.entries(refusals)) {
            const { statusCode, payload } = await app.inject(url(changes));
            expect(statusCode).to.equal(400);
            expect(payload).to.include(`<code>${error}</code>`).and.include(`>${description}.</p>`);
        }

        expect((await app.inject(url({ response_mode: 'query' }))).statusCode).to.equal(200);
    });

    it('escapes whatever it reflects', async () => {

        const attack = '"><script>alert(1)</script>';
        const app = await server(() => null, (route) => route.setUsernameField(attack).setPasswordField(attack));

        for (const name of ['state', 'nonce', 'client_id', 'code', 'login_hint', attack]) {
            for (const { payload } of [await app.inject(url({ [name]: attack })), await app.inject(form(path, authorizeQuery({ [name]: attack }))), await app.inject(form(url({ [name]: attack }), { [attack]: attack }))]) {
                expect(payload, name).to.not.include('<script').and.not.include('"><');
            }
        }

        for (const name of ['response_type', 'redirect_uri', 'scope', 'response_mode', 'code_challenge', 'code_challenge_method']) {
            expect((await app.inject(url({ [name]: attack }))).payload, name).to.not.include('<script').and.not.include('"><');
        }
    });

    it('uses the app\'s names for its fields', async () => {

        const app = await server(({ username, password }) => (username === 'alice' && password === 'correct' ? code() : null), (route) => route.setUsernameField('email').setPasswordField('pin'));

        expect((await app.inject(url())).payload).to.include('name="email"').and.include('name="pin"');
        expect((await app.inject(form(url(), { email: 'alice', pin: 'correct' }))).statusCode).to.equal(303);
        expect((await app.inject(form(url(), credentials))).statusCode).to.equal(400);
    });

    it('is at the path, with the options, that it was given, and below the prefix of its plugin', async () => {

        const flow = OAuth2AuthorizationCodeBuilder.create()
            .authorizationRoute((route) => route.setPath('/login').setOptions({ tags: ['page'], app: {}, cors: true }).generateCode(code))
            .tokenRoute((route) => route.generateToken(() => null));
        const { server: app } = await provision([]);
        await app.register({ plugin: flow, routes: { prefix: '/v1' } });

        const response = await app.inject({ url: `/v1/login?${authorizeQuery()}`, headers: { origin: 'https://evil.example.com' } });
        expect(response.statusCode).to.equal(200);
        expect(response.headers['access-control-allow-origin']).to.be.undefined();
        expect(app.match('get', '/v1/login')?.settings).to.include({ tags: ['page'], description: 'OAuth 2.0 authorization endpoint' });
    });
});

describe('The pages of an app', () => {

    it('replace the form: first, and after a wrong entry', async () => {

        const seen: AuthorizationPageContext[] = [];
        const app = await server(() => null, (route) => route.setGETResponseRenderer((ctx, request, h) => {

            seen.push(ctx);
            return h.response(`<p>${request.path}</p>`).code(ctx.statusCode).header('content-security-policy', 'default-src \'self\'');
        }));

        const first = await app.inject(url());
        expect(first.payload).to.equal(`<p>${path}</p>`);
        expect(first.headers).to.include({ 'content-security-policy': 'default-src \'self\'', 'cache-control': 'no-store', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
        const failed = await app.inject(form(url(), credentials));
        expect(failed.statusCode).to.equal(400);
        const [one, two] = seen;
        expect(one).to.include({ clientId: 'spa', redirectUri, action: `?${authorizeQuery()}`, usernameField: 'username', passwordField: 'password', statusCode: 200, errorMessage: undefined });
        expect(two).to.include({ statusCode: 400, errorMessage: 'The username or the password is wrong' });
        expect(JSON.stringify(seen)).to.not.include('correct');
    });

    it('replace only the one after a wrong entry', async () => {

        const app = await server(() => null, (route) => route.setPOSTErrorRenderer(({ errorMessage }) => `mine: ${errorMessage ?? ''}`));

        expect((await app.inject(url())).payload).to.include('<form method="post"');
        const failed = await app.inject(form(url(), credentials));
        expect(failed.payload).to.equal('mine: The username or the password is wrong');
        expect(failed.headers['content-security-policy']).to.equal('base-uri \'none\'; frame-ancestors \'none\'');
    });

    it('may end a step themselves, with the redirect prepared', async () => {

        const seen: FinalizeAuthorizationContext[] = [];
        let result: AuthorizationResult = { type: 'continue', value: { consent: ['email'] } };
        const app = await server(() => result, (route) => route.finalizeAuthorization((ctx, _request, h) => {

            seen.push(ctx);
            return ctx.authorizationResult.type === 'continue' ? h.response('Do you agree?') : h.redirect(ctx.fullRedirectUri).state('theme', 'dark');
        }));

        expect((await app.inject(form(url(), credentials))).payload).to.equal('Do you agree?');
        expect(seen[0]).to.include({ clientId: 'spa', authorizationResult: result, fullRedirectUri: `?${authorizeQuery()}` });
        result = code();
        const response = await app.inject(form(url(), credentials));
        expect(response.statusCode).to.equal(303);
        expect(location(response)).to.include('code=the-code');
        expect(response.headers['set-cookie']).to.exist();
    });

    it('do not redirect with a status that would post the password on', async () => {

        for (const change of [(response: Hapi.ResponseObject) => response.code(307), (response: Hapi.ResponseObject) => response.code(308), (response: Hapi.ResponseObject) => response.code(301), (response: Hapi.ResponseObject) => response]) {
            const app = await server(code, (route) => route.finalizeAuthorization((ctx, _request, h) => change(h.redirect(ctx.fullRedirectUri))));
            expect((await app.inject(form(url(), credentials))).statusCode).to.equal(303);
        }
    });

    it('that throw become the error page', async () => {

        const app = await server(code, (route) => route.finalizeAuthorization(() => {

            throw new Error('template is missing');
        }));
        const { statusCode, payload, headers } = await app.inject(form(url(), credentials));
        expect(statusCode).to.equal(500);
        expect(payload).to.include('<code>server_error</code>').and.not.include('template');
        expect(headers.location).to.be.undefined();
    });
});

describe('The authorization endpoint of OpenID Connect', () => {

    it('drops unknown scopes of an OpenID request and knows offline_access only where tokens are refreshed', async () => {

        const seen: unknown[] = [];
        const flow = () => OIDCAuthorizationCodeBuilder.create()
            .setScopes({ email: 'Your e-mail address' })
            .authorizationRoute((route) => route.generateCode(({ scope }) => {

                seen.push(scope);
                return { type: 'deny' };
            }))
            .tokenRoute((route) => route.generateToken(() => null));
        const { server: plain } = await provision([flow()]);
        const { server: refreshing } = await provision([flow().refreshTokenRoute((route) => route.generateToken(() => null))]);

        for (const app of [plain, refreshing]) {
            await app.inject(form(url({ scope: 'openid email offline_access nowhere' }), credentials));
        }

        expect(seen).to.equal(['openid email', 'openid email offline_access']);
        expect((await plain.inject(url({ scope: 'email nowhere' }))).statusCode).to.equal(400);
    });
});
