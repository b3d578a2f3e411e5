import type { Server } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import '../authorization-server/decorations';
import type { JoiningFlow } from '../authorization-server/joining-flow';
import { pluginName } from '../authorization-server/plugin-name';

/** The authorization server that lives in a hapi server; throws a sentence where there is none. */
export const hubOf = (server: Server): AuthorizationServer => {

    const plugins: Partial<typeof server.plugins> = server.plugins;
    const hub = plugins[pluginName]?.authorizationServer;
    if (hub === undefined) {
        throw new Error('This server has no authorization server: register a flow of hapi-oauth2-flows before you test it');
    }

    return hub;
};

/** The flow of a name, or the first that is what is wanted; throws a sentence if there is none. */
export const flowOf = (hub: AuthorizationServer, name: string | undefined, what: string, isWanted: (flow: JoiningFlow) => boolean): JoiningFlow => {

    const flows = hub.joined();
    const flow = name === undefined ? flows.find(isWanted) : flows.find((one) => one.name === name);
    if (flow === undefined || !isWanted(flow)) {
        throw new Error(`${name === undefined ? 'No flow of this server' : `No flow called '${name}'`} ${what}: there ${flows.length === 1 ? 'is' : 'are'} ${flows.map((one) => `'${one.name}'`).join(', ') || 'none'}`);
    }

    return flow;
};
