import type { FoundRecord, GrantRecord, PlainRecord, StoredValue } from '../store';
import { decodeJson } from './encoding';

// Statements answer one column of text, mostly JSON: so no type parser that a user has set in the driver has a say in it. What does not have
// the expected shape is an error and never a guess: to a reader of a used `jti`, "not there" would be the dangerous answer.

const nonsense = (what: string) => new Error(`The database holds or answered nonsense: ${what}`);

const isObject = (value: unknown): value is StoredValue => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The column `answer` of a row. */
export const answerOf = (row: unknown): string => {

    if (!isObject(row) || typeof row['answer'] !== 'string') {
        throw nonsense('a row without an answer');
    }

    return row['answer'];
};

/** The answer, if it is one of the words that were asked for. */
export const wordOf = <Word extends string>(row: unknown, ...words: readonly Word[]): Word => {

    const answer = answerOf(row);
    const word = words.find((item) => item === answer);
    if (word === undefined) {
        throw nonsense(`not one of ${words.join(', ')}`);
    }

    return word;
};

/** One object of an answer, read member by member. */
export class Answer {

    readonly #members: StoredValue;

    /** Fails if it is no object. */
    constructor(value: unknown) {

        if (!isObject(value)) {
            throw nonsense('no object where one belongs');
        }

        this.#members = value;
    }

    /** Reads the answer of a row. */
    static of(row: unknown): Answer {

        return new Answer(decodeJson(answerOf(row)));
    }

    object(name: string): Answer {

        return new Answer(this.#members[name]);
    }

    value(): StoredValue {

        return this.object('value').#members;
    }

    /** JSON has no infinity: PostgreSQL writes it as text. */
    number(name: string): number {

        const found = this.#members[name];
        const number = found === 'Infinity' ? Infinity : found;
        if (typeof number !== 'number') {
            throw nonsense(`${name} is no number`);
        }

        return number;
    }

    numberOrNull(name: string): number | null {

        return this.#members[name] === null ? null : this.number(name);
    }

    text(name: string): string {

        const found = this.#members[name];
        if (typeof found !== 'string') {
            throw nonsense(`${name} is no text`);
        }

        return found;
    }

    textOrNull(name: string): string | null {

        return this.#members[name] === null ? null : this.text(name);
    }

    isTrue(name: string): boolean {

        const found = this.#members[name];
        if (typeof found !== 'boolean') {
            throw nonsense(`${name} is neither true nor false`);
        }

        return found;
    }

    objectOrNull(name: string): Answer | null {

        return this.#members[name] === null ? null : this.object(name);
    }
}

/** A plain record as it was found, without its names. */
export const foundRecord = (answer: Answer): FoundRecord => ({
    value: answer.object('record').value(),
    version: answer.number('version'),
    expiresAt: answer.number('expiresAt')
});

/** A plain record of a list. */
export const listedRecord = (kind: string, answer: Answer): PlainRecord & FoundRecord => ({
    kind,
    key: answer.object('record').text('key'),
    ...foundRecord(answer)
});

/** A grant. */
export const grantRecord = (answer: Answer): GrantRecord => {

    const record = answer.object('record');
    const usedAt = answer.numberOrNull('usedAt');
    return {
        id: record.text('id'),
        clientId: record.text('clientId'),
        subject: record.textOrNull('subject'),
        sessionId: record.textOrNull('sessionId'),
        expiresAt: answer.number('expiresAt'),
        value: record.value(),
        ...usedAt !== null && { usedAt }
    };
};
