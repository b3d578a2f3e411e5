import type { Form } from '../protocol/form';

/** A grant type: its `grant_type` value, and what it reads from the form. */
export interface GrantType<P extends object> {
    readonly type: string;
    /** Reads the parameters of a token request; throws `invalid_request` if one is missing. */
    read(form: Form): P;
    /** What proves something that can be used only once, and all that a proof depends on: of several requests with the same, the first goes alone. */
    readonly once?: ((parameters: P) => readonly (string | undefined)[]) | undefined;
}
