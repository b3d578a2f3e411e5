import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Listing } from '../../lib/stores/listing';

export const lab = Lab.script();
const { describe, it } = lab;

class Entry {

    readonly key: string;
    readonly serial: number;
    next: Entry = this;
    previous: Entry = this;

    constructor(serial: number) {

        this.serial = serial;
        this.key = `key:${serial}`;
    }
}

/** A listing of entries 1, 2, … under one value. */
const setUp = (count: number) => {

    const listing = new Listing<'next', 'previous', Entry>('next', 'previous');
    const entries = Array.from({ length: count }, (_, index) => new Entry(index + 1));
    const found = new Map(entries.map((entry) => [entry.key, entry]));
    entries.forEach((entry) => listing.add('value', entry));
    const remove = (serial: number) => {

        const entry = found.get(`key:${serial}`);
        if (entry) {
            listing.remove('value', entry);
            found.delete(entry.key);
        }
    };

    const page = (cursor: string | null, limit: number, hidden: readonly number[] = []) => listing.page('value', cursor, limit, {
        find: (key) => found.get(key),
        show: ({ serial }) => hidden.includes(serial) ? undefined : serial
    });
    return { listing, page, remove };
};

describe('Listing', () => {

    it('lists the entries of a value in the order in which they came, in pages', () => {

        const { listing, page } = setUp(5);
        expect(page(null, 10)).to.equal({ items: [1, 2, 3, 4, 5], cursor: null });
        const { items, cursor } = page(null, 2);
        expect([items, cursor]).to.equal([[1, 2], '2:key:2']);
        expect(page(cursor, 2)).to.equal({ items: [3, 4], cursor: '4:key:4' });
        expect(page('4:key:4', 2)).to.equal({ items: [5], cursor: null });
        expect(page(null, 5)).to.equal({ items: [1, 2, 3, 4, 5], cursor: null });
        expect([listing.size, listing.first('value')?.serial, listing.first('other')]).to.equal([1, 1, undefined]);
    });

    it('keeps values apart, and costs nothing for one that has no entries', () => {

        const { listing, page, remove } = setUp(2);
        const other = new Entry(9);
        listing.add('other', other);
        expect([listing.size, page(null, 5).items]).to.equal([2, [1, 2]]);
        listing.remove('other', other);
        remove(1);
        expect([listing.size, listing.first('value')?.serial]).to.equal([1, 2]);
        remove(2);
        expect([listing.size, page(null, 5)]).to.equal([0, { items: [], cursor: null }]);
    });

    it('goes on after any entry that was removed meanwhile', () => {

        for (const gone of [[2], [1, 2], [2, 3], [1, 2, 3], [3]]) {
            const { page, remove } = setUp(5);
            const { cursor } = page(null, 2);
            gone.forEach(remove);
            expect(page(cursor, 5).items).to.equal([3, 4, 5].filter((serial) => !gone.includes(serial)));
        }

        const { page, remove } = setUp(3);
        const { cursor } = page(null, 2);
        [2, 3].forEach(remove);
        expect(page(cursor, 5)).to.equal({ items: [], cursor: null });
    });

    it('shows what came meanwhile at the end', () => {

        const { listing, page } = setUp(3);
        const { cursor } = page(null, 2);
        listing.add('value', new Entry(4));
        expect(page(cursor, 5).items).to.equal([3, 4]);
    });

    it('passes over what is not shown', () => {

        const { page } = setUp(6);
        expect(page(null, 2, [1, 2, 4])).to.equal({ items: [3, 5], cursor: '5:key:5' });
        expect(page('5:key:5', 2, [6])).to.equal({ items: [], cursor: null });
    });

    it('answers a page to any cursor, even one that it never gave', () => {

        const { page } = setUp(3);
        for (const cursor of ['', 'x', ':', '0:nothing', '1:key:2']) {
            expect(page(cursor, 3).items).to.equal(cursor.startsWith('1') ? [2, 3] : [1, 2, 3]);
        }

        for (const cursor of ['99:key:1', '3:key:3', 'NaN:key:1']) {
            expect(page(cursor, 3)).to.equal({ items: [], cursor: null });
        }
    });
});
