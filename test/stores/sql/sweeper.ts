import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { testClock } from '../../fixture/clock';
import { Sweeper } from '../../../lib/stores/sql/sweeper';

export const lab = Lab.script();
const { describe, it } = lab;

/** A sweeper of every ten seconds, whose sweeps end when told. */
const setUp = (everyMs = 10_000) => {

    const clock = testClock();
    const limits: number[] = [];
    const endings: ((swept: number | Error) => void)[] = [];
    const sweep = (limit: number) => new Promise<number>((resolve, reject) => {

        limits.push(limit);
        endings.push((swept) => typeof swept === 'number' ? resolve(swept) : reject(swept));
    });
    const sweeper = new Sweeper(sweep, clock.now, everyMs);
    const end = async (swept: number | Error) => {

        endings.shift()?.(swept);
        await sweeper.ended();
    };

    return { clock, end, limits, sweeper };
};

describe('Sweeper', () => {

    it('sweeps with the first write, and then when its time has passed, by the clock', async () => {

        const { clock, end, limits, sweeper } = setUp();
        expect(limits).to.equal([]);
        sweeper.wrote();
        sweeper.wrote();
        expect(limits).to.equal([500]);
        await end(499);
        clock.advance(9.999);
        sweeper.wrote();
        expect(limits).to.have.length(1);
        clock.advance(0.001);
        sweeper.wrote();
        expect(limits).to.equal([500, 500]);
    });

    it('never begins a sweep before the last one has ended', async () => {

        const { clock, end, limits, sweeper } = setUp();
        sweeper.wrote();
        clock.advance(3600);
        sweeper.wrote();
        expect(limits).to.have.length(1);
        await end(0);
        sweeper.wrote();
        expect(limits).to.have.length(2);
    });

    it('comes back sooner when there is more to sweep', async () => {

        const { clock, end, limits, sweeper } = setUp();
        sweeper.wrote();
        await end(500);
        clock.advance(0.999);
        sweeper.wrote();
        expect(limits).to.have.length(1);
        clock.advance(0.001);
        sweeper.wrote();
        expect(limits).to.have.length(2);
        await end(12);
        clock.advance(1);
        sweeper.wrote();
        expect(limits).to.have.length(2);
    });

    it('tells nobody of a failure, and tries again when its time has passed', async () => {

        const { clock, end, limits, sweeper } = setUp();
        sweeper.wrote();
        await end(new Error('away'));
        sweeper.wrote();
        expect(limits).to.have.length(1);
        clock.advance(10);
        sweeper.wrote();
        expect(limits).to.have.length(2);

        const thrown = new Sweeper(() => {

            throw new Error('no client');
        }, clock.now, 1);
        thrown.wrote();
        await thrown.ended();
    });

    it('does not stop for a day when the clock is put back by a day', async () => {

        let now = 86_400_000;
        let sweeps = 0;
        const sweeper = new Sweeper(async () => ++sweeps, () => now, 10_000);
        sweeper.wrote();
        await sweeper.ended();
        now = 0;
        sweeper.wrote();
        await sweeper.ended();
        sweeper.wrote();
        expect(sweeps).to.equal(2);
    });

    it('never sweeps where it shall not, and takes nothing for a time that is none', async () => {

        const { clock, limits, sweeper } = setUp(Infinity);
        for (let i = 0; i < 3; ++i) {
            sweeper.wrote();
            clock.advance(1e9);
        }

        await sweeper.ended();
        expect(limits).to.equal([]);
        for (const everyMs of [0, -1, NaN, 0.5]) {
            expect(() => setUp(everyMs)).to.throw(/^sweepEveryMs of SqlStore is a number of milliseconds/);
        }
    });
});
