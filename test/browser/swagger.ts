import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { chromium } from 'playwright-core';

import { createDemo } from '../../examples/demo/demo';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('the button Authorize of Swagger UI, in Chromium', () => {

    it('gets a token of the demo by authorization code with PKCE, and opens a route with it', async () => {

        const port = await freePort();
        const server = await createDemo({ port });
        server.settings.debug = false;
        await server.start();
        const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', timeout: 60_000, args: ['--disable-gpu'] });
        try {
            const context = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 900 } });
            context.setDefaultTimeout(20_000);
            const page = await context.newPage();
            const posted: string[] = [];
            context.on('request', (request) => {

                if (request.url().endsWith('/oauth2/token')) {
                    posted.push(String(request.postData()));
                }
            });
            await page.goto(`http://localhost:${port}/documentation`);
            await page.locator('.auth-wrapper .authorize').first().click();
            const dialog = page.locator('.auth-container').filter({ hasText: 'authorizationCode' });
            expect(await dialog.innerText()).to.contain('reports:read').and.to.contain('Read reports');
            const [popup] = await Promise.all([context.waitForEvent('page'), dialog.locator('button.authorize').click()]);
            await popup.getByLabel('Username').fill('ada');
            await popup.getByLabel('Password').fill('lovelace');
            await popup.getByRole('button', { name: 'Sign in' }).click();
            await Promise.all([popup.waitForEvent('close'), popup.getByRole('button', { name: 'Allow', exact: true }).click()]);
            await dialog.getByText('Logout', { exact: true }).waitFor();
            expect(posted).to.have.length(1);
            expect(posted[0]).to.contain('grant_type=authorization_code').and.to.contain('code_verifier=').and.to.contain('client_id=demo-swagger');

            await page.locator('.close-modal').first().click();
            await page.locator('.opblock-get').filter({ hasText: '/reports' }).first().click();
            const [reply] = await Promise.all([page.waitForResponse((response) => response.url().endsWith('/reports')), page.locator('.execute').first().click()]);
            expect(reply.status()).to.equal(200);
            expect(await reply.json()).to.include({ user: 'ada', client: 'demo-swagger' });
        }
        finally {
            await browser.close();
            await server.stop();
        }
    });
});
