import type { ClientMetadata } from 'hapi-oauth2-flows';

/** The scopes that a user can grant, and what each allows. */
export const userScopes = {
    'openid': 'Who you are',
    'profile': 'Your name and picture',
    'email': 'Your e-mail address',
    'address': 'Your postal address',
    'phone': 'Your phone number',
    'reports:read': 'Read reports'
};

const user = Object.keys(userScopes).join(' ');

/** The resource that the archive is: tokens for the rest of the demo do not open it. */
export const archive = 'https://archive.example.com';

/** Clients that no user sees in an example of their own: the playground's, and the API that it calls, which calls the archive. */
export const playgroundClient = { id: 'playground', secret: 'playground-secret' } as const;
export const apiClient = { id: 'demo-api', secret: 'demo-api-secret' } as const;

const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Where the pages of the demo are: at the issuer, unless that is a plain http address to which no code may be sent. On this machine they always are. */
export const pagesOrigin = (issuer: string, port: number): string => {

    const { origin, protocol, hostname } = new URL(issuer);
    return protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname) ? origin : `http://localhost:${port}`;
};

/** The clients that the demo knows. `port` is where their redirect URIs point; those of the playground are at `origin`, where its pages are. */
export const demoClients = (port: number, origin: string, issuer: string): readonly ClientMetadata[] => {

    const callback = [`http://localhost:${port}/callback`];
    return [
        { client_id: 'demo-machine', client_secret: 'demo-machine-secret', grant_types: ['client_credentials'], scope: 'reports:read reports:write' },
        { client_id: 'demo-web', client_secret: 'demo-web-secret', client_name: 'Demo website', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: callback, scope: `${user} offline_access` },
        { client_id: 'demo-spa', token_endpoint_auth_method: 'none', client_name: 'Demo single-page app', grant_types: ['authorization_code'], redirect_uris: callback, scope: user },
        { client_id: 'demo-swagger', token_endpoint_auth_method: 'none', client_name: 'API documentation', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [`${origin}/swaggerui/oauth2-redirect.html`], scope: `${user} offline_access reports:write` },
        { client_id: 'demo-cli', token_endpoint_auth_method: 'none', client_name: 'Demo command line', grant_types: ['authorization_code'], redirect_uris: ['http://127.0.0.1/callback'], scope: user },
        { client_id: 'demo-tv', token_endpoint_auth_method: 'none', client_name: 'Demo television', grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], scope: user },
        {
            client_id: playgroundClient.id, client_secret: playgroundClient.secret, client_name: 'Playground', grant_types: ['authorization_code', 'refresh_token'], scope: `${user} offline_access`,
            redirect_uris: [`${origin}/playground/callback`], post_logout_redirect_uris: [`${origin}/playground/goodbye`]
        },
        { client_id: apiClient.id, client_secret: apiClient.secret, client_name: 'Reports API', grant_types: [tokenExchange], resources: [issuer] }
    ];
};
