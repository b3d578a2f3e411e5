import type { Plugin, Request, Server } from '@hapi/hapi';

import { AuthorizationServerBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder, type AccessTokenPayload, type ServerOAuth2 } from '../../lib';
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

export const mistakes = () => {

    // @ts-expect-error: the hub is made by create()
    void new AuthorizationServerBuilder();
    // @ts-expect-error: a list of origins, not one
    AuthorizationServerBuilder.create().setCors('https://app.example.com');
    // @ts-expect-error: all or public
    AuthorizationServerBuilder.create().requirePkce('none');
};
