import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { grantsPage } from '../../lib/pages/grants';
import { epoch } from '../fixture/clock';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const grant = { value: 'g1', client: clientCalled('Reports'), permissions: [{ scope: 'read', text: 'Read' }], since: epoch, lastUsed: epoch + 86_400_000 };

describe('grantsPage()', () => {

    it('says whose grants these are, leads to the other accounts, and says what went wrong', () => {

        const { html } = grantsPage({ action: '', hidden: [], account: 'alice', otherAccounts: [{ href: '/account?account=x', text: 'bob' }], errorMessage: 'Another account', reference: 'BCDF2345', grants: [], withdrawn: undefined }, look());
        expect(html).to.contain('You are signed in as <strong>alice</strong>.').and.contain('<li><a href="/account?account=x">bob</a></li>').and.contain('role="alert">Another account</p>\n<p class="quiet">If it happens again, ask for help and give this number: <strong><code>BCDF2345</code></strong></p>').and.contain('<title>Error: ');
        expect(grantsPage({ action: '', hidden: [], account: 'alice', otherAccounts: [], grants: [], withdrawn: undefined }, look()).html).to.not.contain('Show another account').and.not.contain('role="alert"').and.not.contain('number');
    });

    it('lists who may do what, since when, with a button for each', () => {

        const { html } = grantsPage({ action: '/account/grants', hidden: [{ name: 'csrf', value: 'x' }], account: 'alice', otherAccounts: [], grants: [grant, { ...grant, value: 'g2', lastUsed: undefined }], withdrawn: undefined }, look());
        expect([...html.matchAll(/name="grant" value="(\w+)"/g)].map(([, value]) => value)).to.equal(['g1', 'g2']);
        expect(html.match(/name="csrf" value="x"/g)).to.have.length(2);
        expect(html.match(/Last used on/g)).to.have.length(1);
        expect(html).to.contain(`Since <time datetime="${new Date(epoch).toISOString().slice(0, 10)}">`).and.contain('Withdraw access<span class="hidden"> (Reports)</span>').and.not.contain('role="status"');
    });

    it('writes days as the language does', () => {

        const day = (locale: string) => /<time[^>]*>([^<]+)/.exec(grantsPage({ action: '', hidden: [], account: 'alice', otherAccounts: [], grants: [{ ...grant, since: Date.UTC(2026, 2, 5) }], withdrawn: undefined }, look(locale)).html)?.[1];
        expect(['en', 'fr', 'de', 'es'].map(day)).to.equal(['March 5, 2026', '5 mars 2026', '5. März 2026', '5 de marzo de 2026']);
    });

    it('leads on where there are more than fit', () => {

        const { html } = grantsPage({ action: '', hidden: [], account: 'alice', otherAccounts: [], grants: [grant], withdrawn: undefined, more: '/account?after=a&b="' }, look());
        expect(html).to.contain('<a class="button" href="/account?after=a&amp;b=&quot;">Show more</a>');
    });

    it('says that there is none, and who has just lost access', () => {

        const { html } = grantsPage({ action: '', hidden: [], account: 'alice', otherAccounts: [], grants: [], withdrawn: clientCalled('Reports') }, look());
        expect(html).to.contain('<p role="status"><strong>Reports</strong> no longer has access.</p>').and.contain('No application has access to your account.').and.not.contain('<form');
    });
});
