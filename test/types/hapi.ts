import type { Plugin, Request, Server } from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder, type AccessTokenPayload, type Confirmation, type ServerOAuth2, type TokenIntrospection, type WaitingInteraction } from '../../lib';
import { yes, type Equals } from './equals';

/** What hapi's own types say once the package is imported. */
export const credentials = ({ auth: { credentials: known } }: Request) => {

    const id = known.user?.id;
    const client = known.app?.id;
    const claims = known.claims;
    yes<Equals<typeof id, string | undefined>>();
    yes<Equals<typeof client, string | undefined>>();
    yes<Equals<typeof claims, AccessTokenPayload | undefined>>();
    yes<Equals<typeof known.scope, string[] | undefined>>();
    return { id, client, subject: claims?.sub };
};

/** Builders go straight into register(), alone, together, and in hapi's own envelope. */
export const register = async (server: Server) => {

    const hub = AuthorizationServerBuilder.create().setIssuer('https://auth.example.com').setCors(['https://app.example.com']).requirePkce('public').strategyName('tokens');
    yes<Equals<typeof hub, AuthorizationServerBuilder>>();
    const flow: Plugin<void> = OAuth2ClientCredentialsBuilder.create();
    await server.register(flow);
    await server.register([hub, OIDCAuthorizationCodeBuilder.create(), OAuth2DeviceAuthorizationBuilder.create()]);
    await server.register({ plugin: OAuth2ClientCredentialsBuilder.create(), routes: { prefix: '/v1', vhost: 'auth.example.com' } });
    await server.register(OAuth2ClientCredentialsBuilder.create(), { routes: { prefix: '/v2' } });

    const { oauth2 } = server;
    yes<Equals<typeof oauth2, ServerOAuth2>>();
    await oauth2.keys.rotate();

    return oauth2.issuer;
};

/** What the app's own code learns of a token. */
export const tokens = async ({ oauth2 }: Server) => {

    const claims = await oauth2.tokens.verify('a', { audience: 'https://api.example.com' });
    yes<Equals<typeof claims, AccessTokenPayload | null>>();
    const found = await oauth2.tokens.introspect('a');
    yes<Equals<typeof found, TokenIntrospection>>();
    const binding = found.active ? found.cnf : undefined;
    yes<Equals<typeof binding, Confirmation | undefined>>();
    const client = found.active ? found.client_id : null;
    yes<Equals<typeof client, string | null>>();
    const lived = await oauth2.tokens.revoke('a');
    yes<Equals<typeof lived, boolean>>();
    return { claims, binding, client, lived };
};

export const mistakes = () => {

    // @ts-expect-error: the hub is made by create()
    void new AuthorizationServerBuilder();
    // @ts-expect-error: a list of origins, not one
    AuthorizationServerBuilder.create().setCors('https://app.example.com');
    // @ts-expect-error: all or public
    AuthorizationServerBuilder.create().requirePkce('none');
    // @ts-expect-error: a public client's is always replaced
    OIDCAuthorizationCodeBuilder.create().setRefreshTokenRotation('never');
    // @ts-expect-error: two lifetimes, by name
    OIDCAuthorizationCodeBuilder.create().setRefreshTokenTTL(3600);
    // @ts-expect-error: a machine gets no refresh token
    OAuth2ClientCredentialsBuilder.create().setRefreshGracePeriod;
};

export const ownLoginPage = async ({ oauth2 }: Request) => {

    const waiting = await oauth2.interaction<'organization'>();
    yes<Equals<typeof waiting, WaitingInteraction<'organization'> | null>>();
    const organization: string | undefined = waiting?.parameters.organization;
    // @ts-expect-error: no such parameter was declared
    void waiting?.parameters.connection;
    const any: string | undefined = (await oauth2.interaction())?.parameters.connection;
    return await oauth2.login({ subject: organization ?? any ?? 'alice', interaction: waiting?.interaction });
};
