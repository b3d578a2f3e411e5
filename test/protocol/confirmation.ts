import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { sameKey } from '../../lib/protocol/confirmation';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('sameKey()', () => {

    it('compares keys as a store and a token give them back', () => {

        for (const [one, other] of [[{ jkt: 'a' }, { jkt: 'a' }], [{ jkt: 'a', 'x5t#S256': undefined }, { jkt: 'a' }], [null, undefined], [{ jwk: { x: '1', y: '2' } }, { jwk: { y: '2', x: '1' } }]] as const) {
            expect(sameKey(one, other)).to.be.true();
            expect(sameKey(other, one)).to.be.true();
        }
    });

    it('takes no key for another one, nor for none', () => {

        for (const [one, other] of [[{ jkt: 'a' }, { jkt: 'b' }], [{ jkt: 'a' }, null], [{ jkt: 'a' }, {}], [{ jkt: 'a' }, { 'x5t#S256': 'a' }], [{ jkt: 'a' }, { jkt: 'a', 'x5t#S256': 'b' }]] as const) {
            expect(sameKey(one, other)).to.be.false();
            expect(sameKey(other, one)).to.be.false();
        }
    });
});
