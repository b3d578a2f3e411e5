import { unauthorized } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, type ClientMetadata } from '../../lib';
import type { Login } from '../../lib/authorization-server/login';
import { assertionType, signed } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { quietServer } from '../fixture/flows';
import { injectedBrowser, type InjectedPage } from '../fixture/injected-browser';
import { claimsOf, headerOf } from '../fixture/jwt';
import { foreignStore } from '../fixture/level-2';
import { asks, goodbye, isDone, logoutServer, sidIn } from '../fixture/logout-server';
import { form } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { redirectUri } from '../fixture/registered-server';
import { document, registrationServer } from '../fixture/registration';
import { testClock } from '../fixture/clock';
import { codeIn, outcomeOf, ruleClients, ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const asksToSignIn = ({ payload }: Pick<InjectedPage, 'payload'>) => payload.includes('name="password"');
const aboutIn = (html: string): string => /name="about" value="([^"]*)"/.exec(html)?.[1] ?? '';
const asksForConsent = ({ payload }: Pick<InjectedPage, 'payload'>) => payload.includes('name="decision"');

/** The server on a store that a test looks into. */
const onStore = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { now, advance } = testClock();
    const shared = foreignStore(now);
    const bench = await ruleServer({ configure: (hub) => configure(hub.setClock(now).setStore(shared.store)) });
    return { ...bench, ...shared, advance, kept: async (kind: string) => (await shared.store.list(kind)).items };
};

/** Somebody who is signed in to the client `web`, at a server that one signs out of. */
const signedIn = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const bench = await logoutServer(configure);
    const user = bench.browser();
    const tokens = await user.login();
    return { ...bench, user, tokens, hint: String(tokens.id_token) };
};

describe('Sign-in: rule 32', () => {

    it('rule 32: the session is a record of the store: accounts with auth_time, acr and amr, clients, when it began and was used', async () => {

        const { signIn, kept } = await onStore((hub) => hub.authenticateUser(({ username }) => ({ subject: username, acr: 'urn:example:two', amr: ['pwd', 'otp'] })));
        await signIn();
        const [record, ...others] = await kept('session');
        expect(others).to.equal([]);
        const at = testClock().now();
        expect(record?.value).to.include({ clients: [{ clientId: 'web', subject: 'alice' }], createdAt: at, lastUsedAt: at });
        expect(Object(record?.value.accounts)[0]).to.include({ subject: 'alice', authTime: at / 1000, acr: 'urn:example:two', amr: ['pwd', 'otp'] });
    });

    it('rule 32: the cookie is HttpOnly, Lax and for every path, on https also Secure and __Host-', async () => {

        for (const secure of [false, true]) {
            const { server, authorizeUrl } = await ruleServer({ configure: (hub) => (secure ? hub.setIssuer('https://auth.example.com').allowDevelopmentDefaults() : hub) });
            const sent: string[] = [];
            const user = injectedBrowser(server);
            const keep = (page: InjectedPage) => {

                sent.push(...[page.headers['set-cookie'] ?? []].flat());
                return page;
            };

            const opened = keep(await user.send({ url: authorizeUrl() }));
            const page = opened.location.startsWith('/') ? keep(await user.send({ url: opened.location })) : opened;
            const action = (/action="([^"]*)"/.exec(page.payload)?.[1] ?? '').replaceAll('&amp;', '&');
            keep(await user.send(form(action, { username: 'alice', password: 'right' })));
            const prefix = secure ? '__Host-' : '';
            for (const name of ['oauth2-session', 'oauth2-browser']) {
                const cookie = sent.find((one) => one.startsWith(`${prefix}${name}=`)) ?? '';
                const attributes = cookie.split('; ').slice(1);
                expect(attributes, `${prefix}${name}`).to.include(['HttpOnly', 'SameSite=Lax', 'Path=/', ...secure ? ['Secure'] : []]);
                expect(attributes.some((one) => one.startsWith('Domain')), name).to.be.false();
            }
        }
    });

    it('rule 32: the cookie holds only the sealed id of the session, which nobody makes up or alters', async () => {

        const { signIn, browser, authorizeUrl, kept, server } = await onStore();
        const user = browser();
        await signIn({}, { browser: user });
        const value = String(user.jar.get('oauth2-session'));
        const [secret = '', sealed = ''] = value.split('.');
        expect(Buffer.from(sealed, 'base64url').toString('latin1')).to.not.include('alice');
        expect(JSON.stringify(await kept('session'))).to.not.include(sealed);
        const [record] = await kept('session');
        for (const forged of [`${secret}.${sealed.slice(0, -2)}AA`, `${secret}.${String(record?.key)}`, String(record?.key), `x.${sealed}`, `.${sealed}`, sealed, `${secret}.${secret}`]) {
            const thief = injectedBrowser(server, new Map([['oauth2-session', forged]]));
            expect(asksToSignIn(await thief.open(authorizeUrl())), forged).to.be.true();
        }
    });

    it('rule 32: it is new at each sign-in, and the old one is worth nothing: nobody can plant one', async () => {

        const { server, signIn, authorizeUrl } = await ruleServer();
        const victim = injectedBrowser(server);
        await signIn({}, { browser: victim, username: 'mallory' });
        const planted = String(victim.jar.get('oauth2-session'));
        await signIn({ prompt: 'login' }, { browser: victim, username: 'alice' });
        expect(victim.jar.get('oauth2-session')).to.not.equal(planted);
        const attacker = injectedBrowser(server, new Map([['oauth2-session', planted]]));
        expect(asksToSignIn(await attacker.open(authorizeUrl()))).to.be.true();
    });

    it('rule 32: a grant names its session, and clients know it by a sid of their own', async () => {

        const { signIn, redeem, server, browser } = await ruleServer();
        const user = browser();
        const web = (await redeem(codeIn((await signIn({}, { browser: user })).location))).body;
        const other = (await redeem(codeIn((await signIn({ client_id: 'other' }, { browser: user })).location), 'other')).body;
        const grants = (await server.oauth2.grants.list({ subject: 'alice' })).items;
        const [session] = grants.map(({ sessionId }) => sessionId);
        expect(session).to.be.a.string();
        expect((await server.oauth2.grants.list({ sessionId: String(session) })).items).to.have.length(2);
        const sids = [claimsOf(web.id_token).sid, claimsOf(other.id_token).sid];
        expect(new Set([...sids, session]).size).to.equal(3);
    });

    it('rule 32: logout deletes the record, so that no copy of the cookie is worth anything', async () => {

        const { now } = testClock();
        const { store } = foreignStore(now);
        const { user, hint, server, authorizeUrl } = await signedIn((hub) => hub.setClock(now).setStore(store));
        const copy = injectedBrowser(server, new Map(user.jar));
        expect((await store.list('session')).items).to.have.length(1);
        expect(asksToSignIn(await copy.open(authorizeUrl({ scope: 'openid' })))).to.be.false();
        await user.logout({ id_token_hint: hint });
        expect((await store.list('session')).items).to.equal([]);
        expect(user.jar.has('oauth2-session')).to.be.false();
        expect(asksToSignIn(await copy.open(authorizeUrl({ scope: 'openid' })))).to.be.true();
    });

    it('rule 32: logout revokes the grants of that session without offline_access, of every client, and keeps those with it', async () => {

        const { user, hint, tokens: web, browser, introspect, refresh } = await signedIn();
        const other = await user.login({ client_id: 'other' });
        const offline = await user.login({ scope: 'openid offline_access' });
        const elsewhere = browser();
        const apart = await elsewhere.login();
        await user.logout({ id_token_hint: hint });
        const active = async (token: unknown, id?: string) => (await introspect(token, id)).active;
        expect([await active(web.access_token), await active(other.access_token, 'other')]).to.equal([false, false]);
        expect([await active(offline.access_token), await active(apart.access_token)]).to.equal([true, true]);
        expect((await refresh(offline.refresh_token)).access_token).to.be.a.string();
        expect([await elsewhere.isSignedIn(), await user.isSignedIn()]).to.equal([true, false]);
    });
});

