import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { frozen } from '../../lib/protocol/frozen';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('frozen()', () => {

    it('freezes what is in a value too, and answers it', () => {

        const value = { list: ['a', { deep: [1] }], none: null, text: 'x' };
        expect(frozen(value)).to.shallow.equal(value);
        expect(() => value.list.push('b')).to.throw(TypeError);
        expect(() => Object.assign(Object(value.list[1]).deep, [2])).to.throw(TypeError);
        expect(() => Object.assign(value, { text: 'y' })).to.throw(TypeError);
        expect(value).to.equal({ list: ['a', { deep: [1] }], none: null, text: 'x' });
    });

    it('answers what is no object as it is', () => {

        expect([frozen('x'), frozen(1), frozen(null), frozen(undefined)]).to.equal(['x', 1, null, undefined]);
    });
});
