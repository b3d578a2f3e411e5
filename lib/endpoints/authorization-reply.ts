import type { Lifecycle, Request, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import type { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import { refusalOf } from './error-reply';

/** Where the answer to an authorization request goes, and what it always says (RFC 6749 §4.1.2, RFC 9207 §2). */
export interface ReplyAddress {
    readonly redirectUri: string;
    readonly state: string | undefined;
    readonly iss: string;
}

/** The state to send back: none where it was sent twice, since nobody knows which one the client keeps. */
export const stateOf = (form: Form): string | undefined => {

    try {
        return form.get('state');
    }
    catch {
        return undefined;
    }
};

/** The redirect that says no (RFC 6749 §4.1.2.1). */
export const refusalUri = ({ redirectUri, state, iss }: ReplyAddress, error: string, description: string | undefined): string =>
    withParameters(redirectUri, { error, error_description: description, state, iss });

/** Tells the client by redirect what went wrong, and the request log why; what a handler or a store threw is for the log alone. */
export const redirectRefusal = (address: ReplyAddress, thrown: unknown, request: Request, h: ResponseToolkit): Lifecycle.ReturnValue => {

    const error = thrown instanceof OAuth2Error ? thrown : new OAuth2Error('server_error', undefined, { cause: thrown });
    const { code, made: { statusCode, payload: { error_description: description } } } = refusalOf(request, error);
    if (statusCode >= 500) {
        request.log(['oauth', 'error'], error);                 // hapi logs the failures it answers, and this one ends as a redirect
    }

    const told = code === 'server_error' ? 'The server could not answer this request' : description;
    return h.redirect(refusalUri(address, code, typeof told === 'string' ? told : undefined));
};
