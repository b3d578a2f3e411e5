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
}

/** Adds a strategy of the one scheme; throws a sentence if the app has one of that name. */
export const addStrategy = (server: Server, shared: AuthorizationServer, { name, owner, flows }: NewStrategy): void => {

    try {
        server.auth.strategy(name, pluginName, { ...shared.strategy(flows), name, isOurs: (strategy: string) => shared.strategies.has(strategy) });
    }
    catch (err) {
        throw new Error(`${owner} cannot have the auth strategy '${name}', because there is one of that name already: choose another with strategyName()`, { cause: err });
    }

    shared.strategies.add(name);
};
