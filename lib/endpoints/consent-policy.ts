import { isConfidential } from '../clients/record';
import { isLoopbackRedirect, isPrivateUseRedirect } from '../protocol/redirect-uri';
import type { ProvenRequest } from './proven-request';

/** Whether users are asked what a client may do: always, unless it is the operator's own client, or never. */
export type ConsentPolicy = 'explicit' | 'implicit' | 'none';

type Asked = Pick<ProvenRequest, 'client' | 'authorization' | 'prompts'>;

/** Why a user is asked, or is not; `remembered` only if the user agreed to all of it already. */
export type ConsentNeed = 'always' | 'unless_remembered' | 'never' | 'implied';

/**
 * Whether a request needs the user's word.
 *
 * Always, where the client wants the user asked, and where other programs can pose as the client: on a loopback address or an own scheme of a
 * public client nobody knows who listens (RFC 8252 §8.6).
 */
export const consentNeed = ({ client, authorization: { redirectUri }, prompts }: Asked, policy: ConsentPolicy): ConsentNeed => {

    const canBePosedAs = !isConfidential(client) && client.metadata.consent !== 'none' && (isLoopbackRedirect(redirectUri) || isPrivateUseRedirect(redirectUri));
    if (prompts.includes('consent') || canBePosedAs) {
        return 'always';
    }

    if (client.unverified === true) {                           // Nobody has vouched for it, whatever the operator thinks of the clients it knows
        return 'unless_remembered';
    }

    if (policy === 'none') {
        return 'never';
    }

    return policy === 'implicit' && client.metadata.first_party === true ? 'implied' : 'unless_remembered';
};

/** Access without the user is for users who were asked (OpenID Connect Core §11). */
export const withoutOfflineAccess = (asked: ProvenRequest): ProvenRequest => ({ ...asked, target: { ...asked.target, scopes: asked.target.scopes.filter((scope) => scope !== 'offline_access') } });