describe('Sign-in: rule 33', () => {

    it('rule 33: GET and POST of the authorize path only ever carry an authorization request: no password and no consent is read there', async () => {

        const { authorizeUrl, browser, signIn } = await ruleServer();
        for (const fields of [{ username: 'alice', password: 'right' }, { username: 'alice', password: 'right', decision: 'allow' }]) {
            const user = browser();
            const query = `${authorizeUrl().split('?')[1]}&${new URLSearchParams(fields).toString()}`;
            for (const page of [await user.open(`/oauth2/authorize?${query}`), await user.send(form(authorizeUrl(), fields)), await user.send(form('/oauth2/authorize', query))]) {
                expect(codeIn(page.location.startsWith('https') ? page.location : redirectUri)).to.equal('');
            }

            expect(user.jar.has('oauth2-session')).to.be.false();
        }

        const user = browser();
        await signIn({}, { browser: user, decision: 'deny' });
        const consented = await user.open(`${authorizeUrl()}&decision=allow`);
        expect(asksForConsent(consented)).to.be.true();
    });

    it('rule 33: the forms of sign-in and consent post to a path of their own with a token that no other site knows', async () => {

        const { authorizeUrl, browser, server } = await ruleServer();
        const user = browser();
        const page = await user.open(authorizeUrl());
        const action = /<form method="post" action="([^"]*)"/.exec(page.payload)?.[1] ?? '';
        expect(action).to.match(/interaction=[\w-]{43}/);
        const other = injectedBrowser(server);
        await other.open(authorizeUrl());
        for (const [who, url] of [[other, action], [user, '/oauth2/authorize/interaction'], [user, `/oauth2/authorize/interaction?interaction=${'A'.repeat(43)}`]] as const) {
            const answer = await who.send(form(url.startsWith('?') ? `/oauth2/authorize/interaction${url}` : url, { username: 'alice', password: 'right' }));
            expect([answer.statusCode, who.jar.has('oauth2-session')], url).to.equal([400, false]);
        }

        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }]) {
            const url = action.startsWith('?') ? `/oauth2/authorize/interaction${action}` : action;
            expect((await user.send(form(url, { username: 'alice', password: 'right' }, headers))).statusCode, JSON.stringify(headers)).to.equal(403);
        }

        expect(asksForConsent(await user.submit(page, { username: 'alice', password: 'right' }))).to.be.true();
    });

    it('rule 33: a POST to authorize without our session cookie is answered 303 to the same path with a reference, and only then is prompt=none judged', async () => {

        const { authorizeUrl, signIn, browser, send } = await ruleServer();
        const user = browser();
        await signIn({}, { browser: user });
        const query = authorizeUrl({ prompt: 'none' }).split('?')[1] ?? '';
        const posted = await send('/oauth2/authorize', query, null, { headers: { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' } });
        expect(posted.statusCode).to.equal(303);
        expect(posted.headers.location).to.match(/^\/oauth2\/authorize\?posted_request=[\w-]{43}$/);
        expect(outcomeOf(await user.open(String(posted.headers.location)))).to.equal('code');       // Here the browser sends its cookie along
        const stranger = await send('/oauth2/authorize', query, null);
        expect(outcomeOf(await browser().open(String(stranger.headers.location)))).to.equal('login_required');
    });

    it('rule 33: the reference is good once, and for 60 seconds', async () => {

        const { authorizeUrl, browser, send, clock } = await ruleServer();
        const start = async () => String((await send('/oauth2/authorize', authorizeUrl().split('?')[1] ?? '', null)).headers.location);
        const [once, early, late] = [await start(), await start(), await start()];
        expect([asksToSignIn(await browser().open(once)), (await browser().open(once)).statusCode]).to.equal([true, 400]);
        clock.advance(59.999);
        expect(asksToSignIn(await browser().open(early))).to.be.true();
        clock.advance(0.001);
        expect((await browser().open(late)).statusCode).to.equal(400);
    });

    it('rule 33: the form of logout posts to a path of its own with a token that no other browser and no other site has', async () => {

        const { user, browser, server } = await signedIn();
        const own = /<form method="post" action="([^"]*)"/.exec((await user.logout()).payload)?.[1] ?? '';
        expect(own).to.match(/^\/oauth2\/logout\/confirm\?csrf=[\w-]{43}$/);
        const stranger = browser();
        await stranger.login({}, 'mallory');
        const foreign = /<form method="post" action="([^"]*)"/.exec((await stranger.logout()).payload)?.[1] ?? '';
        expect(foreign).to.match(/csrf=/).and.not.equal(own);
        const decided = { decision: 'logout', request: '', about: aboutIn((await user.logout()).payload) };
        for (const url of [foreign, '/oauth2/logout/confirm', `/oauth2/logout/confirm?csrf=${'A'.repeat(43)}`]) {
            expect((await user.send(form(url, decided))).statusCode, url).to.equal(400);
        }

        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example.com' }]) {
            expect((await user.send(form(own, decided, headers))).statusCode, JSON.stringify(headers)).to.equal(403);
        }

        for (const page of [await user.open((await user.send(form('/oauth2/logout', decided))).location), await user.open('/oauth2/logout?decision=logout')]) {
            expect(asks(page)).to.be.true();                    // Where requests go no decision is read
        }

        expect(await user.isSignedIn()).to.be.true();
        expect(isDone(await user.send(form(own, decided)))).to.be.true();
        expect(await user.isSignedIn()).to.be.false();
        expect((await server.inject('/oauth2/logout/confirm')).headers.location).to.equal('/oauth2/logout');
    });

    it('rule 33: a POST to end_session without our session cookie is answered 303 to the same path with a reference, and only then is logout judged', async () => {

        const { user, hint, server, browser } = await signedIn();
        const parameters = { id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 's' };
        const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' };
        for (const sent of [parameters, {}, { id_token_hint: 'x' }]) {
            const posted = await server.inject(form('/oauth2/logout', sent, headers));
            expect([posted.statusCode, posted.headers['set-cookie']]).to.equal([303, undefined]);
            expect(posted.headers.location).to.match(/^\/oauth2\/logout\?posted_request=[\w-]{43}$/);
        }

        expect(await user.isSignedIn()).to.be.true();
        const stranger = browser();
        await stranger.login({}, 'mallory');
        const locations = await Promise.all([0, 1].map(async () => String((await server.inject(form('/oauth2/logout', parameters, headers))).headers.location)));
        expect(asks(await stranger.open(locations[0] ?? ''))).to.be.true();                             // Whose session it is not
        expect((await user.open(locations[1] ?? '')).location).to.equal(`${goodbye}?state=s`);          // Here the browser sends its cookie along
        expect([await user.isSignedIn(), await stranger.isSignedIn()]).to.equal([false, true]);
    });

    it('rule 33: that reference too is good once, and for 60 seconds', async () => {

        const { user, hint, server, clock } = await signedIn();
        const start = async () => String((await server.inject(form('/oauth2/logout', { state: 's', id_token_hint: hint.slice(0, -4) }))).headers.location);
        const [once, early, late] = [await start(), await start(), await start()];
        expect([asks(await user.open(once)), (await user.open(once)).statusCode]).to.equal([true, 400]);
        clock.advance(59.999);
        expect(asks(await user.open(early))).to.be.true();
        clock.advance(0.001);
        expect((await user.open(late)).statusCode).to.equal(400);
        expect(await user.isSignedIn()).to.be.true();
    });
});

