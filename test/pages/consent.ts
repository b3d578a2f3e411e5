import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { consentPage } from '../../lib/pages/consent';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const page = { action: '?client_id=web&state=a', client: 'Reports', permissions: ['Read your reports', 'openid'], redirectUri: 'https://app.example.com:8443/cb?secret=x', ticket: 'id.data' };

describe('consentPage()', () => {

    it('says who wants to do what, and where the answer goes', () => {

        const html = consentPage(page);
        expect(html).to.contain('<strong>Reports</strong>').and.contain('<li>Read your reports</li>\n<li>openid</li>');
        expect(html).to.contain('<code>app.example.com:8443</code>').and.not.contain('secret');
    });

    it('posts one of two decisions, with the ticket in the form', () => {

        const html = consentPage(page);
        expect(html).to.contain('<form method="post" action="&#x3f;client_id&#x3d;web&amp;state&#x3d;a">');
        expect(html).to.contain('<input type="hidden" name="ticket" value="id.data">');
        expect([...html.matchAll(/<button type="submit" name="decision" value="(\w+)">/g)].map(([, value]) => value)).to.equal(['allow', 'deny']);
    });

    it('names the program on this machine, or the scheme of an app', () => {

        expect(consentPage({ ...page, redirectUri: 'http://127.0.0.1:4711/cb' })).to.contain('<code>127.0.0.1:4711</code>');
        expect(consentPage({ ...page, redirectUri: 'http://[::1]/cb' })).to.contain('&#x5b;::1&#x5d;</code>');
        expect(consentPage({ ...page, redirectUri: 'com.example.app:/cb' })).to.contain('<code>com.example.app:</code>');
        expect(consentPage({ ...page, redirectUri: 'com.example.app://bank.example.com/cb' })).to.not.contain('bank');
    });

    it('escapes everything that is text', () => {

        const attack = '"><script>alert(1)</script>';
        const html = consentPage({ action: attack, client: attack, permissions: [attack], redirectUri: 'https://app.example.com/', ticket: attack });
        expect(html).to.not.contain('<script').and.not.contain('"><s').and.contain('&lt;script');
        expect(html.match(/&lt;script/g)).to.have.length(4);
    });
});
