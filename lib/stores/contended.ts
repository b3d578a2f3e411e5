import { OAuth2Error } from '../error';

/** More than honest rivals ever win. */
const mostTries = 100;

/**
 * Repeats a step that others may spoil, until it answers something: `null` says that it was spoilt. Throws `temporarily_unavailable` (503) after too
 * many tries, 100 unless said otherwise: a store that always says no must not keep a request, and with it the process, for ever.
 */
export const contended = async <T>(step: () => Promise<T | null>, tries = mostTries): Promise<T> => {

    for (let i = 0; i < tries; ++i) {
        const done = await step();
        if (done !== null) {
            return done;
        }
    }

    throw new OAuth2Error('temporarily_unavailable', 'Try again later', { reason: 'lost_every_race' });
};
