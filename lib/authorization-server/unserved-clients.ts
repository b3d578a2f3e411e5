import type { Server } from '@hapi/hapi';

import type { ClientMetadata } from '../clients/client';
import { grantTypesOf } from '../clients/record';
import type { AuthorizationServer } from './authorization-server';

/** Says at start what the operator's client records name and no flow here serves: mostly a slip of the pen, which its client would learn of first. */
export const reportUnservedClients = (server: Server, { clients, resources, joined }: Pick<AuthorizationServer, 'clients' | 'resources' | 'joined'>): void => {

    server.ext('onPreStart', () => {

        const flows = joined();
        const grantTypes = new Set(['refresh_token', ...flows.flatMap(({ metadata }) => metadata.grantTypes)]);
        const areDeclared = resources.scopes.length > 0 || flows.every(({ scopeTexts }) => Object.keys(scopeTexts).length > 0);           // Else every scope exists
        const scopes = new Set(['openid', 'offline_access', ...resources.scopes, ...flows.flatMap(({ metadata }) => metadata.scopes)]);
        const say = ({ client_id: clientId }: ClientMetadata, what: string, name: string): void => {

            server.log(['oauth', 'client'], `The record of the client '${clientId}' names the ${what} '${name}', which no flow of this server has: is it spelled right?`);
        };

        for (const metadata of clients?.records ?? []) {
            grantTypesOf({ metadata }).filter((name) => !grantTypes.has(name)).forEach((name) => say(metadata, 'grant type', name));
            const named = areDeclared ? metadata.scope?.split(' ').filter((name) => name !== '') ?? [] : [];
            named.filter((name) => !scopes.has(name)).forEach((name) => say(metadata, 'scope', name));
        }
    });
};
