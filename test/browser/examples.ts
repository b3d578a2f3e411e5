import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { chromium, type Browser, type Page } from 'playwright-core';

import { start } from '../../examples/spa/server';
import { start as startUpstream } from '../../examples/upstream/server';
import { start as startOwnPages } from '../../examples/own-pages/server';
import { encodeForm } from '../fixture/http';
import { codeChallenge } from '../fixture/flows';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the examples, in Chromium', () => {

    let browser: Browser;
    before(async () => {

        browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', timeout: 60_000, args: ['--disable-gpu'] });
    });
    after(() => browser.close());

    /** A browser of somebody, at a server that is stopped afterwards; whatever its scripts complain about fails. */
    const at = async (begin: typeof start, visit: (page: Page, url: string) => Promise<void>) => {

        const server = await begin(await freePort());
        const context = await browser.newContext({ locale: 'en' });
        context.setDefaultTimeout(30_000);
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('pageerror', (err) => complaints.push(err.message));
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        try {
            await visit(page, server.info.uri);
        }
        finally {
            await context.close();
            await server.stop();
        }

        expect(complaints.filter((text) => !text.includes('favicon') && !text.includes('404'))).to.equal([]);
    };

    const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

    const signIn = async (page: Page) => {

        await page.getByLabel('Username').fill('ada');
        await page.getByLabel('Password').fill('lovelace');
        await press(page, 'Sign in');
    };

    const request = (url: string, clientId: string) => `${url}/oauth2/authorize?${encodeForm({
        response_type: 'code', client_id: clientId, redirect_uri: `${url}/callback`, scope: 'openid', code_challenge: codeChallenge, code_challenge_method: 'S256'
    })}`;

    it('let a single page sign its user in and read their reports', () => at(start, async (page, url) => {

        const status = page.getByRole('status');
        await page.goto(url);
        expect(await status.innerText()).to.equal('Nobody has signed in.');
        await press(page, 'Sign in');
        await signIn(page);
        await press(page, 'Allow');
        await page.getByText('You have signed in.').waitFor();
        expect(await status.innerText()).to.equal('You have signed in. The access token lives for 300 seconds.');
        expect(page.url()).to.equal(`${url}/`);
        await press(page, 'Read my reports');
        await page.getByText('"user": "user-1"').waitFor();
        expect(await page.evaluate<number>('sessionStorage.length + localStorage.length')).to.equal(0);

        await press(page, 'Start over');
        await page.getByText('Nobody has signed in.').waitFor();
        await press(page, 'Sign in');
        await press(page, 'Allow');                                     // No password a second time, but consent: its address is loopback
        await page.getByText('You have signed in.').waitFor();
    }));

    it('tell a single page that its user refused', () => at(start, async (page, url) => {

        await page.goto(url);
        await press(page, 'Sign in');
        await signIn(page);
        await press(page, 'Deny');
        await page.getByText('Signing in failed').waitFor();
        expect(page.url()).to.equal(`${url}/`);
    }));

    it('let a single page believe no answer that it did not ask for', () => at(start, async (page, url) => {

        await page.goto(`${url}/?code=stolen&state=guessed&iss=${encodeURIComponent(url)}`);
        await page.getByText('Signing in failed: This answer is not to a question of ours').waitFor();
    }));

    it('let users sign in upstream', () => at(startUpstream, async (page, url) => {

        await page.goto(request(url, 'app'));
        expect(new URL(page.url()).hostname).to.equal('127.0.0.1');
        expect(await page.getByRole('banner').innerText()).to.equal('Example Company');
        await signIn(page);
        await press(page, 'Allow');
        await page.getByText('Report reader').first().waitFor();
        expect(new URL(page.url()).origin).to.equal(url);
        await press(page, 'Allow');
        await page.waitForURL(/\/callback\?code=/);
    }));

    it('let users sign in on own pages', () => at(startOwnPages, async (page, url) => {

        await page.goto(request(url, 'reader'));
        expect(await page.getByRole('heading').innerText()).to.equal('Welcome to Acme');
        await signIn(page);
        await page.getByRole('heading', { name: 'Report reader would like to' }).waitFor();
        await press(page, 'Allow');
        await page.waitForURL(/\/callback\?code=/);
    }));
});
