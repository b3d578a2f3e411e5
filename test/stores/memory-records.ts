import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch, testClock } from '../fixture/clock';
import { MemoryRecords } from '../../lib/stores/memory-records';
import type { PlainRecord } from '../../lib/stores/store';

export const lab = Lab.script();
const { describe, it } = lab;

const minute = 60_000;

const setUp = () => {

    const clock = testClock();
    return { clock, records: new MemoryRecords(clock.now) };
};

const recordOf = (key: string, changes: Partial<PlainRecord> = {}): PlainRecord => ({ kind: 'kind', key, value: {}, expiresAt: epoch + minute, ...changes });

describe('MemoryRecords', () => {

    it('gives each change a version that no record had before', () => {

        const { clock, records } = setUp();
        const versions: (number | undefined)[] = [];
        const put = (key: string, expiresAt: number) => {

            records.put(recordOf(key, { expiresAt }));
            versions.push(records.version('kind', key));
        };

        put('a', epoch + minute);
        put('b', epoch + minute);
        put('a', epoch + minute);
        records.delete('kind', 'a');
        expect(records.version('kind', 'a')).to.be.undefined();
        put('a', epoch + minute);
        clock.advance(60);
        expect(records.version('kind', 'a')).to.be.undefined();
        put('a', epoch + 2 * minute);
        records.forget(100);
        put('b', epoch + 2 * minute);
        expect(new Set(versions).size).to.equal(6);
        expect([...versions].sort((a, b) => Number(a) - Number(b))).to.equal(versions);
    });

    it('changes nothing when a value cannot be stored', () => {

        const { records } = setUp();
        records.put(recordOf('a', { value: { first: true } }));
        const version = records.version('kind', 'a');
        expect(() => records.put(recordOf('a', { value: { big: 1n } }))).to.throw(TypeError);
        expect([records.find('kind', 'a')?.value, records.version('kind', 'a')]).to.equal([{ first: true }, version]);
    });

    it('keeps a record in its place when it is put again, and gives one that was gone a new one', () => {

        const { records } = setUp();
        for (const key of ['a', 'b', 'c']) {
            records.put(recordOf(key));
        }

        const keys = () => records.page('kind', null, 10).items.map(({ key }) => key);
        records.put(recordOf('b', { value: { again: true } }));
        expect(keys()).to.equal(['a', 'b', 'c']);
        records.delete('kind', 'b');
        records.put(recordOf('b'));
        expect([keys(), records.size]).to.equal([['a', 'c', 'b'], 3 + 1]);
    });

    it('forgets what has expired, no more than it is told, and its kind with the last of it', () => {

        const { clock, records } = setUp();
        for (let i = 0; i < 10; ++i) {
            records.put(recordOf(`${i}`, i < 5 ? {} : { kind: 'other', expiresAt: epoch + 2 * minute }));
        }

        clock.advance(60);
        expect([records.page('kind', null, 10).items, records.size]).to.equal([[], 12]);
        expect([records.forget(3), records.forget(3), records.forget(3), records.size]).to.equal([3, 2, 0, 6]);
        expect(records.page('other', null, 10).items).to.have.length(5);
    });
});
