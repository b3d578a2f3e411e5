import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { logoutPage, signedOutPage } from '../../lib/pages/logout';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('logoutPage()', () => {

    it('names every account that is signed out', () => {

        const { html } = logoutPage({ action: '/logout', hidden: [], accounts: ['alice', 'bob'] }, look());
        expect(html).to.contain('All of these accounts will be signed out:').and.contain('<li><strong>alice</strong></li>\n<li><strong>bob</strong></li>').and.not.contain('signed in as');
    });

    it('asks, and posts one of two decisions', () => {

        const { html } = logoutPage({ action: '/logout', hidden: [{ name: 'csrf', value: 'x' }], accounts: ['alice'] }, { ...look(), productName: 'Acme' });
        expect(html).to.contain('Do you want to sign out of <strong>Acme</strong>?').and.contain('You are signed in as <strong>alice</strong>.').and.contain('name="csrf" value="x"');
        expect([...html.matchAll(/name="decision" value="(\w+)"/g)].map(([, value]) => value)).to.equal(['logout', 'stay']);
        expect(logoutPage({ action: '/logout', hidden: [], accounts: [] }, look()).html).to.contain('<p>Do you want to sign out?</p>').and.not.contain('signed in as');
    });
});

describe('signedOutPage()', () => {

    it('says how it ended, and leads back where there is a way', () => {

        expect(signedOutPage({ outcome: 'signed-out' }, look()).html).to.contain('<h1>You are signed out</h1>').and.not.contain('<a ');
        expect(signedOutPage({ outcome: 'stayed', back: { href: 'https://a.example/', client: clientCalled('Reports') } }, look()).html).to.contain('<h1>You are still signed in</h1>').and.contain('<a class="button" href="https://a.example/" rel="noreferrer">Go back to <strong>Reports</strong></a>');
    });
});
