import { boundedCall } from '../stores/bounded-call';
import type { Timer } from '../stores/timer';
import type { ClientStore } from './client';

/** A client store of which every call ends: within 2.5 seconds, and with 503 if what is behind it is away. */
export const clientsWithinReach = (store: ClientStore, timer?: Timer): ClientStore => ({
    get: (clientId) => boundedCall({ owner: 'The client store', timer }, 'get', () => store.get(clientId))
});
