import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Form } from '../../lib/protocol/form';
import { readResponseMode, responseModes } from '../../lib/protocol/response-mode';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('readResponseMode()', () => {

    it('is the way that was asked for, a query when none was', () => {

        expect(responseModes.map((mode) => readResponseMode(Form.from({ response_mode: mode })))).to.equal(['query', 'fragment', 'form_post']);
        expect([{}, { response_mode: '' }].map((sent) => readResponseMode(Form.from(sent)))).to.equal(['query', 'query']);
    });

    it('refuses another one, and two', async () => {

        for (const mode of ['web_message', 'QUERY', 'query fragment', '__proto__']) {
            expect(await refusal(() => readResponseMode(Form.from({ response_mode: mode })))).to.equal({ code: 'invalid_request', reason: 'response_mode' });
        }

        expect(await refusal(() => readResponseMode(Form.from({ response_mode: ['query', 'query'] })))).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
    });
});
