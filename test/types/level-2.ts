import type { JsonWebKey, webcrypto } from 'node:crypto';

import type { Request } from '@hapi/hapi';

import {
    OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder,
    AuthorizationServerBuilder, type AccessTokenData, type Client, type CodeData, type Grant, type GrantData, type IdTokenData, type OnTokensResult, type TokenErrorResponse, type IssueTokens, type Issuer, type Presented, type OAuth2Error, type OAuth2ErrorCode, type ProvenCodeContext, type ProvenDeviceCodeContext,
    type RefreshTokenData, type SetClaims, type StandardClaims, type TokenResponse, type TokenRoute, type PublicJwk, type UserClaims
} from '../../lib';
import { yes, type ContextOf, type Equals, type Flat } from './equals';

interface Utilities {
    readonly uuid: () => string;
    readonly clock: () => number;
    readonly log: (tags: string | string[], data?: string | object) => void;
    readonly error: (code: OAuth2ErrorCode, description?: string) => OAuth2Error;
}

interface Proven<N extends string> extends Utilities {
    readonly grantType: N;
    readonly client: Client;
    readonly grant: Grant;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly getDefaultAccessTokenData: () => AccessTokenData;
    readonly accessTokenIssuer: Issuer<AccessTokenData>;
    readonly defaultResponse: () => Promise<TokenResponse>;
}

interface OfUser<T extends string> {
    readonly presented: Presented<T>;
    readonly subject: string;
    readonly getDefaultRefreshTokenData: () => RefreshTokenData | null;
    readonly refreshTokenIssuer: Issuer<RefreshTokenData>;
}

interface WithIdToken {
    readonly getDefaultIdTokenData: () => IdTokenData | null;
    readonly idTokenIssuer: Issuer<IdTokenData>;
}

