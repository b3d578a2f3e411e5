import type { Client } from '../clients/client';
import type { FlowRuntime } from './runtime';

/** How long the tokens of one client live, in seconds. */
export interface ClientLifetimes {
    readonly ttl: number;
    readonly idTokenTtl: number;
    /** Of refresh tokens. */
    readonly idle: number;
    readonly absolute: number;
}

/** What a client's record says, and no more than its flow: keys are kept, and people are asked again, by the flow's lifetimes. */
export const clientLifetimes = ({ ttl, idTokenTtl, refresh }: Pick<FlowRuntime, 'ttl' | 'idTokenTtl' | 'refresh'>, { metadata }: Pick<Client, 'metadata'>): ClientLifetimes => {

    const { access_token_ttl: own = ttl, id_token_ttl: ownIdToken = idTokenTtl, refresh_token_ttl: ownRefresh = {} } = metadata;
    const absolute = Math.min(refresh.absolute, ownRefresh.absolute ?? Infinity);
    return { ttl: Math.min(ttl, own), idTokenTtl: Math.min(idTokenTtl, ownIdToken), absolute, idle: Math.min(refresh.idle, ownRefresh.idle ?? Infinity, absolute) };
};
