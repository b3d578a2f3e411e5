import { authorizationCode } from '../grant-types/authorization-code';
import { deviceCode } from '../grant-types/device-code';
import { invalidGrant, type Proof } from '../grant-types/proof';
import { refreshToken } from '../grant-types/refresh-token';
import type { Grant, Presented } from '../stores/grant';
import type { Issuance } from './issuance';
import type { PresentedProof, PresentingGrantTypes } from './proven-context';

const grantTypes: PresentingGrantTypes = { authorization_code: authorizationCode.type, refresh_token: refreshToken.type, device_code: deviceCode.type };

/** What a code or token of a user adds to a handler's context. */
export const presentedProof = <T extends keyof PresentingGrantTypes>({ presented }: Proof<Presented<T>>, { refreshTokens }: Issuance): PresentedProof<T> =>
    ({ grantType: grantTypes[presented.type], presented, subject: userOf({ clientId: presented.grant.clientId, subject: presented.subject }), ...refreshTokens });

/** The user of a grant; throws `invalid_grant` if it has none, or one that is the client itself. */
export const userOf = ({ subject, clientId }: Pick<Grant, 'subject' | 'clientId'>): string => {

    if (subject === null) {
        throw invalidGrant('grant_without_user');
    }

    if (subject === clientId) {                             // Its token would pass as the client's own (RFC 9700 §4.15)
        throw invalidGrant('subject_is_client');
    }

    return subject;
};
