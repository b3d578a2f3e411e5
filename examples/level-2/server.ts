// Level 2 with what an app adds of its own: claims in every token, a member of the reply, resources with scopes, opaque
// tokens for one of them, and a route on which users end what they have granted.
// Try: npm run example -- level-2, then paste what it prints. Take a scope from a client, or deny in onTokens().

import { scryptSync, timingSafeEqual } from 'node:crypto';

import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, MemoryStore, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder, type Store } from 'hapi-oauth2-flows';

const hash = (password: string): Buffer => scryptSync(password, 'a salt for each user', 32);
const users = new Map([['ada', { subject: 'user-1', plan: 'gold', email: 'ada@example.com', password: hash('lovelace') }]]);

const hub = (store: Store) => AuthorizationServerBuilder
    .create()
    .setStore(store)
    .setSecrets(['a-secret-of-at-least-32-characters'])
    .setClients([
        {
            client_id: 'web', client_secret: 'web-secret-of-32-random-letters', client_name: 'Report reader',
            redirect_uris: ['https://app.example.com/callback'],
            grant_types: ['authorization_code', 'refresh_token'],
            scope: 'openid email reports:read invoices:read'
        },
        { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' },
        { client_id: 'billing', client_secret: 'billing-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read', resources: ['https://billing.example.com'] }
    ])
    .setResources({
        'https://reports.example.com': { default: true, scopes: { 'reports:read': 'Read your reports' } },
        'https://billing.example.com': { format: 'opaque', scopes: { 'invoices:read': 'Read your invoices' } }
    })
    .authenticateUser(({ username, password }) => {

        const user = users.get(username);
        return user !== undefined && timingSafeEqual(user.password, hash(password)) ? { subject: user.subject, amr: ['pwd'] } : null;
    })
    .setClaims((subject) => {

        const user = [...users.values()].find((one) => one.subject === subject);
        return user === undefined ? null : { email: user.email, email_verified: true };
    })
    .onTokens(({ subject, accessToken }) => {

        accessToken.claims.plan = [...users.values()].find((user) => user.subject === subject)?.plan;
    });

const login = () => OIDCAuthorizationCodeBuilder
    .create()
    .setTokenTTL(600)
    .setScopes({ openid: 'Know who you are', email: 'See your e-mail address' })
    .tokenRoute((route) => route.issueTokens(async ({ defaultResponse, scopes }) => ({
        ...await defaultResponse(),
        reports_url: scopes.includes('reports:read') ? '/reports' : undefined
    })));

const machine = () => OAuth2ClientCredentialsBuilder.create().setTokenTTL(600);

export const start = async (port: number, store: Store = new MemoryStore({ clock: Date.now })): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, host: 'localhost', debug: false });
    await server.register([hub(store), login(), machine()]);
    server.route([
        {
            method: 'GET',
            path: '/reports',
            options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
            handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], plan: credentials.claims?.plan ?? null, client: credentials.app?.id })
        },
        {
            method: 'DELETE',
            path: '/me/apps',
            options: { auth: { strategy: 'oauth2', access: { entity: 'user' } } },
            handler: async ({ auth: { credentials: { user } } }) => ({ ended: await server.oauth2.grants.revokeSubject(user?.id ?? '') })
        }
    ]);
    await server.start();
    return server;
};
