import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch, testClock } from '../fixture/clock';
import { ExpiringEntry, ExpiringMap } from '../../lib/stores/expiring-map';

export const lab = Lab.script();
const { describe, it } = lab;

const minute = 60_000;
const year = 365 * 24 * 60 * minute;

class Entry extends ExpiringEntry<Entry> {}

const setUp = () => {

    const clock = testClock();
    const dropped: string[] = [];
    const map = new ExpiringMap<Entry>(clock.now, ({ key }) => dropped.push(key));
    return { clock, dropped, map };
};

describe('ExpiringMap', () => {

    it('answers an entry until its last millisecond', () => {

        const { clock, map } = setUp();
        const entry = new Entry('a');
        map.set(entry, epoch + 1500);
        expect(entry.expiresAt).to.equal(epoch + 1500);
        clock.advance(1.499);
        expect(map.get('a')).to.shallow.equal(entry);
        clock.advance(0.001);
        expect(map.get('a')).to.be.undefined();
        expect([map.size, map.remembers('a'), map.remembers('b')]).to.equal([1, true, false]);
        clock.advance(60);
        map.forget(1);
        expect(map.remembers('a')).to.be.false();
    });

    it('forgets an entry once its minute has passed, and says which', () => {

        const { clock, dropped, map } = setUp();
        map.set(new Entry('a'), epoch + 1);
        map.set(new Entry('b'), epoch + minute);
        map.set(new Entry('c'), epoch + minute + 1);
        clock.advance(59.999);
        expect(map.forget(10)).to.equal(0);
        clock.advance(0.001);
        expect(map.forget(10)).to.equal(2);
        expect(dropped.sort()).to.equal(['a', 'b']);
        expect([map.get('c')?.key, map.size]).to.equal(['c', 1]);
    });

    it('forgets as many entries at a time as it is told, through years that pass at once', () => {

        const { clock, dropped, map } = setUp();
        for (let i = 0; i < 100; ++i) {
            map.set(new Entry(`${i}`), epoch + (i * 7919 % 100) * year);
        }

        clock.advance(1000 * year / 1000);
        expect([map.forget(30), map.forget(30), map.forget(30), map.forget(30), map.forget(30)]).to.equal([30, 30, 30, 10, 0]);
        expect(dropped).to.equal(Array.from({ length: 100 }, (_, i) => i).sort((a, b) => a * 7919 % 100 - b * 7919 % 100).map((i) => `${i}`));
        expect(map.size).to.equal(0);
    });

    it('drops a deleted entry at once, and says whether it lived', () => {

        const { clock, dropped, map } = setUp();
        for (const key of ['a', 'b', 'c', 'd']) {
            map.set(new Entry(key), epoch + 1000);
        }

        expect([map.delete('b'), map.delete('b'), map.delete('d'), map.delete('nothing')]).to.equal([true, false, true, false]);
        expect([dropped, map.size]).to.equal([['b', 'd'], 2]);
        clock.advance(1);
        expect(map.delete('a')).to.be.false();
        clock.advance(60);
        expect(map.forget(10)).to.equal(1);
        expect(dropped).to.equal(['b', 'd', 'a', 'c']);
    });

    it('drops an entry that another one replaces', () => {

        const { dropped, map } = setUp();
        map.set(new Entry('a'), epoch + 1000);
        const next = new Entry('a');
        map.set(next, epoch + 2000);
        expect(map.get('a')).to.shallow.equal(next);
        expect([dropped, map.size]).to.equal([['a'], 1]);
    });

    it('moves an entry that is set again, without dropping it', () => {

        const { clock, dropped, map } = setUp();
        const entry = new Entry('a');
        map.set(entry, epoch + minute);
        map.set(new Entry('b'), epoch + minute);
        map.set(entry, epoch + 3 * minute);
        clock.advance(120);
        expect([map.forget(10), dropped]).to.equal([1, ['b']]);
        map.set(entry, epoch + minute);
        expect(map.get('a')).to.be.undefined();
        expect([map.forget(10), dropped]).to.equal([1, ['b', 'a']]);
        expect(entry.expiresAt).to.equal(-Infinity);
    });

    it('needs nobody to tell', () => {

        const { clock } = setUp();
        const map = new ExpiringMap<Entry>(clock.now);
        map.set(new Entry('a'), epoch);
        map.set(new Entry(''), epoch);
        expect([map.forget(1), map.forget(1), map.size]).to.equal([1, 1, 0]);
    });
});
