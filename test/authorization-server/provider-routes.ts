import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { openidFlow, openidServer } from '../fixture/openid-server';
import { injectedBrowser } from '../fixture/injected-browser';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The account page of a server', () => {

    it('says what a client may do in the words of the flow, or else of the resource', async () => {

        const { server, authorizeUrl } = await openidServer([openidFlow()], (hub) => hub.setConsent('none').setResources({
            'https://api.example.com': { default: true, scopes: { read: 'Read your reports', email: 'Read what you were sent' } }
        }));
        const browser = injectedBrowser(server);
        await browser.submit(await browser.open(authorizeUrl({ scope: 'openid email read' })), { username: 'alice', password: 'right' });
        const { payload } = await browser.open('/oauth2/account');
        expect([...payload.matchAll(/<li>([^<\n]+)</g)].map(([, text]) => text)).to.equal(['Who you are', 'Your e-mail address', 'Read your reports']);
    });
});
