import type { Request, ResponseToolkit } from '@hapi/hapi';

import {
    type OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, OAuth2Error, OAuth2ErrorCode, OAuth2TokenResponse, OIDCAuthorizationCodeBuilder,
    type AccessTokenClaims, type AuthorizationCodeParameters, type AuthorizationContext, type ClaimsRequest, type AuthorizationResult, type Confirmation, type DeviceAuthorizationContext, type DeviceCodeParameters,
    type GenerateCode, type GenerateDeviceCode, type GenerateToken, type IdTokenClaims, type JwtAccessToken, type RefreshTokenParameters, type SignedIdToken, type TokenRoute, type UnprovenTokenContext,
    type UserCodeContext, type VerifyUserCode
} from '../../lib';
import { yes, type ContextOf, type Equals, type Flat } from './equals';

/** What every level-1 token context has. */
interface Sent<N extends string = string> {
    readonly grantType: N;
    readonly clientId: string;
    readonly clientSecret: string | undefined;
    readonly clientAuthenticationMethod: string;
    readonly verifyClientSecret: (expected?: string) => boolean;
    readonly ttl: number;
    readonly tokenType: string;
    readonly scope: string | undefined;
    readonly resource: readonly string[];
    readonly confirmation: Confirmation | undefined;
    readonly createJwtAccessToken: (claims?: AccessTokenClaims) => Promise<JwtAccessToken>;
    readonly createIdToken: (claims: IdTokenClaims) => Promise<SignedIdToken>;
}

type CodeContext = Flat<Sent<'authorization_code'> & {
    readonly code: string;
    readonly codeVerifier: string | undefined;
    readonly redirectUri: string | undefined;
    readonly verifyCodeVerifier: (codeVerifier?: string, codeChallenge?: string) => boolean;
}>;