describe('Sign-in: rule 34', () => {

    /** A server whose app has a sign-in page of its own. */
    const ownPage = async () => {

        const bench = await ruleServer({ configure: (hub) => hub.setLoginUrl('/login') });
        const user: { login: Login } = { login: { subject: 'alice' } };
        bench.server.route({ method: 'GET', path: '/login', handler: () => '<h1>Sign in</h1>' });
        bench.server.route({ method: 'POST', path: '/login', handler: async (request) => await request.oauth2.login(user.login) });
        const start = async (browser: ReturnType<typeof injectedBrowser>, changes: Readonly<Record<string, string>> = {}) => (await browser.open(bench.authorizeUrl(changes))).url;
        const enter = async (browser: ReturnType<typeof injectedBrowser>, url: string) => await browser.send(form(url, {}));
        const finish = async (browser: ReturnType<typeof injectedBrowser>, { location }: InjectedPage) => {

            const page = await browser.open(location);
            return asksForConsent(page) ? await browser.submit(page, { decision: 'allow' }) : page;
        };

        return { ...bench, user, start, enter, finish };
    };

    it('rule 34: an interaction is a record of the store, bound to its browser by a cookie of its own', async () => {

        const { authorizeUrl, browser, kept, server } = await onStore();
        const user = browser();
        const page = await user.open(authorizeUrl());
        expect(user.jar.get('oauth2-browser')).to.be.a.string();
        expect(await kept('interaction')).to.have.length(1);
        expect(JSON.stringify(await kept('interaction'))).to.not.include(String(user.jar.get('oauth2-browser')).split('.')[0] ?? 'nothing');
        const action = (/<form method="post" action="([^"]*)"/.exec(page.payload)?.[1] ?? '').replaceAll('&amp;', '&');
        expect((await user.open(action)).statusCode).to.equal(200);
        for (const jar of [new Map<string, string>(), new Map([['oauth2-browser', `${'A'.repeat(43)}.`]])]) {
            expect((await injectedBrowser(server, jar).open(action)).statusCode).to.equal(400);
        }
    });

    it('rule 34: request.oauth2.login goes on with what waits, and the session is new', async () => {

        const { browser, start, enter, finish, redeem, clock } = await ownPage();
        const user = browser();
        const url = await start(user);
        expect(url).to.startWith('/login?interaction=');
        const { location } = await finish(user, await enter(user, url));
        const { id_token: token } = (await redeem(codeIn(location))).body;
        expect(claimsOf(token)).to.include({ sub: 'alice', auth_time: clock.now() / 1000 });       // Now, where the app does not say
        const before = user.jar.get('oauth2-session');
        await enter(user, await start(user, { prompt: 'login' }));
        expect(user.jar.get('oauth2-session')).to.not.equal(before);
    });

    it('rule 34: it works only in that browser, once, within an hour', async () => {

        const { server, browser, start, enter, clock } = await ownPage();
        const [user, thief] = [browser(), browser()];
        const url = await start(user);
        await start(thief);
        expect([(await enter(thief, url)).statusCode, (await enter(injectedBrowser(server), url)).statusCode]).to.equal([400, 400]);
        expect(thief.jar.has('oauth2-session')).to.be.false();
        expect((await enter(user, url)).statusCode).to.equal(303);
        expect((await enter(user, url)).statusCode).to.equal(400);
        const [early, late] = [browser(), browser()];
        const [one, other] = [await start(early), await start(late)];
        clock.advance(3599.999);
        expect((await enter(early, one)).statusCode).to.equal(303);
        clock.advance(0.001);
        expect((await enter(late, other)).statusCode).to.equal(400);
    });

    it('rule 34: it takes authTime, which is in the ID token, and no time to come', async () => {

        const { browser, start, enter, finish, redeem, clock, user } = await ownPage();
        const seconds = clock.now() / 1000;
        user.login = { subject: 'alice', authTime: seconds - 500 };
        const one = browser();
        const { location } = await finish(one, await enter(one, await start(one)));
        expect(claimsOf((await redeem(codeIn(location))).body.id_token).auth_time).to.equal(seconds - 500);
        user.login = { subject: 'alice', authTime: seconds + 3600 };
        const other = browser();
        expect((await enter(other, await start(other))).statusCode).to.equal(500);
    });

    /** A server whose users are signed in by a strategy of the app: a header stands for its session. */
    const ownStrategy = async (more: object = {}) => {

        const bench = await ruleServer({ configure: (hub) => {

            hub.setLoginUrl('https://login.example.com/').setSessionStrategy('app');
        } });
        bench.server.auth.scheme('header', () => ({ authenticate: (request, h) => {

            const { 'x-user': subject } = request.headers;
            return typeof subject === 'string' ? h.authenticated({ credentials: { subject, ...request.headers['x-time'] !== undefined && { authTime: Number(request.headers['x-time']) }, ...more } }) : h.unauthenticated(unauthorized(null, 'header'), undefined);
        } }));
        bench.server.auth.strategy('app', 'header');
        const user = bench.browser();
        const open = async (headers: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>> = {}, url = bench.authorizeUrl(changes)): Promise<InjectedPage> => {

            const page = await user.send({ url, headers });
            return page.statusCode === 303 && page.location.startsWith('/') ? await open(headers, changes, page.location) : page;
        };

        const consent = async (page: InjectedPage, headers: Readonly<Record<string, string>>) => {

            const field = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.payload)?.[1] ?? '';
            const action = (/<form method="post" action="([^"]*)"/.exec(page.payload)?.[1] ?? '').replaceAll('&amp;', '&');
            return await user.send(form(action.startsWith('?') ? `/oauth2/authorize/interaction${action}` : action, { about: field('about'), decision: 'allow' }, headers));
        };

        return { ...bench, user, open, consent };
    };

    it('rule 34: a strategy of the app yields subject and authTime, and auth_time is never invented', async () => {

        const { open, consent, redeem, clock } = await ownStrategy();
        const seconds = clock.now() / 1000;
        const known = { 'x-user': 'alice', 'x-time': String(seconds - 100) };
        const { location } = await consent(await open(known), known);
        expect(claimsOf((await redeem(codeIn(location))).body.id_token)).to.include({ sub: 'alice', auth_time: seconds - 100 });
        const unknown = { 'x-user': 'bob' };
        const { location: other } = await consent(await open(unknown), unknown);
        const claims = claimsOf((await redeem(codeIn(other))).body.id_token);
        expect([claims.sub, claims.auth_time]).to.equal(['bob', undefined]);
    });

    it('rule 34: without authTime, max_age and prompt=login send the user to the login page of the app', async () => {

        const { open } = await ownStrategy();
        for (const changes of [{ max_age: '3600' }, { prompt: 'login' }]) {
            const { statusCode, location } = await open({ 'x-user': 'alice' }, changes);
            expect([statusCode, location.startsWith('https://login.example.com/?interaction=')], JSON.stringify(changes)).to.equal([303, true]);
        }

        expect((await open({})).location).to.startWith('https://login.example.com/?interaction=');
    });

    it('rule 34: a sign-in older than asked is not accepted on return, a younger one is', async () => {

        const { open, clock } = await ownStrategy();
        const seconds = clock.now() / 1000;
        for (const [time, expected] of [[seconds - 1000, 'login_required'], [undefined, 'login_required'], [seconds, 'asked']] as const) {
            const headers = { 'x-user': 'alice', ...time !== undefined && { 'x-time': String(time) } };
            const { location } = await open({ 'x-user': 'alice', 'x-time': String(seconds - 1000) }, { prompt: 'login' });
            const back = new URL(new URL(location).searchParams.get('return_to') ?? '');
            const page = await open(headers, {}, `${back.pathname}${back.search}`);
            expect(outcomeOf(page), String(time)).to.equal(expected);
        }
    });
});

