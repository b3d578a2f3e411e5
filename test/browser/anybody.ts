import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

describe('the pages for everybody, in Chromium', () => {

    after(closeBrowser);

    it('need no mouse', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const { keyboard } = page;
        await visitor.ask({ prompt: 'login' });
        await visitor.tabTo('username');
        await keyboard.type('ada');
        await visitor.tabTo('password');
        await keyboard.type('lovelace');
        await keyboard.press('Enter');
        await page.waitForURL(/interaction/);
        await visitor.tabTo('Deny');
        await visitor.tabTo('Allow').catch(async () => {                       // It stands before the other one

            await keyboard.press('Shift+Tab');
            await visitor.tabTo('Allow');
        });
        await keyboard.press('Enter');
        expect(await visitor.answer()).to.include('code');
        await visitor.ask({ prompt: 'select_account consent' });
        await visitor.tabTo('ada');
        await keyboard.press('Space');
        await page.waitForURL(/interaction/);
        await visitor.tabTo('Deny');
        await keyboard.press('Space');
        expect(await visitor.answer()).to.include({ error: 'access_denied' });
        const { userCode, page: address } = await site.startDevice();
        await page.goto(address);
        await visitor.tabTo('user_code');
        await keyboard.type(userCode);
        await keyboard.press('Enter');
        await page.getByText('Connect this device?').waitFor();
        await visitor.tabTo('Allow');
        await keyboard.press('Enter');
        await page.getByText('Your device is connected').waitFor();
    }));

    it('need no JavaScript', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn('ada', 'wrong');
        expect(await page.getByRole('alert').isVisible()).to.be.true();
        await visitor.signIn();
        await visitor.press('Allow');
        expect(await visitor.answer()).to.include('code');
        await visitor.ask({ prompt: 'select_account consent' });
        await visitor.press('ada');
        await visitor.press('Deny');
        expect(await visitor.answer()).to.include({ error: 'access_denied' });
        const { complete } = await site.startDevice();
        await page.goto(complete);
        await visitor.press('Continue');
        await visitor.press('Allow');
        expect(await visitor.heading()).to.equal('Your device is connected');
    }, { browser: { javaScriptEnabled: false } }));

    it('speak the language that the client asks for', everywhere(async (visitor) => {

        const { page } = visitor;
        await visitor.ask({ ui_locales: 'fr-CA fr' });
        expect(await page.locator('html').getAttribute('lang')).to.equal('fr');
        await visitor.look('sign-in-fr');
        expect(await visitor.heading()).to.equal('Connexion');
        await page.locator('#username').fill('ada');
        await page.locator('#password').fill('wrong');
        await page.getByRole('button').click();
        expect(await page.locator('html').getAttribute('lang')).to.equal('fr');
        await page.locator('#password').fill('lovelace');
        await page.getByRole('button').click();
        expect(await page.locator('html').getAttribute('lang')).to.equal('fr');
        await visitor.look('consent-fr');
    }, { browser: { locale: 'de-DE' } }));

    it('speak the language of the browser', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        expect(await page.locator('html').getAttribute('lang')).to.equal('de');
        await visitor.look('sign-in-de');
        expect(await visitor.heading()).to.equal('Anmelden');
        await page.goto((await site.startDevice()).complete);
        expect(await page.locator('html').getAttribute('lang')).to.equal('de');
        await visitor.look('device-de');
        await visitor.ask({ client_id: 'nobody' });
        expect(await page.locator('html').getAttribute('lang')).to.equal('de');
        await visitor.look('error-de');
    }, { browser: { locale: 'de-DE' } }));

    it('are readable at twice the size of text, and where people choose the colours', everywhere(async (visitor) => {

        const { page, screen } = visitor;
        await visitor.ask();
        await page.setViewportSize({ width: 320, height: 256 });
        expect(await page.evaluate<number>('document.documentElement.scrollWidth'), screen.name).to.be.at.most(320);
        expect(await page.evaluate<string>('getComputedStyle(document.querySelector("button")).borderStyle')).to.equal('solid');
    }, { browser: { forcedColors: 'active' } }));
});
