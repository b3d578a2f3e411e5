const minuteLength = 60_000;

/** What expires in one minute, in any order: a list that runs through the entries, so that it costs nothing to grow. */
interface Minute<E> {
    /** In milliseconds since the epoch. */
    readonly end: number;
    first: E | null;
}

/** What can expire. Its fields belong to the queue it is in. */
export abstract class Expiring<E> {

    /** `null` when it is in no queue. */
    minute: Minute<E> | null = null;
    /** How long before the end of its minute it expires: a small integer takes a third of the memory of a time. */
    beforeEnd = 0;
    later: E | null = null;
    earlier: E | null = null;

    /** In milliseconds since the epoch; in no queue, the beginning of time. */
    get expiresAt(): number {

        return this.minute === null ? -Infinity : this.minute.end - this.beforeEnd;
    }
}

/** Entries by the minute in which they expire. Nothing ever looks at all of them, and a minute in which nothing expires takes no time. */
export class ExpiryQueue<E extends Expiring<E>> {

    /** Ascending: the first is where time has come to. */
    readonly #minutes: Minute<E>[] = [];

    /** Puts an entry where it expires, wherever it was. */
    add(entry: E, expiresAt: number): void {

        this.remove(entry);
        const end = Math.ceil(expiresAt / minuteLength) * minuteLength;
        const index = this.#indexOf(end);
        let minute = this.#minutes[index];
        if (minute?.end !== end) {
            minute = { end, first: null };
            this.#minutes.splice(index, 0, minute);
        }

        entry.minute = minute;
        entry.beforeEnd = end === expiresAt ? 0 : end - expiresAt;            // Never is not before never
        entry.later = minute.first;
        if (minute.first !== null) {
            minute.first.earlier = entry;
        }

        minute.first = entry;
    }

    /** Takes an entry out, if it is in. */
    remove(entry: E): void {

        const { minute, later, earlier } = entry;
        if (minute === null) {
            return;
        }

        if (later !== null) {
            later.earlier = earlier;
        }

        if (earlier !== null) {
            earlier.later = later;
        }
        else {
            minute.first = later;
        }

        entry.minute = entry.later = entry.earlier = null;
        if (minute.first === null) {
            this.#minutes.splice(this.#indexOf(minute.end), 1);             // Or what is put off again and again would leave a trail
        }
    }

    /** An entry whose minute has passed. */
    expired(now: number): E | null {

        const minute = this.#minutes[0];
        return minute !== undefined && minute.end <= now ? minute.first : null;
    }

    /** Where a minute is, or belongs. */
    #indexOf(end: number): number {

        let [low, high] = [0, this.#minutes.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (Number(this.#minutes[middle]?.end) < end) {
                low = middle + 1;
            }
            else {
                high = middle;
            }
        }

        return low;
    }
}
