import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const bench = () => {

    const clock = testClock();
    const store = new MemoryStore(clock.now);
    return { clock, store, put: (key: string, seconds: number, kind = 'kind') => store.putIfAbsent(kind, key, clock.now() + seconds * 1000) };
};

describe('MemoryStore', () => {

    it('answers true to the first and false to the rest, until the key expires', () => {

        const { clock, put } = bench();
        expect(put('a', 10)).to.be.true();
        expect(put('a', 1000)).to.be.false();
        clock.advance(9.999);
        expect(put('a', 1000)).to.be.false();
        clock.advance(0.001);
        expect(put('a', 10)).to.be.true();
        expect(put('a', 10)).to.be.false();
    });

    it('is not prolonged by those who came too late', () => {

        const { clock, put } = bench();
        put('a', 10);
        put('a', 10_000);
        clock.advance(10);
        expect(put('a', 10)).to.be.true();
    });

    it('keeps kinds and keys apart, however they are cut', () => {

        const { put } = bench();
        expect(put('bc', 10, 'a')).to.be.true();
        expect(put('c', 10, 'ab')).to.be.true();
        expect(put('","', 10, 'a')).to.be.true();
        expect(put('bc', 10, 'b')).to.be.true();
        expect(put('bc', 10, 'a')).to.be.false();
    });

    it('forgets what has expired, within a minute', () => {

        const { clock, store, put } = bench();
        for (let i = 0; i < 100; ++i) {
            put(String(i), i + 1);
        }

        expect(store.size).to.equal(100);
        clock.advance(160);
        put('later', 10);
        expect(store.size).to.equal(1);
    });

    it('does not forget a key that was put again', () => {

        const { clock, store, put } = bench();
        put('a', 10);
        clock.advance(20);
        expect(put('a', 300)).to.be.true();
        clock.advance(100);
        put('b', 1);
        expect(put('a', 10)).to.be.false();
        clock.advance(1000);
        put('c', 1);
        expect(store.size).to.equal(1);
    });

    it('forgets a key that expired twice before anybody came', () => {

        const { clock, store, put } = bench();
        put('a', 10);
        clock.advance(20);
        put('a', 70);
        clock.advance(1000);
        expect(put('a', 10)).to.be.true();
        expect(store.size).to.equal(1);
    });
});
