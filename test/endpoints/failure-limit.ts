import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { FailureLimit, tooManyFailures, type FailureLimitOptions } from '../../lib/endpoints/failure-limit';
import { OAuth2Error } from '../../lib/error';
import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tooMany = { code: 'temporarily_unavailable', reason: 'too_many_failures' };

/** A process and its clock; `calls` are those of the store, with the key. */
const bench = () => {

    const clock = testClock();
    const memory = new MemoryStore({ clock: clock.now });
    const calls: string[] = [];
    const store = {
        count: (key: string, windowMs: number) => {

            calls.push(`count ${key}`);
            return memory.count(key, windowMs);
        },
        counted: (key: string) => {

            calls.push(`counted ${key}`);
            return memory.counted(key);
        }
    };
    const limit = (options: Partial<FailureLimitOptions> = {}) => new FailureLimit({ name: 'entry', failures: 2, seconds: 600, store, clock: clock.now, digest: (text) => text, ...options });
    return { clock, store, calls, limit };
};

const of = (limit: FailureLimit, ...who: string[]) => limit.attempt(() => who);

const retryAfter = async (call: () => Promise<void>): Promise<unknown> => {

    try {
        await call();
        return null;
    }
    catch (err) {
        return err instanceof OAuth2Error ? err.made.headers['retry-after'] : err;
    }
};

