import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientCredentials } from '../../lib/grant-types/client-credentials';
import { Form } from '../../lib/protocol/form';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type client_credentials', () => {

    it('reads nothing', () => {

        expect(clientCredentials.type).to.equal('client_credentials');
        expect(clientCredentials.read(Form.from({ code: 'c' }))).to.equal({});
    });
});
