import type { Request } from '@hapi/hapi';

import type { UserClaims } from '../protocol/user-claims';

/**
 * Says all that is known of a user, or `null` for a user who is there no more; the framework gives each client what it was granted.
 *
 * `scopes` are those of the token at hand, for those who want to look up no more than is needed.
 */
export type SetClaims = (subject: string, scopes: readonly string[], request: Request) => UserClaims | null | Promise<UserClaims | null>;
