// The code of docs/how-to.md, in one server: a login page of its own, claims of its own, a client that signs instead of having a secret,
// and one function that ends all that a user is signed in to. The tests start and use it.

import { createPublicKey } from 'node:crypto';

import Hapi from '@hapi/hapi';
import { escapeHtml } from '@hapi/hoek';
import Joi from 'joi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

interface User {
    readonly id: string;
    readonly name: string;
    readonly password: string;
    readonly plan: string;
}

const users: readonly User[] = [{ id: 'user-1', name: 'ada', password: 'lovelace', plan: 'gold' }];
const userOf = (subject: string | null) => users.find(({ id }) => id === subject);

const hub = (publicKey: string, port: number, clock: () => number) => AuthorizationServerBuilder
    .create()
    .setClock(clock)
    .setClients([
        { client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: [`http://localhost:${port}/callback`], scope: 'openid reports:read' },
        {
            client_id: 'acme', token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'], scope: 'reports:read',
            jwks: { keys: [createPublicKey(publicKey).export({ format: 'jwk' })] }
        }
    ])
    .setLoginUrl('/login')
    .onTokens(({ subject, accessToken, idToken }) => {

        const user = userOf(subject);
        accessToken.claims.plan = user?.plan;
        idToken.claims.plan = user?.plan;
    });

const loginPage = (interaction: string, problem = ''): string => `<!DOCTYPE html><html lang="en"><title>Sign in</title>
    <form method="post" action="/login">
        <p>${problem}</p>
        <input type="hidden" name="interaction" value="${escapeHtml(interaction)}">
        <label>Name <input name="username" autocomplete="username" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button>
    </form></html>`;

interface LoginForm {
    Query: { interaction?: string };
    Payload: { interaction: string; username: string; password: string };
}

const addLogin = (server: Hapi.Server): void => server.route<LoginForm>([
    {
        method: 'GET',
        path: '/login',
        handler: ({ query: { interaction = '' } }) => loginPage(interaction)
    },
    {
        method: 'POST',
        path: '/login',
        options: { validate: { payload: Joi.object({ interaction: Joi.string().allow(''), username: Joi.string().required(), password: Joi.string().required() }) } },
        handler: async (request, h) => {

            const { interaction, username, password } = request.payload;
            const user = users.find((one) => one.name === username && one.password === password);
            if (user === undefined) {
                return h.response(loginPage(interaction, 'The name or the password is wrong')).code(401);
            }

            return await request.oauth2.login({ subject: user.id, name: user.name, amr: ['pwd'] });
        }
    }
]);

export const endEverything = async (server: Hapi.Server, subject: string): Promise<number> => {

    await server.oauth2.sessions.end({ subject });                  // First: whoever is signed in could get a new code meanwhile
    return await server.oauth2.grants.revokeSubject(subject);
};

export const start = async (port: number, publicKey: string, clock: () => number = Date.now): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost' });
    await server.register([
        hub(publicKey, port, clock),
        OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' }),
        OAuth2ClientCredentialsBuilder.create().setScopes({ 'reports:read': 'Read reports' })
    ]);
    addLogin(server);
    server.route({
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ plan: credentials.claims?.plan ?? null, client: credentials.app?.id })
    });
    await server.start();
    return server;
};
