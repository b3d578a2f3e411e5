// Users sign in with an account that they have elsewhere: the login page is a route whose strategy is @hapi/bell's, and it ends
// with request.oauth2.login(). Sessions, consent, codes and tokens stay here; the provider upstream only says who somebody is.
// Try: npm run example -- upstream, open the address, and sign in at the Example Company as ada, password lovelace.

import bell from '@hapi/bell';
import Boom from '@hapi/boom';
import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

import { registration, startProvider } from './provider';

declare module '@hapi/hapi' {
    interface AuthCredentials {
        /** Who somebody is, as the provider's UserInfo says it. */
        readonly profile?: { readonly sub: string; readonly email: string };
    }
}

const hub = (url: string) => AuthorizationServerBuilder
    .create()
    .setClients([{ client_id: 'app', client_name: 'Report reader', token_endpoint_auth_method: 'none', redirect_uris: [`${url}/callback`], scope: 'openid reports:read' }])
    .setLoginUrl('/login');

export const start = async (port: number): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    const url = `http://localhost:${port}`;
    const provider = await startProvider(`${url}/login`);
    server.ext('onPostStop', () => provider.stop());

    await server.register(bell);
    await server.register([hub(url), OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' })]);
    server.auth.strategy('company', 'bell', {
        provider: {
            name: 'company', protocol: 'oauth2', pkce: 'S256', scope: ['openid', 'email'],
            auth: `${provider.info.uri}/oauth2/authorize`, token: `${provider.info.uri}/oauth2/token`,
            profile: async (credentials, _parameters, get) => {

                credentials.profile = await get(`${provider.info.uri}/oauth2/userinfo`);
            }
        },
        clientId: registration.id, clientSecret: registration.secret, password: 'a cookie password of 32 characters', isSecure: false, location: url
    });
    server.route({
        method: 'GET',
        path: '/login',
        options: { auth: 'company' },
        handler: async (request) => {

            const { profile } = request.auth.credentials;
            return profile === undefined ? Boom.badGateway('The company does not say who you are') : await request.oauth2.login({ subject: `company|${profile.sub}`, name: profile.email });
        }
    });
    server.route({ method: 'GET', path: '/callback', handler: ({ query }) => query });
    await server.start();
    return server;
};
