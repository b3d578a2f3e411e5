// An OpenID Provider with pages of its own: a login page that is an ordinary hapi route and ends with request.oauth2.login(),
// a consent page from a @hapi/vision template, and the built-in pages for all else, in the product's name and colours.
// Try: npm run example -- own-pages, open the address, sign in as ada, password lovelace, and change a template.

import { resolve } from 'node:path';

import Hapi from '@hapi/hapi';
import vision from '@hapi/vision';
import handlebars from 'handlebars';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

import { loginRoutes } from './login';
import { claimsOf } from './users';

const hub = (url: string) => AuthorizationServerBuilder
    .create()
    .setClients([{
        client_id: 'reader', client_secret: 'reader-secret-of-32-random-chars', client_name: 'Report reader',
        redirect_uris: [`${url}/callback`], post_logout_redirect_uris: [`${url}/`], scope: 'openid profile email'
    }])
    .setClaims((subject) => claimsOf(subject))
    .setLoginUrl('/login')
    .setTheme({ productName: 'Acme', accent: '#146c2e', radius: '4px', dark: { accent: '#81c995' } })
    .setPages({ consent: (model, _request, h) => h.view('consent', model) });

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register(vision);
    server.views({ engines: { html: handlebars }, path: resolve('examples/own-pages/templates'), layout: true });
    await server.register([
        hub(`http://localhost:${port}`),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', profile: 'See your name', email: 'See your e-mail address' })
    ]);
    server.route([...loginRoutes]);
    server.route({ method: 'GET', path: '/callback', handler: ({ query }) => query });
    await server.start();
    return server;
};