/** The context that a flow's route gives its level-2 token handler. */
type Level2<R> = R extends TokenRoute<infer _P, infer Q> ? ContextOf<IssueTokens<Q>> : never;
type TokenRouteOf<F> = F extends { tokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;
type RefreshRouteOf<F> = F extends { refreshTokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;

yes<Equals<Level2<TokenRouteOf<OAuth2ClientCredentialsBuilder>>, Flat<Proven<'client_credentials'> & { readonly presented: null; readonly subject: null }>>>();
yes<Equals<Level2<TokenRouteOf<OAuth2AuthorizationCodeBuilder>>, Flat<Proven<'authorization_code'> & OfUser<'authorization_code'>>>>();
yes<Equals<Level2<RefreshRouteOf<OAuth2AuthorizationCodeBuilder>>, Flat<Proven<'refresh_token'> & OfUser<'refresh_token'>>>>();
yes<Equals<Level2<TokenRouteOf<OAuth2DeviceAuthorizationBuilder>>, Flat<Proven<'urn:ietf:params:oauth:grant-type:device_code'> & OfUser<'device_code'>>>>();
yes<Equals<Level2<RefreshRouteOf<OAuth2DeviceAuthorizationBuilder>>, Flat<Proven<'refresh_token'> & OfUser<'refresh_token'>>>>();
yes<Equals<Level2<TokenRouteOf<OIDCAuthorizationCodeBuilder>>, Flat<Proven<'authorization_code'> & OfUser<'authorization_code'> & WithIdToken>>>();
yes<Equals<Level2<RefreshRouteOf<OIDCAuthorizationCodeBuilder>>, Flat<Proven<'refresh_token'> & OfUser<'refresh_token'> & WithIdToken>>>();
yes<Equals<Flat<Presented<'device_code'>>, { readonly type: 'device_code'; readonly value: string; readonly grant: Grant; readonly subject: string | null; readonly issuedAt: number; readonly expiresAt: number; readonly active: boolean }>>();

interface CodeContext extends Utilities {
    readonly client: Client;
    readonly subject: string;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly getDefaultGrantData: () => GrantData;
    readonly grantIssuer: Issuer<GrantData, Grant>;
    readonly getDefaultAuthorizationCodeData: () => CodeData;
    readonly parameters: { readonly [name: string]: string | undefined };
    readonly authorizationCodeIssuer: Issuer<CodeData>;
    readonly defaultResponse: () => Promise<{ readonly code: string }>;
}

interface DeviceCodeContext extends Utilities {
    readonly client: Client;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly getDefaultDeviceCodeData: () => CodeData;
    readonly deviceCodeIssuer: Issuer<CodeData>;
    readonly defaultResponse: () => Promise<{ readonly device_code: string; readonly user_code: string }>;
}

yes<Equals<OnTokensResult, TokenErrorResponse | undefined | void>>();

yes<Equals<Flat<ProvenCodeContext>, Flat<CodeContext>>>();
yes<Equals<Flat<ProvenDeviceCodeContext>, Flat<DeviceCodeContext>>>();

yes<Equals<Parameters<SetClaims>, [subject: string, scopes: readonly string[], request: Request]>>();
yes<Equals<Awaited<ReturnType<SetClaims>>, UserClaims | null>>();
yes<Equals<StandardClaims['updated_at'], number | null | undefined>>();

interface Row {
    readonly email: string;
    readonly plan: string;
}

const row: Row = { email: 'a@b', plan: 'gold' };

/** Claims as users have them: from a row of their own, of their own alone, now or later, or of nobody. */
export const claims = [
    AuthorizationServerBuilder.create().setClaims(async () => await Promise.resolve(row)).setScopeClaims({ plan: ['plan'] }).userinfoRoute((route) => route.setPath('/me')),
    OIDCAuthorizationCodeBuilder.create().setClaims(() => ({ plan: 'gold' })).setAcrValues(['urn:a']).setPairwiseSalt('s'),
    OIDCAuthorizationCodeBuilder.create().setClaims(async (subject, scopes) => (subject === scopes[0] ? null : { email: subject, email_verified: true, address: { country: 'DE' }, team: 1 })),
    OIDCAuthorizationCodeBuilder.create().setClaims(() => null)
];

/** Written as users write: no casts, no `!`, no type arguments. */
export const flows = [
    OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.issueTokens(async (ctx) => {

        yes<Equals<typeof ctx.presented, null>>();
        yes<Equals<typeof ctx.subject, null>>();
        // @ts-expect-error: a machine gets no refresh token
        void ctx.refreshTokenIssuer;
        // @ts-expect-error: nor data for one
        void ctx.getDefaultRefreshTokenData;
        // @ts-expect-error: nor an ID token
        void ctx.idTokenIssuer;
        // @ts-expect-error: what was sent is proven and gone
        void ctx.clientSecret;

        return { ...await ctx.defaultResponse(), plan: 'gold' };
    })),
    OAuth2AuthorizationCodeBuilder.create().tokenRoute((route) => route.issueTokens(async ({ getDefaultAccessTokenData, accessTokenIssuer, getDefaultRefreshTokenData, refreshTokenIssuer, subject, presented, ...ctx }) => {

        // @ts-expect-error: not OpenID Connect
        void ctx.idTokenIssuer;
        // @ts-expect-error: not OpenID Connect
        void ctx.getDefaultIdTokenData;

        const data = getDefaultAccessTokenData();
        data.plan = `${subject} ${presented.type}`;
        return { access_token: await accessTokenIssuer.issue(data), refresh_token: await refreshTokenIssuer.issue(getDefaultRefreshTokenData()) };
    })),
    OIDCAuthorizationCodeBuilder.create()
        .setRefreshTokenTTL({ idle: 7 * 86_400, absolute: 30 * 86_400 })
        .setRefreshGracePeriod(30)
        .setRefreshTokenRotation('public')
        .tokenRoute((route) => route.issueTokens(async ({ accessTokenIssuer, idTokenIssuer, getDefaultAccessTokenData, getDefaultIdTokenData }) => ({
            access_token: await accessTokenIssuer.issue(getDefaultAccessTokenData()),
            id_token: await idTokenIssuer.issue(getDefaultIdTokenData())
        })))
        .refreshTokenRoute((route) => route.issueTokens(({ client, grant }) => (client.id === grant.clientId ? { access_token: 'a' } : { error: 'invalid_grant' })))
        .authorizationRoute((route) => route.issueCode(async ({ grantIssuer, getDefaultGrantData, authorizationCodeIssuer, getDefaultAuthorizationCodeData }) => {

            await grantIssuer.issue(getDefaultGrantData());
            return { code: await authorizationCodeIssuer.issue(getDefaultAuthorizationCodeData()) };
        })),
    OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => route
        .setExtraParameters('organization')
        .authenticateUser(({ username, parameters }) => {

            yes<Equals<Flat<typeof parameters>, { readonly organization?: string }>>();
            // @ts-expect-error: a parameter that was not named
            void parameters.tenant;
            return parameters.organization === undefined ? null : username;
        })
        .issueCode((ctx) => {

            yes<Equals<Flat<typeof ctx.parameters>, { readonly organization?: string }>>();
            return ctx.defaultResponse();
        })
        .setExtraParameters('screen_hint')
        .issueCode((ctx) => {

            yes<Equals<Flat<typeof ctx.parameters>, { readonly organization?: string; readonly screen_hint?: string }>>();
            return ctx.defaultResponse();
        })),
    OIDCAuthorizationCodeBuilder.create().authorizationRoute((route) => route.issueCode((ctx) => {

        // @ts-expect-error: none were named
        void ctx.parameters.organization;
        return ctx.defaultResponse();
    }))
];

