import type { ClientRegistry } from '../clients/registry';
import type { GrantRecord, Store } from '../stores/store';

/**
 * What a store says of grants and tokens, as far as their clients are still registered: with a client go its grants and all that hangs on
 * them. Where no clients are registered the store has the last word.
 */
export const grantsOfKnownClients = (store: Pick<Store, 'findGrant' | 'findToken'>, clients: ClientRegistry | null): Pick<Store, 'findGrant' | 'findToken'> => {

    const known = async (grant: GrantRecord | null): Promise<GrantRecord | null> => (grant === null || clients === null || await clients.find(grant.clientId) !== null ? grant : null);

    return {
        findGrant: async (grantId) => await known(await store.findGrant(grantId)),
        findToken: async (address) => {

            const found = await store.findToken(address);
            return found === null ? null : { ...found, grant: await known(found.grant) };
        }
    };
};
