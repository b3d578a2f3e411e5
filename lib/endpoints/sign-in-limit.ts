import type { Request, ResponseToolkit } from '@hapi/hapi';

import { attempting } from '../protocol/attempt';
import { authenticatedUser, type AuthenticateUser, type UserCredentials } from './authenticate-user';
import type { RateLimits } from './rate-limit';

/** {@link authenticatedUser}, within the limits of wrong passwords: after too many of them 429, and no password is tried. */
export const signInWithin = (limits: Pick<RateLimits, 'signIn'>, authenticate: AuthenticateUser, credentials: UserCredentials, request: Request, h: ResponseToolkit): ReturnType<typeof authenticatedUser> =>
    attempting(limits.signIn(request, credentials.username), () => authenticatedUser(authenticate, credentials, request, h));

/** What somebody has entered in a form, filled in or not. */
export interface EnteredCredentials extends Omit<UserCredentials, 'username' | 'password'> {
    readonly username: string | undefined;
    readonly password: string | undefined;
}

/**
 * {@link signInWithin} for a form of ours: nobody is asked about what is not filled in, and a refusal is one event.
 *
 * The event has nothing of what was entered: people type passwords into the field of the name.
 */
export const signInAtForm = async (limits: Pick<RateLimits, 'signIn'>, authenticate: AuthenticateUser, { username, password, ...asked }: EnteredCredentials, request: Request, h: ResponseToolkit, clientId?: string): ReturnType<typeof authenticatedUser> => {

    const isComplete = username !== undefined && password !== undefined;
    const user = isComplete ? await signInWithin(limits, authenticate, { username, password, ...asked }, request, h) : null;
    if (user === null) {
        request.log(['oauth', 'refused'], { reason: isComplete ? 'wrong_credentials' : 'entry_incomplete', error: 'access_denied', client_id: clientId });
    }

    return user;
};
