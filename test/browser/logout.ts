import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

/** Signs somebody in to the application: the ID token. */
const login = async (visitor: Visitor, username = 'ada'): Promise<string> => {

    await visitor.ask({ prompt: 'login consent' });
    await visitor.signIn(username);
    await visitor.press('Allow');
    return String((await visitor.site.redeem(await visitor.answer(), `${visitor.site.https}/callback`)).id_token);
};

/** What the application hears that asks in silence. */
const silent = async (visitor: Visitor): Promise<unknown> => {

    await visitor.ask({ prompt: 'none' });
    const { error, code } = await visitor.answer();
    return error ?? (code === undefined ? undefined : 'signed in');
};

/** A request of the application to sign its user out. */
const fromClient = ({ site }: Visitor, more: Readonly<Record<string, string>> = { client_id: 'web' }): Readonly<Record<string, string>> => ({ ...more, post_logout_redirect_uri: `${site.https}/goodbye`, state: 'a & state' });

/** Where an application says goodbye, with nothing but its own state. */
const expectGoodbye = async (visitor: Visitor): Promise<void> => {

    expect(await visitor.answer()).to.equal({ state: 'a & state' });
    const { origin, pathname } = new URL(visitor.page.url());
    expect(`${origin}${pathname}`).to.equal(`${visitor.site.https}/goodbye`);
};

const noScripts = { browser: { javaScriptEnabled: false } };

