import type { Request, ResponseToolkit } from '@hapi/hapi';

import { attempting } from '../protocol/attempt';
import { authenticatedUser, type AuthenticateUser, type UserCredentials } from './authenticate-user';
import type { RateLimits } from './rate-limit';

/** {@link authenticatedUser}, within the limits of wrong passwords: after too many of them 429, and no password is tried. */
export const signInWithin = (limits: Pick<RateLimits, 'signIn'>, authenticate: AuthenticateUser, credentials: UserCredentials, request: Request, h: ResponseToolkit): ReturnType<typeof authenticatedUser> =>
    attempting(limits.signIn(request, credentials.username), () => authenticatedUser(authenticate, credentials, request, h));
