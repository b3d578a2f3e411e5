import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { misspelled } from '../../lib/clients/misspelled';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('misspelled()', () => {

    const problemOf = misspelled(['client_id', 'scope', 'redirect_uris', 'jwks']);

    it('names what was meant: in the plural, the singular, or as JavaScript spells', () => {

        expect(problemOf({ client_id: 'a', scopes: 'reports:read' })).to.equal('scopes is not read: the member is called scope');
        expect(problemOf({ client_id: 'a', redirect_uri: 'https://app.example.com/cb' })).to.equal('redirect_uri is not read: the member is called redirect_uris');
        expect(problemOf({ client_id: 'a', redirectUris: [] })).to.equal('redirectUris is not read: the member is called redirect_uris');
        expect(problemOf({ clientId: 'a' })).to.equal('clientId is not read: the member is called client_id');
        expect(problemOf({ jwk: {} })).to.equal('jwk is not read: the member is called jwks');
    });

    it('leaves alone what is there as it should be, members of the app\'s own, and what is no record', () => {

        for (const record of [{ client_id: 'a', scope: 'b', scopes: ['b'], clientId: 1 }, { tenant: 'x', scopeNote: 'y' }, {}, null, undefined, 'scopes', 5]) {
            expect(problemOf(record)).to.be.undefined();
        }
    });
});
