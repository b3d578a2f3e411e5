import type { AuthorizationServer } from '../authorization-server/authorization-server';

/** Throws a sentence if a flow in which users decide has nobody to sign them in. At start, and not before: the hub and every flow may say it. */
export const assertUsersCanSignIn = (owner: string, { interaction: { authenticateUser, own } }: Pick<AuthorizationServer, 'interaction'>): void => {

    if (authenticateUser === undefined && !own.isElsewhere) {
        throw new Error(`${owner} has users decide, but nobody can sign in: call authenticateUser(({ username, password }) => ...) on the AuthorizationServerBuilder, or setLoginUrl() for a sign-in page of your own`);
    }
};
