import type { Request, Server } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { introspectionEndpoint } from '../endpoints/introspection';
import type { EndpointRoute } from '../endpoints/route';
import { assertFree, placeOf, type RoutePath } from '../endpoints/place';
import { revocationEndpoint } from '../endpoints/revocation';
import { SubRoute } from '../endpoints/sub-route';
import type { Form } from '../protocol/form';
import { publicUrl } from '../protocol/issuer';
import { resolveRevocable, resolveToken, revokeToken } from '../tokens/resolve';
import type { AuthorizationServer } from './authorization-server';

/** Settings of the introspection endpoint, at `/oauth2/introspect` unless it has another path. */
export class IntrospectionRoute extends SubRoute {}

/** Settings of the revocation endpoint, at `/oauth2/revoke` unless it has another path. */
export class RevocationRoute extends SubRoute {}

/** The two endpoints at which clients ask about their tokens and give them back, as they were set up. */
export interface TokenManagement {
    readonly introspection: IntrospectionRoute;
    readonly revocation: RevocationRoute;
}

/** Where the two endpoints are. */
export const managementPaths = ({ introspection, revocation }: TokenManagement): { readonly introspection: RoutePath; readonly revocation: RoutePath } =>
    ({ introspection: introspection.path ?? '/oauth2/introspect', revocation: revocation.path ?? '/oauth2/revoke' });

/** Serves introspection (RFC 7662) and revocation (RFC 7009) to registered clients. */
export const mountTokenManagement = (server: Server, shared: AuthorizationServer, management: TokenManagement): void => {

    const paths = managementPaths(management);
    assertFree(server, { path: paths.introspection, owner: 'The AuthorizationServerBuilder', setter: 'introspectionRoute((route) => route.setPath(...))' });
    assertFree(server, { path: paths.revocation, owner: 'The AuthorizationServerBuilder', setter: 'revocationRoute((route) => route.setPath(...))' });
    if (paths.introspection === paths.revocation) {
        throw new Error(`The AuthorizationServerBuilder serves introspection and revocation at ${paths.revocation}: give one of them another path with setPath()`);
    }

    const context = () => ({ keys: shared.keys, store: shared.store, issuer: shared.issuer(), now: shared.clock() });
    const route = (path: RoutePath, { options }: SubRoute): Pick<EndpointRoute, 'cors' | 'options' | 'path'> => ({ path, cors: shared.cors, options });
    const authenticate = async (form: Form, request: Request): Promise<Client> => {

        const { client } = await shared.authenticateClient([], {
            form, headers: request.headers, issuer: shared.issuer(), now: shared.clock(), store: shared.store,
            tokenEndpoint: publicUrl(shared.issuer(), placeOf(server, '/oauth2/token').path)
        });
        return client;
    };

    server.route([
        ...introspectionEndpoint({ ...route(paths.introspection, management.introspection), authenticate, resolve: async (value) => await resolveToken(value, context()) }),
        ...revocationEndpoint({
            ...route(paths.revocation, management.revocation),
            authenticate,
            resolve: async (value) => await resolveRevocable(value, context()),
            revoke: async (token) => await revokeToken(shared.store, token),
            report: ({ kind, grantId, clientId, exchangeId }) => {

                server.log(['oauth', 'revoked'], { what: kind, grant_id: grantId, client_id: clientId, ...exchangeId === undefined ? {} : { exchange_id: exchangeId } });
            }
        })
    ]);
};