describe('Sign-in: rule 35', () => {

    const native = [{ client_id: 'cli', redirect_uri: 'http://127.0.0.1:4711/cb?a=1', scope: 'openid email' }, { client_id: 'app', redirect_uri: 'com.example.app:/cb', scope: 'openid email' }];

    it('rule 35: a public client on a loopback or private-use address is never served from remembered or implicit consent, and prompt=none is consent_required', async () => {

        const firstParty = ruleClients.map((client) => ({ ...client, first_party: true }));
        for (const configure of [(hub: AuthorizationServerBuilder) => hub, (hub: AuthorizationServerBuilder) => hub.setConsent('implicit'), (hub: AuthorizationServerBuilder) => hub.setConsent('none')]) {
            const { signIn, browser, authorizeUrl } = await ruleServer({ clients: firstParty, configure });
            for (const changes of native) {
                const user = browser();
                expect(outcomeOf(await signIn(changes, { browser: user }))).to.equal('code');
                expect(asksForConsent(await user.open(authorizeUrl(changes)))).to.be.true();
                expect(outcomeOf(await user.open(authorizeUrl({ ...changes, prompt: 'none' })))).to.equal('consent_required');
            }
        }
    });

    it('rule 35: the record of such a client may waive that with consent none, which is said at start', async () => {

        const clients = ruleClients.map((client): ClientMetadata => (client.client_id === 'app' ? { ...client, consent: 'none' } : client));
        const { signIn, browser, authorizeUrl } = await ruleServer({ clients });
        const user = browser();
        const changes = { client_id: 'app', redirect_uri: 'com.example.app:/cb', scope: 'openid email' };
        await signIn(changes, { browser: user });
        expect(outcomeOf(await user.open(authorizeUrl({ ...changes, prompt: 'none' })))).to.equal('code');
        const server = quietServer();
        const said: unknown[] = [];
        server.events.on('log', ({ data }) => said.push(data));
        await server.register(AuthorizationServerBuilder.create().setClients(clients));
        await server.initialize();
        expect(said.map(String).filter((text) => text.includes('\'app\'') && text.includes('consent'))).to.have.length(1);
    });

    it('rule 35: the page for devices always shows the code, the client and the scopes, and asks', async () => {

        for (const consent of ['explicit', 'none'] as const) {
            const clients = ruleClients.map((client) => (client.client_id === 'tv' ? { ...client, client_name: 'The big TV', first_party: true } : client));
            const { send, browser } = await ruleServer({ clients, configure: (hub) => hub.setConsent(consent) });
            const user = browser();
            for (let i = 0; i < 2; ++i) {
                const { body } = await send('/oauth2/device_authorization', {}, 'tv');
                const page = await user.submit(await user.open('/oauth2/device'), { user_code: String(body.user_code), ...i === 0 && { username: 'alice', password: 'right' } });
                for (const text of [String(body.user_code), 'The big TV', 'Your e-mail address', 'name="decision"']) {
                    expect(page.payload, text).to.include(text);
                }

                await user.submit(page, { decision: 'allow' });
            }
        }
    });

    it('rule 35: consent is remembered per subject, client, scopes and resources', async () => {

        const [api, files] = ['https://api.example.com', 'https://files.example.com'];
        const { signIn, browser, authorizeUrl } = await ruleServer({ configure: (hub) => hub.setResources({ [api]: { default: true }, [files]: {} }) });
        const user = browser();
        const asks = async (changes: Readonly<Record<string, string>>) => asksForConsent(await user.open(authorizeUrl(changes)));
        await signIn({ scope: 'openid email' }, { browser: user });
        expect([await asks({ scope: 'openid email' }), await asks({ scope: 'openid' })]).to.equal([false, false]);
        expect([await asks({ scope: 'openid email offline_access' }), await asks({ scope: 'openid', resource: files }), await asks({ scope: 'openid', client_id: 'other' })]).to.equal([true, true, true]);
        const page = await user.submit(await user.open(authorizeUrl({ scope: 'openid email', prompt: 'login' })), { username: 'bob', password: 'right' });
        expect(asksForConsent(page)).to.be.true();
    });

    it('rule 35: what was denied is not remembered', async () => {

        const { signIn, browser, authorizeUrl } = await ruleServer();
        const user = browser();
        expect(outcomeOf(await signIn({}, { browser: user, decision: 'deny' }))).to.equal('access_denied');
        expect(asksForConsent(await user.open(authorizeUrl()))).to.be.true();
    });
});

