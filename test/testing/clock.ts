import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { testClock } from '../../lib/testing';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('testClock()', () => {

    it('stands still until it is told to go on, by seconds or by a span', () => {

        const { now, advance } = testClock();
        expect(now()).to.equal(Date.UTC(2030, 0, 1));
        advance(1.5);
        expect(now()).to.equal(Date.UTC(2030, 0, 1) + 1500);
        advance({ days: 1, hours: 2, minutes: 3, seconds: 4, ms: 5 });
        expect(new Date(now()).toISOString()).to.equal('2030-01-02T02:03:05.505Z');
    });

    it('begins when it is told to', () => {

        const clock = testClock(1000);
        clock.advance({});
        expect(clock.now()).to.equal(1000);
    });

    it('goes back where it is set back, and never astray', () => {

        const { now, advance } = testClock(10_000);
        advance(-1);
        advance({ seconds: -2 });
        expect(now()).to.equal(7000);
        for (const by of [NaN, Infinity, { days: -Infinity }]) {
            expect(() => advance(by)).to.throw('advance() takes seconds, or a span such as { days: 14 }');
        }

        expect(now()).to.equal(7000);
    });
});
