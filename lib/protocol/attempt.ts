/** One try to prove something that can be guessed, such as a password. Each function throws `temporarily_unavailable` with status 429 after too many failures. */
export interface Attempt {
    /** Comes before anything is compared. */
    begin(): Promise<void>;
    /** Counts the failure, before it is answered. */
    failed(): Promise<void>;
    /** Comes before what was right is answered: of many tries at once each has begun before the first failure. */
    succeeded(): Promise<void>;
}

/** A try that nobody counts. */
export const uncounted: Attempt = { begin: async () => {}, failed: async () => {}, succeeded: async () => {} };

/** Tries with something, counted as an attempt: `null` and a refusal that `isFailure` knows are failures, anything else that is thrown is not. */
export const attempting = async <T>(attempt: Attempt, run: () => Promise<T>, isFailure: (err: unknown) => boolean = () => false): Promise<T> => {

    await attempt.begin();
    let result: T;
    try {
        result = await run();
    }
    catch (err) {
        if (isFailure(err)) {
            await attempt.failed();
        }

        throw err;
    }

    await (result === null ? attempt.failed() : attempt.succeeded());
    return result;
};
