import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretPost } from '../../lib';
import { assertionBench } from '../fixture/assertion';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('ClientSecretPost', () => {

    const method = new ClientSecretPost();

    it('presents the secret as it was sent', () => {

        expect(method.present({ carrier: 'client_secret', clientSecret: 'a+b%21:' }, assertionBench().context({ client_id: 'robot' })))
            .to.equal({ clientId: 'robot', method: 'client_secret_post', clientSecret: 'a+b%21:' });
    });

    it('leaves other credentials to other methods', () => {

        expect(method.present({ carrier: 'none' }, assertionBench().context({ client_id: 'robot' }))).to.be.null();
        expect(method.present({ carrier: 'authorization', header: 'Basic x' }, assertionBench().context({ client_id: 'robot' }))).to.be.null();
    });

    it('refuses a secret of nobody', async () => {

        expect(await refusal(() => method.present({ carrier: 'client_secret', clientSecret: 'x' }, assertionBench().context()))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
    });
});
