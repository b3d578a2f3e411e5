import type { Request, Server } from '@hapi/hapi';

import type { Sessions } from './sessions';
import type { LoggedEvent, Walk } from './walk';

/** Says in a request of the playground whose walk it is part of. */
export const walkHeader = 'x-playground-walk';

/** What the kinds of events tell. */
const meanings: Readonly<Record<string, string>> = {
    issued: 'The server has stored and handed out what it names.',
    approved: 'The person has agreed on the page.',
    rotated: 'The old refresh token was replaced.',
    refused: 'The request was refused, for this reason. The client reads the error alone.',
    reused: 'Something that works once came a second time: two hold it, so everything that came of it has ended.',
    revoked: 'The grant has ended, with every token on it.',
    signed_out: 'The person has signed out of this browser.'
};

/** What an event tells, in one sentence. */
export const meaningOf = (what: string): string | undefined => meanings[what];

/** What an event of ours says; nothing for those of others. */
const eventOf = (at: number, [by, what]: readonly string[], data: unknown): LoggedEvent | undefined =>
    (by === 'oauth' && what !== undefined ? { at, what, data: typeof data === 'object' && data !== null ? { ...data } : {} } : undefined);

/** Takes what the server logs into the walks that it is about: by a header of our own requests, by the cookie of the browser's, or by the grant. */
export const listen = (server: Server, sessions: Sessions, cookie: string, clock: () => number): void => {

    const walkOf = ({ headers: { [walkHeader]: id }, state }: Request, grantId: unknown): Walk | undefined =>
        sessions.walks.find((walk) => walk.id === id || walk.knows(grantId)) ?? sessions.find(state?.[cookie])?.current;

    server.events.on({ name: 'request', channels: 'app' }, (request, { tags, data }) => {

        const event = eventOf(clock(), tags, data);
        if (event !== undefined) {
            walkOf(request, event.data.grant_id)?.hear(event);
        }
    });
    server.events.on('log', ({ tags, data }) => {

        const event = eventOf(clock(), tags, data);
        if (event !== undefined) {
            sessions.walks.filter((walk) => walk.knows(event.data.grant_id)).forEach((walk) => walk.hear(event));
        }
    });
};
