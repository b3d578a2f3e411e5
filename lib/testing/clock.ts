/** A time span; its members add up. */
export interface Duration {
    readonly days?: number | undefined;
    readonly hours?: number | undefined;
    readonly minutes?: number | undefined;
    readonly seconds?: number | undefined;
    readonly ms?: number | undefined;
}

/** A clock that stands still until it is told to go on. */
export interface TestClock {
    /** Milliseconds since the epoch: pass it to `setClock()`, and to a store that takes a clock. May be destructured. */
    readonly now: () => number;
    /** Travels by some seconds or by `{ days: 14 }`, back in time if that is negative; throws for what is no span. */
    readonly advance: (by: number | Duration) => void;
}

const start = Date.UTC(2030, 0, 1);

/** A clock for tests; it begins with 2030, or at this time in milliseconds since the epoch. */
export const testClock = (startsAt: number = start): TestClock => {

    let now = startsAt;
    return {
        now: () => now,
        advance: (by) => {

            const span = milliseconds(by);
            if (!Number.isFinite(span)) {
                throw new Error('advance() takes seconds, or a span such as { days: 14 }');
            }

            now += span;
        }
    };
};

const milliseconds = (by: number | Duration): number => {

    const { days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 } = typeof by === 'number' ? { seconds: by } : by;
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
};
