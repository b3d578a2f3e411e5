import type { JwksKeyStore } from '../keys/key-store';
import { boundedCall } from '../stores/bounded-call';
import type { Timer } from '../stores/timer';

/**
 * Where signing keys are: in the key store that was set, of which every call ends within 2.5 seconds, and with 503 if what is behind it is away;
 * or in the server's own, which has its bounds from the store below it.
 */
export const reachedKeys = (store: JwksKeyStore | undefined, own: JwksKeyStore, timer?: Timer): JwksKeyStore => {

    const bound = { owner: 'The key store', timer };
    return store === undefined ? own : {
        list: () => boundedCall(bound, 'list', () => store.list()),
        putIfAbsent: (record) => boundedCall(bound, 'putIfAbsent', () => store.putIfAbsent(record)),
        put: (record) => boundedCall(bound, 'put', () => store.put(record)),
        delete: (id) => boundedCall(bound, 'delete', () => store.delete(id))
    };
};
