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
});