describe('Sign-in: rule 36', () => {

    it('rule 36: for a client that registered itself an error is redirected only after the user signed in, except under prompt=none', async () => {

        const { registered, authorizeUrl, server } = await registrationServer();
        const { id } = await registered({ scope: 'openid' });
        const user = injectedBrowser(server);
        const wrong = [{ scope: 'nonsense' }, { response_type: 'token' }, { code_challenge: '' }, { max_age: 'x' }, { id_token_hint: 'x' }];
        for (const changes of wrong) {
            expect(outcomeOf(await user.open(authorizeUrl({ client_id: id, scope: 'openid', ...changes }))), JSON.stringify(changes)).to.equal('page');
        }

        expect(outcomeOf(await user.open(authorizeUrl({ client_id: id, scope: 'openid', prompt: 'none' })))).to.equal('login_required');
        expect(outcomeOf(await user.open(authorizeUrl({ client_id: id, scope: 'openid', prompt: 'none', code_challenge: '' })))).to.equal('invalid_request');
        await user.submit(await user.open(authorizeUrl({ scope: 'openid' })), { username: 'alice', password: 'right' });
        for (const changes of wrong) {
            expect(outcomeOf(await user.open(authorizeUrl({ client_id: id, scope: 'openid', ...changes }))), JSON.stringify(changes)).to.match(/^(?:invalid_|unsupported_)/);
        }
    });

    it('rule 36: for a client of the operator\'s it is redirected at once', async () => {

        const { browser, authorizeUrl } = await ruleServer();
        expect(outcomeOf(await browser().open(authorizeUrl({ response_type: 'token' })))).to.match(/^unsupported_/);
    });
});

