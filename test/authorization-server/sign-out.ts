import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { compactVerify, importJWK } from 'jose';

import { MemoryStore, type GrantIndex } from '../../lib';
import { epoch } from '../fixture/clock';
import { claimsOf, headerOf } from '../fixture/jwt';
import { asks, goodbye, logoutServer, sidIn, type Heard } from '../fixture/logout-server';
import { openidFlow } from '../fixture/openid-server';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tokenIn = ({ body }: Heard): string => new URLSearchParams(body).get('logout_token') ?? '';
const event = 'http://schemas.openid.net/event/backchannel-logout';

/** Resolves when every client was told, or given up. */
const settled = async (server: Server): Promise<void> => {

    await server.plugins['hapi-oauth2-flows'].authorizationServer.signOut.settled();
};

describe('A sign-out', { timeout: 60_000 }, () => {

    it('rule 32: ends the grants of the session, keeps those with offline_access, and touches no other session', async () => {

        const { browser, introspect, refresh, events, server } = await logoutServer();
        const here = browser();
        const online = await here.login({ scope: 'openid email' });
        const offline = await here.login({ scope: 'openid offline_access' });
        const elsewhere = await browser().login();
        expect((await here.logout({ id_token_hint: online.id_token, post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
        const active = async (tokens: Readonly<Record<string, unknown>>) => (await introspect(tokens.access_token)).active;
        expect([await active(online), await active(offline), await active(elsewhere)]).to.equal([false, true, true]);
        expect((await refresh(offline.refresh_token)).access_token).to.be.a.string();
        const signedOut = events.find(({ tags }) => tags.includes('signed_out'));
        expect(signedOut).to.equal({ tags: ['oauth', 'signed_out'], data: { subjects: ['alice'], session_id: (await server.oauth2.grants.find(String(claimsOf(offline.access_token).grant_id)))?.sessionId, clients: ['web'], revoked: 1 } });
        expect(JSON.stringify(events)).to.not.include(String(online.access_token)).and.not.include(String(online.id_token));
    });

    it('ends more grants than fit on a page', async () => {

        class Paging extends MemoryStore {

            override async listGrants(index: GrantIndex, value: string, cursor?: string | null) {

                return await super.listGrants(index, value, cursor, 2);
            }
        }

        const { browser, server } = await logoutServer((hub) => hub.setStore(new Paging({ clock: () => epoch })));
        const here = browser();
        const { id_token: hint } = await here.login();
        for (let i = 0; i < 4; ++i) {
            expect(await here.isSignedIn()).to.be.true();
        }

        await here.logout({ id_token_hint: hint });
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items).to.be.empty();
    });

    it('leaves everybody signed in when the store fails before it is done', async () => {

        class Failing extends MemoryStore {

            isBroken = false;

            override async listGrants(...call: Parameters<MemoryStore['listGrants']>) {

                if (this.isBroken) {
                    throw new Error('no store');
                }

                return await super.listGrants(...call);
            }
        }

        const store = new Failing({ clock: () => epoch });
        const { browser, heard } = await logoutServer((hub) => hub.setStore(store));
        const here = browser();
        const { id_token: hint } = await here.login();
        store.isBroken = true;
        expect((await here.logout({ id_token_hint: hint })).statusCode).to.equal(500);
        expect(heard).to.be.empty();
        store.isBroken = false;
        expect(await here.isSignedIn()).to.be.true();
        expect((await here.logout({ id_token_hint: hint })).statusCode).to.equal(200);
        expect(await here.isSignedIn()).to.be.false();
    });

    it('oidcc-backchannel-rp-initiated-logout: tells each client of the session, by the sub and sid of its ID tokens', async () => {

        const { browser, heard, server, clock } = await logoutServer();
        const here = browser();
        const tokens = { web: await here.login(), other: await here.login({ client_id: 'other' }), pair: await here.login({ client_id: 'pair' }), quiet: await here.login({ client_id: 'quiet' }) };
        await browser().login({}, 'bob');
        await here.logout({ id_token_hint: tokens.web.id_token });
        await settled(server);
        expect(heard.map(({ url }) => url).sort()).to.equal(['https://other.example.com/bye', 'https://pair.example.com/bye', 'https://web.example.com/bye']);
        const { result } = await server.inject<{ keys: { kid: string; alg: string }[] }>('/oauth2/keys');
        for (const [id, alg] of [['web', 'RS256'], ['other', 'ES256'], ['pair', 'RS256']] as const) {
            const told = heard.find(({ url }) => url.includes(`//${id}.`));
            const token = told === undefined ? '' : tokenIn(told);
            expect([...new URLSearchParams(told?.body).keys()]).to.equal(['logout_token']);
            const { kid, ...header } = headerOf(token);
            expect(header).to.equal({ alg, typ: 'logout+jwt' });
            await compactVerify(token, await importJWK(result?.keys.find((key) => key.kid === kid) ?? {}, alg));
            const iat = clock.now() / 1000;
            const { jti, ...claims } = claimsOf(token);
            expect(jti).to.be.a.string();
            const { sub } = claimsOf(tokens[id].id_token);
            expect(claims).to.equal({ iss: server.oauth2.issuer, aud: id, iat, exp: iat + 120, sub, sid: sidIn(tokens[id]), events: { [event]: {} } });
        }

        expect(new Set(Object.values(tokens).map(sidIn)).size).to.equal(4);
    });

    it('attack: is what another user of the app\'s own session is: the one before stays signed in nowhere, and the clients are told', async () => {

        let [subject, authTime] = ['alice', epoch / 1000 - 100];
        const { browser, heard, server, introspect, events, authorizeUrl, redeem } = await logoutServer((hub) => hub.setLoginUrl('/login').setSessionStrategy('app').setConsent('implicit'));
        server.auth.scheme('app', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { subject, authTime } }) }));
        server.auth.strategy('app', 'app');
        const here = browser();
        const consent = async (changes: Readonly<Record<string, string>>) => (await redeem((await here.submit(await here.open(authorizeUrl(changes)), { decision: 'allow' })).location, { authorization: basic('web', 'the-secret') })).body;
        const [online, offline] = [await consent({ scope: 'openid email' }), await consent({ scope: 'openid offline_access' })];
        authTime += 10;
        expect(await here.isSignedIn()).to.be.true();
        expect(heard).to.be.empty();                            // The same user, who has signed in anew
        subject = 'bob';
        expect(await here.isSignedIn()).to.equal('consent_required');
        await settled(server);
        expect(heard.map(({ url }) => url)).to.equal(['https://web.example.com/bye']);
        const [told = ''] = heard.map(tokenIn);
        expect(claimsOf(told)).to.include({ sub: 'alice', sid: sidIn(online), aud: 'web' });
        expect([(await introspect(online.access_token)).active, (await introspect(offline.access_token)).active]).to.equal([false, true]);
        expect(events.filter(({ tags }) => tags.includes('signed_out')).map(({ data }) => Object(data).subjects)).to.equal([['alice']]);
        expect(sidIn(await consent({ scope: 'openid email' }))).to.not.equal(sidIn(online));
    });

    it('is what the app\'s own sign-out asks for: request.oauth2.logout() signs the browser out, and none where nobody is', async () => {

        const { browser, heard, server, introspect } = await logoutServer();
        server.route({
            method: 'POST', path: '/bye', handler: async ({ oauth2 }) => {

                await oauth2.logout();
                return 'Goodbye';
            }
        });
        const [here, elsewhere] = [browser(), browser()];
        const [tokens, others] = [await here.login(), await elsewhere.login()];
        const { payload } = await here.send({ method: 'POST', url: '/bye' });
        expect(payload).to.equal('Goodbye');
        await settled(server);
        expect(heard.map(({ url }) => url)).to.equal(['https://web.example.com/bye']);
        expect([await here.isSignedIn(), await elsewhere.isSignedIn()]).to.equal([false, true]);
        expect([(await introspect(tokens.access_token)).active, (await introspect(others.access_token)).active]).to.equal([false, true]);
        expect((await here.send({ method: 'POST', url: '/bye' })).statusCode).to.equal(200);
        expect((await server.inject({ method: 'POST', url: '/bye' })).statusCode).to.equal(200);
        await settled(server);
        expect(heard).to.have.length(1);
    });

    it('oidcc-backchannel-logout-discovery-endpoint-verification: is in the metadata', async () => {

        const { server } = await logoutServer();
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result).to.include({
            backchannel_logout_supported: true, backchannel_logout_session_supported: true, end_session_endpoint: 'http://localhost/oauth2/logout'
        });
    });

    it('answers before any client does, and says which one was not told', async () => {

        let refuse = (): void => undefined;
        const { browser, events, server } = await logoutServer((hub) => hub.setFetch(() => new Promise((resolve) => {

            refuse = () => resolve({ status: 400, contentType: undefined, body: Buffer.from('') });
        })));
        const told = () => events.filter(({ tags }) => tags.includes('logout_undelivered'));
        const here = browser();
        const { id_token: hint } = await here.login();
        expect((await here.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
        expect(told()).to.be.empty();
        const noted = setInterval(() => refuse(), 1);           // Until the token is signed nobody has asked
        await settled(server);
        clearInterval(noted);
        expect(told()).to.equal([{ tags: ['oauth', 'logout_undelivered'], data: { client_id: 'web', reason: 'refused', tries: 1, status: 400 } }]);
    });

    it('attack: a logout token is neither an ID token nor a hint nor an access token', async () => {

        const { browser, heard, introspect, server } = await logoutServer();
        const here = browser();
        await here.logout({ id_token_hint: (await here.login()).id_token });
        await settled(server);
        const [told] = heard;
        const token = told === undefined ? '' : tokenIn(told);
        await here.login();
        expect(asks(await here.logout({ id_token_hint: token, post_logout_redirect_uri: goodbye }))).to.be.true();
        expect(claimsOf(token)).to.not.include('nonce');
        expect((await introspect(token)).active).to.be.false();
    });

    it('lets the app end its own session', async () => {

        const ended: unknown[] = [];
        const { browser } = await logoutServer((hub) => hub.onLogout(async ({ subjects }, request, h) => {

            await Promise.resolve();
            h.unstate('app');
            ended.push(subjects, request.path);
        }));
        const here = browser();
        const { id_token: hint } = await here.login();
        here.jar.set('app', 'x');
        const { headers } = await here.logout({ id_token_hint: hint });
        expect(ended).to.equal([['alice'], '/oauth2/logout']);
        expect([headers['set-cookie']].flat().filter((cookie) => cookie?.startsWith('app=; Max-Age=0'))).to.have.length(1);
        expect(here.jar.has('app')).to.be.false();
        await here.logout();
        expect(ended).to.have.length(2);
    });

    it('ends our session also where users sign in by a strategy of the app, which ends its own', async () => {

        let user: string | null = 'carol';
        const { browser, server } = await logoutServer((hub) => hub.setLoginUrl('/login').setSessionStrategy('app').onLogout(() => {

            user = null;
        }));
        server.auth.scheme('app', () => ({
            authenticate: (_request, h) => (user === null ? h.unauthenticated(Object.assign(new Error('nobody'), { isBoom: true, output: { statusCode: 401, headers: {}, payload: {} } })) : h.authenticated({ credentials: { subject: user, authTime: 1_800_000_000 } }))
        }));
        server.auth.strategy('app', 'app');
        const here = browser();
        const { id_token: hint } = await here.login();
        expect(await here.isSignedIn()).to.be.true();
        expect((await here.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
        expect(await here.isSignedIn()).to.be.false();
    });
});

describe('The routes that come with the first OpenID flow', () => {

    it('can be elsewhere, on the hub and on the flow, once', async () => {

        const { server, browser } = await logoutServer((hub) => hub.logoutRoute((route) => route.setPath('/bye').setOptions({ tags: ['bye'] })).accountRoute((route) => route.setPath('/me')));
        expect(server.lookup('x')).to.be.null();
        expect(server.match('get', '/bye')?.settings.tags).to.equal(['bye']);
        for (const [path, status] of [['/bye', 200], ['/bye/confirm', 303], ['/me', 200], ['/oauth2/logout', 404], ['/oauth2/account', 404]] as const) {
            expect((await server.inject(path)).statusCode, path).to.equal(status);
        }

        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result).to.include({ end_session_endpoint: 'http://localhost/bye' });
        const here = browser();
        await here.login();
        expect((await here.submit(await here.open('/bye'), { decision: 'logout' })).payload).to.include('You are signed out');
        await expect(logoutServer(undefined, openidFlow().logoutRoute((route) => route.setPath('/oauth2/token')))).to.reject('Flow \'oidc-authorization-code\' serves two endpoints at /oauth2/token: give one of them another path with setPath()');
        await expect(logoutServer(undefined, openidFlow().accountRoute((route) => route.setPath('/{any}')))).to.reject(/with The account page, cannot serve \/\{any\}/);
        await expect(logoutServer(undefined, openidFlow().accountRoute((route) => route.setPath('/oauth2/logout/confirm')))).to.reject(/two endpoints at \/oauth2\/logout\/confirm/);
    });
});
