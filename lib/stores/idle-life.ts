import type { Store, StoredValue } from './store';
import { Stored } from './stored';

/** The last use of a token that its client keeps: a record of its own, since nothing else changes when it is used. */
const kind = 'refresh_use';

/** Puts off when a kept token has been idle for too long: milliseconds since the epoch. */
export const putOff = async (store: Pick<Store, 'put'>, key: string, until: number): Promise<void> => await store.put({ kind, key, value: {}, expiresAt: until });

/**
 * When a refresh token ends if it is not used before, in milliseconds since the epoch: when it expires, or its grant, at the latest. One that its client
 * keeps has an idle life of its own, since others may keep its grant alive. Asks the store only once the idle life it was issued with is over: until then
 * the answer may be too late, unless `now` is `Infinity`.
 */
export const endOfIdle = async (store: Pick<Store, 'get'>, key: string, { value, expiresAt }: { readonly value: StoredValue; readonly expiresAt: number }, now: number): Promise<number> => {

    const first = new Stored('refresh token', value).numberOrNull('idleExpiresAt');
    if (first === null || now < first) {
        return expiresAt;
    }

    return Math.min(expiresAt, (await store.get(kind, key))?.expiresAt ?? first);
};
