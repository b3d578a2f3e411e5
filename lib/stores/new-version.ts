import { randomInt } from 'node:crypto';

/**
 * The first version of a record that an engine does not remember, to count on from. At random, since the engine may have forgotten one of the
 * same name: whoever read that one must not replace this one. Safe in a double, whatever is counted on top.
 */
export const newVersion = (): number => randomInt(1, 2 ** 47);
