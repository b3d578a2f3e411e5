import { randomUUID } from 'node:crypto';

import type { Request } from '@hapi/hapi';

import { OAuth2Error, type OAuth2ErrorCode } from '../error';

/** What every level-2 handler can use. Every function may be destructured. */
export interface HandlerUtilities {
    /** A new random UUID (RFC 9562 §5.4). */
    readonly uuid: () => string;
    /** The server's time in milliseconds since the epoch. */
    readonly clock: () => number;
    /** Writes to hapi's request log; nothing secret. */
    readonly log: (tags: string | string[], data?: string | object) => void;
    /** An error to throw: its description is public. */
    readonly error: (code: OAuth2ErrorCode, description?: string) => OAuth2Error;
}

/** The utilities of one request. */
export const handlerUtilities = (request: Request, clock: () => number): HandlerUtilities => ({
    uuid: () => randomUUID(),
    clock,
    log: (tags, data) => {

        request.log(tags, data);
    },
    error: (code, description) => new OAuth2Error(code, description)
});
