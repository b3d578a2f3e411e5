import { invalidGrant, type Proof } from '../grant-types/proof';
import type { Presented } from '../stores/grant';
import type { Issuance } from './issuance';
import type { PresentedProof } from './proven-context';

/** What a code or token of a user adds to a handler's context. */
export const presentedProof = <T extends string>({ presented }: Proof<Presented<T>>, { refreshTokens }: Issuance): PresentedProof<T> => {

    if (presented.subject === null) {
        throw invalidGrant('grant_without_user');
    }

    if (presented.subject === presented.grant.clientId) {           // Its token would pass as the client's own (RFC 9700 §4.15)
        throw invalidGrant('subject_is_client');
    }

    return { ...refreshTokens, presented, subject: presented.subject };
};
