import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Expiring, ExpiryQueue } from '../../lib/stores/expiry-queue';

export const lab = Lab.script();
const { describe, it } = lab;

const minute = 60_000;
const begin = 28_000_000 * minute;

class Entry extends Expiring<Entry> {}

/** All that has expired by a time, taken out. */
const drain = (queue: ExpiryQueue<Entry>, now: number): Entry[] => {

    const drained: Entry[] = [];
    let entry = queue.expired(now);
    while (entry !== null) {
        queue.remove(entry);
        drained.push(entry);
        entry = queue.expired(now);
    }

    return drained;
};

describe('ExpiryQueue', () => {

    it('keeps the millisecond in which an entry expires, and hands it out once the minute of that has passed', () => {

        const queue = new ExpiryQueue<Entry>();
        for (const [expiresAt, handedOut] of [[begin, begin], [begin + 1, begin + minute], [begin + minute - 1, begin + minute], [begin + minute + 0.25, begin + 2 * minute]] as const) {
            const entry = new Entry();
            queue.add(entry, expiresAt);
            expect(entry.expiresAt).to.equal(expiresAt);
            expect(queue.expired(handedOut - 1)).to.be.null();
            expect(queue.expired(handedOut)).to.shallow.equal(entry);
            queue.remove(entry);
            expect(queue.expired(handedOut)).to.be.null();
        }
    });

    it('hands out earlier minutes first, in whatever order they were added', () => {

        const queue = new ExpiryQueue<Entry>();
        const times = Array.from({ length: 500 }, (_, index) => begin + (index * 7919 % 100) * minute);
        for (const time of times) {
            queue.add(new Entry(), time);
        }

        let last = -Infinity;
        let count = 0;
        let entry = queue.expired(begin + 50 * minute);
        while (entry !== null) {
            expect(entry.expiresAt).to.be.at.least(last);
            last = entry.expiresAt;
            ++count;
            queue.remove(entry);
            entry = queue.expired(begin + 50 * minute);
        }

        expect([last, count]).to.equal([begin + 50 * minute, times.filter((time) => time <= begin + 50 * minute).length]);
    });

    it('moves an entry that is added again, in both directions', () => {

        const queue = new ExpiryQueue<Entry>();
        const [moved, other] = [new Entry(), new Entry()];
        queue.add(moved, begin + minute);
        queue.add(other, begin + minute);
        queue.add(moved, begin + 5 * minute);
        expect(drain(queue, begin + 4 * minute)).to.have.length(1);
        expect(other.expiresAt).to.equal(-Infinity);
        queue.add(moved, begin);
        expect(drain(queue, begin)).to.have.length(1);
        expect([moved.expiresAt, drain(queue, Infinity).length]).to.equal([-Infinity, 0]);
    });

    it('takes out the first, the middle and the last of a minute, and what is in no queue', () => {

        for (const [at, left] of [[0, [1, 2]], [1, [0, 2]], [2, [0, 1]]] as const) {
            const queue = new ExpiryQueue<Entry>();
            const entries = [new Entry(), new Entry(), new Entry()];
            entries.forEach((entry) => queue.add(entry, begin));
            const gone = entries[at] ?? new Entry();
            queue.remove(gone);
            queue.remove(gone);
            queue.remove(new Entry());
            expect(drain(queue, begin).map((entry) => entries.indexOf(entry)).sort()).to.equal([...left]);
        }
    });

    it('keeps what never expires', () => {

        const queue = new ExpiryQueue<Entry>();
        const entry = new Entry();
        queue.add(entry, Infinity);
        expect(entry.expiresAt).to.equal(Infinity);
        expect(drain(queue, Number.MAX_SAFE_INTEGER)).to.equal([]);
    });
});
