import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { chromium } from 'playwright-core';

import { createDemo } from '../../examples/demo/demo';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('the button Authorize of Swagger UI, in Chromium', () => {

    it('says what was wrong, gets a token of the demo by authorization code with PKCE, and opens a route with it', async () => {

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
            const dialogFor = (flow: string) => page.locator('.auth-container').filter({ hasText: `Flow: ${flow}` });
            const machine = dialogFor('clientCredentials');
            const dialog = dialogFor('authorizationCode');
            const askAs = async (id: string, secret: string): Promise<void> => {

                await machine.locator('#client_id_clientCredentials').fill(id);
                await machine.locator('#client_secret_clientCredentials').fill(secret);
                await machine.locator('button.authorize').click();
            };

            // A scope that machines cannot have, which a careless oauth2Swagger() would name
            await page.goto(`http://localhost:${port}/documentation`);
            await page.locator('.auth-wrapper .authorize').first().waitFor();
            await page.evaluate('ui.initOAuth({ scopes: ["openid"] })');
            await page.locator('.auth-wrapper .authorize').first().click();
            await askAs('demo-machine', 'demo-machine-secret');
            await machine.getByText('error: invalid_scope').waitFor();

            // A wrong secret and a wrong client, at which Chromium must not ask for a name and a password in a dialog of its own, which would leave this one waiting
            await page.goto(`http://localhost:${port}/documentation`);
            await page.locator('.auth-wrapper .authorize').first().click();
            await askAs('demo-machine', 'wrong');
            await machine.getByText('error: invalid_client, description: Client authentication failed').waitFor();
            await askAs('demo-api', 'demo-api-secret');
            await machine.getByText('error: unauthorized_client').waitFor();
            await askAs('demo-machine', 'demo-machine-secret');
            await machine.getByText('Logout', { exact: true }).click();
            expect(posted.splice(0)).to.have.length(4);

            // A window that is closed, one in which the person says no, and one whose page is not there any more
            const [closed] = await Promise.all([context.waitForEvent('page'), dialog.locator('button.authorize').click()]);
            await closed.getByLabel('Username').waitFor();
            await closed.close();
            expect(await dialog.innerText()).to.not.contain('Auth Error');
            const [denied] = await Promise.all([context.waitForEvent('page'), dialog.locator('button.authorize').click()]);
            await denied.getByLabel('Username').fill('ada');
            await denied.getByLabel('Password').fill('lovelace');
            await denied.getByRole('button', { name: 'Sign in' }).click();
            await Promise.all([denied.waitForEvent('close'), denied.getByRole('button', { name: 'Deny', exact: true }).click()]);
            await dialog.getByText('The user denied the request').waitFor();
            const lost = await context.newPage();
            await lost.goto(`http://localhost:${port}/swaggerui/oauth2-redirect.html?code=c&state=s`);
            await lost.getByText('close this window, and press Authorize there once more').waitFor();
            await lost.close();
            expect(posted).to.equal([]);

            expect(await dialog.innerText()).to.contain('reports:read').and.to.contain('Read reports');
            const [popup] = await Promise.all([context.waitForEvent('page'), dialog.locator('button.authorize').click()]);
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
