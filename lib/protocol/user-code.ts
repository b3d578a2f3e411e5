import { randomInt } from 'node:crypto';

/** No vowels, so that no word is spelled, and nothing that looks like another letter (RFC 8628 §6.1). */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const length = 8;

/** Longer than any code that a person types, however it is spaced. */
const longestEntry = 64;

/**
 * A new user code as it is shown, `XXXX-XXXX`: 8 letters of 20, which are 34 bits, enough where wrong entries are counted (RFC 8628 §5.1).
 *
 * `random` answers a uniformly random integer from 0 up to, and without, its argument.
 */
export const newUserCode = (random: (limit: number) => number = (limit) => randomInt(limit)): string => {

    const code = Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join('');
    return `${code.slice(0, length / 2)}-${code.slice(length / 2)}`;
};

/** The 8 letters of a user code as somebody typed it, in any case and with spaces or dashes anywhere; `null` if it cannot be one. */
export const readUserCode = (entered: string): string | null => {

    const letters = entered.length > longestEntry ? '' : entered.replace(/[\s\p{Pd}\u00ad\u2212]/gu, '');
    return /^[bcdfghj-np-tv-xz]{8}$/i.test(letters) ? letters.toUpperCase() : null;         // Without /u, or the long s and the Kelvin sign would count as letters
};