describe('Sign-in: rule 37', () => {

    it('rule 37: id_token_hint is checked for signature, issuer and audience, and not for its age', async () => {

        const { tokens, signIn, clock, server } = await ruleServer();
        const { id_token: hint } = await tokens();
        const { id_token: foreign } = await tokens({ client_id: 'other' });
        const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        const elsewhere = (await keys.sign('id_token', String(headerOf(hint).alg), 'JWT', { ...claimsOf(hint), iss: 'https://evil.example.com' })).token;
        const ask = async (value: unknown) => outcomeOf(await signIn({ id_token_hint: String(value) }));
        clock.advance(7200);
        expect([await ask(hint), await ask(foreign), await ask(elsewhere), await ask(`${String(hint).slice(0, -4)}AAAA`), await ask('x')]).to.equal(['code', 'invalid_request', 'invalid_request', 'invalid_request', 'invalid_request']);
    });

    it('rule 37: a hint for another user than the one who ends up signed in is login_required', async () => {

        const { tokens, signIn, browser, authorizeUrl } = await ruleServer();
        const { id_token: hint } = await tokens();
        expect(outcomeOf(await signIn({ id_token_hint: String(hint) }, { username: 'bob' }))).to.equal('login_required');
        const user = browser();
        await signIn({}, { browser: user, username: 'bob' });
        expect(outcomeOf(await user.open(authorizeUrl({ id_token_hint: String(hint), prompt: 'none' })))).to.equal('login_required');
        expect(outcomeOf(await signIn({ id_token_hint: String(hint) }, { username: 'alice' }))).to.equal('code');
    });

    /** ID tokens as this server signs them, with other claims. */
    const resigned = async ({ server, hint }: Pick<Awaited<ReturnType<typeof signedIn>>, 'server' | 'hint'>, changes: Readonly<Record<string, unknown>>) =>
        (await server.plugins['hapi-oauth2-flows'].authorizationServer.keys.sign('id_token', String(headerOf(hint).alg), 'JWT', { ...claimsOf(hint), ...changes })).token;

    it('rule 37: logout is without confirmation only if the hint\'s sub and sid are the current session\'s', async () => {

        const bench = await signedIn();
        const { user, hint, browser, clock } = bench;
        const { sub, sid } = claimsOf(hint);
        const foreign = claimsOf((await browser().login({}, 'mallory')).id_token);
        const again = String((await browser().login()).id_token);
        for (const changes of [{ sub: foreign.sub }, { sid: foreign.sid }, { sub: foreign.sub, sid: foreign.sid }, { sid: undefined }, { sid: '' }, { sid: claimsOf(again).sid }, { sid: sub, sub: sid }]) {
            const page = await user.logout({ id_token_hint: await resigned(bench, changes), post_logout_redirect_uri: goodbye });
            expect(asks(page), JSON.stringify(changes)).to.be.true();
            expect(page.payload).to.match(/action="[^"]*csrf=[\w-]{43}"/);
        }

        expect(asks(await user.logout({ id_token_hint: again, post_logout_redirect_uri: goodbye }))).to.be.true();
        expect(await user.isSignedIn()).to.be.true();
        clock.advance(7200);
        expect(Number(claimsOf(hint).exp)).to.be.below(clock.now() / 1000);
        await user.login({ prompt: 'login' });
        expect((await user.logout({ id_token_hint: await resigned(bench, {}), post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
        expect(await user.isSignedIn()).to.be.false();
    });

    it('rule 37: at logout too the hint is checked for signature, issuer and audience', async () => {

        const bench = await signedIn();
        const { user, hint, tokens, events } = bench;
        const hints = [
            await resigned(bench, { iss: 'https://evil.example.com' }), await resigned(bench, { aud: 'nobody' }), `${hint.slice(0, -4)}AAAA`, hint.split('.').slice(0, 2).join('.'), 'x',
            await signed({ alg: 'ES256', kid: String(headerOf(hint).kid) }, claimsOf(hint), clientKeys.es256), String(tokens.access_token)
        ];
        for (const bad of hints) {
            expect(asks(await user.logout({ id_token_hint: bad, post_logout_redirect_uri: goodbye })), bad).to.be.true();
            expect(events.at(-1)?.tags).to.include('refused');
        }

        expect(await user.isSignedIn()).to.be.true();
        expect(isDone(await user.submit(await user.logout({ id_token_hint: hints[0], post_logout_redirect_uri: goodbye }), { decision: 'logout' }))).to.be.true();
    });

    it('rule 37: the redirect goes to a URI of the client of the hint, or of client_id after confirmation; both given must agree', async () => {

        const elsewhere = 'https://other.example.com/bye';
        const led = async (parameters: Readonly<Record<string, string>>, client?: string) => {

            const { user, hint } = await signedIn();
            const page = await user.logout({ ...client === undefined ? {} : { id_token_hint: client === 'web' ? hint : (await user.login({ client_id: client })).id_token }, ...parameters });
            const after = asks(page) ? await user.submit(page, { decision: 'logout' }) : page;
            expect([isDone(after), after.location === 'undefined']).to.equal(after.statusCode === 200 ? [true, true] : [false, false]);
            return [asks(page), after.location];
        };

        expect(await led({ post_logout_redirect_uri: goodbye }, 'web')).to.equal([false, goodbye]);
        expect(await led({ post_logout_redirect_uri: elsewhere }, 'other')).to.equal([false, elsewhere]);
        expect(await led({ post_logout_redirect_uri: goodbye, client_id: 'web' }, 'web')).to.equal([false, goodbye]);
        expect(await led({ post_logout_redirect_uri: goodbye, client_id: 'web' })).to.equal([true, goodbye]);
        for (const [parameters, client] of [
            [{ post_logout_redirect_uri: elsewhere }, 'web'], [{ post_logout_redirect_uri: goodbye }, 'other'], [{ post_logout_redirect_uri: goodbye, client_id: 'other' }], [{ post_logout_redirect_uri: goodbye }],
            [{ post_logout_redirect_uri: goodbye, client_id: 'web' }, 'other'], [{ post_logout_redirect_uri: goodbye, client_id: 'other' }, 'web'], [{ post_logout_redirect_uri: `${goodbye}?foo=bar` }, 'web']
        ] as const) {
            expect(await led(parameters, client), `${JSON.stringify(parameters)} ${String(client)}`).to.equal([true, 'undefined']);
        }
    });
});

describe('Sign-in: rule 38', () => {

    it('rule 38: UserInfo takes the token in the header or, for POST, in the form; both is 400; never in the query', async () => {

        const { tokens, server } = await ruleServer();
        const token = String((await tokens()).access_token);
        const url = '/oauth2/userinfo';
        const authorization = `Bearer ${token}`;
        const status = async (options: Parameters<typeof server.inject>[0]) => (await server.inject(options)).statusCode;
        expect([await status({ url, headers: { authorization } }), await status(form(url, '', { authorization })), await status(form(url, { access_token: token }))]).to.equal([200, 200, 200]);
        expect([await status(form(url, { access_token: token }, { authorization })), await status(form(url, `access_token=${token}&access_token=${token}`))]).to.equal([400, 400]);
        expect([await status({ url: `${url}?access_token=${token}` }), await status(form(`${url}?access_token=${token}`, ''))]).to.equal([401, 401]);
    });

    it('rule 38: acr_values_supported is always published, and ID tokens carry acr after a sign-in at the built-in form', async () => {

        const plain = await ruleServer();
        expect((await plain.document('/.well-known/openid-configuration')).acr_values_supported).to.equal(['urn:hapi-oauth2:acr:password']);
        expect(claimsOf((await plain.tokens()).id_token).acr).to.equal('urn:hapi-oauth2:acr:password');
        const own = await ruleServer({ configure: (hub) => hub.setAcrValues(['urn:example:one', 'urn:example:two']).authenticateUser(({ username }) => ({ subject: username, acr: 'urn:example:two' })) });
        expect((await own.document('/.well-known/openid-configuration')).acr_values_supported).to.equal(['urn:example:one', 'urn:example:two']);
        expect(claimsOf((await own.tokens()).id_token).acr).to.equal('urn:example:two');
    });

    it('rule 38: offline_access is in scopes_supported, and refresh_token in grant_types_supported', async () => {

        const { document: read } = await ruleServer();
        for (const url of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
            const { scopes_supported: scopes, grant_types_supported: grantTypes } = await read(url);
            expect(scopes, url).to.include('offline_access');
            expect(grantTypes, url).to.include('refresh_token');
        }
    });
});

describe('Sign-in: rule 39', () => {

    const jwksUri = 'https://client.example.com/jwks.json';

    /** A client that publishes its keys, and what its server answers. */
    const publishing = async () => {

        const bench = await registrationServer();
        bench.internet.set(jwksUri, () => document({ keys: [{ ...publicHalf(clientKeys.es256), kid: 'one' }] }));
        const { id } = await bench.registered({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri, scope: 'openid' });
        bench.fetched.length = 0;
        let count = 0;
        const assert = async (kid = 'one', key: object = clientKeys.es256) => {

            const now = bench.clock.now() / 1000;
            const assertion = await signed({ alg: 'ES256', kid }, { iss: id, sub: id, aud: 'http://localhost', exp: now + 60, jti: `jti-${++count}` }, key);
            const { statusCode, body } = await bench.post('/oauth2/token', { grant_type: 'authorization_code', code: 'x', client_assertion: assertion, client_assertion_type: assertionType });
            return `${statusCode} ${String(body.error)}`;
        };

        return { ...bench, assert };
    };

    it('rule 39: a client\'s keys are fetched again for an unknown kid, at most once a minute', async () => {

        const { assert, fetched, clock } = await publishing();
        expect(await assert()).to.equal('400 invalid_grant');
        for (let i = 0; i < 5; ++i) {
            expect(await assert(`unknown-${i}`)).to.equal('401 invalid_client');
        }

        expect(fetched).to.have.length(1);
        clock.advance(60);
        for (let i = 0; i < 5; ++i) {
            expect(await assert(`unknown-${i}`)).to.equal('401 invalid_client');
        }

        expect(fetched).to.have.length(2);
    });

    it('rule 39: a document that cannot be fetched is 503 temporarily_unavailable, the last good copy serving for an hour', async () => {

        const { assert, internet, clock } = await publishing();
        internet.clear();
        expect(await assert()).to.equal('503 temporarily_unavailable');
        internet.set(jwksUri, () => document({ keys: [{ ...publicHalf(clientKeys.es256), kid: 'one' }] }));
        clock.advance(60);
        expect(await assert()).to.equal('400 invalid_grant');
        internet.clear();
        clock.advance(3599);
        expect(await assert()).to.equal('400 invalid_grant');
        clock.advance(1);
        expect(await assert()).to.equal('503 temporarily_unavailable');
    });

    it('rule 39: only a fetched document that disagrees is invalid_client', async () => {

        const { assert, internet, clock } = await publishing();
        internet.set(jwksUri, () => document('no JSON'));
        expect(await assert()).to.equal('503 temporarily_unavailable');
        clock.advance(60);
        internet.set(jwksUri, () => document({ keys: [{ ...publicHalf(clientKeys.otherEs256), kid: 'one' }] }));
        expect(await assert()).to.equal('401 invalid_client');
    });

    it('rule 39: client_uri, policy_uri, tos_uri, logo_uri and initiate_login_uri are https or refused, from the operator and from strangers', async () => {

        const { register } = await registrationServer();
        for (const name of ['client_uri', 'policy_uri', 'tos_uri', 'logo_uri', 'initiate_login_uri']) {
            for (const uri of ['http://client.example.com/', 'javascript:alert(1)', 'data:text/html,x', '//client.example.com', 'https://user@client.example.com', 'https:client.example.com', 'x']) {
                const { statusCode, text } = await register({ redirect_uris: [redirectUri], [name]: uri });
                expect([statusCode, text.includes(name)], `${name} ${uri}`).to.equal([400, true]);
                const hub = AuthorizationServerBuilder.create().setClients([{ client_id: 'web', client_secret: 's', redirect_uris: [redirectUri], [name]: uri }]);
                expect(await refusalOf(quietServer(), hub), `${name} ${uri}`).to.include(name);
            }
        }
    });

    it('rule 39: logout tokens have typ logout+jwt, iss, aud, iat, exp after 2 minutes, jti, events, and the sub and sid of the client', async () => {

        const { user, tokens, hint, server, heard, clock } = await signedIn();
        const other = await user.login({ client_id: 'other' });
        await user.logout({ id_token_hint: hint });
        await server.plugins['hapi-oauth2-flows'].authorizationServer.signOut.settled();
        const told = heard.map(({ url, body }) => ({ url, token: new URLSearchParams(body).get('logout_token') ?? '' }));
        expect(told.map(({ url }) => url).sort()).to.equal(['https://other.example.com/bye', 'https://web.example.com/bye']);
        const iat = clock.now() / 1000;
        for (const [aud, known] of [['web', tokens], ['other', other]] as const) {
            const { token } = told.find(({ url }) => url.startsWith(`https://${aud}.`)) ?? { token: '' };
            const { jti, ...claims } = claimsOf(token);
            expect(headerOf(token).typ).to.equal('logout+jwt');
            expect(jti).to.be.a.string();
            expect(claims).to.equal({ iss: 'http://localhost', aud, iat, exp: iat + 120, events: { 'http://schemas.openid.net/event/backchannel-logout': {} }, sub: claimsOf(known.id_token).sub, sid: sidIn(known) });
        }

        expect(new Set(told.map(({ token }) => claimsOf(token).jti)).size).to.equal(2);
        expect(sidIn(tokens)).to.not.equal(sidIn(other));
    });

    it('rule 39: the guarded fetch serves backchannel_logout_uri: no address of our own network is asked', async () => {

        const uris = ['https://127.0.0.1/bye', 'https://[::1]/bye', 'https://169.254.169.254/latest', 'https://10.0.0.1/bye', 'https://[::ffff:127.0.0.1]/bye'];
        const clients = uris.map((uri, i): ClientMetadata => ({ client_id: `c${i}`, client_secret: `c${i}-secret`, redirect_uris: [redirectUri], backchannel_logout_uri: uri }));
        const { signIn, redeem, browser, server, eventsOf } = await ruleServer({ clients });
        const user = browser();
        let hint = '';
        for (const { client_id: id } of clients) {
            hint = String((await redeem(codeIn((await signIn({ client_id: id, scope: 'openid' }, { browser: user })).location), id)).body.id_token);
        }

        expect(isDone(await user.open(`/oauth2/logout?${new URLSearchParams({ id_token_hint: hint }).toString()}`))).to.be.true();
        await server.plugins['hapi-oauth2-flows'].authorizationServer.signOut.settled();
        expect(eventsOf('logout_undelivered').map(({ client_id: id, reason, tries }) => `${String(id)} ${String(reason)} ${String(tries)}`).sort()).to.equal(clients.map(({ client_id: id }) => `${id} address_refused 1`));
    });
});

describe('Sign-in: rule 40', () => {

    it('rule 40: registration is off until it is allowed, openly or with an initial access token', async () => {

        const { server } = await ruleServer();
        expect((await server.inject({ method: 'POST', url: '/oauth2/register', headers: { 'content-type': 'application/json' }, payload: '{}' })).statusCode).to.equal(404);
        const guarded = await registrationServer((route) => route.allow('initial-access-token'));
        expect([(await guarded.register()).statusCode, (await guarded.register(undefined, 'x')).statusCode]).to.equal([401, 401]);
        expect((await guarded.register(undefined, await guarded.server.oauth2.registration.createInitialAccessToken())).statusCode).to.equal(201);
        expect((await (await registrationServer()).register()).statusCode).to.equal(201);
    });

    it('rule 40: without a policy a self-registered client has authorization codes, refresh tokens and device codes only, and scopes that are open or OpenID\'s', async () => {

        const { register } = await registrationServer();
        for (const grantType of ['client_credentials', 'password', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:jwt-bearer']) {
            expect((await register({ redirect_uris: [redirectUri], grant_types: [grantType] })).statusCode, grantType).to.equal(400);
        }

        expect((await register({ redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'] })).statusCode).to.equal(201);
        expect((await register({ redirect_uris: [redirectUri], scope: 'openid email notes:read reports:own' })).statusCode).to.equal(201);
        for (const scope of ['admin', 'openid reports:all']) {
            const { statusCode, body } = await register({ redirect_uris: [redirectUri], scope });
            expect(statusCode === 400 || !String(body.scope).includes(scope.split(' ').at(-1) ?? ''), scope).to.be.true();
        }
    });

    it('rule 40: it is shown as unverified at consent', async () => {

        const { registered, authorizeUrl, server } = await registrationServer();
        const { id } = await registered({ scope: 'openid' });
        const user = injectedBrowser(server);
        const page = await user.submit(await user.open(authorizeUrl({ client_id: id, scope: 'openid' })), { username: 'alice', password: 'right' });
        expect(page.payload).to.include('Nobody has checked who is behind this application');
        expect((await user.open(authorizeUrl({ scope: 'openid' }))).payload).to.not.include('Nobody has checked who is behind this application');
    });

    it('rule 40: it is deleted after 90 days unused', async () => {

        const { registered, call, clock } = await registrationServer();
        const { uri, token } = await registered();
        clock.advance(90 * 86_400 - 1);
        expect((await call('GET', uri, undefined, token)).statusCode).to.equal(200);
        clock.advance(90 * 86_400 + 1);
        expect((await call('GET', uri, undefined, token)).statusCode).to.equal(401);
    });

    it('rule 40: reading it echoes the presented registration token and leaves client_secret out', async () => {

        const { registered, call } = await registrationServer();
        const { uri, token, secret, id } = await registered();
        const { statusCode, body, text } = await call('GET', uri, undefined, token);
        expect([statusCode, body.client_id, body.registration_access_token, body.client_secret]).to.equal([200, id, token, undefined]);
        expect(text).to.not.include(secret);
        expect((await call('GET', uri, undefined, 'x')).statusCode).to.equal(401);
        expect((await call('GET', uri)).statusCode).to.equal(401);
    });
});
