import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { inTime, processTimer, type Timer } from '../../lib/stores/timer';
import { testTimers } from '../fixture/timers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const late = () => new Error('late');

describe('inTime()', () => {

    it('needs no timer for what is there at once', async () => {

        const none: Timer = () => {

            throw new Error('a timer was set');
        };

        for (const answer of ['text', 0, null, undefined, {}, { then: 'no function' }, () => 1]) {
            expect(await inTime(none, 10, () => answer, late)).to.shallow.equal(answer);
        }

        await expect(inTime(none, 10, () => { throw new Error('at once'); }, late)).to.reject('at once');
    });

    it('waits for an answer, and forgets its timer', async () => {

        const { timer, waiting } = testTimers();
        const answer = inTime(timer, 10, () => Promise.resolve('answer'), late);
        expect([...waiting.values()]).to.equal([10]);
        expect(await answer).to.equal('answer');
        await expect(inTime(timer, 10, () => Promise.reject(new Error('failed')), late)).to.reject('failed');
        expect(waiting.size).to.equal(0);
    });

    it('rejects when the time is up, also where a promise is another library\'s', async () => {

        const { timer, waiting, expire } = testTimers();
        const asked: unknown[] = [];
        const query = { then: (resolve: unknown) => asked.push(resolve) };
        for (const hanging of [new Promise(() => {}), query as unknown as PromiseLike<never>]) {
            const answer = inTime(timer, 10, () => hanging, late);
            expire();
            await expect(answer).to.reject('late');
        }

        expect(asked).to.have.length(1);
        expect(waiting.size).to.equal(0);
    });
});

describe('processTimer', () => {

    it('expires once, and not after it was cancelled', async () => {

        const expired: string[] = [];
        processTimer(() => expired.push('cancelled'), 1)();
        await new Promise<void>((resolve) => {

            processTimer(() => {

                expired.push('expired');
                resolve();
            }, 2);
        });
        expect(expired).to.equal(['expired']);
    });
});
