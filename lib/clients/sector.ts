import { isLoopbackRedirect, isPrivateUseRedirect } from '../protocol/redirect-uri';
import type { ClientMetadata } from './client';

/**
 * Whose pairwise subjects a client shares: the host of its `sector_identifier_uri`, else that of all its redirect URIs; `null` if they have no
 * such host (OpenID Connect Core §8.1). The user's own machine and its apps are everybody's, and so say nothing.
 */
export const sectorOf = ({ sector_identifier_uri: sector, redirect_uris: uris = [] }: Pick<ClientMetadata, 'redirect_uris' | 'sector_identifier_uri'>): string | null => {

    if (sector !== undefined) {
        return new URL(sector).hostname;
    }

    const hosts = new Set(uris.map((uri) => (isLoopbackRedirect(uri) || isPrivateUseRedirect(uri) ? '' : new URL(uri).hostname)));
    const [host = '', another] = hosts;
    return host === '' || another !== undefined ? null : host;
};
