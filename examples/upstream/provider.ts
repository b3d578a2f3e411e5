import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

/** The client that we are there. */
export const registration = { id: 'us', secret: 'our-secret-of-32-random-characters' };

/** The provider that our users have an account with already, such as their company's: here it is one of our own, so that all this runs offline. */
export const startProvider = async (redirectUri: string): Promise<Hapi.Server> => {

    const server = Hapi.server({ host: '127.0.0.1', port: 0 });         // Not localhost: cookies know no ports, and ours is there
    await server.register([
        AuthorizationServerBuilder.create()
            .setClients([{ client_id: registration.id, client_secret: registration.secret, client_name: 'The app downstream', redirect_uris: [redirectUri], scope: 'openid email' }])
            .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'employee-7' : null))
            .setClaims(() => ({ email: 'ada@example.com', email_verified: true }))
            .setTheme({ productName: 'Example Company' }),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', email: 'See your e-mail address' })
    ]);
    await server.start();
    return server;
};
