import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RecentMap } from '../../lib/stores/recent-map';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const filled = () => {

    const map = new RecentMap<string, number>(3);
    ['a', 'b', 'c'].forEach((key, index) => map.set(key, index));
    return map;
};

const held = (map: RecentMap<string, number>) => ['a', 'b', 'c', 'd', 'e'].filter((key) => map.get(key) !== undefined);

describe('RecentMap', () => {

    it('makes room with what was not asked for longest', () => {

        const map = filled();
        expect(map.get('a')).to.equal(0);
        map.set('d', 3);
        expect(held(map)).to.equal(['a', 'c', 'd']);
        expect(map.size).to.equal(3);
    });

    it('counts what is set anew as asked for, and once', () => {

        const map = filled();
        map.set('a', 9);
        expect(map.size).to.equal(3);
        map.set('d', 3);
        expect(held(map)).to.equal(['a', 'c', 'd']);
        expect(map.get('a')).to.equal(9);
    });

    it('forgets what is deleted', () => {

        const map = filled();
        map.delete('b');
        map.delete('z');
        map.set('d', 3);
        expect(held(map)).to.equal(['a', 'c', 'd']);
        expect(map.get('b')).to.be.undefined();
    });

    it('never holds more, whatever comes and goes, and drops the oldest each time', () => {

        const map = new RecentMap<number, number>(100);
        let order: number[] = [];
        for (let i = 0; i < 5000; ++i) {
            const key = (i * 7919) % 331;
            if (i % 5 === 0) {
                map.delete(key);
                order = order.filter((each) => each !== key);
            }
            else {
                map.set(key, i);
                order = [...order.filter((each) => each !== key), key].slice(-100);
            }

            if (i % 3 === 0 && order[0] !== undefined) {
                map.get(order[0]);
                order = [...order.slice(1), order[0]];
            }

            expect(map.size).to.equal(order.length);
        }

        expect(order.every((key) => map.get(key) !== undefined)).to.be.true();
    });

    it('holds nothing where it may hold nothing', () => {

        const map = new RecentMap<string, number>(0);
        map.set('a', 1);
        map.set('b', 2);
        expect(map.size).to.equal(0);
    });

    it('takes no more memory the more often it is asked', () => {

        setFlagsFromString('--expose-gc');
        const collect: unknown = runInNewContext('gc');
        const used = (): number => {

            if (typeof collect === 'function') {
                collect();
            }

            return process.memoryUsage().heapUsed;
        };

        const map = filled();
        const before = used();
        for (let i = 0; i < 400_000; ++i) {
            map.get(i % 2 === 0 ? 'a' : 'b');
        }

        expect(used() - before).to.be.below(4_000_000);
    });
});