/** The context that a flow's route gives its level-1 token handler. */
type Level1<R> = R extends TokenRoute<infer P, infer _Q, infer N> ? ContextOf<GenerateToken<P, N>> : never;
type TokenRouteOf<F> = F extends { tokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;
type RefreshRouteOf<F> = F extends { refreshTokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;

yes<Equals<Flat<UnprovenTokenContext>, Flat<Sent>>>();
yes<Equals<Level1<TokenRouteOf<OAuth2ClientCredentialsBuilder>>, Flat<Sent<'client_credentials'>>>>();
yes<Equals<Level1<TokenRouteOf<OAuth2AuthorizationCodeBuilder>>, CodeContext>>();
yes<Equals<Level1<TokenRouteOf<OIDCAuthorizationCodeBuilder>>, CodeContext>>();
yes<Equals<Level1<TokenRouteOf<OAuth2DeviceAuthorizationBuilder>>, Flat<Sent<'urn:ietf:params:oauth:grant-type:device_code'> & { readonly deviceCode: string }>>>();
yes<Equals<Level1<RefreshRouteOf<OAuth2AuthorizationCodeBuilder>>, Flat<Sent<'refresh_token'> & { readonly refreshToken: string }>>>();
yes<Equals<Level1<RefreshRouteOf<OIDCAuthorizationCodeBuilder>>, Flat<Sent<'refresh_token'> & { readonly refreshToken: string }>>>();
yes<Equals<Level1<RefreshRouteOf<OAuth2DeviceAuthorizationBuilder>>, Flat<Sent<'refresh_token'> & { readonly refreshToken: string }>>>();
yes<Equals<Flat<AuthorizationCodeParameters>, Omit<CodeContext, keyof Sent>>>();
yes<Equals<keyof DeviceCodeParameters | keyof RefreshTokenParameters, 'deviceCode' | 'refreshToken'>>();

// @ts-expect-error: the check itself can say no
yes<Equals<{ readonly a: string }, { readonly a: string | undefined }>>();
// @ts-expect-error: and does not fall for any
yes<Equals<Sent['scope'], ReturnType<typeof JSON.parse>>>();

yes<Equals<ContextOf<GenerateCode>, Flat<{
    readonly clientId: string;
    readonly redirectUri: string;
    readonly responseType: 'code';
    readonly scope: string | undefined;
    readonly state: string | undefined;
    readonly nonce: string | undefined;
    readonly claims?: ClaimsRequest | undefined;
    readonly resource: readonly string[];
    readonly codeChallenge: string | undefined;
    readonly codeChallengeMethod: 'S256' | undefined;
    readonly username: string | undefined;
    readonly password: string | undefined;
}>>>();
yes<Equals<ContextOf<GenerateCode>, Flat<AuthorizationContext>>>();
yes<Equals<ContextOf<GenerateDeviceCode>, Flat<DeviceAuthorizationContext>>>();
yes<Equals<Flat<DeviceAuthorizationContext>, Pick<Sent, 'clientId' | 'clientSecret' | 'clientAuthenticationMethod' | 'verifyClientSecret' | 'scope' | 'resource'>>>();
yes<Equals<ContextOf<VerifyUserCode>, Flat<UserCodeContext>>>();
yes<Equals<Flat<UserCodeContext>, { readonly userCode: string; readonly username: string | undefined; readonly password: string | undefined }>>();

/** Written as users write: no casts, no `!`, no type arguments. */
export const flows = [
    OAuth2ClientCredentialsBuilder.create()
        .setTokenTTL(600).setDescription('Machines').setScopes({ a: 'A' }).addClientAuthenticationMethod('client_secret_basic').strategyName('machines').useAccessTokenJwks(true)
        .validate((_request, { jwtAccessTokenPayload }) => ({ isValid: jwtAccessTokenPayload !== null && jwtAccessTokenPayload.client_id === 'm', credentials: { scope: ['a'] } }))
        .tokenRoute((route) => route.setPath('/token').generateToken(async (ctx, request, h) => {

            const given: [Request, ResponseToolkit] = [request, h];
            void given;

            // @ts-expect-error: nothing is redeemed
            void ctx.code;
            // @ts-expect-error: nothing is polled with
            void ctx.deviceCode;
            // @ts-expect-error: nothing is refreshed
            void ctx.refreshToken;
            // @ts-expect-error: nothing is proven
            void ctx.client;
            // @ts-expect-error: an ID token is about somebody
            void ctx.createIdToken({});
            // @ts-expect-error: when a token expires is for setTokenTTL() to say
            void ctx.createJwtAccessToken({ exp: 1 });
            // @ts-expect-error: who issued it is the server
            void ctx.createJwtAccessToken({ iss: 'https://evil.example.com' });
            // @ts-expect-error: so in an ID token
            void ctx.createIdToken({ sub: 'a', exp: 1 });
            // @ts-expect-error: which would be a logout token
            void ctx.createIdToken({ sub: 'a', events: {} });
            // @ts-expect-error: contexts do not change
            ctx.clientId = 'other';

            const { token, kid, expiresIn } = await ctx.createJwtAccessToken({ sub: 'a', scope: ['a'], plan: 'gold' });
            return new OAuth2TokenResponse({ access_token: token, kid }).setExpiresIn(expiresIn).setScope(ctx.scope);
        })),
    OAuth2DeviceAuthorizationBuilder.create()
        .tokenRoute((route) => route.generateToken(({ deviceCode }) => (deviceCode === 'x' ? { access_token: 'a' } : { error: OAuth2ErrorCode.AUTHORIZATION_PENDING })))
        // @ts-expect-error: a device redeems no code
        .tokenRoute((route) => route.generateToken(({ code }) => ({ access_token: String(code) })))
        .refreshTokenRoute((route) => route.generateToken(({ refreshToken }) => ({ access_token: refreshToken.toUpperCase() })))
        .authorizationRoute((route) => route
            .generateCode(({ clientId }) => (clientId === 'tv' ? { device_code: 'd', user_code: 'u' } : null))
            .verifyUserCode(({ userCode }) => (userCode === 'u' ? { type: 'allow' } : { type: 'deny' }))
            .setVerificationPath('/device')
            .setGETResponseRenderer(({ userCode, action }, _request, h) => h.response(`${userCode ?? ''} ${action}`))),
    OIDCAuthorizationCodeBuilder.create()
        .additionalConfiguration({ claims_supported: ['sub'] })
        .authorizationRoute((route) => route
            .setUsernameField('email')
            .generateCode(async ({ redirectUri, codeChallenge, username }) => {

                await Promise.resolve();
                return username === undefined ? null : { type: 'code', value: `${redirectUri} ${codeChallenge ?? ''}` };
            })
            .finalizeAuthorization(({ authorizationResult, fullRedirectUri }, _request, h) => (authorizationResult.type === 'deny' ? h.response('Bye') : h.redirect(fullRedirectUri))))
        .tokenRoute((route) => route.generateToken(async ({ code, codeVerifier, verifyCodeVerifier, createIdToken }) => {

            if (!verifyCodeVerifier(codeVerifier, 'challenge')) {
                throw new OAuth2Error('invalid_grant', code);
            }

            return { access_token: 'a', id_token: (await createIdToken({ sub: 'alice', nonce: undefined, roles: ['x'] })).token };
        }))
        .refreshTokenRoute((route) => route.generateToken(() => null))
];

const machine = OAuth2ClientCredentialsBuilder.create();
const openid = OIDCAuthorizationCodeBuilder.create();

// The setters keep the subclass in the chain
yes<Equals<ReturnType<typeof openid.setTokenTTL>, OIDCAuthorizationCodeBuilder>>();
yes<Equals<ReturnType<typeof openid.setJwksKeyStore>, OIDCAuthorizationCodeBuilder>>();
yes<Equals<ReturnType<typeof openid.refreshTokenRoute>, OIDCAuthorizationCodeBuilder>>();
yes<Equals<ReturnType<typeof openid.authorizationRoute>, OIDCAuthorizationCodeBuilder>>();
yes<Equals<ReturnType<typeof machine.tokenRoute>, OAuth2ClientCredentialsBuilder>>();

export const mistakes = () => {

    // @ts-expect-error: a machine has nothing to refresh
    machine.refreshTokenRoute(() => undefined);
    // @ts-expect-error: and no user to ask
    machine.authorizationRoute(() => undefined);
    // @ts-expect-error: metadata of the server belongs to OpenID flows and the hub
    machine.additionalConfiguration({});
    // @ts-expect-error: seconds are a number
    machine.setTokenTTL('600');
    // @ts-expect-error: a method that needs settings
    machine.addClientAuthenticationMethod('private_key_jwt');
    // @ts-expect-error: a secret signs no tokens
    machine.setAccessTokenAlgorithm('HS256');
    // @ts-expect-error: a path begins with a slash
    machine.tokenRoute((route) => route.setPath('oauth2/token'));
    // @ts-expect-error: the protocol's options are not the app's
    machine.tokenRoute((route) => route.setOptions({ auth: 'session' }));
    // @ts-expect-error: an error code that does not exist
    machine.tokenRoute((route) => route.generateToken(() => ({ error: 'invalid_password' })));
    // @ts-expect-error: a reply needs a token
    machine.tokenRoute((route) => route.generateToken(() => ({ expires_in: 600 })));
    // @ts-expect-error: an error code that does not exist
    void new OAuth2Error('invalid_password');
    // @ts-expect-error: a flow is made by create()
    void new OIDCAuthorizationCodeBuilder();
    // @ts-expect-error: a code needs its value
    openid.authorizationRoute((route) => route.generateCode(() => ({ type: 'code' })));
};

yes<Equals<AuthorizationResult['type'], 'code' | 'continue' | 'deny'>>();
