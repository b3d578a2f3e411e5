import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { consentPage, destinationOf } from '../../lib/pages/consent';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const model = { action: '/consent', hidden: [{ name: 'ticket', value: 'id.data' }], client: clientCalled('Reports'), permissions: [{ scope: 'read', text: 'Read your reports' }, { scope: 'x', text: 'x' }], resources: [], destination: 'app.example.com:8443', account: undefined, canChangeAccount: false };

describe('consentPage()', () => {

    it('says who wants to do what, and where the answer goes', () => {

        const { html, policy } = consentPage(model, look());
        expect(html).to.contain('<p><strong>Reports</strong> would like to:</p>').and.contain('<li>Read your reports</li>\n<li>x</li>').and.contain('Your answer goes to <code>app.example.com:8443</code>.');
        expect(html).to.not.contain('<img').and.not.contain('class="note"').and.not.contain('signed in as').and.not.contain('class="links"');
        expect(policy).to.not.contain('img-src');
    });

    it('posts one of two decisions, with what is hidden, and has no button that is pressed by chance', () => {

        const { html } = consentPage(model, look());
        expect(html).to.contain('<form method="post" action="/consent">').and.contain('<input type="hidden" name="ticket" value="id.data">').and.not.contain('autofocus');
        expect([...html.matchAll(/<button type="submit" name="decision" value="(\w+)"/g)].map(([, value]) => value)).to.equal(['allow', 'deny']);
    });

    it('says who is signed in, and that there is nothing more', () => {

        const { html } = consentPage({ ...model, permissions: [], account: 'alice' }, look());
        expect(html).to.contain('<strong>Reports</strong> would like to be connected to your account.').and.contain('You are signed in as <strong>alice</strong>.').and.not.contain('<ul');
    });

    it('says what the access is for, and lets somebody be somebody else', () => {

        const { html } = consentPage({ ...model, resources: [{ uri: 'https://files.example.com', name: '<Files>' }, { uri: 'https://b.example.com', name: 'b.example.com' }], account: 'alice', canChangeAccount: true }, look('de'));
        expect(html).to.contain('<p>Das gilt für <strong>&lt;Files&gt;</strong> und <strong>b.example.com</strong>.</p>');
        expect([...html.matchAll(/<button type="submit" name="(\w+)"/g)].map(([, name]) => name)).to.equal(['decision', 'decision', 'change_account']);
        expect(consentPage(model, look()).html).to.not.contain('change_account').and.not.contain('applies to');
    });

    it('shows the logo of a client that is known, which the server itself serves', () => {

        const { html, policy } = consentPage({ ...model, client: clientCalled('Reports', { logoUri: '/oauth2/authorize/logo?client_id=a%20b' }) }, look());
        expect(html).to.contain('<img class="logo" src="/oauth2/authorize/logo?client_id=a%20b" alt="" width="64" height="64">');
        expect(policy).to.contain('; img-src \'self\'; ');
    });

    it('warns of a client that nobody knows, and shows it without a logo', () => {

        const { html, policy } = consentPage({ ...model, client: clientCalled('Reports', { isVerified: false, logoUri: '/oauth2/authorize/logo?client_id=bank' }) }, look());
        expect(html).to.contain('<p class="note">Nobody has checked who is behind this application.').and.not.contain('<img');
        expect(policy).to.not.contain('img-src');
    });
});

describe('destinationOf()', () => {

    it('names the host, the program on this machine, or the scheme of an app', () => {

        expect(destinationOf('https://app.example.com:8443/cb?secret=x')).to.equal('app.example.com:8443');
        expect(destinationOf('http://127.0.0.1:4711/cb')).to.equal('127.0.0.1:4711');
        expect(destinationOf('http://[::1]/cb')).to.equal('[::1]');
        expect(destinationOf('com.example.app:/cb')).to.equal('com.example.app:');
        expect(destinationOf('com.example.app://bank.example.com/cb')).to.equal('com.example.app:');
    });
});
