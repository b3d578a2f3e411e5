import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { protocolClaims } from '../../lib/protocol/protocol-claims';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The claims of the protocol', () => {

    it('are those by which tokens are believed', () => {

        for (const claim of ['iss', 'sub', 'aud', 'exp', 'client_id', 'scope', 'cnf', 'grant_id', 'nonce', 'acr', 'auth_time', 'events']) {
            expect(protocolClaims).to.include(claim);
        }
    });
});
