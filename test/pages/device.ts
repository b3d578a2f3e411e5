import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { deviceCodePage, deviceConsentPage, deviceDonePage } from '../../lib/pages/device';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const fields = { usernameField: 'email', passwordField: 'pin' };
const asking = { action: '/device', hidden: [], userCode: undefined, credentials: undefined, errorMessage: undefined };

/** Where the page puts the focus. */
const focusOf = (html: string) => /<input id="(\w+)"[^>]* autofocus>/.exec(html)?.[1];

describe('deviceCodePage()', () => {

    it('asks for the code, with a hint, and where nobody is signed in for a name and a password', () => {

        const { html } = deviceCodePage(asking, look());
        expect(html).to.contain('name="user_code" value=""').and.contain(' aria-describedby="user_code_hint"').and.not.contain('type="password"');
        expect(deviceCodePage({ ...asking, credentials: fields }, look()).html).to.contain('name="email"').and.contain('name="pin"');
    });

    it('puts the focus where something is missing', () => {

        expect(focusOf(deviceCodePage(asking, look()).html)).to.equal('user_code');
        expect(focusOf(deviceCodePage({ ...asking, userCode: 'BCDF-GHJK' }, look()).html)).to.equal('user_code');
        expect(focusOf(deviceCodePage({ ...asking, credentials: fields }, look()).html)).to.equal('user_code');
        expect(focusOf(deviceCodePage({ ...asking, userCode: 'BCDF-GHJK', credentials: fields }, look()).html)).to.equal('username');
    });

    it('says what went wrong', () => {

        const { html } = deviceCodePage({ ...asking, userCode: 'X', errorMessage: 'No' }, look());
        expect(html).to.contain('<title>Error: Connect a device</title>').and.contain('role="alert">No<').and.contain(' aria-invalid="true" aria-describedby="problem user_code_hint"');
    });
});

describe('deviceConsentPage()', () => {

    it('shows who wants what, and the code to compare', () => {

        const { html } = deviceConsentPage({ action: '/device', hidden: [{ name: 'ticket', value: 'a.b' }], client: clientCalled('The TV', { isVerified: false }), permissions: [{ scope: 'a', text: 'Play' }], resources: [{ uri: 'https://tv.example.com', name: 'tv.example.com' }], userCode: 'BCDF-GHJK', account: 'alice & bob', canChangeAccount: true }, look('de'));
        expect(html).to.contain('<strong>The TV</strong> möchte auf einem Gerät:').and.contain('<li>Play</li>').and.contain('<code>BCDF-GHJK</code>').and.contain('„Ablehnen“').and.contain('class="note"').and.contain('value="a.b"')
            .and.contain('Das gilt für <strong>tv.example.com</strong>.').and.contain('<strong>alice &amp; bob</strong>').and.contain('name="change_account"');
        expect([...html.matchAll(/name="decision" value="(\w+)"/g)].map(([, value]) => value)).to.equal(['allow', 'deny']);
    });

    it('says so where nothing is asked for', () => {

        expect(deviceConsentPage({ action: '', hidden: [], client: clientCalled('TV'), permissions: [], resources: [], userCode: 'X', account: 'alice', canChangeAccount: false }, look()).html).to.contain('<strong>TV</strong> would like to be connected on a device.').and.not.contain('<ul').and.not.contain('change_account').and.not.contain('applies to');
    });
});

describe('deviceDonePage()', () => {

    it('says how it ended', () => {

        expect((['connected', 'denied', 'gone'] as const).map((outcome) => /<h1>([^<]+)/.exec(deviceDonePage({ outcome }, look()).html)?.[1])).to.equal(['Your device is connected', 'Your device was not connected', 'Your device waits no more']);
        expect(deviceDonePage({ outcome: 'connected' }, look()).html).to.not.contain('number');
        expect(deviceDonePage({ outcome: 'gone', reference: 'BCDF2345' }, look()).html).to.contain('give this number: <strong><code>BCDF2345</code></strong>');
    });
});
