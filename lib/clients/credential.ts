import { OAuth2Error } from '../error';
import type { Form } from '../protocol/form';

/** What a request carries to authenticate its client, before anything is believed. */
export type ClientCredential =
    | { readonly carrier: 'authorization'; readonly header: string }
    | { readonly carrier: 'client_secret'; readonly clientSecret: string }
    | { readonly carrier: 'client_assertion'; readonly assertion: string; readonly type: string }
    | { readonly carrier: 'none' };

/** The one credential of a request; throws `invalid_request` if it carries two (RFC 6749 §2.3, RFC 7521 §4.2). */
export const readCredential = (authorization: string | undefined, form: Form): ClientCredential => {

    const clientSecret = form.get('client_secret');
    const assertion = form.get('client_assertion');
    const carried: ClientCredential[] = [];
    if (authorization !== undefined) {
        carried.push({ carrier: 'authorization', header: authorization });
    }

    if (clientSecret !== undefined) {
        carried.push({ carrier: 'client_secret', clientSecret });
    }

    if (assertion !== undefined) {
        carried.push({ carrier: 'client_assertion', assertion, type: form.require('client_assertion_type') });
    }

    if (carried.length > 1) {
        throw new OAuth2Error('invalid_request', 'The request uses more than one way of authenticating the client', { reason: 'two_client_authentication_methods' });
    }

    return carried[0] ?? { carrier: 'none' };
};
