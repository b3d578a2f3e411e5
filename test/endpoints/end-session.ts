import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { SignJWT, importJWK } from 'jose';

import { numberOn } from '../fixture/authorization';
import { clientKeys } from '../fixture/client-keys';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { asks, goodbye, isDone, logoutServer } from '../fixture/logout-server';
import { basic, form } from '../fixture/provision';
import { registrationServer } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const state = 'a-state.with_all~characters of & it? #1+2';
const signedIn = async (changes: Readonly<Record<string, string>> = {}) => {

    const app = await logoutServer();
    const browser = app.browser();
    const tokens = await browser.login(changes);
    return { ...app, browser, tokens, hint: String(tokens.id_token) };
};

/** The same token with another header or payload, and no signature or the old one. */
const forged = (token: string, header: object, claims: object = {}, signature = '') => {

    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encode(header)}.${encode({ ...claimsOf(token), ...claims })}.${signature}`;
};

describe('The end_session endpoint (OpenID Connect RP-Initiated Logout 1.0)', { timeout: 60_000 }, () => {

    it('oidcc-rp-initiated-logout: ends the session and goes back with the exact state and nothing else', async () => {

        const { browser, hint, server } = await signedIn();
        expect(await browser.isSignedIn()).to.be.true();
        const { statusCode, location, headers } = await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye, state });
        expect(statusCode).to.equal(303);
        expect(location.startsWith(`${goodbye}?state=`)).to.be.true();
        expect([...new URL(location).searchParams]).to.equal([['state', state]]);
        expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        expect([...browser.jar.keys()]).to.not.include('oauth2-session');
        expect(await browser.isSignedIn()).to.be.false();
        expect((await server.inject<Record<string, unknown>>('/.well-known/openid-configuration')).result).to.include({ end_session_endpoint: 'http://localhost/oauth2/logout' });
    });

    it('oidcc-rp-initiated-logout-no-state: goes back to the very URI that is registered', async () => {

        const { browser, hint } = await signedIn();
        expect((await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
        expect(await browser.isSignedIn()).to.be.false();
        const { browser: other, hint: second } = await signedIn();
        expect((await other.logout({ id_token_hint: second, post_logout_redirect_uri: 'https://app.example.com/with?query=1', state: 'x' })).location).to.equal('https://app.example.com/with?query=1&state=x');
    });

    it('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, …-query-added-to-post-logout-redirect-uri: asks, and goes nowhere', async () => {

        const { browser, hint, events } = await signedIn();
        for (const uri of [
            'https://evil.example.com/', `${goodbye}?foo=bar`, `${goodbye}/`, `${goodbye}#x`, `${goodbye}%2f`, 'https://app.example.com/GOODBYE', 'https://app.example.com/%67oodbye', 'HTTPS://app.example.com/goodbye',
            'https://app.example.com:443/goodbye', 'http://app.example.com/goodbye', 'https://user@app.example.com/goodbye', 'https://app.example.com@evil.example.com/goodbye', 'https://app.example.com\\@evil.example.com/goodbye',
            'https://evil.example.com/?https://app.example.com/goodbye', '//app.example.com/goodbye', 'https:app.example.com/goodbye', ' https://app.example.com/goodbye', `${goodbye}\n`, 'https://аpp.example.com/goodbye',
            'https://app。example.com/goodbye', 'javascript:alert(1)', 'https://other.example.com/bye', 'https://app.example.com/callback', 'constructor', 'toString'
        ]) {
            const page = await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: uri, state: 'x' });
            expect(asks(page), uri).to.be.true();
            expect(events.at(-1)?.data, uri).to.include({ reason: 'post_logout_redirect_uri_not_registered', client_id: 'web' });
        }

        expect(await browser.isSignedIn()).to.be.true();
        const page = await browser.submit(await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example.com/' }), { decision: 'logout' });
        expect([isDone(page), page.payload.includes('evil')]).to.equal([true, false]);
        expect(await browser.isSignedIn()).to.be.false();
    });

    it('oidcc-rp-initiated-logout-modified-id-token-hint, …-bad-id-token-hint: asks, and goes nowhere', async () => {

        const { browser, hint, events, tokens } = await signedIn();
        const [header = '', payload = '', signature = ''] = hint.split('.');
        const foreign = async (key: object, alg: string, kid?: string) => await new SignJWT(claimsOf(hint)).setProtectedHeader({ alg, typ: 'JWT', ...kid === undefined ? {} : { kid } }).sign(await importJWK(key, alg));
        const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
        const hints = [
            forged(hint, { alg: 'none' }), forged(hint, { alg: 'none', typ: 'JWT', kid }), forged(hint, { alg: 'RS256', typ: 'JWT', kid }, { sub: 'bob' }, signature),
            `${header}.${payload}.`, `${header}.${payload}.${signature.slice(0, -4)}AAAA`, `${header}.${payload}`, 'x', '..', '%00',
            await foreign(clientKeys.rs256, 'RS256'), await foreign(clientKeys.rs256, 'RS256', kid), await foreign(clientKeys.es256, 'ES256', kid),
            await new SignJWT(claimsOf(hint)).setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid }).sign(new TextEncoder().encode('the-secret-the-secret-the-secret')),
            String(tokens.access_token)
        ];
        for (const bad of hints) {
            const page = await browser.logout({ id_token_hint: bad, post_logout_redirect_uri: goodbye, client_id: 'web', state: 'x' });
            expect(asks(page), bad).to.be.true();
            expect(events.at(-1)).to.equal({ tags: ['oauth', 'refused'], data: { reason: 'id_token_hint_unusable', error: 'invalid_request', client_id: 'web' } });
            const after = await browser.submit(page, { decision: 'stay' });
            expect([after.statusCode, after.payload.includes('You are still signed in'), after.payload.includes('goodbye')]).to.equal([200, true, false]);
        }

        expect(await browser.isSignedIn()).to.be.true();
        expect(isDone(await browser.submit(await browser.logout({ id_token_hint: hints[0], post_logout_redirect_uri: goodbye, client_id: 'web' }), { decision: 'logout' }))).to.be.true();
    });

    it('oidcc-rp-initiated-logout-no-id-token-hint: asks, and goes nowhere without a client', async () => {

        const { browser, events } = await signedIn();
        const page = await browser.logout({ post_logout_redirect_uri: goodbye, state: 'x' });
        expect(asks(page)).to.be.true();
        expect(events.at(-1)?.data).to.include({ reason: 'post_logout_redirect_uri_without_client' });
        expect(isDone(await browser.submit(page, { decision: 'logout' }))).to.be.true();
        expect(await browser.isSignedIn()).to.be.false();
        expect(isDone(await browser.logout({ post_logout_redirect_uri: goodbye, state: 'x' }))).to.be.true();
    });

    it('oidcc-rp-initiated-logout-no-params, …-only-state: asks, and says that it is done', async () => {

        for (const parameters of [{}, { state: 'x' }, { ui_locales: 'de' }]) {
            const { browser } = await signedIn();
            const page = await browser.logout(parameters);
            expect(page.statusCode).to.equal(200);
            expect(page.payload).to.include(parameters.ui_locales === 'de' ? 'Möchten Sie sich abmelden?' : 'You are signed in as <strong>alice</strong>.');
            const done = await browser.submit(page, { decision: 'logout' });
            expect(done.payload).to.include(parameters.ui_locales === 'de' ? 'Sie sind abgemeldet' : 'You are signed out');
            expect(await browser.isSignedIn()).to.be.false();
        }
    });

    it('oidcc-rp-initiated-logout-no-post-logout-redirect-uri: signs out at once, and says so', async () => {

        const { browser, hint } = await signedIn();
        const page = await browser.logout({ id_token_hint: hint, state: 'x' });
        expect([isDone(page), page.payload.includes('<a ')]).to.equal([true, false]);
        expect(await browser.isSignedIn()).to.be.false();
    });

    it('takes a hint that has expired, and one of an earlier sign-in of this session', async () => {

        const { browser, hint, clock } = await signedIn();
        clock.advance(4000);
        await browser.login({ prompt: 'login' });
        expect((await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
    });

    it('knows users by the subjects of a pairwise client', async () => {

        const { browser, hint } = await signedIn({ client_id: 'pair' });
        expect(claimsOf(hint).sub).to.not.equal('alice');
        expect((await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: 'https://pair.example.com/bye' })).location).to.equal('https://pair.example.com/bye');
        expect(await browser.isSignedIn()).to.be.false();
    });

    it('goes to the client that is named, once the user has agreed', async () => {

        const { browser } = await signedIn();
        const page = await browser.logout({ client_id: 'web', post_logout_redirect_uri: goodbye, state });
        expect(asks(page)).to.be.true();
        const { location } = await browser.submit(page, { decision: 'logout' });
        expect([...new URL(location).searchParams]).to.equal([['state', state]]);
        expect(await browser.isSignedIn()).to.be.false();
    });

    it('leads back by a link where nobody is signed in and no ID token came', async () => {

        const { browser } = await logoutServer();
        const page = await browser().logout({ client_id: 'web', post_logout_redirect_uri: goodbye, state: 'x' });
        expect(isDone(page)).to.be.true();
        expect(page.payload).to.include(`<a class="button" href="${goodbye}?state=x" rel="noreferrer">Go back to <strong>Web &amp; more</strong></a>`);
    });

    it('goes back at once where nobody is signed in and the ID token is ours', async () => {

        const { browser, hint } = await signedIn();
        await browser.logout({ id_token_hint: hint });
        expect((await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 'x' })).location).to.equal(`${goodbye}?state=x`);
        expect(isDone(await browser.logout({ id_token_hint: hint }))).to.be.true();
    });

    it('believes neither of a hint and a client that do not agree', async () => {

        const { browser, hint, events } = await signedIn();
        expect((await browser.logout({ id_token_hint: hint, client_id: 'other', post_logout_redirect_uri: 'https://other.example.com/bye' })).statusCode).to.equal(200);
        expect(events.at(-1)?.data).to.include({ reason: 'id_token_hint_of_another_client' });
        for (const id of ['nobody', '__proto__', ' web', 'WEB', '\u0000']) {
            expect(asks(await browser.logout({ id_token_hint: hint, client_id: id, post_logout_redirect_uri: goodbye })), id).to.be.true();
            expect(events.at(-1)?.data).to.include({ reason: 'unknown_client' });
            expect(asks(await browser.logout({ client_id: id }))).to.be.true();
        }

        expect((await browser.logout({ id_token_hint: hint, client_id: 'web', post_logout_redirect_uri: goodbye })).location).to.equal(goodbye);
    });

    it('refuses a parameter that comes twice, on a page', async () => {

        const { browser, hint } = await signedIn();
        for (const twice of ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state']) {
            const { statusCode, location } = await browser.open(`/oauth2/logout?${new URLSearchParams([['id_token_hint', hint], ['post_logout_redirect_uri', goodbye], [twice, 'a'], [twice, 'b']]).toString()}`);
            expect([statusCode, location], twice).to.equal([400, 'undefined']);
        }

        expect(await browser.isSignedIn()).to.be.true();
    });

    it('takes a POST, which it keeps for the browser to come back with its cookie', async () => {

        const { browser, hint, server } = await signedIn();
        const parameters = { id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 'x' };
        const kept = await server.inject(form('/oauth2/logout', parameters, { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' }));
        expect(kept.statusCode).to.equal(303);
        expect(kept.headers.location).to.match(/^\/oauth2\/logout\?posted_request=[\w-]{43}$/);
        expect((await browser.open(String(kept.headers.location))).location).to.equal(`${goodbye}?state=x`);
        expect(await browser.isSignedIn()).to.be.false();
        const again = await browser.open(String(kept.headers.location));
        expect([again.statusCode, again.payload.includes('This page cannot be shown twice')]).to.equal([400, true]);
        const { browser: other, hint: second } = await signedIn();
        expect((await other.send(form('/oauth2/logout', { ...parameters, id_token_hint: second }))).location).to.equal(`${goodbye}?state=x`);
    });

    it('attack: what another site sends without an ID token signs nobody out', async () => {

        const { browser, server, authorizeUrl } = await signedIn();
        const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
        expect(asks(await browser.send({ url: '/oauth2/logout', headers: image }))).to.be.true();
        expect(asks(await browser.open((await browser.send(form('/oauth2/logout', {}, { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }))).location))).to.be.true();
        for (const method of ['PUT', 'DELETE', 'PATCH']) {
            expect((await browser.send({ method, url: '/oauth2/logout' })).statusCode).to.equal(405);
        }

        const posted = await server.inject(form(authorizeUrl(), { client_id: 'web' }));
        expect((await browser.open(String(posted.headers.location).replace('authorize', 'logout'))).statusCode).to.equal(400);
        expect((await server.inject({ method: 'OPTIONS', url: '/oauth2/logout', headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' } })).headers['access-control-allow-origin']).to.be.undefined();
        expect(await browser.isSignedIn()).to.be.true();
    });

    it('attack: an ID token of another session or another user signs nobody out without being asked', async () => {

        const app = await logoutServer();
        const [mallory, victim] = [app.browser(), app.browser()];
        const ofMallory = await mallory.login({}, 'mallory');
        await victim.login();
        const ofAnotherSession = await app.browser().login();
        for (const { id_token: hint } of [ofMallory, ofAnotherSession]) {
            const page = await victim.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye });
            expect(asks(page)).to.be.true();
            expect(await victim.isSignedIn()).to.be.true();
        }

        const page = await victim.logout({ id_token_hint: ofMallory.id_token, post_logout_redirect_uri: goodbye });
        expect((await victim.submit(page, { decision: 'logout' })).location).to.equal(goodbye);
        expect(await mallory.isSignedIn()).to.be.true();
    });

    it('signs nobody out who was not on the page: asks again, and the log knows', async () => {

        const { browser, events } = await signedIn();
        const page = await browser.logout({ client_id: 'web' });
        await browser.login({ prompt: 'login' }, 'bob');
        events.length = 0;
        const again = await browser.submit(page, { decision: 'logout' });
        expect([asks(again), again.payload.includes('alice'), again.payload.includes('bob')]).to.equal([true, true, true]);
        expect(events).to.equal([{ tags: ['oauth', 'refused'], data: { reason: 'decision_outdated', error: 'invalid_request', client_id: 'web' } }]);
        expect(await browser.isSignedIn()).to.be.true();
        expect(isDone(await browser.submit(again, { decision: 'logout' }))).to.be.true();
    });

    it('attack: an ID token of another issuer is none', async () => {

        const { hint } = await signedIn();
        const app = await logoutServer((hub) => hub.setIssuer('https://localhost/tenant'));
        const browser = app.browser();
        expect(asks(await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye }))).to.be.false();
        expect(isDone(await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye }))).to.be.true();
        expect(app.events.at(-1)?.data).to.include({ reason: 'id_token_hint_unusable' });
    });

    it('attack: the form is of use in the browser only that it was shown in', async () => {

        const { browser, browser: { jar }, server, events } = await signedIn();
        const app = await logoutServer();
        const page = await browser.logout();
        const action = /action="([^"]*)"/.exec(page.payload)?.[1] ?? '';
        expect(action).to.match(/^\/oauth2\/logout\/confirm\?csrf=[\w-]{43}$/);
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const session = `oauth2-session=${String(jar.get('oauth2-session'))}`;
        const answers = async (url: string, headers: Readonly<Record<string, string>>) => (await server.inject(form(url, { decision: 'logout', request: '' }, headers))).statusCode;
        expect(await answers(action, { cookie: session })).to.equal(400);
        expect(await answers(action, { cookie: `${session}; oauth2-browser=${'x'.repeat(43)}.` })).to.equal(400);
        expect(await answers('/oauth2/logout/confirm', { cookie })).to.equal(400);
        expect(await answers(`/oauth2/logout/confirm?csrf=${'x'.repeat(43)}`, { cookie })).to.equal(400);
        events.length = 0;
        const foreign = await server.inject(form(`/oauth2/logout/confirm?csrf=${'x'.repeat(43)}`, { decision: 'logout', request: '' }, { cookie }));
        expect([foreign.payload.includes('This page belongs to another browser'), numberOn(foreign)?.length]).to.equal([true, 8]);
        expect(events).to.equal([{ tags: ['oauth', 'refused'], data: { reason: 'form_of_another_browser', error: 'invalid_request', client_id: undefined, reference: numberOn(foreign) } }]);
        expect(await answers(action, { cookie, 'sec-fetch-site': 'cross-site' })).to.equal(403);
        expect(await answers(action, { cookie, origin: 'https://evil.example.com' })).to.equal(403);
        expect(await browser.isSignedIn()).to.be.true();
        const shown = await browser.logout();
        const [first, second] = [await browser.submit(shown, { decision: 'logout' }), await browser.submit(shown, { decision: 'logout' })];
        expect([first, second].map(isDone)).to.equal([true, true]);
        expect((await app.browser().open('/oauth2/logout/confirm')).url).to.equal('/oauth2/logout');
    });

    it('attack: a client that registered itself leads nobody away who is not signed in', async () => {

        const { registered, server, redeem, authorizeUrl } = await registrationServer();
        const { id, secret } = await registered({ post_logout_redirect_uris: ['https://evil.example.com/'], client_name: 'Evil' });
        const browser = injectedBrowser(server);
        const consent = await browser.submit(await browser.open(authorizeUrl({ client_id: id, scope: 'openid' })), { username: 'mallory', password: 'right' });
        const { location } = await browser.submit(consent, { decision: 'allow' });
        const { body: { id_token: hint } } = await redeem(location, { authorization: basic(id, secret) });
        const url = `/oauth2/logout?${new URLSearchParams({ id_token_hint: String(hint), post_logout_redirect_uri: 'https://evil.example.com/' }).toString()}`;
        const page = await injectedBrowser(server).open(url);
        expect([isDone(page), page.payload.includes('evil')]).to.equal([true, false]);
        expect((await browser.open(url)).location).to.equal('https://evil.example.com/');
    });

    it('attack: what a person reads is not what another site wrote', async () => {

        const { browser, hint } = await signedIn();
        const attack = '"><script>alert(1)</script>';
        for (const parameters of [{ state: attack, client_id: 'web', post_logout_redirect_uri: goodbye }, { client_id: attack }, { post_logout_redirect_uri: attack }, { id_token_hint: attack }, { logout_hint: attack, ui_locales: attack }]) {
            const page = await browser.logout(parameters);
            expect([page.statusCode, page.payload.includes('<script')]).to.equal([200, false]);
        }

        const { location } = await browser.logout({ id_token_hint: hint, post_logout_redirect_uri: goodbye, state: 'x\r\nset-cookie: a=b' });
        expect(location).to.equal(`${goodbye}?state=x%0D%0Aset-cookie%3A%20a%3Db`);
    });
});
