import { durabilityCases } from './stores/contract/durability-cases';
import { grantCases } from './stores/contract/grant-cases';
import { hostileCases } from './stores/contract/hostile-cases';
import { identityCases } from './stores/contract/identity-cases';
import { raceCases } from './stores/contract/race-cases';
import { recordCases } from './stores/contract/record-cases';
import type { StoreCase } from './stores/contract/subject';
import { timeCases } from './stores/contract/time-cases';
import { usageCases } from './stores/contract/usage-cases';

export type { StoreCase, StoreUnderTest } from './stores/contract/subject';

/**
 * What every store promises, for any test runner. Give each case a store, or let them share one:
 *
 *     for (const { name, run } of storeContract) {
 *         it(name, () => run({ store, now: clock.now, advance: clock.advance }));
 *     }
 */
export const storeContract: readonly StoreCase[] = [...recordCases, ...grantCases, ...identityCases, ...timeCases, ...usageCases, ...raceCases, ...hostileCases, ...durabilityCases];