describe('A limit of failures', () => {

    for (const trusting of [false, true]) {
        it(`refuses who has failed too often, and nobody else, until the counter starts again${trusting ? ', where it trusts' : ''}`, async () => {

            const { clock, limit } = bench();
            const limited = limit({ trusting });
            for (const failures of [1, 2]) {
                expect(await refusal(() => of(limited, 'a').begin()), String(failures)).to.be.null();
                expect(await refusal(() => of(limited, 'a').failed())).to.be.null();
                clock.advance(1);
            }

            expect(await refusal(() => of(limited, 'a').begin())).to.equal(tooMany);
            expect(await refusal(() => of(limited, 'a').succeeded())).to.equal(tooMany);
            expect(await refusal(() => of(limited, 'a').failed())).to.equal(tooMany);
            expect(await refusal(() => of(limited, 'b').begin())).to.be.null();
            expect(await refusal(() => of(limited, 'a', '').begin())).to.be.null();
            expect(await refusal(() => of(limit({ trusting, name: 'other' }), 'a').begin())).to.be.null();
            expect(await retryAfter(() => of(limited, 'a').begin())).to.equal('598');
            clock.advance(597.5);
            expect(await retryAfter(() => of(limited, 'a').begin())).to.equal('1');
            clock.advance(0.5);
            expect(await refusal(() => of(limited, 'a').begin())).to.be.null();
            expect(await refusal(() => of(limited, 'a').failed())).to.be.null();
        });
    }

    it('holds for all processes, and tells each when it ends', async () => {

        const { clock, limit, calls } = bench();
        const [one, other] = [limit(), limit()];
        await of(one, 'a').failed();
        clock.advance(100);
        await of(one, 'a').failed();
        expect(await retryAfter(() => of(other, 'a').begin())).to.equal('500');
        calls.length = 0;
        expect(await retryAfter(() => of(other, 'a').begin())).to.equal('500');
        expect(calls).to.equal([]);
        clock.advance(500);
        expect(await refusal(() => of(other, 'a').begin())).to.be.null();
    });

    it('lets through who may try again just when it has asked', async () => {

        const { limit } = bench();
        const limited = limit({ store: { counted: async () => 2, count: async () => ({ count: 1, resetsAt: 1e13 }) } });
        expect(await refusal(() => of(limited, 'a').begin())).to.be.null();
    });

    it('costs who never fails no look at the store where it trusts, and one where it does not', async () => {

        const { limit, calls } = bench();
        const [trusting, strict] = [limit({ trusting: true }), limit()];
        await of(trusting, 'a').begin();
        await of(trusting, 'a').succeeded();
        expect(calls).to.equal([]);
        await of(trusting, 'other').failed();
        calls.length = 0;
        await of(trusting, 'a').begin();
        expect(calls).to.equal([]);
        await of(strict, 'a').begin();
        expect(calls).to.have.length(1);
    });

    it('gives each process that trusts one try more, whether or not it is right', async () => {

        const { limit, calls } = bench();
        const [one, other] = [limit({ trusting: true }), limit({ trusting: true })];
        await of(one, 'a').failed();
        await of(one, 'a').failed();
        expect(await refusal(() => of(other, 'a').begin())).to.be.null();
        expect(await refusal(() => of(other, 'a').failed())).to.equal(tooMany);
        expect(await refusal(() => of(other, 'a').begin())).to.equal(tooMany);

        await of(other, 'b').failed();                          // From now on it asks what others have seen
        await of(one, 'b').failed();
        calls.length = 0;
        expect(await refusal(() => of(other, 'b').begin())).to.equal(tooMany);
        expect(calls.map((call) => call.split(' ')[0])).to.equal(['counted', 'count']);
    });

    it('sees tries that come together before the store has answered', async () => {

        const waiting: (() => void)[] = [];
        const { limit } = bench();
        let counted = 0;
        const slow = {
            counted: async () => 0,
            count: () => new Promise<{ count: number; resetsAt: number }>((resolve) => {

                waiting.push(() => resolve({ count: ++counted, resetsAt: 0 }));
            })
        };
        const limited = limit({ store: slow, trusting: true });
        const tries = ['a', 'a', 'a', 'a'].map((name) => of(limited, name));
        await Promise.all(tries.map((attempt) => attempt.begin()));
        const failing = tries.slice(1).map((attempt) => refusal(() => attempt.failed()));
        expect(await refusal(() => tries[0]?.succeeded())).to.equal(tooMany);
        waiting.forEach((answer) => answer());
        expect(await Promise.all(failing)).to.equal([null, null, tooMany]);
    });

    it('is not led astray by the clock of a store', async () => {

        for (const resetsAt of [0, -1, 1e15]) {
            const { limit, clock } = bench();
            let count = 0;
            const limited = limit({ store: { counted: async () => count, count: async () => ({ count: ++count, resetsAt }) }, trusting: true });
            await of(limited, 'a').failed();
            await of(limited, 'a').failed();
            expect(await retryAfter(() => of(limited, 'a').begin())).to.equal('600');
            clock.advance(600);
            expect(await refusal(() => of(limited, 'a').begin())).to.be.null();
        }
    });

    it('remembers so much and no more, and loses nothing by it', async () => {

        const { limit, calls } = bench();
        const limited = limit({ trusting: true });
        await of(limited, 'a').failed();
        await of(limited, 'a').failed();
        for (let i = 0; i < 10_000; ++i) {
            await of(limited, `flood ${i}`).failed();
        }

        calls.length = 0;
        expect(await refusal(() => of(limited, 'flood 1').begin())).to.be.null();
        expect(calls).to.have.length(1);                        // Still known
        expect(await refusal(() => of(limited, 'a').begin())).to.be.null();
        expect(calls).to.have.length(1);                        // Forgotten: nothing is asked
        expect(await refusal(() => of(limited, 'a').failed())).to.equal(tooMany);
        expect(await refusal(() => of(limited, 'a').begin())).to.equal(tooMany);
    });

    it('forgets here what the store forgets', async () => {

        const { limit, calls, clock } = bench();
        const limited = limit({ trusting: true });
        for (const name of ['a', 'b', 'c']) {
            await of(limited, name).failed();
        }

        clock.advance(600);
        await of(limited, 'd').failed();
        calls.length = 0;
        await of(limited, 'a').begin();
        expect(calls).to.equal([]);
        await of(limited, 'd').begin();
        expect(calls).to.have.length(1);
    });

    it('fails where the store does, and goes on counting here', async () => {

        const { limit } = bench();
        const away = async () => {

            throw new OAuth2Error('temporarily_unavailable', 'Try again later', { reason: 'store_unreachable' });
        };

        const limited = limit({ store: { count: away, counted: away } });
        const unreachable = { code: 'temporarily_unavailable', reason: 'store_unreachable' };
        expect(await refusal(() => of(limited, 'a').begin())).to.equal(unreachable);
        expect(await refusal(() => of(limited, 'a').failed())).to.equal(unreachable);
        expect(await refusal(() => of(limited, 'a').failed())).to.equal(unreachable);
        expect(await refusal(() => of(limited, 'a').begin())).to.equal(tooMany);
    });

    it('names whom it counts by a digest', async () => {

        const { limit, calls } = bench();
        await of(limit({ digest: (text) => `${text.length}` }), 'ada', '192.0.2.1').failed();
        expect(calls).to.equal([`count entry:${JSON.stringify(['entry', 'ada', '192.0.2.1']).length}`]);
    });
});

describe('tooManyFailures()', () => {

    it('says when to try again', () => {

        const said = (seconds: number) => {

            const { payload, headers, statusCode } = tooManyFailures(seconds).made;
            return [statusCode, payload.error_description, headers['retry-after']];
        };

        expect(said(60)).to.equal([429, 'There were too many wrong entries: try again in a minute', '60']);
        expect(said(61)).to.equal([429, 'There were too many wrong entries: try again in 2 minutes', '61']);
        expect(said(600)).to.equal([429, 'There were too many wrong entries: try again in 10 minutes', '600']);
    });
});
