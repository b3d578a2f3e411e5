// What one writes without a library: a scheme of twenty lines around jose's jwtVerify, with issuer, audience, type and algorithm checked.

import Boom from '@hapi/boom';
import Hapi from '@hapi/hapi';
import { jwtVerify } from 'jose';

import { algorithm, paths, resource } from '../settings.mjs';
import { issuer, keys } from './keys.mjs';

export const title = 'jose in a bare scheme';
export const packages = ['@hapi/hapi', 'jose'];
export const scenarios = ['protected-repeated', 'protected-fresh'];

export const start = async () => {

    const { publicKey, token } = await keys();
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    server.auth.scheme('jose', () => ({
        async authenticate({ headers: { authorization = '' } }, h) {

            try {
                const { payload } = await jwtVerify(authorization.slice('Bearer '.length), publicKey, { issuer, audience: resource, algorithms: [algorithm], typ: 'at+jwt' });
                return h.authenticated({ credentials: { scope: payload.scope.split(' '), app: { id: payload.client_id } } });
            }
            catch (err) {
                throw Boom.unauthorized(err.code, 'Bearer');
            }
        }
    }));
    server.auth.strategy('jose', 'jose');
    server.route({ method: 'GET', path: paths.protected, options: { auth: { strategy: 'jose', access: { scope: ['api:read'] } } }, handler: () => ({ ok: true }) });
    await server.start();
    return { port: server.info.port, make: { token } };
};
