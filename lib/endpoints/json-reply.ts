import type { ResponseObject, ResponseToolkit } from '@hapi/hapi';

import { OAuth2Error } from '../error';

/** The reply of an endpoint that answers JSON; a handler in plain JavaScript may return members that JSON cannot hold. */
export const jsonReply = (h: ResponseToolkit, body: Readonly<Record<string, unknown>>): ResponseObject => {

    try {
        if (!Object.values(body).every(isPlain)) {
            JSON.stringify(body);                           // Here, since hapi does it after the last place where an error can be dressed
        }
    }
    catch (err) {
        throw new OAuth2Error('server_error', undefined, { reason: 'handler_returned_nonsense', cause: err });
    }

    return h.response({ ...body });
};

/** What JSON can hold for certain. */
const isPlain = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
