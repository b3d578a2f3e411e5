import type { Client } from '../clients/client';
import type { ShownClient } from '../pages/shown-client';

/** A registered client as people see it, with its logo where the server itself has it. */
export const shownClient = ({ id, metadata, unverified }: Client, logoUri?: string): ShownClient => ({
    name: metadata.client_name ?? id,
    isVerified: unverified !== true,
    logoUri,
    clientUri: metadata.client_uri,
    policyUri: metadata.policy_uri,
    tosUri: metadata.tos_uri
});
