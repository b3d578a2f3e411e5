import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

/** Lets the application act for somebody: what it got. */
const grant = async (visitor: Visitor, username: string): Promise<Readonly<Record<string, unknown>>> => {

    await visitor.ask({ prompt: 'login' });
    await visitor.signIn(username);
    await visitor.press('Allow');
    return await visitor.site.redeem(await visitor.answer(), `${visitor.site.https}/callback`);
};

const applications = async ({ page }: Visitor): Promise<readonly string[]> => await page.getByRole('heading', { level: 2 }).allInnerTexts();

const isShownFor = async ({ page }: Visitor, name: string): Promise<boolean> => await page.getByText(`You are signed in as ${name}.`).isVisible();

const withdraw = async ({ page }: Visitor, from: string): Promise<void> => {

    await page.getByRole('button', { name: `Withdraw access (${from})`, exact: true }).click();
};

/** Connects the television of whoever is signed in. */
const connect = async ({ page, site }: Visitor): Promise<void> => {

    const { code, complete } = await site.startDevice();
    await page.goto(complete);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Your device is connected').waitFor();
    expect(await site.poll(code)).to.include('access_token');
};

describe('the account page, in Chromium', () => {

    after(closeBrowser);

    it('signs in by itself, and says that there is nothing', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await page.goto(site.accountUrl);
        expect(await visitor.heading()).to.equal('Sign in');
        await visitor.look('account-sign-in');
        await visitor.signIn('ada', 'wrong');
        expect(await page.getByRole('alert').innerText()).to.equal('The username or the password is wrong');
        await visitor.look('account-sign-in-wrong');
        await visitor.signIn();
        expect(await page.getByText('No application has access to your account.').isVisible()).to.be.true();
        await visitor.look('account-empty');
    }));

    it('shows each account its own, and ends for one what stays for the other', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await grant(visitor, 'ada');
        await connect(visitor);
        await grant(visitor, 'grace@example.com');
        await page.goto(site.accountUrl);
        expect(await isShownFor(visitor, 'grace@example.com')).to.be.true();
        expect(await applications(visitor)).to.equal(['Report reader']);
        await page.getByRole('link', { name: 'ada' }).click();
        expect(await isShownFor(visitor, 'ada')).to.be.true();
        expect([...await applications(visitor)].sort()).to.equal(['Report reader', 'The TV']);
        await visitor.look('account');
        await withdraw(visitor, 'Report reader');
        expect(await page.getByRole('status').innerText()).to.equal('Report reader no longer has access.');
        expect(await isShownFor(visitor, 'ada')).to.be.true();
        expect(await applications(visitor)).to.equal(['The TV']);
        await visitor.look('account-withdrawn');
        await page.getByRole('link', { name: 'grace@example.com' }).click();
        expect(await applications(visitor)).to.equal(['Report reader']);
        await page.goBack();
        expect(await isShownFor(visitor, 'ada')).to.be.true();
        expect(await applications(visitor)).to.equal(['The TV']);
        await visitor.ask({ prompt: 'select_account', login_hint: 'ada' });
        await visitor.press('ada');
        expect(await visitor.heading()).to.equal('Allow access?');
    }));

    it('ends nothing by a form that was shown to somebody else', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await grant(visitor, 'ada');
        await page.goto(site.accountUrl);
        const other = await visitor.newTab();
        await grant(other, 'bob');
        await withdraw(visitor, 'Report reader');
        expect(await page.getByRole('alert').innerText()).to.equal('You are now signed in as somebody else than on the page you sent: nothing was changed.');
        expect(await isShownFor(visitor, 'bob')).to.be.true();
        expect(await applications(visitor)).to.equal(['Report reader']);
        await visitor.look('account-other');
        await page.getByRole('link', { name: 'ada' }).click();
        expect(await applications(visitor)).to.equal(['Report reader']);
        const stale = await visitor.newTab();
        await stale.page.goto(page.url());
        await page.goto(site.logoutUrl());
        await visitor.press('Sign out');
        await withdraw(stale, 'Report reader');
        expect(await stale.heading()).to.equal('Sign in');
        await stale.signIn();
        expect(await stale.page.getByText('No application has access to your account.').isVisible()).to.be.true();        // Logout has ended it
        expect([...other.complaints, ...stale.complaints]).to.equal([]);
    }));

    it('needs neither a mouse nor JavaScript', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const { keyboard } = page;
        await grant(visitor, 'ada');
        await grant(visitor, 'bob');
        await page.goto(site.accountUrl);
        await visitor.look('account-without-scripts');
        await visitor.tabTo('ada');
        await keyboard.press('Enter');
        await page.getByText('You are signed in as ada.').waitFor();
        await visitor.tabTo('Withdraw access (Report reader)');
        await keyboard.press('Space');
        await page.getByRole('status').waitFor();
        expect(await isShownFor(visitor, 'ada')).to.be.true();
        expect(await page.getByText('No application has access to your account.').isVisible()).to.be.true();
    }, { browser: { javaScriptEnabled: false } }));
});
