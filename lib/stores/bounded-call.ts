import { OAuth2Error, isFailure } from '../error';
import { inTime, processTimer, type Timer } from './timer';
import { isUnreachable } from './unreachable';

/** Milliseconds until a call of a store is given up, unless said otherwise: an engine which takes two seconds still answers. */
export const patienceMs = 2500;

/** Whose calls are bounded, and how. */
export interface Bound {
    /** Who is asked, as a sentence begins with it, such as `The store`. */
    readonly owner: string;
    readonly timeoutMs?: number | undefined;
    readonly timer?: Timer | undefined;
}

/**
 * One call of what keeps something for the server, which ends in time.
 *
 * One that takes longer, or that rejects because what is behind it is out of reach, rejects with `temporarily_unavailable` (503, `Retry-After`); what
 * else it throws passes as it is, but for a Boom. It may be carried out all the same, once, at any later time: so it is never repeated here.
 */
export const boundedCall = async <T>({ owner, timeoutMs = patienceMs, timer = processTimer }: Bound, name: string, run: () => T | PromiseLike<T>): Promise<T> => {

    try {
        return await inTime(timer, timeoutMs, run, () => unreachable(new Error(`${owner} did not answer ${name}() within ${timeoutMs} ms`)));
    }
    catch (err) {
        throw refusalOf(owner, err);
    }
};

/** What was thrown, as callers may see it. A Boom's status and text would reach the client: it is a failure like any other. */
const refusalOf = (owner: string, err: unknown): unknown => {

    if (err instanceof OAuth2Error) {
        return err;
    }

    if (isUnreachable(err)) {
        return unreachable(err);
    }

    return isFailure(err) ? new Error(`${owner} threw a Boom`, { cause: err }) : err;
};

const unreachable = (cause: unknown) => new OAuth2Error('temporarily_unavailable', 'Try again later', { reason: 'store_unreachable', cause });
