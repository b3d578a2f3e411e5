import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { closeBrowser, everywhere, type Visitor } from './fixture/chromium';

const lab = Lab.script();
const { after, describe, it } = lab;
export { lab };

/** What the page has come to know. */
const resultOf = async ({ page }: Visitor): Promise<Readonly<Record<string, unknown>>> => {

    await page.waitForFunction('window.answer !== undefined');
    return await page.evaluate<Readonly<Record<string, unknown>>>('window.answer');
};

describe('a single page with oidc-client-ts, in Chromium', () => {

    after(closeBrowser);

    it('signs in with PKCE, asks who that is, renews its token and withdraws it, all from another origin', everywhere(async (visitor) => {

        const { page, site } = visitor;
        const requests: string[] = [];
        page.on('response', (response) => requests.push(`${response.request().method()} ${new URL(response.url()).pathname} ${response.status()}`));
        await page.goto(`${site.https}/spa`);
        await visitor.signIn();
        await visitor.press('Allow');
        await page.waitForURL(/\/spa\?code=/);
        expect(await resultOf(visitor)).to.include({ state: 'kept by the library', type: 'Bearer', scope: 'openid profile email offline_access', isRenewed: true, sub: 'user-ada', after: 401 })
            .and.to.include({ profile: { ...Object((await resultOf(visitor)).profile), sub: 'user-ada', name: 'Person user-ada', email: 'user-ada@example.com' } });
        expect(requests).to.include(['GET /.well-known/openid-configuration 200', 'POST /oauth2/token 200', 'GET /oauth2/userinfo 200', 'POST /oauth2/revoke 200', 'GET /oauth2/userinfo 401']);
        expect(new URL(page.url()).origin).to.equal(site.https);
    }));

    it('learns that the user refused', everywhere(async (visitor) => {

        await visitor.page.goto(`${visitor.site.https}/spa`);
        await visitor.signIn();
        await visitor.press('Deny');
        await visitor.page.waitForURL(/\/spa\?error=/);
        expect(await resultOf(visitor)).to.equal({ error: 'access_denied' });
    }));

    it('gets nowhere with the server\'s answers where the server lets no other origin call', everywhere(async (visitor) => {

        await visitor.page.goto(`${visitor.site.https}/spa`);
        expect(await resultOf(visitor)).to.include('error');
        expect(new URL(visitor.page.url()).origin).to.equal(visitor.site.https);
    }, { configure: (hub) => hub.setCors(false) }));
});
