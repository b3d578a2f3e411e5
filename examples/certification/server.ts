import Hapi from '@hapi/hapi';

import { AuthorizationServerBuilder, OIDCAuthorizationCodeBuilder, type OutboundFetch } from 'hapi-oauth2-flows';

import { selfSigned } from './certificate';

/** All of OpenID's; `offline_access` comes by itself. */
const scopes = { openid: 'Know who you are', profile: 'See your profile', email: 'See your e-mail address', address: 'See your address', phone: 'See your phone number' };

/** Where the suite waits for what comes after a logout: beside its redirect URI. */
const beside = (callback: string, name: string): string => new URL(name, callback).href;

/**
 * The clients of a plan with `static_client`, one for each secret method, and one that hears of logouts, which only the plan for these expects; with `dynamic_client`
 * the suite registers its own.
 */
export const clientsFor = (callback: string) => {

    const common = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid profile email address phone offline_access', post_logout_redirect_uris: [beside(callback, 'post_logout_redirect')] };
    return {
        client1: { ...common, client_id: 'client1', client_secret: 'client1-secret-of-32-random-letters', client_name: 'Conformance client 1', redirect_uris: [callback] },
        client2: { ...common, client_id: 'client2', client_secret: 'client2-secret-of-32-random-letters', client_name: 'Conformance client 2', redirect_uris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`] },
        clientPost: {
            ...common, client_id: 'client-post', client_secret: 'client-post-secret-of-32-letters', client_name: 'Conformance client with client_secret_post', redirect_uris: [callback],
            token_endpoint_auth_method: 'client_secret_post' as const
        },
        clientLogout: {
            ...common, client_id: 'client-logout', client_secret: 'client-logout-secret-of-32-letters', client_name: 'Conformance client that hears of logouts', redirect_uris: [callback],
            backchannel_logout_uri: beside(callback, 'backchannel_logout'), backchannel_logout_session_required: true
        }
    };
};

/** A user with every standard claim (OpenID Connect Core §5.1): a plan warns of each that is missing. */
export const ada = {
    name: 'Ada Lovelace',
    given_name: 'Ada',
    family_name: 'Lovelace',
    middle_name: 'King',
    nickname: 'Countess',
    preferred_username: 'ada',
    profile: 'https://example.com/ada',
    picture: 'https://example.com/ada.png',
    website: 'https://ada.example.com/',
    gender: 'female',
    birthdate: '1815-12-10',
    zoneinfo: 'Europe/London',
    locale: 'en-GB',
    updated_at: 1_767_225_600,
    email: 'ada@example.com',
    email_verified: true,
    phone_number: '+44 20 7946 0000',
    phone_number_verified: true,
    address: {
        formatted: '12 St James\'s Square\nLondon SW1Y 4JH\nUnited Kingdom',
        street_address: '12 St James\'s Square',
        locality: 'London',
        region: 'England',
        postal_code: 'SW1Y 4JH',
        country: 'United Kingdom'
    }
};

export interface Certification {
    readonly port: number;
    /** How the suite reaches the server. */
    readonly issuer: string;
    /** The suite's own redirect URI: `https://…/test/a/<alias>/callback`. */
    readonly callback: string;
    /** `null` where a proxy in front of the server speaks TLS. */
    readonly tls?: { readonly key: string; readonly cert: string } | null;
    readonly clock?: () => number;
    /** How clients' servers are asked, if not by the hub's own way: public addresses only, with certificates that Node trusts. */
    readonly fetch?: OutboundFetch;
}

/** The server that takes the plans of the OpenID Foundation: `docs/conformance.md`. Everything is in memory, so it runs as long as they do. */
export const createCertification = async ({ port, issuer, callback, tls = selfSigned, clock = Date.now, fetch }: Certification): Promise<Hapi.Server> => {

    const server = Hapi.server({ port, debug: false, ...tls === null ? {} : { tls } });
    const hub = AuthorizationServerBuilder
        .create()
        .setIssuer(issuer)
        .setClock(clock)
        .allowDevelopmentDefaults()                         // Keys and sessions in memory, for an issuer that the suite can reach
        .requirePkce('public')                              // The plans send no PKCE but in one module
        .setClients(Object.values(clientsFor(callback)))
        .registrationRoute((route) => route.allow('open').setPolicy(() => ({ verified: true })))
        .authenticateUser(({ username, password }) => (username === 'ada' && password === 'lovelace' ? 'user-1' : null))
        .setClaims((subject) => (subject === 'user-1' ? ada : null));
    if (fetch !== undefined) {
        hub.setFetch(fetch);
    }

    await server.register([hub, OIDCAuthorizationCodeBuilder.create().setScopes(scopes)]);
    return server;
};
