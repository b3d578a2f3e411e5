import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, visitSite, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

const enter = async (visitor: Visitor, userCode: string, entered?: string): Promise<void> => {

    const { page } = visitor;
    await page.getByLabel('Code on your device').fill(userCode);
    if (entered !== undefined) {
        await page.getByLabel('Username').fill('ada');
        await page.getByLabel('Password').fill(entered);
    }

    await visitor.press('Continue');
};

describe('a device, and the browser of its user, in Chromium', () => {

    after(closeBrowser);

    it('is connected after a wrong code, by somebody who signs in on the same page', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const { code, userCode, page: address } = await site.startDevice();
        expect(await site.poll(code)).to.include({ error: 'authorization_pending' });
        await page.goto(address);
        await visitor.look('device');
        expect(await page.evaluate<string>('document.activeElement.id')).to.equal('user_code');
        await enter(visitor, 'BCDF-GHJK', 'lovelace');
        expect(await page.getByRole('alert').innerText()).to.equal('The code, the username or the password is wrong');
        await visitor.look('device-wrong');
        await enter(visitor, userCode.toLowerCase().replace('-', ' '), 'lovelace');
        expect(await visitor.heading()).to.equal('Connect this device?');
        expect(await page.getByText(userCode, { exact: true }).isVisible()).to.be.true();
        expect(await page.getByRole('listitem').allInnerTexts()).to.include('Read your reports');
        await visitor.look('device-consent');
        await visitor.press('Allow');
        expect(await visitor.heading()).to.equal('Your device is connected');
        await visitor.look('device-connected');
        site.advance(10);
        expect(await site.poll(code)).to.include({ token_type: 'Bearer', scope: 'email reports:read' });
    }));

    it('fills in the code of a link, and asks all the same; a refusal reaches the device', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const { code, userCode, complete } = await site.startDevice();
        await page.goto(complete);
        expect(await page.getByLabel('Code on your device').inputValue()).to.equal(userCode);
        expect(await page.evaluate<string>('document.activeElement.id')).to.equal('username');
        await enter(visitor, userCode, 'lovelace');
        await visitor.press('Deny');
        expect(await visitor.heading()).to.equal('Your device was not connected');
        await visitor.look('device-denied');
        site.advance(10);
        expect(await site.poll(code)).to.include({ error: 'access_denied' });
    }));

    it('takes who is signed in already, and says so when the device waits no more', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn();
        const { userCode, page: address } = await site.startDevice();
        await page.goto(address);
        expect(await page.getByLabel('Password').count()).to.equal(0);
        await visitor.look('device-signed-in');
        site.advance(400);
        await enter(visitor, userCode);
        site.advance(250);
        await visitor.press('Allow');
        expect(await visitor.heading()).to.equal('Your device waits no more');
        await visitor.look('device-gone');
    }));

    it('is decided about in one browser by one account, which the page names beside what the access is for', everywhere(async (visitor) => {

        const { page, site, screen } = visitor;
        await visitor.ask();
        await visitor.signIn('bob');
        const { code, userCode, complete } = await site.startDevice();
        const other = await visitSite(site, screen);
        await other.page.goto(complete);
        await enter(other, userCode, 'lovelace');
        expect(await other.heading()).to.equal('Connect this device?');
        expect(await other.page.getByText('You are signed in as ada.').isVisible()).to.be.true();
        expect(await other.page.getByText('This applies to reports.example.com.').isVisible()).to.be.true();
        await page.goto(other.page.url());
        expect(await visitor.heading()).to.equal('Connect a device');                  // The question is in no address
        expect(await page.getByLabel('Code on your device').inputValue()).to.equal('');
        await other.press('Use another account');
        expect(await other.heading()).to.equal('Connect a device');
        await enter(other, userCode, 'lovelace');
        await other.press('Allow');
        expect(await other.heading()).to.equal('Your device is connected');
        await page.goto(complete);
        await enter(visitor, userCode);
        expect(await page.getByRole('alert').innerText()).to.equal('No device is waiting with this code: look at your device and enter it again');
        await visitor.look('device-wrong-code');
        site.advance(10);
        expect(await site.poll(code)).to.include({ token_type: 'Bearer', scope: 'email reports:read' });
        expect(other.complaints).to.equal([]);
        await other.context.close();
    }));
});
