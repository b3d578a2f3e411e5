import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ShardedMap } from '../../lib/stores/sharded-map';

export const lab = Lab.script();
const { describe, it } = lab;

describe('ShardedMap', () => {

    it('is a map, however many keys there are and wherever they end up', () => {

        const map = new ShardedMap<number>();
        const expected = new Map<string, number>();
        for (let i = 0; i < 5000; ++i) {
            const key = `${i * 7919 % 1000}`;
            if (i % 3) {
                map.set(key, i);
                expected.set(key, i);
            }
            else {
                map.delete(key);
                expected.delete(key);
            }

            expect(map.get(key)).to.equal(expected.get(key));
        }

        expect(map.size).to.equal(expected.size);
        for (let i = 0; i < 1000; ++i) {
            expect(map.get(`${i}`)).to.equal(expected.get(`${i}`));
        }
    });

    it('takes any key, and knows nothing that was not set', () => {

        const map = new ShardedMap<string>();
        const keys = ['', '\0', '__proto__', 'constructor', 'x'.repeat(10_000), `y${'x'.repeat(9_999)}`, '\ud800', '😀'];
        expect([map.size, ...keys.map((key) => map.get(key))]).to.equal([0, ...keys.map(() => undefined)]);
        keys.forEach((key) => map.set(key, key));
        expect([map.size, ...keys.map((key) => map.get(key))]).to.equal([keys.length, ...keys]);
        keys.forEach((key) => map.delete(key));
        map.delete('nothing');
        expect(map.size).to.equal(0);
    });
});
