import type { GrantIndex, TokenAddress } from './store';

// A store that returns nonsense fails closed. What a caller would take for "yes" (`'no'`, `1`, a promise's remains) or for "nobody has used this"
// (`undefined`) must be what the contract says it is. The messages never quote an answer.

type Members = Readonly<Record<string, unknown>>;
type IsAnswer = (answer: unknown) => boolean;

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

const isTextOrNull = (value: unknown): boolean => value === null || isText(value);

/** Infinity is a time, too. */
const isTime = (value: unknown): boolean => typeof value === 'number' && !Number.isNaN(value);

const isFound = (value: unknown): value is Members => isObject(value) && isObject(value.value) && Number.isSafeInteger(value.version) && isTime(value.expiresAt);

/** A store that does not remember it leaves it out. It becomes a date: nothing is used at no time. */
const isUse = (value: unknown): boolean => value === undefined || Number.isFinite(value);

const isGrant = (value: unknown): value is Members =>
    isObject(value) && isText(value.id) && isText(value.clientId) && isTextOrNull(value.subject) && isTextOrNull(value.sessionId) && isTime(value.expiresAt) && isObject(value.value) && isUse(value.usedAt);

const isGrantOf = (value: unknown, id: string): boolean => isGrant(value) && value.id === id;

/** A page whose cursor leads to itself would never end. */
const isPage = (value: unknown, cursor: string | null | undefined, isItem: IsAnswer): boolean =>
    isObject(value) && Array.isArray(value.items) && value.items.every(isItem) && (value.cursor === null || isText(value.cursor) && value.cursor !== cursor);

const oneOf = (...words: readonly string[]): IsAnswer => (answer) => words.some((word) => word === answer);

/** Of functions that answer nothing no answer matters. */
export const isAnything: IsAnswer = () => true;

export const isBoolean: IsAnswer = (answer) => typeof answer === 'boolean';

export const isCount: IsAnswer = (answer) => Number.isSafeInteger(answer) && Number(answer) >= 0;

export const isConsumption = oneOf('ok', 'used', 'missing');

export const isRotation = oneOf('ok', 'conflict', 'missing');

export const isFoundRecord: IsAnswer = (answer) => answer === null || isFound(answer);

/** A page of records of one kind. */
export const isRecordPage = (kind: string, cursor: string | null | undefined): IsAnswer => (answer) =>
    isPage(answer, cursor, (item) => isFound(item) && item.kind === kind && isText(item.key));

/** The grant with this id: another one is somebody else's. */
export const isFoundGrant = (id: string): IsAnswer => (answer) => answer === null || isGrantOf(answer, id);

/** A token under the grant it was looked for under. */
export const isFoundToken = ({ grantId }: TokenAddress): IsAnswer => (answer) =>
    answer === null || isFound(answer) && isBoolean(answer.used) && (answer.grant === null || isGrantOf(answer.grant, grantId));

/** A page of grants that have what was asked for. */
export const isGrantPage = (index: GrantIndex, value: string, cursor: string | null | undefined): IsAnswer => (answer) =>
    isPage(answer, cursor, (item) => isGrant(item) && item[index] === value);

export const isCounter: IsAnswer = (answer) => isObject(answer) && isCount(answer.count) && answer.count !== 0 && isTime(answer.resetsAt);

/** Throws unless a store's answer is one. */
export const checkAnswer = (name: string, answer: unknown, isAnswer: IsAnswer): void => {

    if (!isAnswer(answer)) {
        throw new Error(`The store answered nonsense: ${name}() has another contract, which hapi-oauth2-flows/store-contract proves`);
    }
};
