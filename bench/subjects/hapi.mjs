// hapi itself, with nothing of OAuth: it parses the form and answers a fixed JSON, or answers the protected route to everybody. The upper bound
// for whatever runs on hapi.

import { randomBytes } from 'node:crypto';

import Hapi from '@hapi/hapi';

import { paths, scope, ttl } from '../settings.mjs';

export const title = 'bare hapi';
export const packages = ['@hapi/hapi'];
export const scenarios = ['client-credentials-jwt', 'client-credentials-opaque', 'protected-repeated'];
export const isBare = true;

export const start = async () => {

    const server = Hapi.server({ port: 0, host: '127.0.0.1', debug: false });
    server.auth.scheme('everybody', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: {} }) }));
    server.auth.strategy('everybody', 'everybody');
    const body = { access_token: randomBytes(48).toString('base64url'), token_type: 'Bearer', expires_in: ttl.accessToken, scope, fixed: true };
    server.route([
        { method: 'POST', path: paths.token, handler: (_request, h) => h.response(body).header('cache-control', 'no-store') },
        { method: 'GET', path: paths.protected, options: { auth: 'everybody' }, handler: () => ({ ok: true }) }
    ]);
    await server.start();
    return { port: server.info.port, make: { token: () => 'x'.repeat(500) } };          // As long as a JWT, so that node reads as much
};
