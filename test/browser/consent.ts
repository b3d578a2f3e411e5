import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

describe('sign-in and consent, in Chromium', () => {

    after(closeBrowser);

    it('signs in after a wrong password, asks, and brings the code to the client', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.look('sign-in');
        expect(await visitor.heading()).to.equal('Sign in');
        expect(await page.evaluate<string>('document.activeElement.id')).to.equal('username');
        await visitor.signIn('ada', 'wrong');
        await visitor.look('sign-in-wrong');
        expect(await page.getByRole('alert').innerText()).to.equal('The username or the password is wrong');
        expect(await page.title()).to.equal('Error: Sign in');
        expect(await page.getByLabel('Username').inputValue()).to.equal('ada');
        expect(await page.getByLabel('Password').inputValue()).to.equal('');
        expect(await page.evaluate<string>('document.activeElement.id')).to.equal('password');
        await visitor.signIn();
        await visitor.look('consent');
        expect(await visitor.heading()).to.equal('Allow access?');
        expect(await page.getByRole('listitem').allInnerTexts()).to.include(['Know who you are', 'See your e-mail address', 'Read your reports']);
        expect(await page.getByText('You are signed in as ada.').isVisible()).to.be.true();
        expect(await page.getByText(new URL(site.https).host).isVisible()).to.be.true();
        await visitor.press('Allow');
        const answer = await visitor.answer();
        expect(answer).to.equal({ code: answer.code, state: 'a state', iss: site.url });
        expect(await site.redeem(answer, `${site.https}/callback`)).to.include({ token_type: 'Bearer', scope: 'openid email reports:read' });
    }));

    it('shows the logo that the server has fetched, and the same page where there is none', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const hosts = new Set<string>();
        page.on('request', (request) => hosts.add(new URL(request.url()).host));
        await visitor.ask();
        await visitor.signIn();
        expect(await page.evaluate<readonly number[]>('[document.querySelector("img.logo")].map((one) => [one.naturalWidth, one.getBoundingClientRect().width]).flat()')).to.equal([64, 64]);
        expect([...hosts]).to.equal([new URL(site.url).host]);
        await visitor.press('Use another account');
        expect(await visitor.heading()).to.equal('Sign in');
        await visitor.signIn('bob');
        expect(await page.getByText('You are signed in as bob.').isVisible()).to.be.true();
        await visitor.look('consent-with-logo');
    }));

    it('keeps its layout where the logo cannot be fetched', everywhere(async (visitor) => {

        const { page } = visitor;
        await visitor.ask();
        await visitor.signIn();
        await visitor.look('consent-without-logo');
        expect(await page.evaluate<number>('document.querySelector("img.logo").naturalWidth')).to.equal(0);
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Allow');
        expect((await visitor.answer()).code).to.be.a.string();
    }, { configure: (hub) => hub.setFetch(() => Promise.reject(new Error('There is no internet'))) }));

    it('ends with a denial: who goes back and presses another button is told the same', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn();
        await visitor.press('Deny');
        const denied = { error: 'access_denied', error_description: 'The user denied the request', state: 'a state', iss: site.url };
        expect(await visitor.answer()).to.equal(denied);
        await page.goBack();
        await visitor.answer().catch(async () => await visitor.press('Allow'));     // The page was not kept: the browser asks for it again
        expect(await visitor.answer()).to.equal(denied);
    }));

    it('brings a refusal to the client, and remembers nothing of it', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn();
        await visitor.press('Deny');
        expect(await visitor.answer()).to.equal({ error: 'access_denied', error_description: 'The user denied the request', state: 'a state', iss: visitor.site.url });
        await visitor.ask();
        expect(await visitor.heading()).to.equal('Allow access?');
    }));

    it('asks once for the same, again for more, and whenever the client wants it', everywhere(async (visitor) => {

        await visitor.ask({ scope: 'openid email' });
        await visitor.signIn();
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code');
        await visitor.ask({ scope: 'openid email', state: 'again' });
        expect(await visitor.answer()).to.include('code').and.to.include({ state: 'again' });
        await visitor.ask({ scope: 'openid email reports:read', state: 'more' });
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code').and.to.include({ state: 'more' });
        await visitor.ask({ prompt: 'consent', state: 'asked' });
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code').and.to.include({ state: 'asked' });
    }));

    it('lets people choose between their accounts, or take another one', everywhere(async (visitor) => {

        const { page } = visitor;
        for (const name of ['ada', 'grace@example.com']) {
            await visitor.ask({ prompt: 'login' });
            await visitor.signIn(name);
            await visitor.press('Allow');
            await visitor.answer();
        }

        await visitor.ask({ prompt: 'select_account consent' });
        await visitor.look('choose-account');
        expect(await page.getByRole('button').allInnerTexts()).to.equal(['grace@example.com', 'ada', 'Use another account']);
        await visitor.press('ada');
        expect(await page.getByText('You are signed in as ada.').isVisible()).to.be.true();
        await page.goBack();
        await visitor.ask({ prompt: 'select_account' });
        await visitor.press('Use another account');
        expect(await visitor.heading()).to.equal('Sign in');
        await visitor.signIn('mary');
        expect(await page.getByText('You are signed in as mary.').isVisible()).to.be.true();
    }));

    it('says so of a client that nobody has checked, and shows what it calls itself as text', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const attack = '"><img src=x onerror=alert(1)>';
        const id = await site.registerClient({ client_name: attack, redirect_uris: [`${site.https}/callback`], token_endpoint_auth_method: 'none' });
        await visitor.ask({ client_id: id, scope: 'openid' });
        await visitor.signIn();
        await visitor.look('consent-unverified');
        expect(await page.getByText('Nobody has checked who is behind this application.').isVisible()).to.be.true();
        expect(await page.getByText(attack).isVisible()).to.be.true();
        expect(await page.locator('img').count()).to.equal(0);
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code');
    }));

    it('gives the browser two cookies that are for this host and this server only', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn();
        const cookies = await visitor.context.cookies();
        expect(cookies.map(({ name }) => name).sort()).to.equal(['__Host-oauth2-browser', '__Host-oauth2-session']);
        for (const cookie of cookies) {
            expect(cookie).to.include({ domain: 'localhost', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' });
        }

        expect(await visitor.page.evaluate<string>('document.cookie')).to.equal('');
    }));

    it('works by http on this machine, with cookies of plain names', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.signIn();
        expect((await visitor.context.cookies()).map(({ name, secure }) => [name, secure]).sort()).to.equal([['oauth2-browser', false], ['oauth2-session', false]]);
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code').and.to.include({ iss: visitor.site.url });
    }, { isSecure: false }));
});