/** Codes of a device as the handler has them, and what the hook may answer. */
export const answers = [
    OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.issueCode(async (c) => ({ device_code: await c.deviceCodeIssuer.issue(c.getDefaultDeviceCodeData()) }))),
    OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.issueCode(async ({ defaultResponse }) => ({ ...await defaultResponse(), model: 'tv9' }))),
    AuthorizationServerBuilder.create().onTokens((ctx) => (ctx.client.id === 'blocked' ? { error: 'access_denied' } : undefined)),
    AuthorizationServerBuilder.create().onTokens(async ({ accessToken }) => {

        accessToken.claims.plan = await Promise.resolve('gold');
    }),
    AuthorizationServerBuilder.create().onTokens(({ deny, subject, narrowScope }) => (subject === null ? deny() : narrowScope(['openid'])))
];

export const mistakes = () => {

    // @ts-expect-error: a hook that returns something else might have meant a refusal
    AuthorizationServerBuilder.create().onTokens(() => false);
    // @ts-expect-error: an error code that does not exist
    AuthorizationServerBuilder.create().onTokens(() => ({ error: 'nope' }));
    // @ts-expect-error: a device needs the code that it polls with
    OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.issueCode(() => ({ user_code: 'ABCD-EFGH' })));

    // @ts-expect-error: null says nothing at level 2
    OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.issueTokens(() => null));
    // @ts-expect-error: null says nothing at level 2
    OIDCAuthorizationCodeBuilder.create().refreshTokenRoute((route) => route.issueTokens(async () => await Promise.resolve(null)));
    // @ts-expect-error: null says nothing at level 2
    OAuth2AuthorizationCodeBuilder.create().authorizationRoute((route) => route.issueCode(() => null));
    // @ts-expect-error: null says nothing at level 2
    OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.issueCode(() => null));
    // @ts-expect-error: a text is no flag
    OIDCAuthorizationCodeBuilder.create().setClaims(() => ({ email_verified: 'true' }));
    // @ts-expect-error: a Date is no number of seconds
    OIDCAuthorizationCodeBuilder.create().setClaims(async () => ({ updated_at: new Date() }));
    // @ts-expect-error: nor is a text an address
    OIDCAuthorizationCodeBuilder.create().setClaims(() => ({ address: 'Here 1' }));
    // @ts-expect-error: nothing is not nobody
    OIDCAuthorizationCodeBuilder.create().setClaims(() => undefined);
    // @ts-expect-error: an error code that does not exist
    OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.issueTokens(() => ({ error: 'nope' })));
};

// What Node exports a public key as goes into a record without a cast
yes<JsonWebKey extends PublicJwk ? true : false>();
yes<webcrypto.JsonWebKey extends PublicJwk ? true : false>();
