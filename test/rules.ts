import { Boom } from '@hapi/boom';
import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { epoch } from './fixture/clock';
import { authorizeQuery, codeChallenge, codeVerifier, devices, machines, people, quietServer, redirectUri, table, users } from './fixture/flows';
import { claimsOf, headerOf } from './fixture/jwt';
import { basic, listening, provision } from './fixture/provision';
import { refusalOf } from './fixture/refusal';
import {
    ClientSecretBasic, ClientSecretPost, NoneAuthMethod, OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder,
    OAuth2DeviceAuthorizationBuilder, OAuth2Error, OIDCAuthorizationCodeBuilder, type AuthorizationServerBuilder, type OAuth2ErrorCode,
    type TokenResult,
    type UnprovenTokenContext
} from '../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Headers = Readonly<Record<string, string>>;
type Json = Record<string, unknown>;

const authorization = basic('machine', 'secret');
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Posts a form, and follows nothing. */
const post = (url: string, parameters: Readonly<Record<string, string>> | string, headers: Headers = {}) => fetch(url, {
    method: 'POST', body: typeof parameters === 'string' ? parameters : new URLSearchParams(parameters).toString(), redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }
});

const get = (url: string, headers: Headers = {}) => fetch(url, { redirect: 'manual', headers });

const json = async (response: Response) => ({ ...Object(await response.json()) }) as Json;

/** A server with a flow of each kind, and a route that each strategy protects, on a real port. */
const everything = async (run: (url: string, server: Hapi.Server) => Promise<unknown>, configure?: (hub: AuthorizationServerBuilder) => unknown) => {

    const { server } = await provision([machines().setScopes({ 'reports:read': 'Read reports' }), people(), devices()], configure);
    for (const strategy of ['oauth2', 'oauth2-client-credentials', 'oidc-authorization-code']) {
        server.route({ method: 'GET', path: `/for/${strategy}`, options: { auth: strategy }, handler: ({ auth: { credentials } }) => credentials });
    }

    server.route({ method: 'GET', path: '/reports', options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } }, handler: () => 'ok' });
    await listening(server, (url) => run(url, server));
};

/** A machine's token endpoint whose handler does this. */
const handling = async (handler: () => TokenResult, run: (url: string, server: Hapi.Server) => Promise<unknown>) => {

    const { server } = await provision([OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(handler))]);
    await listening(server, (url) => run(url, server));
};

