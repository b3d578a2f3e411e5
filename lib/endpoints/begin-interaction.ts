import type { Request } from '@hapi/hapi';

import { OAuth2Error } from '../error';
import type { InteractionRequest, Interactions } from '../sessions/interaction';
import type { Browser } from './browser';
import type { RateLimits } from './rate-limit';

/** What interactions are begun with. */
export interface BeginningInteractions {
    readonly interactions: Pick<Interactions, 'open'>;
    readonly limits: Pick<RateLimits, 'interaction'>;
}

/** The longest request that is kept, in characters: what Node takes as the head of a GET. */
const longestRequest = 16_384;

/**
 * Says that a request is about to be kept for its user, whom nobody knows: strangers must not fill the store.
 *
 * Throws `invalid_request` with status 413 for one that is too large, and `temporarily_unavailable` with status 429 after too many.
 */
export const assertMayWait = async ({ limits }: Pick<BeginningInteractions, 'limits'>, browser: Browser, search: string, request: Request): Promise<void> => {

    if (search.length > longestRequest) {
        throw new OAuth2Error('invalid_request', 'The request is too large', { reason: 'request_too_large_to_wait', statusCode: 413 });
    }

    await limits.interaction(request, browser.handle);
};

/** Keeps what waits for its user, for this browser alone, unless it has begun already; answers the reference that goes on with it. Throws as {@link assertMayWait} does. */
export const beginInteraction = async (beginning: BeginningInteractions, browser: Browser, waiting: InteractionRequest, request: Request, begun?: string): Promise<string> => {

    const secret = browser.newSecret();
    if (begun === undefined) {
        await assertMayWait(beginning, browser, waiting.search, request);
    }

    const ref = begun ?? await beginning.interactions.open(waiting, secret);
    browser.remember(secret, ref);
    return ref;
};
