import { join } from 'node:path';

import vision from '@hapi/vision';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import handlebars from 'handlebars';

import { builtInPages } from '../../lib/pages/built-in';
import { closeBrowser, everywhere } from './fixture/chromium';
import { servePage } from './fixture/site';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

const attack = '"><img src=x onerror=alert(1)>';

const client = { name: 'Report reader', isVerified: true };

describe('pages of the app\'s own, in Chromium', () => {

    after(closeBrowser);

    it('are templates of @hapi/vision, and leave what they like to the built-in ones', everywhere(async (visitor) => {

        const { page, site } = visitor;
        await visitor.ask({ login_hint: attack });
        expect(await page.title()).to.equal('Acme: Sign in');
        expect(await page.getByLabel('Username').inputValue()).to.equal(attack);
        await visitor.signIn('ada', 'wrong');
        expect(await page.getByRole('alert').innerText()).to.equal('The username or the password is wrong');
        await visitor.look('own-sign-in');
        await visitor.signIn();
        expect(await page.title()).to.equal('Acme: Report reader');
        await visitor.look('own-consent');
        await visitor.press('Allow');
        const answer = await visitor.answer();
        expect(await site.redeem(answer, `${site.https}/callback`)).to.include({ token_type: 'Bearer' });
        await page.goto((await site.startDevice()).complete);
        expect(await visitor.heading()).to.equal('Connect a device');
        await visitor.ask({ client_id: 'nobody' });
        expect(await page.getByText('Acme could not do this').isVisible()).to.be.true();
    }, {
        prepare: async (server) => {

            await server.register(vision);
            server.views({ engines: { hbs: handlebars }, path: join(__dirname, 'templates') });
        },
        configure: (hub) => hub.setPages({
            signIn: (model, _request, h) => h.view('sign-in', model),
            consent: (model, _request, h) => h.view('consent', model),
            deviceCode: (_model, _request, h) => h.continue,
            error: ({ reference }) => `<!doctype html><html lang="en"><title>Acme</title><h1>Acme could not do this</h1><p>${reference}</p></html>`
        })
    }));

    it('need not be: a product\'s name and colours make the built-in ones its own', everywhere(async (visitor) => {

        await visitor.ask();
        await visitor.look('sign-in-themed');
        expect(await visitor.page.getByRole('banner').innerText()).to.equal('Acme');
        expect(await visitor.page.title()).to.equal('Sign in – Acme');
        expect(await visitor.page.evaluate<string>('getComputedStyle(document.querySelector("button")).backgroundColor')).to.equal(visitor.screen.options.colorScheme === 'light' ? 'rgb(20, 108, 46)' : 'rgb(129, 201, 149)');
    }, { configure: (hub) => hub.setTheme({ productName: 'Acme', accent: '#146c2e', radius: '4px', dark: { accent: '#81c995' } }) }));

    it('have a place for pages that people seldom see', everywhere(async (visitor) => {

        const { page, site } = visitor;
        for (const name of ['grants', 'logout', 'signedOut', 'formPost'] as const) {
            await page.goto(`${site.url}/page/${name}`, { waitUntil: 'commit' });        // One of them goes on by itself
            await page.getByRole('heading', { level: 1 }).waitFor();
            await visitor.look(`${name}, served alone`);
        }
    }, {
        prepare: async (server) => {

            const permissions = [{ scope: 'email', text: 'See your e-mail address' }];
            const since = Date.UTC(2030, 0, 1);
            servePage(server, 'grants', { action: '/', hidden: [], account: 'ada', otherAccounts: [{ href: '/?account=x', text: 'bob' }], withdrawn: client, grants: [
                { value: '1', client, permissions, since, lastUsed: since }, { value: '2', client: { ...client, name: 'The TV' }, permissions, since, lastUsed: undefined }
            ] });
            server.route({ method: 'POST', path: '/nothing', handler: () => null });                // 204: the page stays
            servePage(server, 'formPost', { action: '/nothing', parameters: [] });
            servePage(server, 'logout', { action: '/', hidden: [], accounts: ['ada', 'bob'] });
            servePage(server, 'signedOut', { outcome: 'signed-out', back: { href: 'https://app.example.com/', client } });
        }
    }));

    it('are all looked at here', () => {

        expect(Object.keys(builtInPages).sort()).to.equal(['chooseAccount', 'consent', 'deviceCode', 'deviceConsent', 'deviceDone', 'error', 'formPost', 'grants', 'interrupted', 'logout', 'signIn', 'signedOut']);
    });
});