const machineToken = async (url: string, parameters: Readonly<Record<string, string>> = {}) =>
    await json(await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', ...parameters }, { authorization }));

const personToken = async (url: string) =>
    await json(await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', client_id: 'spa', code: 'the-code', code_verifier: codeVerifier }));

const credentials = { username: 'alice', password: 'correct' };

describe('The table of errors', () => {

    it('every reply of a token-like endpoint is JSON that nobody stores: 200, 400, 401, 405, 413 and 500', async () => {

        await everything(async (url, server) => {

            server.ext('onPreHandler', ({ headers }, h) => {

                if (headers['x-fail'] !== undefined) {
                    throw new Error('the pool is drained');
                }

                return h.continue;
            });
            for (const path of ['/oauth2/token', '/oauth2/device_authorization']) {
                const big = `x=${'x'.repeat(65_536)}`;
                const good = { grant_type: 'client_credentials', client_id: 'machine' };
                const replies: readonly (readonly [number, Response])[] = [
                    [200, await post(url + path, good, { authorization })],
                    [400, await post(url + path, 'client_id=a&client_id=b')],
                    [401, await post(url + path, good, { authorization: 'Basic !' })],
                    [405, await get(url + path)],
                    [413, await post(url + path, big)],
                    [500, await post(url + path, good, { authorization, 'x-fail': '1' })]
                ];
                for (const [status, response] of replies) {
                    expect(response.status, `${path} ${status}`).to.equal(status);
                    expect(response.headers.get('content-type'), `${path} ${status}`).to.equal('application/json; charset=utf-8');
                    expect(response.headers.get('cache-control'), `${path} ${status}`).to.equal('no-store');
                    expect(response.headers.get('pragma'), `${path} ${status}`).to.equal('no-cache');
                    const { error, error_description: description, ...others } = await json(response);
                    if (status !== 200) {
                        expect(error).to.be.a.string();
                        expect(description).to.be.a.string();
                        expect(others).to.equal({});
                    }
                }
            }
        });
    });

    it('a missing or repeated parameter is 400 invalid_request', async () => {

        await everything(async (url) => {

            const refused = ['', 'client_id=spa', 'grant_type=&client_id=spa', 'grant_type=client_credentials&grant_type=client_credentials', 'grant_type=authorization_code&client_id=spa', 'grant_type=authorization_code&client_id=spa&code=a&code=b', `grant_type=${deviceGrant}&client_id=tv`];
            for (const body of refused) {
                const response = await post(`${url}/oauth2/token`, body);
                expect(response.status, body).to.equal(400);
                expect((await json(response)).error, body).to.equal('invalid_request');
            }
        });
    });

    it('resource may repeat', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(({ resource }) => ({ access_token: resource.join(',') })));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            const { access_token: token } = await json(await post(`${url}/oauth2/token`, 'grant_type=client_credentials&resource=urn:a&resource=urn:b', { authorization }));
            expect(token).to.equal('urn:a,urn:b');
        });
    });

    it('two ways of client authentication are 400 invalid_request', async () => {

        await everything(async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'secret' }, { authorization });
            expect(response.status).to.equal(400);
            expect((await json(response)).error).to.equal('invalid_request');
        });
    });

    it('an unknown client is 401 invalid_client, with a Basic challenge where Basic was used', async () => {

        await handling(() => {

            throw new OAuth2Error('invalid_client', 'Client authentication failed');
        }, async (url) => {

            const withBasic = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(withBasic.status).to.equal(401);
            expect(withBasic.headers.get('www-authenticate')).to.match(/^Basic realm="/);
            expect(await json(withBasic)).to.equal({ error: 'invalid_client', error_description: 'Client authentication failed' });

            const withPost = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', client_id: 'machine', client_secret: 'secret' });
            expect(withPost.status).to.equal(401);
            expect(withPost.headers.get('www-authenticate')).to.be.null();
        });
    });

    it('an unknown grant_type is 400 unsupported_grant_type', async () => {

        await everything(async (url) => {

            for (const grantType of ['password', 'refresh_token', 'toString', '__proto__']) {
                const response = await post(`${url}/oauth2/token`, { grant_type: grantType, client_id: 'spa' });
                expect(response.status).to.equal(400);
                expect((await json(response)).error).to.equal('unsupported_grant_type');
            }
        });
    });

    it('what a handler refuses with has the status of its code (rule 31)', async () => {

        const codes: Readonly<Partial<Record<OAuth2ErrorCode, number>>> = {
            invalid_grant: 400, unauthorized_client: 400, invalid_scope: 400, invalid_target: 400, invalid_client: 401,
            authorization_pending: 400, slow_down: 400, access_denied: 400, expired_token: 400
        };
        const flow = OAuth2DeviceAuthorizationBuilder.create().tokenRoute((route) => route.generateToken(({ deviceCode }) => ({ error: deviceCode as OAuth2ErrorCode, error_description: 'Why "it" failed ☹' })));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            for (const [error, status] of Object.entries(codes)) {
                const response = await post(`${url}/oauth2/token`, { grant_type: deviceGrant, client_id: 'tv', device_code: error });
                expect(response.status, error).to.equal(status);
                expect(await json(response)).to.equal({ error, error_description: 'Why \'it\' failed ?' });
            }
        });
    });

    it('an unknown scope is 400 invalid_scope', async () => {

        await everything(async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', scope: 'reports:read reports:write' }, { authorization });
            expect(response.status).to.equal(400);
            expect((await json(response)).error).to.equal('invalid_scope');
            expect((await machineToken(url, { scope: 'reports:read' })).error).to.be.undefined();
        });
    });

    it('what a handler throws is 500 server_error, in the log with its cause and on the wire without', async () => {

        await handling(() => {

            throw new Error('password of db is hunter2');
        }, async (url, server) => {

            const events: unknown[] = [];
            server.events.on({ name: 'request', channels: ['error'] }, (_request, { error }) => events.push(error));
            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(response.status).to.equal(500);
            const text = await response.text();
            expect(JSON.parse(text)).to.equal({ error: 'server_error', error_description: 'The server could not answer this request' });
            expect(`${text}${JSON.stringify([...response.headers])}`).to.not.include('hunter2');
            expect(events).to.have.length(1);
            expect(String(events[0])).to.include('password of db is hunter2');
        });
    });

    it('a store that is out of reach is 503 temporarily_unavailable with Retry-After', async () => {

        await handling(() => {

            throw new OAuth2Error('temporarily_unavailable', 'Try again later', { cause: new Error('redis is down'), headers: { 'retry-after': '7' } });
        }, async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(response.status).to.equal(503);
            expect(response.headers.get('retry-after')).to.equal('7');
            expect(await json(response)).to.equal({ error: 'temporarily_unavailable', error_description: 'Try again later' });
        });
    });

    it('a Boom that a handler throws is 500 server_error: neither its status nor its text nor its headers reach the client', async () => {

        const leaking = new Boom('hunter2', { statusCode: 401 });
        Object.assign(leaking.output.headers, { 'WWW-Authenticate': 'Digest realm="hunter2"', 'x-leak': 'hunter2' });
        await handling(() => {

            throw leaking;
        }, async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(response.status).to.equal(500);
            expect(JSON.stringify([...response.headers])).to.not.include('hunter2');
            expect(await json(response)).to.equal({ error: 'server_error', error_description: 'The server could not answer this request' });
        });
    });

    it('a reply that JSON cannot hold is 500 server_error in the form of every error', async () => {

        await handling(() => ({ access_token: 'x', plan: 10n }), async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(response.status).to.equal(500);
            expect(response.headers.get('cache-control')).to.equal('no-store');
            expect((await json(response)).error).to.equal('server_error');
        });
    });

    it('an authorization request that no handler vouched for is a page, never a redirect', async () => {

        await everything(async (url) => {

            const unknown = [{ client_id: 'stranger' }, { redirect_uri: 'https://evil.example.com/' }];
            for (const changes of unknown) {
                const response = await post(`${url}/oauth2/authorize?${authorizeQuery(changes)}`, credentials);
                expect(response.status).to.equal(400);
                expect(response.headers.get('location')).to.be.null();
                expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
            }
        });
    });

    it('a denial goes to the client, with a byte-exact state, iss, and the query that the client registered', async () => {

        const flow = OAuth2AuthorizationCodeBuilder.create()
            .authorizationRoute((route) => route.generateCode(() => ({ type: 'deny' })))
            .tokenRoute((route) => route.generateToken(() => null));
        const { server } = await provision([flow]);
        const state = 'a b+c%20&=#?/\\"\'<ü☃💣>\r\n';
        await listening(server, async (url) => {

            const response = await post(`${url}/oauth2/authorize?${authorizeQuery({ state })}`, {});
            expect(response.status).to.equal(303);
            const location = response.headers.get('location') ?? '';
            expect(location).to.startWith(`${redirectUri}&error=access_denied&`);
            const { searchParams } = new URL(location);
            expect(searchParams.get('state')).to.equal(state);
            expect(searchParams.get('iss')).to.equal(url);
            expect(searchParams.get('tenant')).to.equal('a b');
            expect([...searchParams.keys()]).to.equal(['tenant', 'error', 'error_description', 'state', 'iss']);

            const without = await post(`${url}/oauth2/authorize?${authorizeQuery({ state: null })}`, {});
            expect(new URL(without.headers.get('location') ?? '').searchParams.has('state')).to.be.false();
        });
    });

    it('a protected route challenges: none without error, a bad token with invalid_token, a lacking scope with insufficient_scope', async () => {

        await everything(async (url) => {

            const none = await get(`${url}/reports`);
            expect(none.status).to.equal(401);
            expect(none.headers.get('www-authenticate')).to.equal('Bearer');

            const bad = await get(`${url}/reports`, { authorization: 'Bearer x.y.z' });
            expect(bad.status).to.equal(401);
            expect(bad.headers.get('www-authenticate')).to.match(/^Bearer error="invalid_token"/);

            const { access_token: token } = await machineToken(url);
            const lacking = await get(`${url}/reports`, { authorization: `Bearer ${String(token)}` });
            expect(lacking.status).to.equal(403);
            expect(lacking.headers.get('www-authenticate')).to.equal('Bearer error="insufficient_scope", scope="reports:read"');

            const { access_token: good } = await machineToken(url, { scope: 'reports:read' });
            expect((await get(`${url}/reports`, { authorization: `Bearer ${String(good)}` })).status).to.equal(200);
        });
    });

    it('every refusal is in the request log with a stable reason, and never a secret', async () => {

        await everything(async (url, server) => {

            const logged: unknown[] = [];
            server.events.on({ name: 'request', channels: ['app'] }, (_request, { tags, data }) => logged.push([tags, data]));
            const secret = 'a-very-secret-secret';
            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', client_id: 'machine', client_secret: secret }, { authorization });
            expect(await response.text()).to.not.include('two_client_authentication_methods');
            await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code: secret, client_id: 'spa', client_secret: secret, scope: 'nowhere' });
            await post(`${url}/oauth2/authorize?${authorizeQuery({ response_type: 'token' })}`, { username: 'alice', password: secret });
            const reference = /"reference":"([^"]+)"/.exec(JSON.stringify(logged))?.[1];
            expect(reference).to.match(/^[0-9A-Z]{8}$/);
            expect(logged).to.equal([
                [['oauth', 'refused'], { reason: 'two_client_authentication_methods', error: 'invalid_request', client_id: 'machine' }],
                [['oauth', 'refused'], { reason: 'unknown_scope', error: 'invalid_scope', client_id: 'spa' }],
                [['oauth', 'refused'], { reason: 'unsupported_response_type', error: 'unsupported_response_type', client_id: 'spa', reference }]
            ]);
            expect(JSON.stringify(logged)).to.not.include(secret);
        });
    });
});

