import type { Form } from '../protocol/form';
import { Stored } from '../stores/stored';
import type { Confirmation } from '../tokens/token-type';
import type { Sharing } from './turns';

/** By what a client authenticates: each assertion is another one, and what counts of all of them is which client has proven itself by which method. */
const credentials = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];

/** A refresh whose client has authenticated, and whose proof of possession was checked. */
export interface SharedRequest {
    readonly clientId: string;
    readonly method: string;
    readonly confirmation: Confirmation | undefined;
    readonly form: Form;
    /** Throws for who may not be given what another request got. */
    readonly check: () => Promise<void>;
}

/**
 * Gives the reply to a refresh to those that sent the same while it was made, letter by letter: each a copy, as the store keeps one for those that come
 * later. The reply to a token that was not replaced is nobody else's.
 */
export const sharedReply = ({ clientId, method, confirmation, form, check }: SharedRequest): Sharing<Readonly<Record<string, unknown>>> => ({
    wish: () => JSON.stringify([clientId, method, confirmation ?? null, form.without(credentials).search]),
    keep: (reply) => (typeof reply.refresh_token === 'string' ? JSON.stringify({ reply }) : undefined),
    give: async (kept) => {

        await check();
        return new Stored('shared reply', JSON.parse(kept)).object('reply');
    }
});
