import { newGrant } from '../grant-types/client-credentials';
import type { Proof } from '../grant-types/proof';
import type { Target } from '../protocol/resources';
import { newGrantId } from '../protocol/token-value';
import type { Grant } from '../stores/grant';
import type { ProvenRequest } from './proven-handler';
import type { FlowRuntime } from './runtime';

/** A new grant for who was just proven at the token endpoint: stored with its first tokens in one call. */
export const openedGrant = ({ name: flow }: Pick<FlowRuntime, 'name'>, { client, store, now }: Pick<ProvenRequest, 'client' | 'store' | 'now'>, { audience, scopes }: Target, { subject, authTime, acr, amr, data }: Pick<Grant, 'subject' | 'authTime' | 'acr' | 'amr' | 'data'>): Proof<null> =>
    newGrant({ id: newGrantId(), clientId: client.id, subject, scopes, resources: audience, authTime, acr, amr, claims: null, sessionId: null, sid: null, flow, createdAt: Math.floor(now / 1000), data }, { store, narrow: () => ({ audience, scopes }) });
