import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { newUserCode, readUserCode } from '../../lib/protocol/user-code';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';

describe('newUserCode()', () => {

    it('rule 23: is 8 letters of the alphabet, all of which occur, shown in two halves', () => {

        const codes = Array.from({ length: 500 }, () => newUserCode());
        expect(codes.every((code) => /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/.test(code))).to.be.true();
        expect([...new Set(codes.join('').replaceAll('-', ''))].sort().join('')).to.equal(alphabet);
        expect(new Set(codes).size).to.equal(500);
    });

    it('draws each letter by itself from all 20, so that none is likelier than another', () => {

        const drawn: number[] = [];
        const draws = [0, 19, 1, 18, 2, 17, 3, 16];
        const code = newUserCode((limit) => {

            drawn.push(limit);
            return draws[drawn.length - 1] ?? 0;
        });
        expect(drawn).to.equal(Array.from({ length: 8 }, () => 20));
        expect(code).to.equal('BZCX-DWFV');
    });
});

describe('readUserCode()', () => {

    it('reads what was shown', () => {

        const code = newUserCode();
        expect(readUserCode(code)).to.equal(code.replace('-', ''));
    });

    it('takes any case, and spaces and dashes of any sort anywhere', () => {

        for (const entered of [
            'BCDFGHJK', 'bcdf-ghjk', ' BcDf GhJk ', 'b-c-d-f-g-h-j-k', '--BCDF  GHJK\t', 'BCDF\u2010GHJK', 'BCDF\u2011GHJK', 'BCDF\u2013GHJK', 'BCDF \u2014 GHJK', 'BCDF\u2212GHJK',
            'BCDF\u00adGHJK', 'BCDF\u00a0GHJK', 'BCDF\uff0dGHJK', 'BCDF\ufe63GHJK', 'BCDF\u3000GHJK', '\ufeffBCDFGHJK\r\n'
        ]) {
            expect(readUserCode(entered), entered).to.equal('BCDFGHJK');
        }
    });

    it('knows no other text', () => {

        for (const entered of [
            '', '-', 'BCDFGHJ', 'BCDFGHJKL', 'ABCDFGHJ', 'BCDEFGHJ', 'BCDFGHJI', 'BCDFGHJO', 'BCDFGHJU', 'BCDFGHJY', 'BCDF1234', 'BCDF_GHJK', 'BCDF.GHJK', 'BCDF\0GHJK', 'BCDFGHJK\0',
            '\u017fBCDFGHJ', 'BCDFGHJ\u212a', 'ＢＣＤＦＧＨＪＫ', 'BCDFGHJ\ud83d', '__proto__', 'BCDFGHJK'.repeat(2), 'BCDFGHJK\nBCDFGHJK'
        ]) {
            expect(readUserCode(entered), entered).to.be.null();
        }
    });

    it('looks at no text that is longer than somebody types, even if only dashes were added', () => {

        expect(readUserCode(`BCDFGHJK${'-'.repeat(56)}`)).to.equal('BCDFGHJK');
        expect(readUserCode(`BCDFGHJK${'-'.repeat(57)}`)).to.be.null();
        expect(readUserCode(' '.repeat(5_000_000))).to.be.null();
    });
});
