import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { randomText, randomValue } from '../../lib/protocol/random';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('randomText()', () => {

    it('never gives the same octets twice, however many are asked for', () => {

        const seen = new Set<string>();
        for (let i = 0; i < 2000; ++i) {
            const text = randomText(8 + i % 64);
            expect(Buffer.from(text, 'base64url')).to.have.length(8 + i % 64);
            seen.add(text.slice(0, 10));
        }

        expect(seen.size).to.equal(2000);
        expect(Buffer.from(randomText(4096), 'base64url')).to.have.length(4096);
    });

    it('is spread evenly', () => {

        const counts = new Map<number, number>();
        for (const octet of Buffer.from(Array.from({ length: 2048 }, () => randomText(32)).join(''), 'base64url')) {
            counts.set(octet, (counts.get(octet) ?? 0) + 1);
        }

        expect(counts.size).to.equal(256);
        expect(Math.max(...counts.values())).to.be.below(384);          // 256 each on the average, with a deviation of 16
        expect(Math.min(...counts.values())).to.be.above(128);
    });
});

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
