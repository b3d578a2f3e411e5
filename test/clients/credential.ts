import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { readCredential } from '../../lib/clients/credential';
import { Form } from '../../lib/protocol/form';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('readCredential()', () => {

    const read = (authorization: string | undefined, form: Record<string, unknown>) => readCredential(authorization, Form.from(form));

    it('reads what a request carries', () => {

        expect(read('Basic x', {})).to.equal({ carrier: 'authorization', header: 'Basic x' });
        expect(read(undefined, { client_secret: 's' })).to.equal({ carrier: 'client_secret', clientSecret: 's' });
        expect(read(undefined, { client_assertion: 'a', client_assertion_type: 't' })).to.equal({ carrier: 'client_assertion', assertion: 'a', type: 't' });
        expect(read(undefined, { client_id: 'robot' })).to.equal({ carrier: 'none' });
    });

    it('takes an empty Authorization header for a credential: no method accepts it', () => {

        expect(read('', {})).to.equal({ carrier: 'authorization', header: '' });
    });

    it('refuses an assertion without its type (RFC 7521 §4.2)', async () => {

        expect(await refusal(() => read(undefined, { client_assertion: 'a' }))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
    });

    it('takes a client_assertion_type alone for no credential', () => {

        expect(read(undefined, { client_assertion_type: 't' })).to.equal({ carrier: 'none' });
    });
});
