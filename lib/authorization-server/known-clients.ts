import type { ClientRegistry } from '../clients/registry';
import { exchangerIn } from '../stores/exchange';
import type { GrantRecord, Store } from '../stores/store';

/**
 * What a store says of grants and tokens, as far as their clients are still registered: with a client go its grants, its exchanges and all that hangs
 * on them. Where no clients are registered the store has the last word.
 */
export const grantsOfKnownClients = (store: Pick<Store, 'findGrant' | 'findToken' | 'get'>, clients: ClientRegistry | null): Pick<Store, 'findGrant' | 'findToken' | 'get'> => {

    const isKnown = async (clientId: string): Promise<boolean> => clients === null || await clients.find(clientId) !== null;
    const known = async (grant: GrantRecord | null): Promise<GrantRecord | null> => (grant === null || await isKnown(grant.clientId) ? grant : null);

    return {
        get: async (kind, key) => await store.get(kind, key),
        findGrant: async (grantId) => await known(await store.findGrant(grantId)),
        findToken: async (address) => {

            const found = await store.findToken(address);
            if (found === null) {
                return null;
            }

            const exchanger = exchangerIn(address, found.value);
            return { ...found, grant: exchanger === null || await isKnown(exchanger) ? await known(found.grant) : null };
        }
    };
};
