import { pageSize, type Page } from '../store';
import type { RunScript } from './client';
import type { ListingKeys } from './keys';
import { list, text } from './reply';
import { readListing } from './scripts';

/** A page of a listing that is spread over several keys: each is asked for its next names, and the first of all of them make the page. */
export const readNames = async (run: RunScript, listings: readonly ListingKeys[], clearedBefore: string, cursor: string | null | undefined, limit = pageSize): Promise<Page<string>> => {

    if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new TypeError('limit is a number of items, 1 or more');
    }

    const from = typeof cursor === 'string' ? `(${cursor}` : '-';     // Always the end of a range, whatever the cursor is
    const parts = await Promise.all(listings.map(({ members, expiries }) => run(readListing, [members, expiries], [clearedBefore, from, String(limit + 1)])));
    const names = parts.flatMap((part) => list(part).map(text)).sort();     // Names are ASCII: Redis has them in the same order
    const [last = null] = names.length > limit ? names.slice(limit - 1) : [];
    return { items: names.slice(0, limit), cursor: last };
};
