import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { chooseAccountPage } from '../../lib/pages/choose-account';
import { clientCalled, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('chooseAccountPage()', () => {

    it('has a button for each account, and one for another', () => {

        const { html } = chooseAccountPage({ action: '/choose', hidden: [], client: clientCalled('Reports'), accounts: [{ value: '1', name: 'alice', detail: 'alice@example.com' }, { value: '2', name: 'bob' }] }, look());
        expect([...html.matchAll(/<button type="submit" name="(\w+)" value="(\w+)"/g)].map(([, name, value]) => `${String(name)}=${String(value)}`)).to.equal(['account=1', 'account=2', 'other_account=1']);
        expect(html).to.contain('<strong>alice</strong><span class="quiet">alice@example.com</span></button>').and.contain('<strong>bob</strong></button>').and.contain('to continue to <strong>Reports</strong>');
        expect(chooseAccountPage({ action: '/choose', hidden: [], client: undefined, accounts: [] }, look()).html).to.not.contain('to continue to');
    });
});
