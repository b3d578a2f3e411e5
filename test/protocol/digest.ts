import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { sha256 } from '../../lib/protocol/digest';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('sha256()', () => {

    it('is SHA-256 of the UTF-8 text as base64url (FIPS 180-4, the test vector of the empty message and of "abc")', () => {

        expect(sha256('')).to.equal('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
        expect(sha256('abc')).to.equal('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
        expect(sha256('x'.repeat(1_000_000))).to.match(/^[\w-]{43}$/);
    });
});
