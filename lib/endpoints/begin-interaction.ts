import type { InteractionRequest, Interactions } from '../sessions/interaction';
import type { Browser } from './browser';

/** Keeps what waits for its user, for this browser alone, unless it has begun already; answers the reference that goes on with it. */
export const beginInteraction = async (interactions: Pick<Interactions, 'open'>, browser: Browser, waiting: InteractionRequest, begun?: string): Promise<string> => {

    const secret = browser.newSecret();
    const ref = begun ?? await interactions.open(waiting, secret);
    browser.remember(secret, ref);
    return ref;
};
