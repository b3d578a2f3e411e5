import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { invalidClient } from '../../lib/clients/method';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('invalidClient()', () => {

    it('says one thing to the client and keeps the reason for the log', () => {

        const cause = new Error('secret detail');
        const error = invalidClient('assertion_replayed', cause);
        expect(error).to.include({ code: 'invalid_client', reason: 'assertion_replayed', cause });
        expect(error.output.statusCode).to.equal(401);
        expect(error.output.payload).to.equal({ error: 'invalid_client', error_description: 'Client authentication failed' });
    });
});
