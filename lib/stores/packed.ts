import type { StoredValue } from './store';

/** A value as it is kept in memory: text is small, and nobody can change it from outside. */
export const pack = (value: StoredValue): string => JSON.stringify(value);

/** The value that was packed. */
export const unpack = (packed: string): StoredValue => JSON.parse(packed) as StoredValue;

/** Kind and key in one: ('a', 'bc') and ('ab', 'c') are two addresses. */
export const addressOf = (kind: string, key: string): string => `${kind.length}:${kind}${key}`;

/** The key of an address. */
export const keyOf = (address: string): string => {

    const colon = address.indexOf(':');
    return address.slice(colon + 1 + Number(address.slice(0, colon)));
};
