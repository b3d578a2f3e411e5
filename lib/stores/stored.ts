import type { StoredValue } from './store';

/** Reads a stored value member by member; throws for a member that is not what was written, so that a store which answers nonsense opens nothing. */
export class Stored {

    readonly #what: string;
    readonly #value: StoredValue;

    constructor(what: string, value: unknown) {

        this.#what = what;
        this.#value = isObject(value) ? value : {};
    }

    text(name: string): string {

        return this.#read(name, (value) => typeof value === 'string');
    }

    textOrNull(name: string): string | null {

        return this.#read(name, (value) => value === null || typeof value === 'string');
    }

    number(name: string): number {

        return this.#read(name, isNumber);
    }

    numberOrNull(name: string): number | null {

        return this.#read(name, (value) => value === null || isNumber(value));
    }

    flag(name: string): boolean {

        return this.#read(name, (value) => typeof value === 'boolean');
    }

    texts(name: string): readonly string[] {

        return this.#read(name, (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'));
    }

    /** A list of objects, each to be read in the same way. */
    list(name: string): readonly Stored[] {

        return this.#read(name, (value): value is readonly StoredValue[] => Array.isArray(value) && value.every(isObject)).map((item) => new Stored(this.#what, item));
    }

    object(name: string): StoredValue {

        return this.#read(name, isObject);
    }

    objectOrNull(name: string): StoredValue | null {

        return this.#read(name, (value) => value === null || isObject(value));
    }

    #read<T>(name: string, is: (value: unknown) => value is T): T {

        const value = Object.hasOwn(this.#value, name) ? this.#value[name] ?? null : null;
        if (!is(value)) {
            throw new Error(`The store answered a ${this.#what} whose ${name} is not what was written`);
        }

        return value;
    }
}

/** What is later or earlier than NaN is neither: a code with such an end would never expire. */
const isNumber = (value: unknown): value is number => typeof value === 'number' && !Number.isNaN(value);

const isObject = (value: unknown): value is StoredValue => typeof value === 'object' && value !== null && !Array.isArray(value);
