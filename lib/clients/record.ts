import { isLoopbackRedirect, isPrivateUseRedirect } from '../protocol/redirect-uri';
import type { Client, TokenEndpointAuthMethod } from './client';

type Registered = Pick<Client, 'metadata'>;

/** The grant types that a client is registered for: `authorization_code` when its record names none (RFC 7591 §2). */
export const grantTypesOf = ({ metadata: { grant_types: grantTypes = ['authorization_code'] } }: Registered): readonly string[] => grantTypes;

/**
 * The method that a client is registered for: `client_secret_basic` when its record names none (RFC 7591 §2).
 *
 * Never `none` by default: a secret that an environment variable was meant to bring would, when missing, open the client to everybody.
 */
export const authMethodOf = ({ metadata: { token_endpoint_auth_method: method = 'client_secret_basic' } }: Registered): TokenEndpointAuthMethod => method;

/** Whether a client can prove who it is (RFC 6749 §2.1). */
export const isConfidential = (client: Registered): boolean => authMethodOf(client) !== 'none';

/** Whether a client is registered for a grant type. */
export const mayUse = (client: Registered, grantType: string): boolean => grantTypesOf(client).includes(grantType);

/** Whether a client has to send a PKCE challenge. A public client always has to; what is sent is enforced in any case (RFC 9700 §2.1.1). */
export const needsPkce = (client: Registered, setting: 'all' | 'public'): boolean =>
    !isConfidential(client) || (setting === 'all' && client.metadata.require_pkce !== false);

/** Whether a client listens on the user's own machine, by what it says or, where it says nothing, by its redirect URIs (RFC 8252 §7). */
export const isNative = (client: Registered): boolean => {

    const { application_type: type, redirect_uris: uris = [] } = client.metadata;
    const looksNative = uris.length > 0 && uris.every((uri) => isLoopbackRedirect(uri) || isPrivateUseRedirect(uri));
    return type === undefined ? !isConfidential(client) && looksNative : type === 'native';
};
