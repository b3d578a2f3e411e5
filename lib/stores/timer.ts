/** Calls `expire` once after some milliseconds, unless the function it answers is called before. */
export type Timer = (expire: () => void, ms: number) => () => void;

/** The process's own timers; they do not keep it alive. */
export const processTimer: Timer = (expire, ms) => {

    const timer = setTimeout(expire, ms).unref();
    return () => clearTimeout(timer);
};

/**
 * The answer, or a rejection with what `late` makes when it takes longer. What comes of the call after that is nobody's business: it may
 * reject unheard. What is there at once needs no timer.
 */
export const inTime = async <T>(timer: Timer, ms: number, run: () => T | PromiseLike<T>, late: () => Error): Promise<T> => {

    const answer = run();
    if (!isThenable(answer)) {
        return answer;
    }

    let cancel = () => {};
    const expiry = new Promise<never>((_resolve, reject) => {

        cancel = timer(() => reject(late()), ms);
    });

    try {
        return await Promise.race([answer, expiry]);
    }
    finally {
        cancel();
    }
};

/** A promise, also one of another library: query builders have their own. */
const isThenable = <T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> => typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function';
