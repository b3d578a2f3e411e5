import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OIDCAuthorizationCodeBuilder, type ClientMetadata, type UserClaims } from '../../lib';
import { pluginName } from '../../lib/authorization-server/plugin-name';
import { accessTokenType, api, exchangeServer, exchangeType, shopApi } from '../fixture/exchange-server';
import { alice, claims, openidClients, openidFlow, openidServer, pairwiseClients } from '../fixture/openid-server';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf, headerOf } from '../fixture/jwt';
import { clients, proving } from '../fixture/level-2';
import { provision } from '../fixture/provision';
import { registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const salt = 's'.repeat(32);
const pairwise: Parameters<typeof openidServer>[1] = (hub) => hub.setClients([...openidClients, ...pairwiseClients]).setPairwiseSalt(salt);

describe('The claims of scopes', () => {

    it('are all told by UserInfo and none by the ID token, since there is an access token', async () => {

        const { login, userinfo } = await openidServer();
        const { access_token: token, id_token: idToken } = await login({ scope: 'openid profile email address phone' });
        const { secret: _secret, team_id: _team, ...standard } = alice;
        expect((await userinfo(token)).body).to.equal({ sub: 'alice', ...standard });
        expect(Object.keys(claimsOf(idToken)).sort()).to.equal(['acr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'nonce', 'sid', 'sub']);
    });

    it('are but the subject where nobody says more', async () => {

        const { authorize, server } = await registeredServer([openidFlow()], (hub) => hub.setClients(openidClients));
        expect((await authorize({ scope: 'openid email' })).location).to.include('code=');
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result?.claims_supported).to.equal(['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr']);
        const { told } = await openidServer([openidFlow()], (hub) => hub.setClaims(() => ({})));
        expect(await told({ scope: 'openid email' })).to.equal({ sub: 'alice' });
    });

    it('may be a server\'s own; what belongs to no scope is told nobody, however it is asked for', async () => {

        const { told, server } = await openidServer([openidFlow().setScopeClaims({ team: ['team_id'] })]);
        expect(await told({ scope: 'openid team' })).to.equal({ sub: 'alice', team_id: 7 });
        expect(await told({ scope: 'openid', ...claims({ userinfo: { team_id: null, secret: { essential: true } } }) })).to.equal({ sub: 'alice', team_id: 7 });
        const { result } = await server.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(result?.claims_supported).to.include(['team_id', 'email', 'phone_number_verified']);
    });

    it('come from a handler that knows the user, the scopes and the request, and cannot change who the user is', async () => {

        const asked: unknown[] = [];
        const { told } = await openidServer([openidFlow().setScopeClaims({ team: ['team_id'] })], (hub) => hub.setClaims((subject, scopes, request) => {

            asked.push([subject, scopes, request.path]);
            return { sub: 'bob', iss: 'evil', aud: 'evil', team_id: 1 };
        }));
        expect(await told({ scope: 'openid team' })).to.equal({ sub: 'alice', team_id: 1 });
        expect(asked).to.equal([['alice', ['openid', 'team'], '/oauth2/userinfo']]);
    });

    it('are left out when they are of a wrong kind, which the log says without them', async () => {

        const wrong = (known: object): UserClaims => known;
        const { told, events } = await openidServer([openidFlow()], (hub) => hub.setClaims(async () => wrong({ email: 'a@b', email_verified: 'true' })));
        expect(await told({ scope: 'openid email' })).to.equal({ sub: 'alice', email: 'a@b' });
        expect(events.at(-1)).to.equal({ tags: ['oauth', 'claims'], data: { unusable: ['email_verified'], client_id: 'web' } });
    });

    it('fail when the handler answers what is no object', async () => {

        for (const answer of ['"alice"', '5', '[]', 'true']) {
            const { login, userinfo, events } = await openidServer([openidFlow()], (hub) => hub.setClaims(() => JSON.parse(answer)));
            const { status, body } = await userinfo((await login()).access_token);
            expect([status, body.error]).to.equal([500, 'server_error']);
            expect(events.at(-1)?.data).to.include({ reason: 'handler_returned_nonsense' });
        }
    });
});

describe('The claims parameter (OpenID Connect Core §5.5)', () => {

    it('puts claims into ID tokens, also into refreshed ones', async () => {

        const { login, refresh } = await openidServer();
        const { id_token: idToken, refresh_token: token } = await login({ scope: 'openid offline_access', ...claims({ id_token: { email: null, 'name#de': null, sub: { value: 'alice' }, acr: null, auth_time: { essential: true } } }) });
        expect(claimsOf(idToken)).to.include({ email: 'alice@example.com', sub: 'alice' });
        expect(Object.keys(claimsOf(idToken))).to.not.include(['name', 'email_verified']);
        expect(claimsOf((await refresh(token)).id_token)).to.include({ email: 'alice@example.com' });
    });

    it('asks nobody about a user whom the ID token does not speak of', async () => {

        let asked = 0;
        const request = { userinfo: [], id_token: [{ name: 'email', essential: false, values: [] }] };
        const { openRefresh, refresh } = await proving([OIDCAuthorizationCodeBuilder.create()], (hub) => hub.setClaims(() => {

            ++asked;
            return alice;
        }));
        const { body } = await refresh((await openRefresh({ scopes: ['email', 'offline_access'], claims: request })).value);
        expect([Object.keys(body).includes('id_token'), asked]).to.equal([false, 0]);
        expect((await refresh((await openRefresh({ subject: null, claims: request })).value)).body.error).to.equal('invalid_grant');
        expect(asked).to.equal(0);
        expect(claimsOf((await refresh((await openRefresh({ claims: request })).value)).body.id_token).email).to.equal('alice@example.com');
        expect(asked).to.equal(1);
    });

    it('gets nothing of a user of whom nobody knows anything', async () => {

        const { login } = await openidServer([openidFlow()], (hub) => hub.setClaims(() => null));
        const told = claimsOf((await login(claims({ id_token: { email: { essential: true } } }))).id_token);
        expect(told).to.include({ sub: 'alice' }).and.not.include(['email']);
    });

    it('may name any scope\'s claims where the flow knows no scopes', async () => {

        const { told } = await openidServer([OIDCAuthorizationCodeBuilder.create()]);
        expect(await told(claims({ userinfo: { email: null, phone_number: null } }))).to.equal({ sub: 'alice', email: 'alice@example.com', phone_number: '+49 1' });
    });

    it('attack: does not tell by name what issueCode() has taken out of the grant', async () => {

        const flow = openidFlow().authorizationRoute((route) => route.issueCode(async ({ grantIssuer, getDefaultGrantData, authorizationCodeIssuer, getDefaultAuthorizationCodeData, scopes: agreed }) => {

            await grantIssuer.issue({ ...getDefaultGrantData(), scopes: agreed.filter((scope) => scope !== 'email') });
            return { code: await authorizationCodeIssuer.issue(getDefaultAuthorizationCodeData()) };
        }));
        const { login, userinfo, server } = await openidServer([flow]);
        const wishes = claims({ userinfo: { email: { essential: true }, nickname: null, team_id: null }, id_token: { email: null, nickname: null } });
        const { access_token: token, id_token: idToken, scope } = await login({ scope: 'openid email', ...wishes });
        expect(scope).to.equal('openid');
        expect((await userinfo(token)).body).to.equal({ sub: 'alice', nickname: 'al' });             // Agreed to by its name, whatever the scopes
        expect(Object.keys(claimsOf(idToken))).to.include('nickname').and.not.include(['email']);
        const grant = await server.oauth2.grants.find(String(claimsOf(token).grant_id));
        expect([grant?.scopes, grant?.claims?.userinfo.map(({ name }) => name)]).to.equal([['openid'], ['nickname']]);
    });

    it('attack: tells a token that was narrowed at refresh nothing of the scopes that it lacks, and the next whole one all of it', async () => {

        const { login, refresh, userinfo } = await openidServer();
        const wishes = claims({ userinfo: { email: { essential: true }, nickname: null } });
        const { refresh_token: token } = await login({ scope: 'openid email offline_access', ...wishes });
        const { access_token: narrow, refresh_token: next } = await refresh(token, 'web', { scope: 'openid' });
        expect((await userinfo(narrow)).body).to.equal({ sub: 'alice', nickname: 'al' });
        expect((await userinfo((await refresh(next)).access_token)).body).to.equal({ sub: 'alice', email: 'alice@example.com', email_verified: true, nickname: 'al' });
    });

    it('attack: tells who exchanged a token nothing but what its own scopes are for', async () => {

        const wishes = { userinfo: [{ name: 'email', essential: true, values: [] }], id_token: [] };
        const { server, user, exchangeAs, post } = await exchangeServer(() => ({}), {
            hub: (hub) => hub.setClaims(() => alice).setClients([...clients.map((client) => ({ ...client, grant_types: [...client.grant_types ?? [], ...client.client_id === 'web' ? [exchangeType] : []] })), api('shop', [shopApi])])
        });
        const { token } = await user({ claims: wishes });
        const told = async (accessToken: unknown) => (await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(accessToken)}` } })).result;
        expect(await told(token)).to.equal({ sub: 'alice', email: 'alice@example.com' });
        expect(await told((await exchangeAs('shop', token)).body.access_token)).to.equal({ sub: 'alice' });
        const { body } = await post('/oauth2/token', 'web', { grant_type: exchangeType, subject_token: token, subject_token_type: accessTokenType });
        expect(await told(body.access_token)).to.equal({ sub: 'alice' });
    });

    it('is in the data that a handler gets, and gives way to onTokens', async () => {

        const flow = openidFlow().tokenRoute((route) => route.issueTokens(async ({ getDefaultIdTokenData, idTokenIssuer, getDefaultAccessTokenData, accessTokenIssuer }) => {

            const data = getDefaultIdTokenData();
            return { access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()), id_token: await idTokenIssuer.issue(data), seen: [data?.email, data?.name] };
        }));
        const { login } = await openidServer([flow], (hub) => hub.onTokens(({ idToken }) => {

            idToken.claims.name = 'of onTokens';
        }));
        expect((await login({ ...claims({ id_token: { email: null, name: null } }) })).seen).to.equal(['alice@example.com', 'of onTokens']);
    });

    it('gets a client no more than its scopes could, nor than the flow knows', async () => {

        const { told, login } = await openidServer();
        const everything = claims({ userinfo: { name: { essential: true }, email: null }, id_token: { name: null, email: null } });
        expect(await told({ client_id: 'narrow', ...everything })).to.equal({ sub: 'alice', email: 'alice@example.com' });
        expect(Object.keys(claimsOf((await login({ client_id: 'narrow', ...everything })).id_token))).to.include('email').and.not.include(['name']);
        const { told: short } = await openidServer([OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Who you are', email: 'Mail' })]);
        expect(await short({ ...everything })).to.equal({ sub: 'alice', email: 'alice@example.com' });
    });

    it('is what the user agrees to: the consent page names what a claim is of', async () => {

        const { server, authorizeUrl } = await openidServer([openidFlow()], (hub) => hub.setConsent('explicit'));
        const page = async (request: object, scope = 'openid') => {

            const browser = injectedBrowser(server);
            return (await browser.submit(await browser.open(authorizeUrl({ scope, ...claims(request) })), { username: 'alice', password: 'right' })).payload;
        };

        const asked = await page({ userinfo: { email: null, email_verified: null, secret: null }, id_token: { phone_number: null } });
        expect([...asked.matchAll(/<li>([^<]*)</g)].map(([, text]) => text)).to.equal(['Who you are', 'Your e-mail address', 'Your phone number']);
        expect([...(await page({ userinfo: { email: null } }, 'openid email')).matchAll(/<li>/g)].length).to.equal(2);
    });

    it('is kept with the grant, of what the client may have', async () => {

        const { login, server } = await openidServer();
        const { access_token: token } = await login(claims({ userinfo: { email: { essential: true }, secret: null, __proto__: null } }));
        const grant = await server.oauth2.grants.find(String(claimsOf(token).grant_id));
        expect(grant?.claims).to.equal({ userinfo: [{ name: 'email', essential: true, values: [] }], id_token: [] });
        const { access_token: other } = await login();
        expect((await server.oauth2.grants.find(String(claimsOf(other).grant_id)))?.claims).to.be.null();
    });

    it('is refused by redirect when it cannot be read, and ignored without openid', async () => {

        const { server, authorize, authorizeUrl } = await openidServer();
        const { location } = await injectedBrowser(server).open(authorizeUrl({ scope: 'openid', claims: '{"userinfo":' }));
        expect(Object.fromEntries(new URL(location).searchParams)).to.equal({ error: 'invalid_request', error_description: 'The parameter \'claims\' is not JSON', state: 's', iss: 'http://localhost' });
        expect((await authorize({ scope: 'email', claims: '{"userinfo":' })).location).to.include('code=');
    });

    it('attack: cannot reach what objects inherit', async () => {

        const { told, login } = await openidServer();
        const text = '{"userinfo":{"__proto__":{"essential":true},"constructor":null,"hasOwnProperty":null,"toString":null},"id_token":{"__proto__":{"value":"x"},"constructor":null},"__proto__":{"userinfo":{"email":null}}}';
        expect(await told({ claims: text })).to.equal({ sub: 'alice' });
        expect(Object.keys(claimsOf((await login({ claims: text })).id_token))).to.not.include(['constructor', '__proto__', 'email']);
        expect(Object.hasOwn(Object.prototype, 'essential')).to.be.false();
    });

    it('ends in login_required for another user, wherever that one is named', async () => {

        const { authorize, told } = await openidServer();
        for (const member of ['id_token', 'userinfo']) {
            for (const [sub, error] of [[{ value: 'bob' }, 'login_required'], [{ values: ['bob', 'carol'] }, 'login_required'], [{ value: 'alice' }, null], [{ values: ['bob', 'alice'] }, null], [null, null], [{ essential: true }, null]] as const) {
                const { location } = await authorize({ scope: 'openid', ...claims({ [member]: { sub } }) });
                expect(new URL(location).searchParams.get('error'), JSON.stringify([member, sub])).to.equal(error);
            }
        }

        expect(await told(claims({ userinfo: { sub: { value: 'alice' } } }))).to.equal({ sub: 'alice' });
    });

    it('ends in unmet_authentication_requirements where an essential acr is not met, and not where it is a wish', async () => {

        const { authorize } = await openidServer([openidFlow()], (hub) => hub.authenticateUser(({ username }) => ({ subject: username, acr: 'urn:one' })));
        for (const [acr, error] of [[{ essential: true, values: ['urn:two'] }, 'unmet_authentication_requirements'], [{ essential: true, value: 'urn:one' }, null], [{ values: ['urn:two'] }, null], [{ essential: true }, null]] as const) {
            const { location } = await authorize({ scope: 'openid', ...claims({ id_token: { acr } }) });
            expect(new URL(location).searchParams.get('error'), JSON.stringify(acr)).to.equal(error);
        }
    });
});

describe('acr', () => {

    it('rule 38: is in every ID token of a sign-in at the built-in form, and is one of those that are published', async () => {

        const { login, server, refresh } = await openidServer();
        const { id_token: idToken, refresh_token: token } = await login({ scope: 'openid offline_access' });
        expect(claimsOf(idToken).acr).to.equal('urn:hapi-oauth2:acr:password');
        expect(claimsOf((await refresh(token)).id_token).acr).to.equal('urn:hapi-oauth2:acr:password');
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result?.acr_values_supported).to.equal(['urn:hapi-oauth2:acr:password']);
    });

    it('is the first of the server\'s own for a sign-in that says nothing', async () => {

        const { login, server, authorize } = await openidServer([openidFlow()], (hub) => hub.setAcrValues(['urn:low', 'urn:high']));
        expect(claimsOf((await login()).id_token).acr).to.equal('urn:low');
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result?.acr_values_supported).to.equal(['urn:low', 'urn:high']);
        expect((await authorize({ scope: 'openid', ...claims({ id_token: { acr: { essential: true, value: 'urn:low' } } }) })).location).to.include('code=');
    });
});

describe('Pairwise subjects (OpenID Connect Core §8)', () => {

    it('are the same in all tokens of a sector, others elsewhere, and never the user\'s own', async () => {

        const { login, userinfo, post, basicOf, server } = await openidServer([openidFlow()], pairwise);
        const subjects = async (id: string) => {

            const { access_token: token, id_token: idToken, refresh_token: refreshToken } = await login({ client_id: id, scope: 'openid offline_access' });
            const introspect = async (value: unknown) => (await post('/oauth2/introspect', { token: String(value) }, basicOf(id))).body.sub;
            const [only, ...others] = new Set([claimsOf(token).sub, claimsOf(idToken).sub, (await userinfo(token)).body.sub, await introspect(token), await introspect(refreshToken)]);
            expect(others).to.equal([]);
            return only;
        };

        const [one, same, other, open] = [await subjects('pair-1'), await subjects('pair-2'), await subjects('pair-3'), await subjects('web')];
        expect(one).to.equal(same).and.to.match(/^[\w-]{43}$/);
        expect(other).to.not.equal(one).and.to.match(/^[\w-]{43}$/);
        expect(open).to.equal('alice');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items.length).to.equal(4);
    });

    it('outlive the rotation of secrets', async () => {

        const subject = async (secrets: readonly string[]) => claimsOf((await (await openidServer([openidFlow()], (hub) => hub.setClients(pairwiseClients).setPairwiseSalt(salt).setSecrets(secrets))).login({ client_id: 'pair-1' })).id_token).sub;
        expect(await subject(['a'.repeat(32)])).to.equal(await subject(['b'.repeat(32), 'a'.repeat(32)]));
    });

    it('are what a client knows users by that it asks for; handlers and hooks know the server\'s own', async () => {

        const seen: unknown[] = [];
        const { login, authorize, server } = await openidServer([openidFlow().tokenRoute((route) => route.issueTokens(async (ctx) => {

            seen.push(ctx.subject, ctx.grant.subject);
            return await ctx.defaultResponse();
        }))], (hub) => {

            pairwise(hub);
            hub.onTokens(({ subject }) => void seen.push(subject));
        });
        const { id_token: idToken, access_token: token } = await login({ client_id: 'pair-1' });
        expect(seen).to.equal(['alice', 'alice', 'alice']);
        const sub = String(claimsOf(idToken).sub);
        for (const [value, error] of [[sub, null], ['alice', 'login_required']] as const) {
            const { location } = await authorize({ scope: 'openid', client_id: 'pair-1', ...claims({ id_token: { sub: { value } } }) });
            expect(new URL(location).searchParams.get('error')).to.equal(error);
        }

        expect((await server.oauth2.grants.find(String(claimsOf(token).grant_id)))?.subject).to.equal('alice');
        expect(await server.oauth2.grants.find('unknown')).to.be.null();
    });

    it('are what the app\'s own routes see, so that no token is worth more there than elsewhere', async () => {

        const { login, server } = await openidServer([openidFlow()], pairwise);
        server.route({ method: 'GET', path: '/me', options: { auth: 'oauth2' }, handler: ({ auth: { credentials } }) => ({ id: credentials.user?.id }) });
        const { access_token: token } = await login({ client_id: 'pair-1' });
        expect((await server.inject({ url: '/me', headers: { authorization: `Bearer ${String(token)}` } })).result).to.equal({ id: claimsOf(token).sub });
    });

    it('attack: are never replaced by the user\'s own where the client has no sector', async () => {

        const { server } = await openidServer([openidFlow()], pairwise);
        const { openid } = server.plugins[pluginName].authorizationServer;
        const stray = { id: 'stray', metadata: { client_id: 'stray', subject_type: 'pairwise', redirect_uris: ['http://127.0.0.1/cb'] } } as const;
        expect(() => openid.subjectOf(stray, 'alice')).to.throw(/^The client 'stray' knows users by pairwise subjects/);
    });

    it('are refused at start without a salt, and with clients in a store when one of them signs in', async () => {

        const sentence = 'The client \'pair-1\' knows users by pairwise subjects: call setPairwiseSalt() on the AuthorizationServerBuilder with 32 random characters or more, and never change them';
        await expect(provision([openidFlow()], (hub) => hub.setClients(pairwiseClients))).to.reject(sentence);
        const store = new Map(pairwiseClients.map((client): [string, ClientMetadata] => [client.client_id, client]));
        const { authorize } = await openidServer([openidFlow()], (hub) => hub.setClients(store));
        expect(new URL((await authorize({ scope: 'openid', client_id: 'pair-1' })).location).searchParams.get('error')).to.equal('server_error');
    });
});

describe('The metadata of an OpenID server', () => {

    it('says what UserInfo and claims can do', async () => {

        const { server } = await openidServer([openidFlow()], pairwise);
        const { result } = await server.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(result).to.include({
            userinfo_endpoint: 'http://localhost/oauth2/userinfo', claims_parameter_supported: true, claim_types_supported: ['normal'], subject_types_supported: ['public', 'pairwise'],
            id_token_signing_alg_values_supported: ['RS256', 'ES256'], userinfo_signing_alg_values_supported: ['RS256', 'ES256']
        });
        expect(result?.scopes_supported).to.include(['openid', 'offline_access']);
        expect(result?.grant_types_supported).to.equal(['authorization_code', 'refresh_token']);
        const { server: plain } = await openidServer([openidFlow()], (hub) => hub.setClients(openidClients.slice(0, 1)).additionalConfiguration({ claims_supported: ['sub', 'x'] }));
        const { result: less } = await plain.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(less).to.include({ subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], userinfo_signing_alg_values_supported: ['RS256'], claims_supported: ['sub', 'x'] });
    });

    it('publishes the keys that clients want their ID tokens and UserInfo signed with', async () => {

        const { server, login } = await openidServer();
        const { result } = await server.inject<{ keys: { kid: string; alg: string }[] }>('/oauth2/keys');
        const { id_token: idToken } = await login({ client_id: 'signed' });
        expect(result?.keys.find(({ kid }) => kid === headerOf(idToken).kid)?.alg).to.equal('ES256');
        expect(headerOf((await login()).id_token).alg).to.equal('RS256');
    });

    it('says nothing of it at level 1, where the project serves it', async () => {

        const level1 = OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => route.generateCode(() => null)).tokenRoute((route) => route.generateToken(() => null));
        const { server } = await provision([level1]);
        const { result } = await server.inject<Record<string, unknown>>('/.well-known/openid-configuration');
        expect(Object.keys(result ?? {})).to.not.include(['userinfo_endpoint']).and.not.include(['claims_supported']).and.not.include(['claims_parameter_supported']);
        expect((await server.inject('/oauth2/userinfo')).statusCode).to.equal(404);
    });
});

describe('The UserInfo route', () => {

    it('is where it was put, on the hub\'s own server', async () => {

        const { server } = await openidServer([openidFlow()], (hub) => hub.userinfoRoute((route) => route.setPath('/me').setOptions({ tags: ['me'] })));
        expect((await server.inject('/me')).statusCode).to.equal(401);
        expect(server.match('get', '/me')?.settings.tags).to.equal(['me']);
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result?.userinfo_endpoint).to.equal('http://localhost/me');
    });

    it('is there once for all flows, and cannot be moved by a later one', async () => {

        const second = () => openidFlow().strategyName('second').authorizationRoute((route) => route.setPath('/second')).tokenRoute((route) => route.setPath('/second-token'));
        await openidServer([openidFlow(), second()]);
        await openidServer([openidFlow(), second().userinfoRoute((route) => route.setPath('/oauth2/userinfo'))]);
        await expect(openidServer([openidFlow(), second().userinfoRoute((route) => route.setPath('/me'))])).to.reject('UserInfo is served at /oauth2/userinfo already: call userinfoRoute() on the AuthorizationServerBuilder');
    });

    it('is refused where another route is, before anything is added', async () => {

        await expect(openidServer([openidFlow().userinfoRoute((route) => route.setPath('/oauth2/token'))])).to.reject('Flow \'oidc-authorization-code\' serves two endpoints at /oauth2/token: give one of them another path with setPath()');
        await expect(openidServer([openidFlow().userinfoRoute((route) => route.setPath('/{any}'))])).to.reject(/with UserInfo, cannot serve \/\{any\}/);
    });

    it('and the claims are settings of the server: two flows that differ are refused, naming both', async () => {

        const second = () => openidFlow().strategyName('second').authorizationRoute((route) => route.setPath('/second')).tokenRoute((route) => route.setPath('/second-token'));
        await expect(openidServer([openidFlow(), second().setClaims(() => null)])).to.reject('The AuthorizationServerBuilder and Flow \'second\' differ in setClaims(), which is one setting of the whole server: call it once, on the AuthorizationServerBuilder');
        await expect(openidServer([openidFlow().setScopeClaims({ team: ['a'] }), second().setScopeClaims({ team: ['b'] })])).to.reject(/Flow 'oidc-authorization-code' and Flow 'second' differ in setScopeClaims\(\)/);
    });
});

describe('OpenID scopes', () => {

    it('are known where resources alone declare scopes', async () => {

        const { told } = await openidServer([OIDCAuthorizationCodeBuilder.create()], (hub) => hub.setResources({ 'https://api.example.com': { scopes: { read: 'Read' } } }));
        expect(await told({ scope: 'openid email read' })).to.equal({ sub: 'alice', email: 'alice@example.com', email_verified: true });
    });
});
