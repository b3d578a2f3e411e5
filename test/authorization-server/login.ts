import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { Login } from '../../lib/authorization-server/login';
import { stepOf } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A server whose users sign in at `/login`, where whoever `user` says comes in. */
const bench = async (user: () => Login) => {

    const built = await registeredServer([login()], (hub) => hub.setLoginUrl('/login?tenant=a').setConsent('none'));
    built.server.route({ method: ['GET', 'POST'], path: '/done', handler: (request) => request.oauth2.login(user()) });
    const open = async (changes: Readonly<Record<string, string>> = {}, browser = injectedBrowser(built.server)) => {

        const page = await browser.send({ url: built.authorizeUrl({ scope: 'openid', ...changes }) });
        return { browser, page, ref: new URL(page.location, 'http://localhost').searchParams.get('interaction') ?? '' };
    };

    return { ...built, open };
};

describe('request.oauth2.login()', () => {

    it('ends the app\'s own sign-in page: the browser was told what waits and where it goes on, and goes on', async () => {

        const { open, server } = await bench(() => ({ subject: 'alice', acr: 'gold', amr: ['otp'] }));
        const { browser, page, ref } = await open();
        expect(page.location).to.equal(`/login?tenant=a&interaction=${ref}&return_to=${encodeURIComponent(`http://localhost/oauth2/authorize/interaction?interaction=${ref}`)}`);
        const done = await browser.send({ url: `/done?interaction=${ref}` });
        expect([done.statusCode, done.location]).to.equal([303, `/oauth2/authorize/interaction?interaction=${ref}`]);
        expect(done.headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
        expect(stepOf(await browser.open(done.location))).to.equal('code');
        const [grant] = (await server.oauth2.grants.list({ subject: 'alice' })).items;
        expect(grant).to.include({ acr: 'gold', amr: ['otp'], authTime: epoch / 1000 });
        expect(stepOf((await open({}, browser)).page)).to.equal('code');
    });

    it('attack: says no acr that the page has not said, since no password was seen here, and meets no essential one', async () => {

        const { open, redeem } = await bench(() => ({ subject: 'alice' }));
        const { browser, ref } = await open();
        const { location } = await browser.open((await browser.send({ url: `/done?interaction=${ref}` })).location);
        expect(Object.keys(claimsOf((await redeem(location)).body.id_token))).to.include('auth_time').and.not.include(['acr']);
        const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:hapi-oauth2:acr:password' } } }) };
        expect(stepOf((await open(essential, browser)).page)).to.equal('unmet_authentication_requirements');
    });

    it('finds what waits by the browser\'s last request, and by the form as well', async () => {

        const { open } = await bench(() => ({ subject: 'alice' }));
        const { browser } = await open();
        expect(stepOf(await browser.open('/done'))).to.equal('code');
        const { browser: another, ref } = await open();
        await open({}, another);
        const posted = await another.send({ method: 'POST', url: '/done', payload: { interaction: ref } });
        expect(posted.location).to.endWith(ref);
    });

    it('attack: works once, within an hour, and only in the browser that began', async () => {

        const { open, clock } = await bench(() => ({ subject: 'alice' }));
        const [mine, other] = [await open(), await open()];
        for (const browser of [other.browser, injectedBrowser((await bench(() => ({ subject: 'x' }))).server)]) {
            const refused = await browser.send({ url: `/done?interaction=${mine.ref}` });
            expect([refused.statusCode, browser.jar.has('oauth2-session')]).to.equal([400, false]);
        }

        expect((await mine.browser.send({ url: `/done?interaction=${mine.ref}` })).statusCode).to.equal(303);
        const cookie = mine.browser.jar.get('oauth2-session');
        expect((await mine.browser.send({ url: `/done?interaction=${mine.ref}` })).statusCode).to.equal(400);
        expect(mine.browser.jar.get('oauth2-session')).to.equal(cookie);
        clock.advance(3600);
        expect((await other.browser.send({ url: `/done?interaction=${other.ref}` })).statusCode).to.equal(400);
    });

    it('attack: sent twice at once signs one user in, and not the one who was slower', async () => {

        const subjects = ['alice', 'mallory'];
        const { open, server } = await bench(() => ({ subject: subjects.pop() ?? '' }));
        const { browser, ref } = await open();
        const answers = await Promise.all([1, 2].map(async () => await injectedBrowser(server, new Map(browser.jar)).send({ url: `/done?interaction=${ref}` })));
        expect(answers.map(({ statusCode }) => statusCode).sort()).to.equal([303, 400]);
        const slower = answers.find(({ statusCode }) => statusCode === 400);
        expect(String(slower?.headers['set-cookie'])).to.not.contain('oauth2-session');
    });

    it('attack: is refused where nothing was begun: without a cookie, and with one that names nothing', async () => {

        const { open, server } = await bench(() => ({ subject: 'alice' }));
        const { browser } = await open();
        const mark = browser.jar.get('oauth2-browser')?.split('.')[0] ?? '';
        for (const jar of [new Map<string, string>(), new Map([['oauth2-browser', `${mark}.`]])]) {
            const stranger = injectedBrowser(server, jar);
            const { statusCode, payload } = await stranger.send({ url: '/done' });
            expect([statusCode, stranger.jar.has('oauth2-session')]).to.equal([400, false]);
            expect(payload).to.contain('Nothing waits for this sign-in');
        }
    });

    it('attack: gives the browser a new session cookie, so that a planted one is worth nothing', async () => {

        let subject = 'mallory';
        const { open, server } = await bench(() => ({ subject }));
        const { browser } = await open();
        await browser.open('/done');
        const planted = new Map(browser.jar);
        subject = 'alice';
        await open({ prompt: 'login' }, browser);
        expect(stepOf(await browser.open('/done'))).to.equal('code');
        expect(browser.jar.get('oauth2-session')).to.not.equal(planted.get('oauth2-session'));
        expect(stepOf((await open({ prompt: 'none' }, injectedBrowser(server, planted))).page)).to.equal('login_required');
        expect(stepOf((await open({ prompt: 'none' }, browser)).page)).to.equal('code');
    });

    it('takes when the user signed in: an old sign-in is not the one that was asked for, and does not go round for ever', async () => {

        const { open } = await bench(() => ({ subject: 'alice', authTime: epoch / 1000 - 60 }));
        const [plain, again, old, fresh] = [await open(), await open({ prompt: 'login' }), await open({ max_age: '59' }), await open({ max_age: '60' })];
        const steps: string[] = [];
        for (const { browser } of [plain, again, old, fresh]) {
            steps.push(stepOf(await browser.open('/done')));
        }

        expect(steps).to.equal(['code', 'login_required', 'login_required', 'code']);
    });

    it('lets a user sign in who has chosen an account before', async () => {

        const { open } = await bench(() => ({ subject: 'alice' }));
        const { browser } = await open();
        await browser.open('/done');
        const { page } = await open({ prompt: 'select_account login' }, browser);
        expect(stepOf(page)).to.equal('accounts');
        expect((await browser.submit(page, { account: 'alice' })).url).to.startWith('/login?');
        expect(stepOf(await browser.open('/done'))).to.equal('code');
    });

    it('says what is wrong with a user or a time that cannot be meant', async () => {

        const wrong: readonly Login[] = [{ subject: '' }, { subject: 'ü' }, { subject: 'a', authTime: epoch }, { subject: 'a', authTime: 1.5 }, { subject: 'a', authTime: 0 }, { subject: 'a', authTime: epoch / 1000 + 61 }];
        for (const user of wrong) {
            const { open } = await bench(() => user);
            const { browser } = await open();
            const { statusCode } = await browser.send({ url: '/done' });
            expect([statusCode, browser.jar.has('oauth2-session')]).to.equal([500, false]);
        }

        const { open, server } = await bench(() => ({ subject: 'alice', authTime: epoch / 1000 + 60 }));
        const { browser } = await open();
        expect(stepOf(await browser.open('/done'))).to.equal('code');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items[0]?.authTime).to.equal(epoch / 1000);
    });
});

describe('request.oauth2.login(), where nothing waits', () => {

    it('shows a page in the language of the person, with the number that the log has, and where to start again', async () => {

        const { open, server, clock, events } = await bench(() => ({ subject: 'alice' }));
        const show = async (browser: ReturnType<typeof injectedBrowser>, url = '/done') => {

            const { statusCode, payload, headers } = await browser.send({ url, headers: { 'accept-language': 'de' } });
            expect([statusCode, headers['cache-control'], headers['referrer-policy'], headers['x-frame-options']]).to.equal([400, 'no-store', 'no-referrer', 'DENY']);
            expect(headers['content-security-policy']).to.match(/^default-src 'none'/);
            const reference = /<code>(\w{8})<\/code>/.exec(payload)?.[1];
            expect(events.at(-1)?.data).to.equal({ reason: 'no_interaction', error: 'invalid_request', client_id: undefined, reference });
            return payload;
        };

        expect(await show(injectedBrowser(server))).to.include('<html lang="de"').and.include('Nichts wartet auf diese Anmeldung');
        const late = await open({ ui_locales: 'fr' });
        const done = await open();
        await done.browser.send({ url: '/done' });
        expect(await show(done.browser)).to.include('Diese Seite wurde').and.include('href="/oauth2/authorize?');
        await done.browser.open(`/oauth2/authorize/interaction?interaction=${done.ref}`);
        expect(await show(done.browser)).to.not.include('href="/oauth2/authorize?');
        clock.advance(3600);
        expect(await show(late.browser)).to.include('<html lang="fr"').and.include('href="/oauth2/authorize?');
    });

    it('goes on with the same sign-in sent twice at once, and so for a browser that lost the first answer', async () => {

        const { open, server } = await bench(() => ({ subject: 'alice' }));
        const { browser, ref } = await open();
        const [one, other] = [injectedBrowser(server, new Map(browser.jar)), injectedBrowser(server, new Map(browser.jar))];
        const answers = await Promise.all([one, other].map(async (tab) => await tab.send({ url: `/done?interaction=${ref}` })));
        expect(answers.map(({ statusCode, location }) => [statusCode, location])).to.equal(Array.from({ length: 2 }, () => [303, `/oauth2/authorize/interaction?interaction=${ref}`]));
        expect(stepOf(await other.open(String(answers[1]?.location)))).to.equal('code');
        const lost = await open();
        await injectedBrowser(server, new Map(lost.browser.jar)).send({ url: `/done?interaction=${lost.ref}` });
        expect(stepOf(await lost.browser.open(`/done?interaction=${lost.ref}`))).to.equal('code');
    });

    it('leaves a page of the app\'s own, and every other error, alone', async () => {

        const { server } = await bench(() => ({ subject: 'alice' }));
        server.route({ method: 'GET', path: '/own', handler: async (request) => await request.oauth2.login({ subject: 'alice' }).catch((err: unknown) => String(err)) });
        server.route({ method: 'GET', path: '/broken', handler: () => { throw new Error('broken'); } });
        expect((await server.inject('/own')).payload).to.contain('Nothing waits for this sign-in');
        expect((await server.inject('/broken')).headers['content-type']).to.contain('json');
    });
});

describe('request.oauth2.login({ interaction })', () => {

    it('goes on with the request that is named, whatever the browser began last, and only if it is the browser\'s own', async () => {

        const named: { ref?: string } = {};
        const { open } = await bench(() => ({ subject: 'alice', interaction: named.ref }));
        const one = await open({ state: 'one' });
        await open({ state: 'two' }, one.browser);
        named.ref = (await open()).ref;
        expect((await one.browser.send({ url: '/done' })).statusCode).to.equal(400);
        named.ref = one.ref;
        const page = await one.browser.open('/done?interaction=x');
        expect(new URL(page.location).searchParams.get('state')).to.equal('one');
    });
});
