import type { Form } from '../protocol/form';

/** A grant type: its `grant_type` value, and what it reads from the form. */
export interface GrantType<P extends object> {
    readonly type: string;
    /** Reads the parameters of a token request; throws `invalid_request` if one is missing. */
    read(form: Form): P;
    /** All that proves something which can be used only once: requests that present the same take turns. */
    readonly once?: ((parameters: P) => readonly (string | undefined)[]) | undefined;
}
