// hapi-auth-jwt2 as its documentation sets it up, with one public key; issuer, audience and algorithm are checked by jsonwebtoken below it.

import Hapi from '@hapi/hapi';
import HapiAuthJwt2 from 'hapi-auth-jwt2';

import { algorithm, paths, resource } from '../settings.mjs';
import { issuer, keys } from './keys.mjs';

export const title = 'hapi-auth-jwt2';
export const packages = ['hapi-auth-jwt2', '@hapi/hapi'];
export const scenarios = ['protected-repeated', 'protected-fresh'];

export const start = async () => {

    const { pem, token } = await keys();
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    await server.register(HapiAuthJwt2);
    server.auth.strategy('jwt', 'jwt', {
        key: pem,
        verifyOptions: { algorithms: [algorithm], audience: resource, issuer },
        validate: ({ scope, client_id: id }) => ({ isValid: true, credentials: { scope: scope.split(' '), app: { id } } })
    });
    server.route({ method: 'GET', path: paths.protected, options: { auth: { strategy: 'jwt', access: { scope: ['api:read'] } } }, handler: () => ({ ok: true }) });
    await server.start();
    return { port: server.info.port, make: { token } };
};
