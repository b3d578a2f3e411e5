import { grantRecord, type Grant } from '../stores/grant';
import type { GrantType } from './grant-type';
import type { Proof, ProofRequest } from './proof';

/** The client's own authentication is all there is (RFC 6749 §4.4). */
export const clientCredentials: GrantType<object, 'client_credentials'> = {
    type: 'client_credentials',
    read: () => ({})
};

/** A grant that is opened with its first tokens: nothing was stored before. */
export const newGrant = (grant: Grant, { store, narrow }: Pick<ProofRequest, 'store' | 'narrow'>): Proof<null> => ({
    grant,
    presented: null,
    target: narrow(grant),
    nonce: null,
    lineage: null,
    settle: async ({ tokens, expiresAt }) => await store.openGrant(grantRecord(grant, expiresAt), tokens),
    abandon: async () => {}
});
