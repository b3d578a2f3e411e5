import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { at, clientOperation, formBody, securityOfClients, unique } from '../../lib/endpoints/open-api-parts';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('the parts of a description', () => {

    it('are at each path once', () => {

        expect(unique(['a', undefined, 'b', 'a'])).to.equal(['a', 'b']);
        expect(at(['/a', undefined, '/b', '/a'], (path) => path.length)).to.equal({ '/a': 2, '/b': 2 });
    });

    it('ask a form for what is required, if anything is', () => {

        expect(formBody({}).content).to.equal({ 'application/x-www-form-urlencoded': { schema: { type: 'object', properties: {} } } });
        expect(formBody({}, ['a']).content).to.equal({ 'application/x-www-form-urlencoded': { schema: { type: 'object', required: ['a'], properties: {} } } });
    });

    it('have HTTP Basic where a client may use it, and nothing else where it has to', () => {

        expect(securityOfClients([])).to.equal([]);
        expect(securityOfClients([{ method: 'none' }])).to.equal([]);
        expect(securityOfClients([{ method: 'client_secret_basic' }, { method: 'client_secret_basic' }])).to.equal([{ OAuth2Client: [] }]);
        expect(securityOfClients([{ method: 'none' }, { method: 'client_secret_basic' }])).to.equal([{ OAuth2Client: [] }, {}]);
    });

    it('let a client say who it is in every form', () => {

        const { requestBody } = clientOperation('A', [], { properties: { token: {} }, ok: {} });
        expect(Object.keys(Object(requestBody).content['application/x-www-form-urlencoded'].schema.properties)).to.equal(['token', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type']);
    });
});
