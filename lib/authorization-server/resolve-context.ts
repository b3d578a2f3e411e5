import type { ResolveContext } from '../tokens/resolve';
import type { AuthorizationServer } from './authorization-server';
import { grantsOfKnownClients } from './known-clients';

/** What a server finds the tokens behind texts with: those of clients that are still registered. `now` is in milliseconds since the epoch. */
export const resolveContext = (shared: AuthorizationServer, now = shared.clock()): ResolveContext =>
    ({ keys: shared.keys, store: grantsOfKnownClients(shared.store, shared.clients), issuer: shared.issuer(), now });
