// A single-page app signs its users in with PKCE, by nothing but fetch and WebCrypto: public/app.js is all of it.
// This server is its authorization server, its API and its static files, which could as well be three.
// Try: npm run example -- spa, open the address, sign in as ada, password lovelace, and watch the network tab.

import { resolve } from 'node:path';

import Hapi from '@hapi/hapi';
import inert from '@hapi/inert';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost', routes: { files: { relativeTo: resolve('examples/spa/public') } } });
    await server.register(inert);
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([{
                client_id: 'spa', client_name: 'Report reader', token_endpoint_auth_method: 'none', redirect_uris: [`http://localhost:${port}/`], scope: 'openid reports:read'
            }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? { subject: 'user-1', name: 'Ada' } : null)),
        OIDCAuthorizationCodeBuilder.create().setTokenTTL(300).setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' })
    ]);
    server.route([
        { method: 'GET', path: '/', handler: { file: 'index.html' } },
        { method: 'GET', path: '/app.js', handler: { file: 'app.js' } },
        {
            method: 'GET',
            path: '/reports',
            options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'], entity: 'user' } } },
            handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], user: credentials.user?.id })
        }
    ]);
    await server.start();
    return server;
};
