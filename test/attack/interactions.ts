import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { AuthorizationServerBuilder } from '../../lib';
import { numberOn } from '../fixture/authorization';
import { injectedBrowser, type InjectedPage } from '../fixture/injected-browser';
import { asks, logoutServer } from '../fixture/logout-server';
import { form } from '../fixture/provision';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const alice = { username: 'alice', password: 'right' };
const actionIn = ({ payload }: InjectedPage) => /action="([^"]*)"/.exec(payload)?.[1] ?? '';
const codeIn = ({ location }: InjectedPage) => (URL.canParse(location) ? new URL(location).searchParams.get('code') : null);
const has = (name: string) => ({ payload }: InjectedPage) => payload.includes(`name="${name}"`);

describe('attack: who knows the cookie that a browser had before its user signed in', () => {

    it('gets neither the code of the finished request nor a word in it', async () => {

        const bench = await registeredServer([login()]);
        const victim = injectedBrowser(bench.server);
        const page = await victim.open(bench.authorizeUrl({ scope: 'openid' }));
        const thief = injectedBrowser(bench.server, new Map(victim.jar));
        const consent = await victim.submit(page, alice);
        const url = actionIn(page);
        expect(has('password')(await thief.open(url))).to.be.true();
        expect(codeIn(await thief.submit(consent, { decision: 'allow' }))).to.be.null();
        const answer = await victim.submit(consent, { decision: 'allow' });
        expect(codeIn(answer)).to.be.a.string();
        const stolen = await thief.open(url);
        expect([stolen.statusCode, stolen.location, stolen.payload.includes('This page was used already')]).to.equal([400, 'undefined', true]);
        expect((await victim.open(url)).location).to.equal(answer.location);
    });

    it('gets nothing as another user either, and can give the victim no code of an account that is not the victim\'s', async () => {

        const bench = await registeredServer([login()]);
        const victim = injectedBrowser(bench.server);
        const page = await victim.open(bench.authorizeUrl({ scope: 'openid' }));
        const thief = injectedBrowser(bench.server, new Map(victim.jar));
        const consent = await victim.submit(page, alice);
        const own = await thief.submit(await thief.submit(page, { ...alice, username: 'mallory' }), { decision: 'allow' });
        expect(codeIn(own)).to.be.a.string();
        const led = await victim.submit(consent, { decision: 'allow' });
        expect([led.statusCode, codeIn(led)]).to.equal([400, null]);
    });

    it('and two tabs that wait go on after one of them signs in', async () => {

        const bench = await registeredServer([login()]);
        const browser = injectedBrowser(bench.server);
        const [one, other] = [await browser.open(bench.authorizeUrl({ scope: 'openid', state: 'one' })), await browser.open(bench.authorizeUrl({ scope: 'openid email', state: 'other' }))];
        expect(codeIn(await browser.submit(await browser.submit(one, alice), { decision: 'allow' }))).to.be.a.string();
        const consent = await browser.open(actionIn(other));
        expect(has('decision')(consent)).to.be.true();
        expect(new URL((await browser.submit(consent, { decision: 'allow' })).location).searchParams.get('state')).to.equal('other');
    });
});

describe('A request that another site posts', () => {

    const posted = async () => {

        const bench = await registeredServer([login()]);
        const browser = injectedBrowser(bench.server);
        const kept = async (changes: Readonly<Record<string, string>> = {}) => (await bench.server.inject(form('/oauth2/authorize', bench.authorizeUrl({ scope: 'openid', ...changes }).split('?')[1] ?? ''))).headers.location ?? '';
        return { ...bench, browser, kept };
    };

    it('is shown at an address that can be reloaded and gone back to', async () => {

        const { browser, kept } = await posted();
        const page = await browser.open(await kept({ state: 'of the client' }));
        expect(page.url).to.match(/^\/oauth2\/authorize\/interaction\?interaction=[\w-]{43}$/);
        const again = await browser.open(page.url);
        expect(has('password')(again)).to.be.true();
        const consent = await browser.submit(again, alice);
        expect(has('decision')(await browser.open(page.url))).to.be.true();
        expect(new URL((await browser.submit(consent, { decision: 'allow' })).location).searchParams.get('state')).to.equal('of the client');
        const choice = await browser.open(await kept({ prompt: 'select_account' }));
        expect([has('account')(choice), choice.url.includes('/interaction?')]).to.equal([true, true]);
        const asked = await browser.open(await kept({ prompt: 'consent' }));
        expect([has('decision')(asked), asked.url.includes('/interaction?')]).to.equal([true, true]);
    });

    it('says where to start again, and blames nobody, where its one address is opened twice', async () => {

        const { browser, kept, events } = await posted();
        const url = await kept();
        await browser.open(url);
        const { statusCode, payload, headers } = await browser.open(url);
        expect([statusCode, headers['cache-control']]).to.equal([400, 'no-store']);
        expect(payload).to.contain('This page cannot be shown twice').and.contain('start again').and.not.contain('does not accept');
        const reference = /<code>(\w{8})<\/code>/.exec(payload)?.[1];
        expect(events.map(({ data }) => data)).to.part.include([{ reason: 'posted_request_gone', error: 'invalid_request', client_id: undefined, reference }]);
    });

    it('is refused in the language that it asked for', async () => {

        const { browser, kept, server, clock } = await posted();
        const refused = await browser.open(await kept({ client_id: 'nobody', ui_locales: 'de' }));
        expect([refused.statusCode, refused.payload.includes('<html lang="de"')]).to.equal([400, true]);
        const page = await browser.open(await kept({ ui_locales: 'fr' }));
        expect(page.payload).to.include('<html lang="fr"');
        expect((await server.inject(form(page.url, { decision: 'allow' }, { origin: 'https://evil.example.com' }))).statusCode).to.equal(403);
        clock.advance(3600);
        const late = await browser.open(page.url);
        expect([late.statusCode, late.payload.includes('<html lang="fr"')]).to.equal([400, true]);
    });

    it('to sign out asks at an address of its own, in this browser alone, and signs nobody out by itself', async () => {

        const { browser, server, clock } = await logoutServer();
        const [here, other] = [browser(), browser()];
        await here.login();
        await other.login({}, 'bob');
        const { headers } = await server.inject(form('/oauth2/logout', { client_id: 'web', ui_locales: 'es' }));
        const page = await here.open(String(headers.location));
        expect(page.url).to.match(/^\/oauth2\/logout\/confirm\?interaction=[\w-]{43}$/);
        expect([asks(page), asks(await here.open(page.url)), page.payload.includes('<html lang="es"')]).to.equal([true, true, true]);
        expect((await other.send({ url: page.url })).location).to.equal('/oauth2/logout');
        expect((await server.inject(page.url)).headers.location).to.equal('/oauth2/logout');
        const waiting = await here.send({ url: '/oauth2/account' });
        expect(waiting.statusCode).to.equal(200);
        expect(await here.isSignedIn()).to.be.true();
        const done = await here.submit(await here.open(page.url), { decision: 'logout' });
        expect([done.statusCode, await here.isSignedIn()]).to.equal([200, false]);
        clock.advance(3600);
        expect((await here.send({ url: page.url })).location).to.equal('/oauth2/logout');
    });
});

