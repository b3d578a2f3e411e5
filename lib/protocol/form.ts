import { OAuth2Error } from '../error';

/**
 * The parameters of one request, from its form body or its query: the only reader of either.
 *
 * A parameter without a value counts as absent, and one that is read but was sent twice is refused (RFC 6749 §3.1, §3.2). A parameter
 * that nobody reads is unknown, and ignored however often it was sent.
 */
export class Form {

    readonly #values: Readonly<Record<string, unknown>>;

    private constructor(values: Readonly<Record<string, unknown>>) {

        this.#values = values;
    }

    /** From what hapi parsed: a string for a name sent once, an array of strings for one sent several times. */
    static from(parsed: unknown): Form {

        return new Form(typeof parsed === 'object' && parsed !== null ? { ...parsed } : {});
    }

    /** From a query as {@link search} writes it. */
    static fromSearch(search: string): Form {

        const parameters = new URLSearchParams(search);
        return new Form(Object.fromEntries([...new Set(parameters.keys())].map((name) => {

            const [only, ...others] = parameters.getAll(name);
            return [name, others.length === 0 ? only : [only, ...others]];
        })));
    }

    /** The parameters as a query, with its question mark. */
    get search(): string {

        const pairs = Object.entries(this.#values).flatMap(([name, value]) => [value].flat().map((item): [string, string] => [name, String(item)]));
        return `?${new URLSearchParams(pairs).toString()}`;
    }

    /** The same without some parameters. */
    without(names: readonly string[]): Form {

        return new Form(Object.fromEntries(Object.entries(this.#values).filter(([name]) => !names.includes(name))));
    }

    /** Whether the parameter was sent at all, with or without a value, once or more often. */
    has(name: string): boolean {

        return Object.hasOwn(this.#values, name);
    }

    /** One value, or `undefined`; throws `invalid_request` if it was sent more than once. */
    get(name: string): string | undefined {

        const value = this.has(name) ? this.#values[name] : undefined;
        if (Array.isArray(value)) {
            throw new OAuth2Error('invalid_request', `The parameter '${name}' was sent more than once`, { reason: 'repeated_parameter' });
        }

        return typeof value === 'string' && value !== '' ? value : undefined;
    }

    /** The first value that was sent, for a log: nothing is decided by it. */
    first(name: string): string | undefined {

        return this.all(name)[0];
    }

    /** One value; throws `invalid_request` if there is none. */
    require(name: string): string {

        const value = this.get(name);
        if (value === undefined) {
            throw new OAuth2Error('invalid_request', `The parameter '${name}' is missing`, { reason: 'missing_parameter' });
        }

        return value;
    }

    /** All values of a parameter that may repeat, such as `resource` (RFC 8707 §2). */
    all(name: string): readonly string[] {

        const value = this.has(name) ? this.#values[name] : undefined;
        return [value].flat().filter((item): item is string => typeof item === 'string' && item !== '');
    }
}
