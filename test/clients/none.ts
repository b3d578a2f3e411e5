import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { NoneAuthMethod } from '../../lib';
import { assertionBench } from '../fixture/assertion';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('NoneAuthMethod', () => {

    const method = new NoneAuthMethod();

    it('presents the client that names itself, without a secret', () => {

        expect(method.present({ carrier: 'none' }, assertionBench().context({ client_id: 'spa' }))).to.equal({ clientId: 'spa', method: 'none', clientSecret: undefined });
    });

    it('does not take a request that carries a credential', () => {

        expect(method.present({ carrier: 'client_secret', clientSecret: 'x' }, assertionBench().context({ client_id: 'spa' }))).to.be.null();
        expect(method.present({ carrier: 'authorization', header: 'Basic x' }, assertionBench().context({ client_id: 'spa' }))).to.be.null();
    });

    it('refuses a client that does not name itself', async () => {

        expect(await refusal(() => method.present({ carrier: 'none' }, assertionBench().context()))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
    });
});
