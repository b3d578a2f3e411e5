import crypto from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { equalDigests, equalSecrets } from '../../lib/protocol/compare';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('equalSecrets()', () => {

    it('tells equal from different', () => {

        expect(equalSecrets('secret', 'secret')).to.be.true();
        expect(equalSecrets('', '')).to.be.true();
        expect(equalSecrets('pässwörd', 'pässwörd')).to.be.true();
        for (const other of ['Secret', 'secre', 'secretx', 'xsecret', '', ' secret', 'secret\0']) {
            expect(equalSecrets('secret', other), other).to.be.false();
            expect(equalSecrets(other, 'secret'), other).to.be.false();
        }
    });

    it('compares in constant time: always 32 octets with 32, wherever and however they differ', () => {

        const compared: (readonly [number, number])[] = [];
        const real = crypto.timingSafeEqual;
        crypto.timingSafeEqual = (one, other) => {

            compared.push([one.byteLength, other.byteLength]);
            return real(one, other);
        };

        try {
            for (const other of ['', 'x', 'secret', 'x'.repeat(10_000)]) {
                equalSecrets('secret', other);
            }
        }
        finally {
            crypto.timingSafeEqual = real;
        }

        expect(compared).to.equal([[32, 32], [32, 32], [32, 32], [32, 32]]);
    });
});

describe('equalDigests()', () => {

    it('tells equal from different, also in length', () => {

        expect(equalDigests('digest', 'digest')).to.be.true();
        for (const other of ['Digest', 'diges', 'digestx', 'digesT', '', 'dïgest', 'digest\0']) {
            expect(equalDigests('digest', other), other).to.be.false();
            expect(equalDigests(other, 'digest'), other).to.be.false();
        }
    });

    it('compares in constant time, wherever they differ', () => {

        let compared = 0;
        const real = crypto.timingSafeEqual;
        crypto.timingSafeEqual = (one, other) => {

            ++compared;
            return real(one, other);
        };

        try {
            for (const other of ['xigest', 'digesx', 'digest']) {
                equalDigests('digest', other);
            }
        }
        finally {
            crypto.timingSafeEqual = real;
        }

        expect(compared).to.equal(3);
    });
});
