import type { Server } from '@hapi/hapi';

import type { TokenIssuingFlow } from '../tokens/check';
import type { AuthorizationServer } from './authorization-server';
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
        server.auth.strategy(name, pluginName, { ...shared.strategy(flows, resource), name, isOurs: (strategy: string) => shared.strategies.has(strategy) });
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