describe('The rules', () => {

    it('rule 1: a flow that mixes the levels, or is level 2 without registered clients, is refused with a sentence', async () => {

        const { server } = await provision([]);
        const issue = () => ({ access_token: 'a' });
        const mixed = users().tokenRoute((route) => route.issueTokens(issue));
        expect(await refusalOf(server, mixed)).to.include('has both generateToken() and issueTokens() in tokenRoute()');
        const code = users().authorizationRoute((route) => route.issueCode((ctx) => ctx.defaultResponse()));
        expect(await refusalOf(server, code)).to.include('has both generateCode() and issueCode() in authorizationRoute()');
        expect(await refusalOf(server, OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.issueTokens(issue)))).to.include('needs registered clients');
        expect(await refusalOf(server, OAuth2ClientCredentialsBuilder.create())).to.include('call tokenRoute((route) => route.generateToken(...))');
    });

    it('rule 2: openid-configuration is there only with an authorization route, the RFC 8414 document always', async () => {

        const { server } = await provision([OIDCAuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(() => null))]);
        await listening(server, async (url) => {

            expect((await get(`${url}/.well-known/openid-configuration`)).status).to.equal(404);
            expect((await get(`${url}/.well-known/oauth-authorization-server`)).status).to.equal(200);
        });
        await everything(async (url) => {

            expect((await get(`${url}/.well-known/openid-configuration`)).status).to.equal(200);
        });
    });

    it('rule 3: every error before generateCode answered is a page', async () => {

        await everything(async (url) => {

            const errors = [
                { response_type: 'token' }, { response_type: null }, { client_id: null }, { redirect_uri: null }, { code_challenge: null }, { scope: 'nowhere' },
                { response_mode: 'fragment' }, { request: 'a.b.c' }, { request_uri: 'urn:x' }
            ];
            for (const changes of errors) {
                const query = authorizeQuery(changes);
                const replies = [await get(`${url}/oauth2/authorize?${query}`), await post(`${url}/oauth2/authorize?${query}`, credentials), await post(`${url}/oauth2/authorize`, query)];
                for (const response of replies) {
                    expect(response.status, query).to.equal(400);
                    expect(response.headers.get('location'), query).to.be.null();
                }
            }
        });
    });

    it('rule 3: two flows that refresh at one path are refused', async () => {

        const { server } = await provision([users().refreshTokenRoute((route) => route.generateToken(() => null))]);
        expect(await refusalOf(server, devices().refreshTokenRoute((route) => route.generateToken(() => null))))
            .to.equal('Flow \'oauth2-device-authorization\' and flow \'oauth2-authorization-code\' both serve grant_type \'refresh_token\' at /oauth2/token: give one of them another path with setPath(), since no grant says whose refresh token it is');
    });

    it('rule 4: the functions of a token context answer what the rule says', async () => {

        const flow = people().strategyName('login').tokenRoute((route) => route.generateToken(async ({ codeVerifier: verifier, createJwtAccessToken, createIdToken, verifyCodeVerifier, verifyClientSecret }) => ({
            access_token: 'a',
            verified: [verifyCodeVerifier(verifier, codeChallenge), verifyCodeVerifier(verifier), verifyCodeVerifier(undefined, codeChallenge), verifyClientSecret('secret'), verifyClientSecret()],
            access: Object.keys(await createJwtAccessToken()).sort(),
            id: Object.keys(await createIdToken({ sub: 'alice' })).sort()
        })));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            const reply = await json(await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code: 'c', code_verifier: codeVerifier }, { authorization }));
            expect(reply).to.include({ verified: [true, false, false, true, false], access: ['expiresIn', 'kid', 'token'], id: ['kid', 'token'] });
        });
    });

    it('rule 5: access and ID tokens live for an hour by default, and a year is the most', async () => {

        await everything(async (url) => {

            const { access_token: access, id_token: id } = await personToken(url);
            const now = epoch / 1000;
            expect(claimsOf(access)).to.include({ iat: now, exp: now + 3600 });
            expect(claimsOf(id)).to.include({ iat: now, exp: now + 3600 });
        });
        expect(await refusalOf(quietServer(), machines().setTokenTTL(3_600_000_000))).to.include('seconds, not milliseconds');
    });

    it('rule 6: without setIssuer the issuer is localhost at the port, whatever the machine is called', async () => {

        const server = quietServer({ host: '127.0.0.1' });
        await server.register(machines());
        await server.start();
        const url = `http://127.0.0.1:${server.info.port}`;
        const { issuer, token_endpoint: endpoint } = await json(await get(`${url}/.well-known/oauth-authorization-server`));
        await server.stop();
        expect(issuer).to.equal(`http://localhost:${server.info.port}`);
        expect(endpoint).to.equal(`http://localhost:${server.info.port}/oauth2/token`);
    });

    it('rule 12: a missing, malformed or plain challenge is invalid_request', async () => {

        await everything(async (url) => {

            const changes = [
                { code_challenge: null, code_challenge_method: null }, { code_challenge: null }, { code_challenge_method: null }, { code_challenge_method: 'plain' },
                { code_challenge: 'short' }, { code_challenge: `${codeChallenge}=` }
            ];
            for (const change of changes) {
                const response = await get(`${url}/oauth2/authorize?${authorizeQuery(change)}`);
                expect(response.status).to.equal(400);
                expect(await response.text()).to.include('<code>invalid_request</code>');
            }
        });
    });

    it('rule 13: redirect_uri reaches the token handler as sent, and may be left out', async () => {

        const flow = OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.generateToken(({ redirectUri: uri }) => ({ access_token: uri ?? 'none' })));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            const parameters = { grant_type: 'authorization_code', client_id: 'spa', code: 'c' };
            expect(await json(await post(`${url}/oauth2/token`, { ...parameters, redirect_uri: redirectUri }))).to.include({ access_token: redirectUri });
            expect(await json(await post(`${url}/oauth2/token`, parameters))).to.include({ access_token: 'none' });
        });
    });

    it('rule 15: an OpenID request loses its unknown scopes; another is refused for them', async () => {

        const seen: unknown[] = [];
        const flow = people().authorizationRoute((route) => route.generateCode(({ scope }) => {

            seen.push(scope);
            return { type: 'deny' };
        }));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            await post(`${url}/oauth2/authorize?${authorizeQuery({ scope: 'openid email nowhere' })}`, {});
            expect(seen).to.equal(['openid email']);
            expect((await post(`${url}/oauth2/authorize?${authorizeQuery({ scope: 'email nowhere' })}`, {})).status).to.equal(400);
            expect(seen).to.have.length(1);
        });
    });

    it('rule 17: a token without sub stands for the client: no user, an app and an array of scopes', async () => {

        await everything(async (url) => {

            const { access_token: machine } = await machineToken(url, { scope: 'reports:read' });
            expect(claimsOf(machine)).to.include({ sub: 'machine', client_id: 'machine' });
            const app = await json(await get(`${url}/for/oauth2`, { authorization: `Bearer ${String(machine)}` }));
            expect(app).to.include({ app: { id: 'machine' }, scope: ['reports:read'] });
            expect(app.user).to.be.undefined();

            const { access_token: person } = await personToken(url);
            expect(await json(await get(`${url}/for/oauth2`, { authorization: `Bearer ${String(person)}` }))).to.include({ app: { id: 'spa' }, user: { id: 'alice' }, scope: ['openid'] });
        });
    });

    it('rule 17: a user whose id is the client\'s gets no token, which would pass as the client\'s own', async () => {

        const sign = ({ createJwtAccessToken, clientId }: UnprovenTokenContext) => createJwtAccessToken({ sub: clientId }).then(({ token }) => ({ access_token: token }));
        const { server } = await provision([people().tokenRoute((route) => route.generateToken(sign)), machines().tokenRoute((route) => route.generateToken(sign))]);
        await listening(server, async (url) => {

            const person = await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code: 'c', client_id: 'alice' });
            expect(person.status).to.equal(400);
            expect(await json(person)).to.equal({ error: 'invalid_grant', error_description: 'The user has the id of the client' });
            expect((await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', client_id: 'm', client_secret: 's' })).status).to.equal(200);
        });
    });

    it('rule 17: a subject is a text that is not empty', async () => {

        for (const sub of ['', 5, undefined]) {
            const given = sub as string;
            const { server } = await provision([people().tokenRoute((route) => route.generateToken(async ({ createIdToken }) => ({ access_token: 'a', id_token: (await createIdToken({ sub: given })).token })))]);
            await listening(server, async (url) => {

                expect((await post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code: 'c', client_id: 'spa' })).status).to.equal(500);
            });
        }
    });

    it('rule 26: an ID token of a flow that is not OpenID\'s lives no longer than its key is published', async () => {

        const flow = devices().setTokenTTL(600).setPublicKeyExpiry(600).tokenRoute((route) => route.generateToken(async ({ createIdToken }) => ({ access_token: 'a', id_token: (await createIdToken({ sub: 'alice' })).token })));
        const { server } = await provision([flow]);
        await listening(server, async (url) => {

            const { id_token: idToken } = await json(await post(`${url}/oauth2/token`, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'd', client_id: 'tv' }));
            const { iat, exp } = claimsOf(idToken);
            expect(Number(exp) - Number(iat)).to.equal(600);
        });
    });

    it('rule 18: handlers cannot set the claims that are the framework\'s, and an ID token opens no route', async () => {

        const forged = { typ: 'JWT', iss: 'https://evil.example.com', iat: 1, exp: 9_999_999_999, jti: 'mine', client_id: 'other', flow: 'other', cnf: {}, events: {} };
        const { typ, iss, iat, exp, jti, ...others } = forged;
        const given: object = { typ, iss, iat, exp, jti };
        const flow = people().tokenRoute((route) => route.generateToken(async ({ createJwtAccessToken, createIdToken }) => ({
            access_token: (await createJwtAccessToken({ sub: 'alice', ...given, ...others })).token,
            id_token: (await createIdToken({ sub: 'alice', ...given, ...Object(others) as object })).token
        })));
        const { server } = await provision([flow]);
        server.route({ method: 'GET', path: '/me', options: { auth: 'oauth2' }, handler: () => 'ok' });
        await listening(server, async (url) => {

            const { access_token: access, id_token: id } = await personToken(url);
            expect(headerOf(access)).to.include({ typ: 'at+jwt' });
            expect(headerOf(id)).to.include({ typ: 'JWT' });
            expect(headerOf(id).kid).to.not.equal(headerOf(access).kid);
            for (const claims of [claimsOf(access), claimsOf(id)]) {
                expect(claims).to.include({ iss: url, iat: epoch / 1000, exp: epoch / 1000 + 3600 });
                expect(claims.jti).to.not.equal('mine');
            }

            expect(claimsOf(access)).to.include({ client_id: 'spa', flow: 'oidc-authorization-code' });
            expect(claimsOf(access).cnf).to.be.undefined();
            expect(claimsOf(id).events).to.be.undefined();
            expect((await get(`${url}/me`, { authorization: `Bearer ${String(access)}` })).status).to.equal(200);
            expect((await get(`${url}/me`, { authorization: `Bearer ${String(id)}` })).status).to.equal(401);
        });
    });

    it('rule 20: what carries a credential is the method, and a flow accepts its own set', async () => {

        const flow = users().addClientAuthenticationMethod(new ClientSecretPost()).tokenRoute((route) => route.generateToken(({ clientId, clientAuthenticationMethod }) => ({ access_token: `${clientId} ${clientAuthenticationMethod}` })));
        const { server } = await provision([flow, machines().addClientAuthenticationMethod(new ClientSecretBasic())]);
        await listening(server, async (url) => {

            const token = (parameters: Readonly<Record<string, string>>, headers: Headers = {}) => post(`${url}/oauth2/token`, { grant_type: 'authorization_code', code: 'c', ...parameters }, headers);
            expect(await json(await token({ client_id: 'spa', client_secret: 's' }))).to.include({ access_token: 'spa client_secret_post' });
            expect((await token({}, { authorization })).status).to.equal(401);
            expect((await token({ client_id: 'spa' })).status).to.equal(401);
            expect((await token({ client_id: 'spa', client_secret: '' })).status).to.equal(401);
            expect((await token({ grant_type: 'client_credentials' }, { authorization })).status).to.equal(200);
            expect((await token({ grant_type: 'client_credentials', client_id: 'another' }, { authorization })).status).to.equal(400);
            expect((await token({ grant_type: 'client_credentials' }, { authorization: basic('machine', '') })).status).to.equal(401);

            const { token_endpoint_auth_methods_supported: methods } = await json(await get(`${url}/.well-known/oauth-authorization-server`));
            expect(methods).to.equal(['client_secret_post', 'client_secret_basic']);
        });
    });

    it('rule 20: client credentials refuse none, at registration and by default at the endpoint', async () => {

        expect(await refusalOf(quietServer(), machines().addClientAuthenticationMethod(new NoneAuthMethod())))
            .to.equal('Flow \'oauth2-client-credentials\' accepts the client authentication method \'none\', but its tokens stand for the client, which has to prove who it is: remove NoneAuthMethod');
        await everything(async (url) => {

            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials', client_id: 'machine' });
            expect(response.status).to.equal(401);
            expect((await json(response)).error).to.equal('invalid_client');
        });
    });

    it('rule 24: a flow\'s strategy accepts its own tokens only, oauth2 those of all flows', async () => {

        await everything(async (url) => {

            const opens = async (strategy: string, token: unknown) => (await get(`${url}/for/${strategy}`, { authorization: `Bearer ${String(token)}` })).status;
            const [{ access_token: machine }, { access_token: person }] = [await machineToken(url), await personToken(url)];
            expect([await opens('oauth2', machine), await opens('oauth2', person)]).to.equal([200, 200]);
            expect([await opens('oauth2-client-credentials', machine), await opens('oauth2-client-credentials', person)]).to.equal([200, 401]);
            expect([await opens('oidc-authorization-code', machine), await opens('oidc-authorization-code', person)]).to.equal([401, 200]);
        });
    });

    it('rule 26: the key set may be kept for five minutes, and every key has kid, alg and use', async () => {

        await everything(async (url) => {

            const response = await get(`${url}/oauth2/keys`);
            expect(response.headers.get('cache-control')).to.equal('public, max-age=300');
            expect(response.headers.get('content-type')).to.match(/^application\/json/);
            const { keys } = await json(response) as { keys: Json[] };
            expect(keys.map(({ alg }) => alg).sort()).to.equal(['ES256', 'RS256']);
            for (const key of keys) {
                expect(key.kid).to.be.a.string();
                expect(key.use).to.equal('sig');
                expect(Object.keys(key)).to.not.include(['d', 'p', 'q', 'k']);
            }
        });
    });

    it('rule 27: a JSON body is 400 invalid_request, never 415', async () => {

        await everything(async (url) => {

            for (const path of ['/oauth2/token', '/oauth2/device_authorization']) {
                const response = await post(url + path, JSON.stringify({ grant_type: 'client_credentials' }), { 'content-type': 'application/json', authorization });
                expect(response.status).to.equal(400);
                expect(await json(response)).to.equal({ error: 'invalid_request', error_description: 'The request body must be application/x-www-form-urlencoded' });
            }

            const page = await post(`${url}/oauth2/authorize?${authorizeQuery()}`, '{}', { 'content-type': 'application/json' });
            expect(page.status).to.equal(400);
            expect(page.headers.get('content-type')).to.match(/^text\/html/);
        });
    });

    it('rule 27: multipart, a missing content type, and a body that cannot be unpacked are 400 invalid_request', async () => {

        await everything(async (url) => {

            const multipart = new FormData();
            multipart.set('grant_type', 'client_credentials');
            const bodies: readonly RequestInit[] = [
                { body: multipart },
                { body: new Uint8Array([1, 2, 3]) },
                { body: 'grant_type=client_credentials', headers: { 'content-type': 'text/plain' } },
                { body: 'no gzip', headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' } }
            ];
            for (const init of bodies) {
                const response = await fetch(`${url}/oauth2/token`, { method: 'POST', ...init });
                expect(response.status).to.equal(400);
                expect((await json(response)).error).to.equal('invalid_request');
            }
        });
    });

    it('rule 27: a body over 64 kB is 413', async () => {

        await everything(async (url) => {

            const body = `grant_type=client_credentials&x=${'x'.repeat(65_536)}`;
            const response = await post(`${url}/oauth2/token`, body);
            expect(response.status).to.equal(413);
            expect(await json(response)).to.equal({ error: 'invalid_request', error_description: 'The request body is too large' });
        });
    });

    it('rule 27: a wrong method is 405 with Allow, whatever its body', async () => {

        await everything(async (url) => {

            const allowed: Readonly<Record<string, string>> = {
                '/oauth2/token': 'POST', '/oauth2/device_authorization': 'POST', '/oauth2/keys': 'GET', '/.well-known/oauth-authorization-server': 'GET',
                '/.well-known/openid-configuration': 'GET', '/oauth2/authorize': 'GET, POST', '/oauth2/device': 'GET, POST'
            };
            for (const [path, allow] of Object.entries(allowed)) {
                for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((name) => !allow.includes(name))) {
                    const response = await fetch(url + path, { method, body: method === 'GET' ? null : 'x'.repeat(200_000), redirect: 'manual' });
                    expect(response.status, `${method} ${path}`).to.equal(405);
                    expect(response.headers.get('allow'), `${method} ${path}`).to.equal(allow);
                    expect(response.headers.get('cache-control'), `${method} ${path}`).to.equal('no-store');
                    await response.text();
                }
            }
        });
    });

    it('rule 27: 429 is temporarily_unavailable with Retry-After', async () => {

        await everything(async (url, server) => {

            server.ext('onPreAuth', () => {

                const error = new Boom('Slow down, 10.0.0.7', { statusCode: 429 });
                error.output.headers['retry-after'] = '30';
                throw error;
            });
            const response = await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization });
            expect(response.status).to.equal(429);
            expect(response.headers.get('retry-after')).to.equal('30');
            expect(await json(response)).to.equal({ error: 'temporarily_unavailable', error_description: 'Try again later' });
        });
    });

    it('rule 27: parameters in the URL of a token-like endpoint are ignored', async () => {

        await everything(async (url) => {

            const response = await post(`${url}/oauth2/token?grant_type=client_credentials`, '', { authorization });
            expect((await json(response)).error_description).to.equal('The parameter \'grant_type\' is missing');
            expect((await post(`${url}/oauth2/token?client_secret=x&grant_type=password`, { grant_type: 'client_credentials' }, { authorization })).status).to.equal(200);
        });
    });

    it('rule 27: unknown parameters are ignored, also repeated ones', async () => {

        await everything(async (url) => {

            expect((await post(`${url}/oauth2/token`, 'grant_type=client_credentials&x=1&x=2&__proto__=y&constructor=z', { authorization })).status).to.equal(200);
            expect((await get(`${url}/oauth2/authorize?${authorizeQuery()}&x=1&x=2`)).status).to.equal(200);
        });
    });

    it('rule 27: a repeated client_id, redirect_uri or state is a page', async () => {

        await everything(async (url) => {

            for (const name of ['client_id', 'redirect_uri', 'state']) {
                const response = await post(`${url}/oauth2/authorize?${authorizeQuery()}&${name}=again`, credentials);
                expect(response.status, name).to.equal(400);
                expect(response.headers.get('location'), name).to.be.null();
                expect(await response.text()).to.include(`The parameter &#x27;${name}&#x27; was sent more than once`);
            }
        });
    });

    it('rule 28: every origin may call what programs call, without credentials, errors and 405 included', async () => {

        await everything(async (url) => {

            const origin = 'https://app.example.com';
            const replies = [
                await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization, origin }),
                await post(`${url}/oauth2/token`, {}, { origin }),
                await post(`${url}/oauth2/token`, '{}', { origin, 'content-type': 'application/json' }),
                await get(`${url}/oauth2/token`, { origin }),
                await get(`${url}/oauth2/token`),
                await post(`${url}/oauth2/device_authorization`, { client_id: 'tv' }, { origin }),
                await get(`${url}/oauth2/keys`, { origin }),
                await get(`${url}/.well-known/oauth-authorization-server`, { origin }),
                await get(`${url}/.well-known/openid-configuration`, { origin })
            ];
            for (const response of replies) {
                expect(response.headers.get('access-control-allow-origin'), response.url).to.equal('*');
                expect(response.headers.get('access-control-allow-credentials'), response.url).to.be.null();
                for (const header of ['www-authenticate', 'dpop-nonce', 'retry-after']) {
                    expect(response.headers.get('access-control-expose-headers')?.toLowerCase(), response.url).to.include(header);
                }
            }
        });
    });

    it('rule 28: preflights are answered, with the headers that clients send', async () => {

        await everything(async (url) => {

            for (const [path, method] of [['/oauth2/token', 'POST'], ['/oauth2/keys', 'GET']] as const) {
                const headers = { origin: 'https://app.example.com', 'access-control-request-method': method, 'access-control-request-headers': 'authorization, dpop, mcp-protocol-version' };
                const response = await fetch(url + path, { method: 'OPTIONS', headers });
                expect([200, 204]).to.include(response.status);
                expect(response.headers.get('access-control-allow-origin')).to.equal('*');
                expect(response.headers.get('access-control-allow-methods')).to.include(method);
                const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
                for (const header of ['authorization', 'dpop', 'mcp-protocol-version']) {
                    expect(allowed).to.include(header);
                }
            }
        });
    });

    it('rule 28: pages answer no origin', async () => {

        await everything(async (url) => {

            const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
            for (const path of ['/oauth2/authorize', '/oauth2/device']) {
                for (const method of ['GET', 'POST', 'OPTIONS']) {
                    const response = await fetch(`${url}${path}?${authorizeQuery()}`, { method, headers });
                    expect(response.headers.get('access-control-allow-origin'), `${method} ${path}`).to.be.null();
                }
            }
        });
    });

    it('rule 28: setCors(false) answers no origin, a list only its own', async () => {

        const origins = async (url: string, origin: string) => {

            const replies = [await post(`${url}/oauth2/token`, {}, { origin }), await get(`${url}/oauth2/token`, { origin }), await get(`${url}/oauth2/keys`, { origin }), await get(`${url}/.well-known/oauth-authorization-server`, { origin })];
            return [...new Set(replies.map(({ headers }) => headers.get('access-control-allow-origin')))];
        };

        await everything(async (url) => expect(await origins(url, 'https://app.example.com')).to.equal([null]), (hub) => hub.setCors(false));
        await everything(async (url) => {

            expect(await origins(url, 'https://app.example.com')).to.equal(['https://app.example.com']);
            expect(await origins(url, 'https://evil.example.com')).to.equal([null]);
        }, (hub) => hub.setCors(['https://app.example.com']));
    });

    it('rule 29: every redirect is 303, and every page and redirect has the headers that protect it', async () => {

        await everything(async (url) => {

            const authorize = `${url}/oauth2/authorize?${authorizeQuery()}`;
            const pages: readonly (readonly [number, Response])[] = [
                [200, await get(authorize)],
                [400, await post(authorize, { ...credentials, password: 'wrong' })],
                [303, await post(authorize, credentials)],
                [400, await get(`${url}/oauth2/authorize`)],
                [403, await post(authorize, credentials, { 'sec-fetch-site': 'cross-site' })],
                [405, await fetch(authorize, { method: 'PUT' })],
                [413, await post(authorize, 'x'.repeat(70_000))],
                [200, await get(`${url}/oauth2/device`)],
                [200, await post(`${url}/oauth2/device`, { ...credentials, user_code: 'BCDF-GHJK' })],
                [400, await post(`${url}/oauth2/device`, { ...credentials, user_code: 'WRONG' })]
            ];
            for (const [status, { status: actual, headers }] of pages) {
                expect(actual).to.equal(status);
                expect(headers.get('cache-control')).to.equal('no-store');
                expect(headers.get('referrer-policy')).to.equal('no-referrer');
                expect(headers.get('x-content-type-options')).to.equal('nosniff');
                expect(headers.get('x-frame-options')).to.equal('DENY');
                const policy = headers.get('content-security-policy') ?? '';
                expect(policy).to.include('base-uri \'none\'').and.include('frame-ancestors \'none\'');
                expect(policy).to.not.include('form-action');
                if (status !== 303) {
                    expect(policy).to.startWith('default-src \'none\'');
                    expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
                }
            }
        });
    });

    it('rule 30: a flow under a prefix needs the hub, whose well-known routes stay at the root and whose issuer does not change', async () => {

        expect(await refusalOf(quietServer(), { name: 'app', register: (server) => server.register(machines(), { routes: { prefix: '/v1' } }) })).to.include('register the AuthorizationServerBuilder first, without a prefix');

        const { server } = await provision([]);
        await server.register({ plugin: people(), routes: { prefix: '/v1' } });
        expect(table(server)).to.include(['* get /.well-known/oauth-authorization-server', '* get /.well-known/openid-configuration', '* get /oauth2/keys', '* get /v1/oauth2/authorize', '* post /v1/oauth2/token']);
        await listening(server, async (url) => {

            const metadata = await json(await get(`${url}/.well-known/openid-configuration`));
            expect(metadata).to.include({ issuer: url, token_endpoint: `${url}/v1/oauth2/token`, authorization_endpoint: `${url}/v1/oauth2/authorize`, jwks_uri: `${url}/oauth2/keys` });
        });
    });

    it('rule 30: an odd foreign cookie is no reason for a 400', async () => {

        await everything(async (url) => {

            const cookie = 'theme="{\\"a\\":1}; =x; a b=c; session=\u00e9';
            expect((await post(`${url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization, cookie })).status).to.equal(200);
            for (const path of ['/oauth2/keys', '/.well-known/openid-configuration', `/oauth2/authorize?${authorizeQuery()}`, '/oauth2/device']) {
                expect((await get(url + path, { cookie })).status, path).to.equal(200);
            }

            expect((await fetch(`${url}/oauth2/token`, { headers: { cookie } })).status).to.equal(405);
        });
    });

    it('rule 33: a form that another site made the browser send is refused before any handler sees it', async () => {

        const seen: unknown[] = [];
        const flow = users().authorizationRoute((route) => route.generateCode((ctx) => {

            seen.push(ctx);
            return { type: 'code', value: 'c' };
        }));
        const { server } = await provision([flow, devices()]);
        await listening(server, async (url) => {

            const forged: readonly Headers[] = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example.com' }, { origin: 'null' }];
            for (const headers of forged) {
                for (const path of [`/oauth2/authorize?${authorizeQuery()}`, '/oauth2/device']) {
                    const response = await post(url + path, { ...credentials, user_code: 'BCDF-GHJK' }, headers);
                    expect(response.status, JSON.stringify(headers)).to.equal(403);
                    expect(response.headers.get('location')).to.be.null();
                }
            }

            expect(seen).to.equal([]);
            for (const headers of [{}, { 'sec-fetch-site': 'same-origin', origin: 'null' }, { origin: url }] as readonly Headers[]) {
                expect((await post(`${url}/oauth2/authorize?${authorizeQuery()}`, credentials, headers)).status).to.equal(303);
            }
        });
    });

    it('rule 33: an authorization request itself may come from anywhere, by GET and by POST', async () => {

        await everything(async (url) => {

            const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' };
            expect((await get(`${url}/oauth2/authorize?${authorizeQuery()}`, headers)).status).to.equal(200);
            expect((await post(`${url}/oauth2/authorize`, authorizeQuery(), headers)).status).to.equal(200);
        });
    });
});
