import type { Server } from '@hapi/hapi';

import type { ClientMetadata } from '../clients/client';
import { isConfidential } from '../clients/record';
import type { ClientRegistry } from '../clients/registry';
import { isLoopbackRedirect, isPrivateUseRedirect } from '../protocol/redirect-uri';

/** Says at start which of the operator's clients get tokens without the user's word although other programs can pose as them (RFC 8252 §8.6): it is their record that says so. */
export const reportWaivedConsent = (server: Server, clients: ClientRegistry | null): void => {

    const waived = clients?.records?.filter(isWaived) ?? [];
    server.ext('onPreStart', () => {

        for (const { client_id: clientId } of waived) {
            server.log(['oauth', 'consent'], `The record of the client '${clientId}' has consent: 'none': any program on the user's machine can pose as it, and need not ask the user again (RFC 8252 §8.6)`);
        }
    });
};

const isWaived = (metadata: ClientMetadata): boolean =>
    metadata.consent === 'none' && !isConfidential({ metadata }) && (metadata.redirect_uris ?? []).some((uri) => isLoopbackRedirect(uri) || isPrivateUseRedirect(uri));
