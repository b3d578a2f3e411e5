import { randomInt } from 'node:crypto';

/** Nothing that looks like another character, and no vowels, so that no word is spelled. */
const alphabet = '23456789BCDFGHJKMNPQRSTVWXZ';

/** A number for one failure, short enough to be read out on the telephone: 8 characters, so that the log of a month holds each once. */
export const newReference = (): string => Array.from({ length: 8 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
