import { createHash } from 'node:crypto';

import type { Request, ResponseToolkit } from '@hapi/hapi';

import type { Store } from '../stores/store';
import { authenticatedUser, type AuthenticateUser, type SignedIn, type UserCredentials } from './authenticate-user';
import { FailureLimit } from './failure-limit';

/** Wrong passwords from one address; for one name from there. */
const [mostFromAddress, mostForName] = [20, 10];

/** Asks the project who a user is, and refuses who has failed too often. */
export type LimitedSignIn = (authenticate: AuthenticateUser, credentials: UserCredentials, request: Request, h: ResponseToolkit) => Promise<Omit<SignedIn, 'authTime'> | null>;

/**
 * Signs users in where a program may try passwords without a page: failures are counted for each address, and for each name from there.
 *
 * Names that do not exist are counted like those that do, so that the limits do not tell them apart.
 */
export const limitedSignIn = (store: Pick<Store, 'count' | 'counted'>): LimitedSignIn => {

    const fromAddress = new FailureLimit(store, 'password-address', mostFromAddress);
    const forName = new FailureLimit(store, 'password-name', mostForName);
    return async (authenticate, credentials, request, h) => {

        const address = request.info.remoteAddress;
        const name = `${createHash('sha256').update(credentials.username).digest('base64url')}:${address}`;        // A store's key has to be short, whatever was sent
        const assertFewFailures = async (): Promise<void> => {

            await fromAddress.check(address);
            await forName.check(name);
        };

        await assertFewFailures();
        const user = await authenticatedUser(authenticate, credentials, request, h);
        if (user === null) {
            await forName.failed(name);
            await fromAddress.failed(address);
            return null;
        }

        await assertFewFailures();                              // Again: of many requests at once each would have come before the first failure
        return user;
    };
};
