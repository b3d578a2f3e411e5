import { deepEqual } from '@hapi/hoek';

type Confirmation = Readonly<Record<string, unknown>> | null | undefined;

/** Whether two confirmations (`cnf`, RFC 7800 §3.1) name the same key; one may be from a store or a token, where a member that is `undefined` is none. */
export const sameKey = (one: Confirmation, other: Confirmation): boolean => deepEqual(asStored(one), asStored(other));

const asStored = (confirmation: Confirmation): unknown => JSON.parse(JSON.stringify(confirmation ?? null));
