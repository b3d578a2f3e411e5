// hapi and one ES256 signature by jose, and nothing else: no client is looked up, nothing is checked. The upper bound for a token endpoint on
// hapi whose access tokens are JWTs.

import Hapi from '@hapi/hapi';

import { paths, scope, ttl } from '../settings.mjs';
import { keys } from './keys.mjs';

export const title = 'bare hapi + one ES256 signature';
export const packages = ['@hapi/hapi', 'jose'];
export const scenarios = ['client-credentials-jwt'];
export const isBare = true;

export const start = async () => {

    const { token } = await keys();
    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    server.route({
        method: 'POST', path: paths.token,
        handler: async (_request, h) => h.response({ access_token: await token(), token_type: 'Bearer', expires_in: ttl.accessToken, scope }).header('cache-control', 'no-store')
    });
    await server.start();
    return { port: server.info.port, make: {} };
};
