import type { ClientRegistry } from '../clients/registry';
import { exchangerIn } from '../stores/exchange';
import type { Store } from '../stores/store';

/**
 * What a store says of grants and tokens, as far as their clients are still registered: with a client go its grants, its exchanges and all that hangs
 * on them. Where no clients are registered the store has the last word.
 */
export const grantsOfKnownClients = (store: Pick<Store, 'findGrant' | 'findToken' | 'get'>, clients: ClientRegistry | null): Pick<Store, 'findGrant' | 'findToken' | 'get'> => {

    const isKnown = (clientId: string): boolean | Promise<boolean> => clients === null || clients.has(clientId);

    return {
        get: async (kind, key) => await store.get(kind, key),
        findGrant: async (grantId) => {

            const grant = await store.findGrant(grantId);
            return grant !== null && await isKnown(grant.clientId) ? grant : null;
        },
        findToken: async (address) => {

            const found = await store.findToken(address);
            if (found === null) {
                return null;
            }

            const { grant } = found;
            const exchanger = exchangerIn(address, found.value);
            const areKnown = grant !== null && await isKnown(grant.clientId) && (exchanger === null || await isKnown(exchanger));
            return areKnown ? found : { ...found, grant: null };
        }
    };
};