describe('logout, in Chromium', () => {

    after(closeBrowser);

    it('asks nothing where an ID token shows who wants it, and is over for every way back', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const hint = await login(visitor);
        expect(await silent(visitor)).to.equal('signed in');
        await page.goto(site.accountUrl);
        expect(await page.getByText('You are signed in as ada.').isVisible()).to.be.true();
        await page.goto(site.logoutUrl(fromClient(visitor, { id_token_hint: hint })));
        await expectGoodbye(visitor);
        expect((await visitor.context.cookies(site.url)).map(({ name }) => name)).to.not.include('__Host-oauth2-session');
        await page.goBack();
        expect(await visitor.heading()).to.equal('Sign in');
        expect(await page.getByText('ada').count()).to.equal(0);
        expect(await silent(visitor)).to.equal('login_required');
        await page.goto(site.logoutUrl(fromClient(visitor, { id_token_hint: hint })));
        await expectGoodbye(visitor);
    }));

    it('names all who will be signed out where nobody has shown that, and does what they choose', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await login(visitor);
        await login(visitor, 'grace@example.com');
        await page.goto(site.logoutUrl(fromClient(visitor)));
        expect(await visitor.heading()).to.equal('Sign out?');
        expect((await page.getByRole('listitem').allInnerTexts()).sort()).to.equal(['ada', 'grace@example.com']);
        await visitor.look('logout');
        await visitor.press('Stay signed in');
        expect(await visitor.heading()).to.equal('You are still signed in');
        await visitor.look('stayed');
        expect(await silent(visitor)).to.equal('signed in');
        await page.goto(site.logoutUrl(fromClient(visitor)));
        await visitor.press('Sign out');
        await expectGoodbye(visitor);
        expect(await silent(visitor)).to.equal('login_required');
        await visitor.ask({ prompt: 'select_account' });
        expect(await visitor.heading()).to.equal('Sign in');
    }));

    it('ends on a page that leads back by a link where nobody is signed in and nobody has shown who wants it', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await page.goto(site.logoutUrl(fromClient(visitor)));
        expect(await visitor.heading()).to.equal('You are signed out');
        await visitor.look('signed-out');
        await page.getByRole('link', { name: 'Go back to Report reader' }).click();
        await expectGoodbye(visitor);
    }));

    it('is not undone by going back, nor by the form of another tab', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await login(visitor);
        const other = await visitor.newTab();
        await other.page.goto(site.logoutUrl());
        await page.goto(site.logoutUrl());
        expect(await page.getByText('You are signed in as ada.').isVisible()).to.be.true();
        await visitor.look('logout-one');
        await visitor.press('Sign out');
        expect(await visitor.heading()).to.equal('You are signed out');
        await visitor.look('signed-out-plain');
        await page.goBack();
        expect(await visitor.heading()).to.equal('You are signed out');
        await other.press('Sign out');
        expect(await other.heading()).to.equal('You are signed out');
        expect(await silent(visitor)).to.equal('login_required');
        expect(other.complaints).to.equal([]);
    }));

    it('signs nobody out who was not on the page', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await login(visitor);
        const other = await visitor.newTab();
        await other.page.goto(site.logoutUrl());
        await login(visitor, 'bob');
        await other.press('Sign out');
        expect(await other.heading()).to.equal('Sign out?');
        expect((await other.page.getByRole('listitem').allInnerTexts()).sort()).to.equal(['ada', 'bob']);
        expect(await silent(visitor)).to.equal('signed in');
        await other.press('Sign out');
        expect(await other.heading()).to.equal('You are signed out');
        expect(await silent(visitor)).to.equal('login_required');
        expect(page.url()).to.startWith(site.https);
    }));

    it('takes what the application posts: asks at an address that can be loaded again', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const hint = await login(visitor);
        const postFrom = async (fields: Readonly<Record<string, string>>): Promise<void> => {

            await page.goto(`${site.https}/post?${new URLSearchParams({ to: site.logoutUrl(), ...fields }).toString()}`);
            const [posted] = await Promise.all([page.waitForRequest((sent) => sent.method() === 'POST'), visitor.press('Go')]);
            expect(await posted.headerValue('cookie')).to.be.null();
        };

        await postFrom(fromClient(visitor));
        expect(await visitor.heading()).to.equal('Sign out?');
        await visitor.look('logout-posted');
        await page.reload();
        expect(await visitor.heading()).to.equal('Sign out?');
        await page.goBack();
        await page.goForward();
        expect(await visitor.heading()).to.equal('Sign out?');
        await visitor.press('Sign out');
        await expectGoodbye(visitor);
        await page.goBack();
        expect(await visitor.heading()).to.equal('You are signed out');
        await page.getByRole('link', { name: 'Go back to Report reader' }).click();
        await expectGoodbye(visitor);
        expect(await silent(visitor)).to.equal('login_required');
        const again = await login(visitor);
        expect(again).to.not.equal(hint);
        await postFrom(fromClient(visitor, { id_token_hint: again }));
        await expectGoodbye(visitor);
        expect(await silent(visitor)).to.equal('login_required');
    }));

    it('cannot be had by another site: not by an image, a frame or a form of its own', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await login(visitor);
        await page.goto(site.logoutUrl());
        const action = await page.evaluate<string>('document.forms[0].action');
        const fields = await page.evaluate<Readonly<Record<string, string>>>('Object.fromEntries(new FormData(document.forms[0]))');
        expect(fields).to.include('about');
        await page.goto(`${site.https}/image?${new URLSearchParams({ of: site.logoutUrl(fromClient(visitor)) }).toString()}`);
        await page.goto(`${site.https}/frame?${new URLSearchParams({ of: site.logoutUrl() }).toString()}`);
        expect(await page.frames().find((frame) => frame !== page.mainFrame())?.locator('form').count()).to.equal(0);
        await page.goto(`${site.https}/post?${new URLSearchParams({ to: action, ...fields, decision: 'logout' }).toString()}`);
        await visitor.press('Go');
        expect(await visitor.heading()).to.equal('This did not work');
        await visitor.look('error-logout-other-site');
        expect(await silent(visitor)).to.equal('signed in');
    }, { expected: /frame-ancestors|Refused to (?:frame|display)|Framing/ }));

    it('needs no mouse', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const { keyboard } = page;
        await login(visitor);
        await page.goto(site.logoutUrl(fromClient(visitor)));
        await visitor.tabTo('Stay signed in');
        await keyboard.press('Enter');
        await page.getByText('You are still signed in').waitFor();
        await page.goto(site.logoutUrl(fromClient(visitor)));
        await visitor.tabTo('Sign out');
        await keyboard.press('Space');
        await expectGoodbye(visitor);
        await page.goto(site.logoutUrl(fromClient(visitor)));
        await visitor.tabTo('Go back to Report reader');
        await keyboard.press('Enter');
        await expectGoodbye(visitor);
    }));

    it('needs no JavaScript', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const hint = await login(visitor);
        await page.goto(site.logoutUrl(fromClient(visitor)));
        await visitor.look('logout-without-scripts');
        await visitor.press('Stay signed in');
        expect(await silent(visitor)).to.equal('signed in');
        await page.goto(site.logoutUrl());
        await visitor.press('Sign out');
        expect(await visitor.heading()).to.equal('You are signed out');
        await visitor.look('signed-out-without-scripts');
        expect(await silent(visitor)).to.equal('login_required');
        await page.goto(site.logoutUrl(fromClient(visitor, { id_token_hint: hint })));
        await expectGoodbye(visitor);
    }, noScripts));
});
