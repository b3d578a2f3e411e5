import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { randomValue } from '../../lib/protocol/random';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('randomValue()', () => {

    it('is 256 bits as base64url, and each time another', () => {

        const values = Array.from({ length: 100 }, randomValue);
        expect(new Set(values).size).to.equal(100);
        for (const value of values) {
            expect(Buffer.from(value, 'base64url')).to.have.length(32);
            expect(value).to.match(/^[\w-]{43}$/);
        }
    });
});
