import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { WaitingRequests } from '../../lib/endpoints/waiting-requests';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('Requests that wait', () => {

    it('are read by the rules of their endpoint, however the browser spelled its path', async () => {

        const requests = new WaitingRequests();
        const asked: unknown[] = [];
        requests.add('/Authorize', async (form) => {

            asked.push(form.get('client_id'));
            return await Promise.resolve(null);
        });
        expect(await requests.read({ path: '/authorize', search: '?client_id=web' })).to.be.null();
        expect(await requests.read({ path: '/account', search: '' })).to.be.undefined();
        expect(asked).to.equal(['web']);
    });
});
