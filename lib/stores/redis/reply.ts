import type { GrantRecord, StoredValue } from '../store';

/** What Redis holds is not what this store writes: somebody else wrote it, so nothing is granted on it. The message never quotes it. */
const nonsense = (what: string) => new Error(`Redis answered something that is not ${what}`);

/** A string, whatever the client was told to make of strings. */
export const text = (reply: unknown): string => {

    if (typeof reply === 'string') {
        return reply;
    }

    if (reply instanceof Uint8Array) {
        return Buffer.from(reply).toString();
    }

    throw nonsense('a text');
};

export const list = (reply: unknown): readonly unknown[] => {

    if (!Array.isArray(reply)) {
        throw nonsense('a list');
    }

    return reply;
};

/** An integer, whatever the client was told to make of numbers. */
export const integer = (reply: unknown): number => {

    const number = typeof reply === 'number' ? reply : Number(text(reply) || NaN);
    if (!Number.isSafeInteger(number)) {
        throw nonsense('an integer');
    }

    return number;
};

export const json = (reply: unknown): unknown => {

    const source = text(reply);
    try {
        return JSON.parse(source);
    }
    catch {
        throw nonsense('JSON');                                 // Not the parser's message, which quotes its input
    }
};

const isObject = (value: unknown): value is StoredValue => typeof value === 'object' && value !== null && !Array.isArray(value);

export const storedValue = (reply: unknown): StoredValue => {

    const value = json(reply);
    if (!isObject(value)) {
        throw nonsense('a stored value');
    }

    return value;
};

const isNameOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

/** A grant from `[record, expiry, use]`, the last of which may be missing. */
export const grantRecord = (reply: unknown): GrantRecord => {

    const [record, expires, use = null] = list(reply);
    const { id, clientId, subject, sessionId, value } = storedValue(record);
    if (typeof id !== 'string' || typeof clientId !== 'string' || !isNameOrNull(subject) || !isNameOrNull(sessionId) || !isObject(value)) {
        throw nonsense('a grant');
    }

    return { id, clientId, subject, sessionId, expiresAt: integer(expires), value, ...use !== null && { usedAt: integer(use) } };
};

/** One of some words. */
export const oneOf = <const T extends string>(words: readonly T[], reply: unknown): T => {

    const said = text(reply);
    const word = words.find((item) => item === said);
    if (word === undefined) {
        throw nonsense('an answer of its script');
    }

    return word;
};
