import type { FoundToken, Page } from './store';

// What has expired is as if it were not there: a store whose clock or whose sweeping is late is not believed. The server's own clock decides, too.

interface Expiring {
    readonly expiresAt: number;
}

const isLive = ({ expiresAt }: Expiring, now: number): boolean => now < expiresAt;

/** A record or a grant that lives now, in milliseconds since the epoch; else `null`. */
export const liveRecord = <T extends Expiring>(found: T | null, now: number): T | null => (found !== null && isLive(found, now) ? found : null);

/** A token that lives now; without its grant if that has expired. */
export const liveToken = (found: FoundToken | null, now: number): FoundToken | null => {

    const token = liveRecord(found, now);
    return token === null || token.grant === null || isLive(token.grant, now) ? token : { ...token, grant: null };
};

/** A page of what lives now. */
export const livePage = <T extends Expiring>(page: Page<T>, now: number): Page<T> =>
    (page.items.every((item) => isLive(item, now)) ? page : { ...page, items: page.items.filter((item) => isLive(item, now)) });
