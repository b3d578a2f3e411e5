import type { Server } from '@hapi/hapi';

import type { SigningKeys } from '../keys/signing-keys';
import { documentEndpoint, type EndpointRoute } from './route';

/** Serves the public keys (RFC 7517 §5); verifiers may keep them for five minutes, half of the time a new key waits before it signs. */
export const mountJwks = (server: Server, route: Pick<EndpointRoute, 'path' | 'cors' | 'options'>, keys: SigningKeys): void => {

    server.route(documentEndpoint({ ...route, description: 'JSON Web Key Set' }, async (_request, h) =>
        h.response(await keys.jwks()).type('application/json').header('cache-control', 'public, max-age=300')));
};
