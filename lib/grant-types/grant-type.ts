import type { Form } from '../protocol/form';

/** A grant type: its `grant_type` value `N`, and what it reads from the form. */
export interface GrantType<P extends object, N extends string = string> {
    readonly type: N;
    /** Reads the parameters of a token request; throws `invalid_request` if one is missing. */
    read(form: Form): P;
    /** All that proves something which can be used only once: requests that present the same take turns. */
    readonly once?: ((parameters: P) => readonly (string | undefined)[]) | undefined;
}
