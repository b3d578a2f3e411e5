import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

/** Where the browser is sent that no page can be shown of: the app that claimed the scheme would open. */
const leaving = async (visitor: Visitor, press: string): Promise<URL> => {

    const [request] = await Promise.all([visitor.page.waitForRequest(/^com\.example\.app:/), visitor.press(press)]);
    return new URL(request.url());
};

/** In the page: what its form sends when Allow is pressed. */
const pressed = `(() => {

    const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent.trim() === 'Allow');
    return { action: button.form.action, fields: Object.fromEntries(new FormData(button.form, button)) };
})()`;

describe('the way back to the client, in Chromium', () => {

    after(closeBrowser);

    it('leads to a program that listens on a port of this machine, which is asked for each time', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const redirectUri = `${site.http}/callback`;
        await visitor.ask({ client_id: 'cli', redirect_uri: redirectUri, scope: 'openid email' });
        await visitor.signIn();
        expect(await page.getByText(new URL(site.http).host).isVisible()).to.be.true();
        await visitor.press('Allow');
        const answer = await visitor.answer();
        expect(new URL(page.url()).origin).to.equal(site.http);
        expect(await site.redeem(answer, redirectUri, 'cli')).to.include({ token_type: 'Bearer' });
        await visitor.ask({ client_id: 'cli', redirect_uri: redirectUri, scope: 'openid email' });
        expect(await visitor.heading()).to.equal('Allow access?');
        await visitor.press('Deny');
        expect(await visitor.answer()).to.include({ error: 'access_denied' });
    }));

    it('leads to an app that claimed a scheme, which is asked for each time', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const asked = { client_id: 'app', redirect_uri: 'com.example.app:/callback', scope: 'openid email' };
        await visitor.ask(asked);
        await visitor.signIn();
        expect(await page.getByText('com.example.app:').isVisible()).to.be.true();
        const { protocol, pathname, searchParams } = await leaving(visitor, 'Allow');
        expect([protocol, pathname, searchParams.get('state')]).to.equal(['com.example.app:', '/callback', 'a state']);
        expect(await site.redeem(Object.fromEntries(searchParams), asked.redirect_uri, 'app')).to.include({ token_type: 'Bearer' });
        await visitor.ask(asked);
        expect(await visitor.heading()).to.equal('Allow access?');              // No second press: Chromium does not always open an app twice without being asked
    }));

    it('leads to an app from the same page again, where its user comes back and presses twice', everywhere(async (visitor) => {

        await visitor.ask({ client_id: 'app', redirect_uri: 'com.example.app:/callback', scope: 'openid email' });
        await visitor.signIn();
        const first = await leaving(visitor, 'Allow');
        expect(await visitor.heading()).to.equal('Allow access?');

        // The same form with the same cookies, but sent beside the page: Chromium does not always open an app twice without asking, nor say what came of it
        const { page } = visitor;
        const { action, fields } = await page.evaluate<{ readonly action: string; readonly fields: Record<string, string> }>(pressed);
        const second = await page.request.post(action, { form: fields, maxRedirects: 0, headers: { 'sec-fetch-site': 'same-origin' } });
        expect([second.status(), second.headers().location]).to.equal([303, first.href]);
    }));

    it('posts the answer by itself, and by a button without JavaScript', async () => {

        for (const javaScriptEnabled of [true, false]) {
            await everywhere(async (visitor) => {

                const { page } = visitor;
                await visitor.ask({ response_mode: 'form_post' });
                await visitor.signIn();
                await visitor.press('Allow');
                if (!javaScriptEnabled) {
                    expect(await visitor.heading()).to.equal('One moment');
                    await visitor.look('form-post');
                    await visitor.press('Continue');
                }

                expect(await visitor.answer()).to.include('code').and.to.include({ posted: 'yes', state: 'a state' });
                expect(page.url()).to.equal(`${visitor.site.https}/callback`);
            }, { browser: { javaScriptEnabled } })();
        }
    });

    it('takes up a request that another site posted, with the session that its form could not bring', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn();
        await visitor.press('Allow');
        await visitor.answer();
        const request = Object.fromEntries(new URL(site.authorizeUrl({ prompt: 'none', state: 'posted' })).searchParams);
        await page.goto(`${site.https}/post?${new URLSearchParams({ to: `${site.url}/oauth2/authorize`, ...request }).toString()}`);
        const [posted] = await Promise.all([page.waitForRequest((sent) => sent.method() === 'POST'), visitor.press('Go')]);
        expect(await posted.headerValue('cookie')).to.be.null();
        expect(await visitor.answer()).to.include('code').and.to.include({ state: 'posted' });
    }));

    it('does not begin with a form that another site made, nor in its frame', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask();
        await visitor.signIn();
        const about = await page.locator('input[name=about]').inputValue();
        const action = await page.evaluate<string>('document.forms[0].action');
        await page.goto(`${site.https}/post?${new URLSearchParams({ to: action, about, decision: 'allow' }).toString()}`);
        await visitor.press('Go');
        expect(await visitor.heading()).to.equal('This did not work');
        expect(await page.getByText('a form that another site has sent is not accepted').isVisible()).to.be.true();
        await visitor.look('error-other-site');
        await page.goto(`${site.https}/frame?${new URLSearchParams({ of: site.authorizeUrl() }).toString()}`);
        const framed = page.frames().find((frame) => frame !== page.mainFrame());
        expect(await framed?.locator('form').count()).to.equal(0);
    }, { expected: /frame-ancestors|Refused to (?:frame|display)|Framing/ }));
});
