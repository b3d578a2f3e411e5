import { invalidGrant, type Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import type { Issuance } from './issuance';
import type { PresentedProof } from './proven-context';

/** What a code or token of a user adds to a handler's context. */
export const presentedProof = <T extends string>({ presented }: Proof<Presented<T>>, { refreshTokens }: Issuance): PresentedProof<T> => {

    if (presented.subject === null) {
        throw invalidGrant('grant_without_user');
    }

    return { ...refreshTokens, presented, subject: presented.subject };
};
