import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { newReference } from '../../lib/protocol/reference';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('newReference()', () => {

    it('is short, can be read out, and another one each time', () => {

        const all = Array.from({ length: 200 }, newReference);
        expect(all.every((reference) => /^[2-9BCDFGHJKMNPQRSTVWXZ]{8}$/.test(reference))).to.be.true();
        expect(new Set(all).size).to.equal(200);
        expect(new Set(all.join('')).size).to.equal(27);
    });
});
