import Hapi from '@hapi/hapi';
import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OIDCAuthorizationCodeBuilder } from 'hapi-oauth2-flows';

const server = Hapi.server({ port: 3000, host: 'localhost' });

const hub = AuthorizationServerBuilder.create()
    .setClients([
        { client_id: 'nightly', client_secret: 'nightly-secret-of-32-characters', grant_types: ['client_credentials'], scope: 'reports:read' },
        { client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris: ['http://localhost:3000/callback'], scope: 'openid reports:read' }
    ])
    .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null));

const people = OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', 'reports:read': 'Read your reports' });
const machines = OAuth2ClientCredentialsBuilder.create();

await server.register([hub, people, machines]);

server.route([
    {
        method: 'GET',
        path: '/reports',
        options: { auth: { strategy: 'oauth2', access: { scope: ['reports:read'] } } },
        handler: ({ auth: { credentials } }) => ({ reports: ['Q1', 'Q2'], client: credentials.app?.id, user: credentials.user?.id })
    },
    { method: 'GET', path: '/callback', handler: ({ query }) => query }         // Where the app of this page would redeem its code
]);

server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => {

    if (tags.includes('refused')) {
        console.log(data);                                  // Why, which the client is not told
    }
});

await server.start();
console.log(`Listening at ${server.info.uri}`);
