import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';

import { startDemo, type RunningDemo } from '../fixture/demo';
import { actsOf, walks } from '../fixture/playground';
import { flows } from '../../examples/demo/playground/flows';
import { browser, closeBrowser, lookAt, screens, takePicture, type Screen } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

/** Somebody at a browser, and a demo of their own. */
interface Guest {
    readonly page: Page;
    readonly demo: RunningDemo;
    readonly screen: Screen;
    readonly look: (name: string) => Promise<void>;
}

const screen = (wanted: Screen['name']): Screen => screens.find(({ name }) => name === wanted) ?? screens[0];

/** Visits the playground on some screens at once; whatever a browser complains about fails. */
const on = (names: readonly Screen['name'][], visit: (guest: Guest) => Promise<void>, options: BrowserContextOptions = {}) => async (): Promise<void> => {

    await Promise.all(names.map(screen).map(async (own) => {

        const demo = await startDemo();
        const context = await (await browser()).newContext({ ...own.options, viewport: { ...own.options.viewport, height: 1180 }, locale: 'en', ...options });
        context.setDefaultTimeout(20_000);
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        page.on('pageerror', (err) => complaints.push(err.message));
        try {
            await visit({ page, demo, screen: own, look: (name) => lookAt(page, own, name, options.javaScriptEnabled) });
            expect(complaints.filter((text) => !text.includes('400 (Bad Request)'))).to.equal([]);          // Which a page says, too
        }
        catch (err) {
            const shown = await page.locator('body').innerText().catch(() => '');
            throw new Error(`On ${own.name}, at ${page.url()}: ${err instanceof Error ? err.stack : String(err)}\n${shown}`, { cause: err });
        }
        finally {
            await context.close();
            await demo.stop();
        }
    }));
};

/** Clicks, and waits for the page that this leads to. */
const follow = async (page: Page, button: Locator): Promise<void> => {

    await Promise.all([page.waitForEvent('load'), button.click()]);
};

/** Signs in and agrees wherever the server asks. */
const answer = async (page: Page): Promise<void> => {

    if (await page.getByLabel('Password').isVisible()) {
        await page.getByLabel('Username').fill('ada');
        await page.getByLabel('Password').fill('lovelace');
        await follow(page, page.getByRole('button', { name: 'Sign in', exact: true }));
    }

    for (const name of ['Allow', 'Sign out']) {
        const button = page.getByRole('button', { name, exact: true });
        if (!page.url().includes('/playground/') && await button.isVisible()) {
            await follow(page, button);
        }
    }
};

/** The person of a device follows the link of the page, which opens another tab. */
const agree = async (page: Page): Promise<void> => {

    const [tab] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Open the page in another tab' }).click()]);
    await tab.waitForLoadState();
    const next = tab.getByRole('button', { name: 'Continue', exact: true });
    if (await next.isVisible()) {
        await follow(tab, next);
    }

    await answer(tab);
    await tab.getByText('Your device is connected').waitFor();
    await tab.close();
};

/** Presses the button of an act, where its step is shown. */
const act = async ({ page, demo }: Guest, flow: string, id: string): Promise<void> => {

    const [step = ''] = id.split('.');
    const button = page.locator(`form:has(input[name="act"][value="${id}"]) button`);
    if (!new URL(page.url()).pathname.endsWith(`/${flow}`) || !await button.isVisible()) {
        await page.goto(`${demo.url}/playground/${flow}?step=${step}`);
    }

    await follow(page, button);
    await answer(page);
};

describe('the playground, in Chromium', () => {

    after(closeBrowser);

    it('walks every flow on a phone by day and a desktop by night', on(['phone-light', 'desktop-dark'], async (guest) => {

        const { page, demo, screen: { name }, look } = guest;
        await page.goto(demo.url);
        expect(await page.getByRole('heading', { level: 3 }).allInnerTexts()).to.equal(flows.map(({ title }) => title));
        await look('playground');
        for (const flow of flows) {
            const acts = actsOf(flow);
            await page.goto(`${demo.url}/playground/${flow.id}`);
            for (const one of walks[flow.id] ?? []) {
                if (name === 'phone-light' && acts.get(String(one))?.does === 'Try it') {
                    continue;                                   // The desktop tries them
                }

                if (typeof one === 'number') {
                    demo.advance(one);
                    continue;
                }

                if (one === '+') {
                    await page.goto(`${demo.url}/playground/${flow.id}?step=person`);
                    await look(`playground-${flow.id}`);
                    await agree(page);
                    await page.getByText('The person has agreed on the page.').waitFor();           // By itself
                    continue;
                }

                await act(guest, flow.id, one);
                const doing = acts.get(one);
                if (doing?.by === 'client' || doing?.by === 'browser') {
                    expect(await page.locator('.verdict').innerText(), `${flow.id} ${one}`).to.equal(`As promised. ${doing.outcomes[0].means}`);
                }
            }

            await look(`playground-${flow.id}-end`);
        }

        await page.goto(demo.url);
        expect(await page.getByText(/steps done/).allInnerTexts()).to.satisfy((texts: string[]) => texts.length === flows.length && texts.every((text) => /^(\d) of \1 steps done/.test(text)));
    }));

    it('is as good on a phone by night and a desktop by day', on(['phone-dark', 'desktop-light'], async (guest) => {

        const { page, demo, look } = guest;
        await page.goto(demo.url);
        await page.getByText('Show the lines').click();
        await look('playground-lines');
        for (const one of ['prepare', 'authorize', 'redeem.wrong-verifier']) {
            await act(guest, 'code', one);
        }

        await look('playground-tampered');
        if (guest.screen.name === 'desktop-light') {
            await page.evaluate('scrollTo(0, 0)');
            await takePicture(page, 'playground-tampered-desktop-light', false);
        }

        await act(guest, 'code', 'redeem');
        const [bottom, overflow] = await page.evaluate<readonly [number, string]>('[document.querySelector(".verdict + .actions a").getBoundingClientRect().bottom, getComputedStyle(document.querySelector(".left")).overflowY]');
        expect(bottom, 'the way on is seen at once').to.be.at.most(740);
        expect(overflow, 'the steps scroll with the page').to.equal('visible');
        for (const details of await page.locator('summary').all()) {
            await details.click();
        }

        await look('playground-redeemed');
        await page.goto(`${demo.url}/playground/code?note=stale`);
        await look('playground-note');
        await page.goto(`${demo.url}/playground/callback?code=stolen`);
        await look('playground-problem');
    }));

    it('needs neither JavaScript nor a mouse', on(['phone-light'], async ({ page, demo, look }) => {

        const { keyboard } = page;
        const go = async (text: string) => {

            await page.locator(`:is(a, button):text-is("${text}")`).first().focus();
            await keyboard.press('Enter');
        };

        await page.goto(`${demo.url}/playground/logout`);
        await look('playground-without-scripts');
        await go('Make them up');
        await go('Next: Send the browser to the server');
        await go('Go and sign in');
        await page.locator('#username').focus();
        await keyboard.type('ada');
        await keyboard.press('Tab');
        await keyboard.type('lovelace');
        await keyboard.press('Enter');
        await go('Allow');
        await go('Next: Redeem the code');
        await go('Redeem it');
        await go('Next: Is somebody there?');
        await go('Ask silently');
        await go('Next: Sign out');
        await go('Sign out');
        await page.getByText('Signed out without a question').waitFor();
        expect(await page.locator('#log').innerText()).to.contain('signed_out').and.contain('access_token');
    }, { javaScriptEnabled: false }));
});
