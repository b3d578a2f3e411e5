import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { BearerToken } from '../../lib';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('BearerToken', () => {

    const type = new BearerToken();
    const request = { method: 'GET', url: 'https://api.example.com/', headers: {} };

    it('binds tokens to nothing and lets everybody use them who has them', async () => {

        expect(type.name).to.equal('Bearer');
        expect(type.bind()).to.be.undefined();
        expect(await refusal(() => type.verify(request, { token: 't', confirmation: undefined }))).to.be.null();
    });

    it('rule 42: refuses a token that is bound to a key', async () => {

        for (const confirmation of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}]) {
            expect(await refusal(() => type.verify(request, { token: 't', confirmation }))).to.equal({ code: 'invalid_token', reason: 'bound_token_as_bearer' });
        }
    });
});
