import type { Client } from '../clients/client';
import type { ShownClient } from '../pages/shown-client';

/** A registered client as people see it. */
export const shownClient = ({ id, metadata, unverified }: Client): ShownClient => ({
    name: metadata.client_name ?? id,
    isVerified: unverified !== true,
    logoUri: metadata.logo_uri,
    clientUri: metadata.client_uri,
    policyUri: metadata.policy_uri,
    tosUri: metadata.tos_uri
});
