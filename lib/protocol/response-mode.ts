import { OAuth2Error } from '../error';
import type { Form } from './form';

/** How an authorization response reaches the client (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, Form Post Response Mode §2). */
export const responseModes = ['query', 'fragment', 'form_post'] as const;

export type ResponseMode = (typeof responseModes)[number];

/** The way a request asks for, `query` when it asks for none; throws `invalid_request` for an unknown one. */
export const readResponseMode = (form: Form): ResponseMode => {

    const asked = form.get('response_mode') ?? 'query';
    const mode = responseModes.find((known) => known === asked);
    if (mode === undefined) {
        throw new OAuth2Error('invalid_request', `The response_mode must be one of ${responseModes.join(', ')}`, { reason: 'response_mode' });
    }

    return mode;
};
