import { OAuth2Error, type ClientMetadata } from 'hapi-oauth2-flows';

/** A client of the demo: its metadata, and whether it runs on the user's own machine. */
export interface DemoClient extends ClientMetadata {
    readonly grant_types: readonly string[];
    readonly scope: string;
    readonly native?: boolean;
}

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

/** The clients that the demo knows; `port` is where their redirect URI points. */
export const demoClients = (port: number): ReadonlyMap<string, DemoClient> => {

    const callback = [`http://localhost:${port}/callback`];
    const clients: readonly DemoClient[] = [
        { client_id: 'demo-machine', client_secret: 'demo-machine-secret', grant_types: ['client_credentials'], scope: 'reports:read reports:write' },
        { client_id: 'demo-web', client_secret: 'demo-web-secret', grant_types: ['authorization_code', 'refresh_token'], redirect_uris: callback, scope: `${user} offline_access` },
        { client_id: 'demo-spa', grant_types: ['authorization_code'], redirect_uris: callback, scope: user },
        { client_id: 'demo-swagger', grant_types: ['authorization_code'], redirect_uris: [`http://localhost:${port}/swaggerui/oauth2-redirect.html`], scope: user },
        { client_id: 'demo-cli', grant_types: ['authorization_code'], redirect_uris: ['http://127.0.0.1/callback'], scope: user, native: true },
        { client_id: 'demo-tv', grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], scope: user }
    ];
    return new Map(clients.map((client) => [client.client_id, client]));
};

/** What a request says about its client. */
interface ClientClaim {
    readonly clientId: string;
    readonly grantType: string;
    readonly clientAuthenticationMethod: string;
    readonly verifyClientSecret: (expected?: string) => boolean;
}

/** The client of a request, once it has proven that it is: a secret for those that have one, nothing for those that cannot keep one. */
export const provenClient = (clients: ReadonlyMap<string, DemoClient>, { clientId, grantType, clientAuthenticationMethod, verifyClientSecret }: ClientClaim): DemoClient => {

    const client = clients.get(clientId);
    const isProven = client?.client_secret === undefined ? clientAuthenticationMethod === 'none' : verifyClientSecret(client.client_secret);
    if (client === undefined || !isProven) {
        throw new OAuth2Error('invalid_client', 'Client authentication failed');
    }

    if (!client.grant_types.includes(grantType)) {
        throw new OAuth2Error('unauthorized_client', 'The client may not use this grant_type');
    }

    return client;
};

/** The scope that a client gets: what it asked for, if it may have all of it; without a wish, everything it may have. */
export const allowedScope = ({ scope: allowed }: DemoClient, requested: string | undefined): string => {

    const names = (requested ?? allowed).split(' ');
    if (!names.every((name) => name === 'offline_access' || allowed.split(' ').includes(name))) {
        throw new OAuth2Error('invalid_scope', 'The client may not have this scope');
    }

    return names.filter((name) => allowed.split(' ').includes(name)).join(' ');
};

/** Only this server's own routes take its tokens (RFC 8707 §2). */
export const checkResource = (issuer: string, resource: readonly string[]): void => {

    if (resource.some((uri) => uri.replace(/\/$/, '') !== issuer.replace(/\/$/, ''))) {
        throw new OAuth2Error('invalid_target', 'The resource is not known here');
    }
};

/** Whether a redirect URI is the client's: letter by letter, but for the port where a native client listens (RFC 8252 §7.3). */
export const isRedirectUriOf = ({ redirect_uris: registered = [], native = false }: DemoClient, redirectUri: string): boolean =>
    registered.includes(redirectUri) || (native && registered.includes(redirectUri.replace(/^(http:\/\/127\.0\.0\.1):\d+\//, '$1/')));