describe('attack: a form that was shown for one account', () => {

    const path = '/oauth2/account';

    it('withdraws nothing of another one that signed in meanwhile', async () => {

        const { browser, introspect, events } = await logoutServer();
        const here = browser();
        const ofAlice = await here.login();
        const page = await here.open(path);
        expect(page.payload).to.include('You are signed in as <strong>alice</strong>.').and.not.include('Show another account');
        const ofBob = await here.login({ prompt: 'login' }, 'bob');
        const stale = await here.submit(page, { grant: 'web' });
        expect([stale.statusCode, numberOn(stale)?.length]).to.equal([400, 8]);
        expect(events.at(-1)).to.equal({ tags: ['oauth', 'refused'], data: { reason: 'form_of_another_account', error: 'invalid_request', client_id: 'web', reference: numberOn(stale) } });
        expect(stale.payload).to.include('role="alert"').and.include('You are now signed in as somebody else').and.include('You are signed in as <strong>bob</strong>.');
        expect([(await introspect(ofAlice.access_token)).active, (await introspect(ofBob.access_token)).active]).to.equal([true, true]);
        const { about: _about, ...without } = { about: '', grant: 'web' };
        expect((await here.send(form(actionIn(page), without))).statusCode).to.equal(400);
        expect((await introspect(ofBob.access_token)).active).to.be.true();
    });

    it('leads to every account at the browser, and acts for the one it shows', async () => {

        const { browser, introspect } = await logoutServer();
        const here = browser();
        const ofAlice = await here.login();
        const ofBob = await here.login({ prompt: 'login' }, 'bob');
        const page = await here.open(path);
        const link = /<a href="(\/oauth2\/account\?account=[\w-]{43})">alice<\/a>/.exec(page.payload)?.[1] ?? '';
        const chosen = await here.open(link);
        expect(chosen.payload).to.include('You are signed in as <strong>alice</strong>.').and.include('>bob</a>');
        const done = await here.submit(chosen, { grant: 'web' });
        expect([done.statusCode, done.payload.includes('no longer has access')]).to.equal([200, true]);
        expect([(await introspect(ofAlice.access_token)).active, (await introspect(ofBob.access_token)).active]).to.equal([false, true]);
        expect(JSON.stringify(await here.send({ url: path })).includes('You are signed in as <strong>bob')).to.be.true();
        const stranger = browser();
        await stranger.login({}, 'mallory');
        expect((await stranger.open(link)).payload).to.include('You are signed in as <strong>mallory</strong>.').and.not.include('alice');
    });

    it('signs out all the accounts that it names, and nobody else', async () => {

        const { browser } = await logoutServer();
        const here = browser();
        await here.login();
        const page = await here.logout();
        expect(page.payload).to.include('You are signed in as <strong>alice</strong>.');
        await here.login({ prompt: 'login' }, 'bob');
        const again = await here.submit(page, { decision: 'logout' });
        expect(asks(again)).to.be.true();
        expect(again.payload).to.include('All of these accounts will be signed out:').and.include('<li><strong>bob</strong></li>').and.include('<li><strong>alice</strong></li>');
        expect(await here.isSignedIn()).to.be.true();
        await here.submit(again, { decision: 'logout' });
        expect(await here.isSignedIn()).to.be.false();
    });
});

describe('A state that is not UTF-8', () => {

    it('is refused rather than given back as another one', async () => {

        const bench = await registeredServer([login()], (hub: AuthorizationServerBuilder) => hub.setConsent('none'));
        const browser = injectedBrowser(bench.server);
        for (const page of [await browser.open(`${bench.authorizeUrl({ state: '' }).replace('state=', 'state=%E9')}`), await browser.open((await browser.send(form('/oauth2/authorize', bench.authorizeUrl({ state: '' }).split('?')[1]?.replace('state=', 'state=%E9') ?? ''))).location)]) {
            const { searchParams } = new URL(page.location);
            expect(['error', 'state', 'code'].map((name) => searchParams.get(name))).to.equal(['invalid_request', null, null]);
        }

        const answer = await browser.submit(await browser.open(bench.authorizeUrl({ scope: 'openid', state: 'é ü' })), alice);
        expect(new URL(answer.location).searchParams.get('state')).to.equal('é ü');
    });
});
