import { OAuth2Error } from '../error';
import type { Form } from '../protocol/form';
import type { GrantType } from './grant-type';

/** The parameters that a custom grant type declares: `R` have to be sent, `O` may be. */
export type CustomGrantParameters<R extends string, O extends string> = { readonly [K in R | O]: K extends R ? string : string | undefined };

/** A grant type `N` that the project defines (RFC 6749 §4.5). `P` is what the declared parameters come to. */
export class CustomGrantType<P extends object, N extends string = string> implements GrantType<{ readonly parameters: P }, N> {

    readonly type: N;
    #required: readonly string[] = [];
    #optional: readonly string[] = [];

    constructor(type: N) {

        this.type = type;
    }

    /** The names of all parameters. */
    get names(): readonly string[] {

        return [...this.#required, ...this.#optional];
    }

    /** Says which parameters there are. */
    declare(required: readonly string[], optional: readonly string[]): void {

        this.#required = required;
        this.#optional = optional;
    }

    /** The declared parameters and no other; throws `invalid_request` if a required one is missing, or one was sent twice. */
    read(form: Form): { readonly parameters: P } {

        const parameters = Object.fromEntries(this.names.map((name) => [name, form.get(name)]));
        this.#assertComplete(parameters);
        return { parameters };
    }

    #assertComplete(parameters: Readonly<Record<string, unknown>>): asserts parameters is Readonly<Record<string, unknown>> & P {

        const missing = this.#required.find((name) => parameters[name] === undefined);
        if (missing !== undefined) {
            throw new OAuth2Error('invalid_request', `The parameter '${missing}' is missing`, { reason: 'missing_parameter' });
        }
    }
}
