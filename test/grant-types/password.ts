import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { password } from '../../lib/grant-types/password';
import { Form } from '../../lib/protocol/form';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type password', () => {

    it('reads a name and a password, each once', async () => {

        expect(password.type).to.equal('password');
        expect(password.read(Form.from({ username: 'ada', password: ' spaces stay ', otp: '1' }))).to.equal({ username: 'ada', password: ' spaces stay ' });
        for (const parameters of [{ username: 'ada' }, { password: 'lovelace' }, { username: 'ada', password: '' }]) {
            expect(await refusal(() => password.read(Form.from(parameters)))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
        }

        expect(await refusal(() => password.read(Form.from({ username: 'ada', password: ['lovelace', 'lovelace'] })))).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
    });
});
