import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { refreshToken } from '../../lib/grant-types/refresh-token';
import { Form } from '../../lib/protocol/form';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type refresh_token', () => {

    it('reads the refresh token', () => {

        expect(refreshToken.type).to.equal('refresh_token');
        expect(refreshToken.read(Form.from({ refresh_token: 'r', other: 'x' }))).to.equal({ refreshToken: 'r' });
    });

    it('needs its refresh_token, once', () => {

        for (const form of [{}, { refresh_token: '' }, { refresh_token: ['a', 'b'] }]) {
            expect(() => refreshToken.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'refresh_token'/);
        }
    });
});
