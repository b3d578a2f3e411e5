import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { CustomGrantType } from '../../lib/grant-types/custom';
import { Form } from '../../lib/protocol/form';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A custom grant type', () => {

    const declared = () => {

        const grantType = new CustomGrantType('urn:example:grant-type:otp');
        grantType.declare(['otp', 'constructor'], ['hint', '__proto__']);
        return grantType;
    };

    it('reads what it declares, and nothing else', () => {

        expect(new CustomGrantType('urn:example:grant-type:otp').read(Form.from({ otp: '1' }))).to.equal({ parameters: {} });
        const { parameters } = declared().read(Form.from({ otp: '1', constructor: 'c', other: 'x', scope: 'read' }));
        expect(Object.entries(parameters)).to.equal([['otp', '1'], ['constructor', 'c'], ['hint', undefined], ['__proto__', undefined]]);
        expect(declared().names).to.equal(['otp', 'constructor', 'hint', '__proto__']);
    });

    it('refuses a required parameter that is missing or empty, and any that comes twice', async () => {

        const missing = { code: 'invalid_request', reason: 'missing_parameter' };
        const repeated = { code: 'invalid_request', reason: 'repeated_parameter' };
        const rest = { constructor: 'c' };
        expect(await refusal(() => declared().read(Form.from(rest)))).to.equal(missing);
        expect(await refusal(() => declared().read(Form.from({ ...rest, otp: '' })))).to.equal(missing);
        expect(await refusal(() => declared().read(Form.from({ otp: '1' })))).to.equal(missing);
        expect(await refusal(() => declared().read(Form.from({ ...rest, otp: ['1', '2'] })))).to.equal(repeated);
        expect(await refusal(() => declared().read(Form.from({ ...rest, otp: '1', hint: ['a', 'a'] })))).to.equal(repeated);
        expect(await refusal(() => declared().read(Form.from({ ...rest, otp: '1', other: ['a', 'a'] })))).to.be.null();
    });
});
