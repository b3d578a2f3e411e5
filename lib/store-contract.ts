import { raceCases } from './stores/contract/race-cases';
import type { StoreCase } from './stores/contract/subject';

export type { StoreCase, StoreUnderTest } from './stores/contract/subject';

/**
 * What every store promises, for any test runner. Give each case a store, or let them share one:
 *
 *     for (const { name, run } of storeContract) {
 *         it(name, () => run({ store, now: clock.now, advance: clock.advance }));
 *     }
 */
export const storeContract: readonly StoreCase[] = [...raceCases];
