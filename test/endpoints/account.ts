import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, type AuthorizationServerBuilder, type GrantIndex } from '../../lib';
import { numberOn } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { claimsOf } from '../fixture/jwt';
import { logoutServer } from '../fixture/logout-server';
import { openidFlow } from '../fixture/openid-server';
import { form, provision } from '../fixture/provision';
import { redirectUri } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = '/oauth2/account';
const namesIn = (html: string) => [...html.matchAll(/<h2 class="text">([^<]*)</g)].map(([, name]) => name);
const actionIn = (html: string) => /action="([^"]*)"/.exec(html)?.[1] ?? '';
const aboutIn = (html: string) => /name="about" value="([^"]*)"/.exec(html)?.[1] ?? '';
const alice = { username: 'alice', password: 'right' };

class Paging extends MemoryStore {

    override async listGrants(index: GrantIndex, value: string, cursor?: string | null) {

        return await super.listGrants(index, value, cursor, 2);
    }
}

describe('The account page', { timeout: 60_000 }, () => {

    it('lists by client what the user who is signed in has granted, in words', async () => {

        const { browser, clock } = await logoutServer();
        const here = browser();
        expect((await here.submit(await here.open(path), alice)).payload).to.include('No application has access to your account.');
        await here.login({ scope: 'openid team' });
        clock.advance(86_400 - 10);
        await here.login({ scope: 'openid offline_access', client_id: 'quiet' });
        await here.login({ scope: 'openid email offline_access' });
        await browser().login({ client_id: 'other' }, 'bob');
        const { payload, headers, statusCode } = await here.open(path);
        expect(statusCode).to.equal(200);
        expect(namesIn(payload)).to.only.include(['quiet', 'Web &amp; more']);
        expect(payload).to.include('<li>Your e-mail address</li>').and.include('<li>While you are away</li>').and.include('January 1, 2030').and.not.include('January 3');
        const used = (html: string) => [...html.matchAll(/Last used on <time datetime="([^"]*)">/g)].map(([, date]) => date);
        expect(used(payload)).to.equal(['2030-01-01', '2030-01-01']);
        clock.advance(2 * 86_400);
        await here.login();
        const { payload: later } = await here.open(path);
        expect(used(later)).to.only.include(['2030-01-01', '2030-01-03']);
        expect([later.includes('January 3, 2030'), later.match(/Since <time datetime="2030-01-01">/g)?.length]).to.equal([true, 2]);
        expect(headers).to.include({ 'cache-control': 'no-store', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' });
        expect(headers['content-security-policy']).to.match(/^default-src 'none'/);
        expect((await here.open(`${path}?ui_locales=de`)).payload).to.include('Anwendungen mit Zugriff auf Ihr Konto');
    });

    it('ends all that a client has of the user, and asks again when it comes back', async () => {

        const { browser, introspect, refresh, events, authorizeUrl } = await logoutServer();
        const here = browser();
        const first = await here.login({ scope: 'openid offline_access' });
        const second = await here.login();
        const other = await here.login({ client_id: 'other' });
        const ofBob = await browser().login({}, 'bob');
        const page = await here.submit(await here.open(path), { grant: 'web' });
        expect(page.payload).to.include('<strong>Web &amp; more</strong> no longer has access.');
        expect(namesIn(page.payload)).to.equal(['other']);
        const active = async (tokens: Readonly<Record<string, unknown>>, id = 'web') => (await introspect(tokens.access_token, id)).active;
        expect([await active(first), await active(second), await active(other, 'other'), await active(ofBob)]).to.equal([false, false, true, true]);
        expect((await refresh(first.refresh_token)).error).to.equal('invalid_grant');
        const revoked = events.filter(({ tags }) => tags.includes('revoked')).map(({ data }) => data);
        expect(revoked).to.only.include([first, second].map((tokens) => ({ what: 'grant', grant_id: claimsOf(tokens.access_token).grant_id })));
        expect((await here.open(authorizeUrl({ scope: 'openid' }))).payload).to.include('name="decision" value="allow"');
        expect(await here.isSignedIn({ client_id: 'other' })).to.be.true();
    });

    it('shows what was withdrawn at an address that can be loaded again, to the one whose doing it was, and as long as it is so', async () => {

        const { browser } = await logoutServer();
        const here = browser();
        await here.login();
        const { location, statusCode } = await here.send(form(actionIn((await here.open(path)).payload), { grant: 'web', about: aboutIn((await here.open(path)).payload) }));
        expect([statusCode, location]).to.equal([303, `${path}?${new URL(location, 'http://localhost').searchParams.toString()}`]);
        expect([...new URL(location, 'http://localhost').searchParams.keys()]).to.equal(['withdrawn']);
        const says = async (who: typeof here, url = location) => (await who.open(url)).payload.includes('role="status"');
        expect([await says(here), await says(here), await says(here, path)]).to.equal([true, true, false]);
        const bob = browser();
        await bob.login({ client_id: 'other' }, 'bob');
        expect(await says(bob)).to.be.false();
        for (const query of ['withdrawn=web', 'withdrawn=', 'withdrawn=x.y', 'withdrawn=a&withdrawn=b', location.replace(/^[^?]*\?withdrawn=/, 'after=')]) {
            expect(await says(here, `${path}?${query}`), query).to.be.false();
        }

        await here.login();
        expect(await says(here)).to.be.false();
    });

    it('goes on where a page ends, for the same user only', async () => {

        const { browser, server } = await logoutServer((hub) => hub.setStore(new Paging({ clock: () => epoch })));
        const here = browser();
        for (const id of ['web', 'other', 'quiet', 'pair']) {
            await here.login({ client_id: id });
        }

        const seen: unknown[] = [];
        let next = path;
        for (let i = 0; i < 5 && next !== ''; ++i) {
            const { payload } = await here.open(next);
            seen.push(...namesIn(payload));
            next = /<a class="button" href="([^"]*)">Show more/.exec(payload)?.[1] ?? '';
            expect(next).to.match(/^(?:\/oauth2\/account\?after=[\w-]+\.[\w-]+)?$/);
        }

        expect(seen).to.only.include(['Web &amp; more', 'other', 'quiet', 'pair']);
        const { payload: firstPage } = await here.open(path);
        const after = /href="([^"]*)">Show more/.exec(firstPage)?.[1] ?? '';
        const bob = browser();
        await bob.login({}, 'bob');
        for (const url of [after, `${path}?after=x`, `${path}?after=x.y`, `${path}?after=0:x`, `${path}?after=x&after=y`]) {
            expect(namesIn((await bob.open(url)).payload), url).to.equal(['Web &amp; more']);
        }

        await here.submit(await here.open(path), { grant: 'pair' });
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items.map(({ clientId }) => clientId)).to.not.include('pair');
    });

    it('shows a client that is registered no more by its id, and ends what it had', async () => {

        const clients = new Map([['web', { client_id: 'web', client_secret: 'the-secret', redirect_uris: ['https://app.example.com/callback'] }]]);
        const { browser, server } = await logoutServer((hub) => hub.setClients(clients));
        const here = browser();
        await here.login();
        clients.clear();
        const page = await here.open(path);
        expect(namesIn(page.payload)).to.equal(['web']);
        const after = await here.submit(page, { grant: 'web' });
        expect([namesIn(after.payload), after.payload.includes('role="status"')]).to.equal([[], false]);
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items).to.be.empty();
    });

    it('signs in with the built-in form, and says when it was wrong', async () => {

        const { browser, events } = await logoutServer();
        const here = browser();
        const page = await here.open(path);
        for (const wrong of [{ username: 'alice', password: 'wrong' }, { username: 'alice', password: '' }, { username: '', password: 'right' }]) {
            const again = await here.submit(page, wrong);
            expect([again.statusCode, again.payload.includes('The username or the password is wrong')]).to.equal([400, true]);
        }

        const refused = (reason: string) => ({ tags: ['oauth', 'refused'], data: { reason, error: 'access_denied', client_id: undefined } });
        expect(events).to.equal([refused('wrong_credentials'), refused('entry_incomplete'), refused('entry_incomplete')]);
        const list = await here.submit(page, alice);
        expect([list.url, list.statusCode, list.payload.includes('Applications with access')]).to.equal([path, 200, true]);
        expect((await here.submit(page, alice)).url).to.equal(path);
        expect(await here.isSignedIn()).to.equal('consent_required');
    });

    it('counts wrong passwords as every sign-in does', async () => {

        const { browser } = await logoutServer();
        const here = browser();
        const page = await here.open(path);
        let statusCode = 400;
        for (let i = 0; i < 30 && statusCode === 400; ++i) {
            ({ statusCode } = await here.submit(page, { username: 'alice', password: 'wrong' }));
        }

        expect(statusCode).to.equal(429);
    });

    it('says to the developer that nobody can sign in', async () => {

        const { server } = await provision([openidFlow()], (hub) => hub.setClients([{ client_id: 'web', client_secret: 'the-secret', redirect_uris: [redirectUri] }]));
        const reasons: unknown[] = [];
        server.events.on({ name: 'request', channels: 'app' }, (_request, { data }) => reasons.push(Reflect.get(Object(data), 'reason')));
        expect((await server.inject(path)).statusCode).to.equal(500);
        expect(reasons).to.include('no_authenticate_user');
    });

    it('sends users to the app\'s own page, which sends them back', async () => {

        const { browser, server } = await logoutServer((hub: AuthorizationServerBuilder) => hub.setLoginUrl('/login'));
        server.route({ method: 'GET', path: '/login', handler: (request) => request.oauth2.login({ subject: 'carol' }) });
        const here = browser();
        const sent = await here.send({ url: path });
        expect(sent.location).to.match(/^\/login\?interaction=[\w-]{43}&return_to=http%3A%2F%2Flocalhost%2Foauth2%2Faccount$/);
        const { payload, url } = await here.open(sent.location);
        expect(payload).to.include('Applications with access');
        expect(url).to.match(/^\/oauth2\/account\?interaction=/);
    });

    it('takes no password where users sign in on the app\'s own page', async () => {

        let asked = 0;
        const { browser, server } = await logoutServer((hub: AuthorizationServerBuilder) => hub.setLoginUrl('/login').authenticateUser(({ username }) => {

            ++asked;
            return username;
        }));
        server.route({ method: 'GET', path: '/login', handler: (request) => request.oauth2.login({ subject: 'carol' }) });
        const here = browser();
        await here.login();
        const list = await here.open(path);
        here.jar.delete('oauth2-session');
        const answer = await here.send(form(actionIn(list.payload), alice));
        expect([answer.statusCode, answer.location, asked, here.jar.has('oauth2-session')]).to.equal([303, path, 0, false]);
    });

    it('attack: a form of another site, of another browser or of another page ends nothing', async () => {

        const { browser, introspect, server, events } = await logoutServer();
        const here = browser();
        const tokens = await here.login();
        const cookie = [...here.jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const session = `oauth2-session=${String(here.jar.get('oauth2-session'))}`;
        const own = actionIn((await here.open(path)).payload);
        const ofMallory = actionIn((await browser().open(path)).payload);
        const ofLogout = actionIn((await here.logout()).payload).replace('/oauth2/logout/confirm', path);
        expect(own).to.match(/^\/oauth2\/account\?csrf=[\w-]{43}$/);
        for (const [url, headers, status] of [
            [own, { cookie: session }, 400], [ofMallory, { cookie }, 400], [ofLogout, { cookie }, 400], [path, { cookie }, 400], [`${own}&csrf=x`.replace(/csrf=[\w-]+&/, ''), { cookie }, 400],
            [own, { cookie, 'sec-fetch-site': 'cross-site' }, 403], [own, { cookie, 'sec-fetch-site': 'same-site' }, 403], [own, { cookie, origin: 'https://evil.example.com' }, 403]
        ] as const) {
            events.length = 0;
            const answer = await server.inject(form(url, { grant: 'web' }, headers));
            expect([answer.statusCode, numberOn(answer)?.length], url).to.equal([status, 8]);
            const reason = status === 403 ? 'cross_site_form' : 'form_of_another_browser';
            expect(events, url).to.equal([{ tags: ['oauth', 'refused'], data: { reason, error: 'invalid_request', client_id: undefined, reference: numberOn(answer) } }]);
        }

        expect((await here.send({ url: `${own}&grant=web` })).statusCode).to.equal(200);
        expect((await server.inject(form(own, { grant: 'web' }, { cookie: cookie.replace(session, 'x=y') }))).statusCode).to.equal(303);
        expect((await introspect(tokens.access_token)).active).to.be.true();
    });

    it('attack: another user\'s grants can be neither seen nor ended', async () => {

        const { browser, introspect } = await logoutServer();
        const tokens = await browser().login({ client_id: 'other' });
        const mallory = browser();
        await mallory.login({}, 'mallory');
        const page = await mallory.open(path);
        expect(namesIn(page.payload)).to.equal(['Web &amp; more']);
        for (const grant of ['other', String(claimsOf(tokens.access_token).grant_id), '*', '%', '__proto__', '']) {
            expect([200, 303]).to.include((await mallory.submit(page, { grant })).statusCode);
        }

        expect((await introspect(tokens.access_token, 'other')).active).to.be.true();
    });
});

describe('server.oauth2.consents', () => {

    it('forgets what a user agreed to, and leaves what was granted', async () => {

        const { browser, server, introspect } = await logoutServer();
        const here = browser();
        const tokens = await here.login();
        expect(await here.isSignedIn()).to.be.true();
        await server.oauth2.consents.forget({ subject: 'alice', clientId: 'web' });
        expect(await here.isSignedIn()).to.equal('consent_required');
        expect((await introspect(tokens.access_token)).active).to.be.true();
    });
});
