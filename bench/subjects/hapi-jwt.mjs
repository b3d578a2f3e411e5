// @hapi/jwt as its documentation sets it up, with one public key. `validate` does what the other subjects do: it says which scopes there are.

import Hapi from '@hapi/hapi';
import Jwt from '@hapi/jwt';

import { algorithm, paths, resource } from '../settings.mjs';
import { issuer, keys } from './keys.mjs';

export const title = '@hapi/jwt';
export const packages = ['@hapi/jwt', '@hapi/hapi'];
export const scenarios = ['protected-repeated', 'protected-fresh'];

export const start = async () => {

    const { pem, token } = await keys();
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    await server.register(Jwt);
    server.auth.strategy('jwt', 'jwt', {
        keys: { key: pem, algorithms: [algorithm] },
        verify: { aud: resource, iss: issuer, sub: false },
        validate: ({ decoded: { payload } }) => ({ isValid: true, credentials: { scope: payload.scope.split(' '), app: { id: payload.client_id } } })
    });
    server.route({ method: 'GET', path: paths.protected, options: { auth: { strategy: 'jwt', access: { scope: ['api:read'] } } }, handler: () => ({ ok: true }) });
    await server.start();
    return { port: server.info.port, make: { token } };
};
