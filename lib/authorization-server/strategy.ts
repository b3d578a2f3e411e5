import type { Server } from '@hapi/hapi';

import type { StrategyContext, TokenIssuingFlow } from '../tokens/check';
import { LiveGrants } from '../tokens/live-grants';
import { VerifiedTokens } from '../tokens/verified-tokens';
import type { AuthorizationServer } from './authorization-server';
import { grantsOfKnownClients } from './known-clients';
import { pluginName } from './plugin-name';

/** What a strategy is for. */
export interface NewStrategy {
    readonly name: string;
    /** How its owner calls itself in a sentence. */
    readonly owner: string;
    /** The flows whose tokens it accepts. */
    readonly flows: () => readonly TokenIssuingFlow[];
    /** The one resource whose tokens it accepts; the server's own when left out. */
    readonly resource?: string | undefined;
}

/** Adds a strategy of the one scheme, with a cache of its own; throws a sentence if the app has one of that name. */
export const addStrategy = (server: Server, shared: AuthorizationServer, { name, owner, flows, resource }: NewStrategy): void => {

    try {
        server.auth.strategy(name, pluginName, { ...strategyContext(shared, flows, resource), name, isOurs: (strategy: string) => shared.strategies.has(strategy) });
    }
    catch (err) {
        throw new Error(`${owner} cannot have the auth strategy '${name}', because there is one of that name already: choose another with ${resource === undefined ? 'strategyName()' : 'strategy in setResources()'}`, { cause: err });
    }

    shared.strategies.add(name);
};

/** Adds the strategies of the resources that name one, each for the tokens of all flows that are for its resource (RFC 9068 §4). */
export const addResourceStrategies = (server: Server, shared: AuthorizationServer): void => {

    for (const { name, resource } of shared.resources.strategies) {
        addStrategy(server, shared, { name, resource, owner: `The resource '${resource}'`, flows: () => shared.flows() });
    }
};

/** What a strategy works with; what it remembers is its own. */
const strategyContext = (shared: AuthorizationServer, flows: NewStrategy['flows'], resource: string | undefined): StrategyContext => {

    const { keys, store, clients, clock, trusted: { windowMs, mostVerified } } = shared;
    return {
        verified: new VerifiedTokens(keys, mostVerified),
        grants: new LiveGrants({ store: grantsOfKnownClients(store, clients), clock, windowMs }),
        store, clock, flows,
        issuer: () => shared.issuer(),
        audience: () => resource ?? shared.audience(),
        saysAudience: resource !== undefined
    };
};
