import {
    OAuth2CustomGrantBuilder, OAuth2PasswordBuilder,
    type AccessTokenData, type Client, type CustomGrantContext, type CustomGrantParameters, type GenerateToken, type Grant, type IssueTokens, type Issuer, type OAuth2Error, type OAuth2ErrorCode,
    type RefreshTokenData, type TokenResponse, type TokenRoute, type UnprovenTokenContext
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
    readonly presented: null;
    readonly getDefaultRefreshTokenData: () => RefreshTokenData | null;
    readonly refreshTokenIssuer: Issuer<RefreshTokenData>;
}

type TokenRouteOf<F> = F extends { tokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;
type Level1<R> = R extends TokenRoute<infer P, infer _Q, infer N> ? ContextOf<GenerateToken<P, N>> : never;
type Level2<R> = R extends TokenRoute<infer _P, infer Q> ? ContextOf<IssueTokens<Q>> : never;
type PolicyOf<F> = F extends { setPolicy(policy: infer P): unknown } ? ContextOf<P> : never;

const bare = OAuth2CustomGrantBuilder.create('urn:example:grant-type:bare');
const declared = OAuth2CustomGrantBuilder.create('urn:example:grant-type:declared').setTokenTTL(60).setParameters(['assertion', 'otp'], { optional: ['device_name'] }).setDescription('Declared');
export const optional = OAuth2CustomGrantBuilder.create('urn:example:grant-type:optional').setParameters([], { optional: ['hint'] });
export const required = OAuth2CustomGrantBuilder.create('urn:example:grant-type:required').setParameters(['assertion', 'otp']);

interface Declared {
    readonly assertion: string;
    readonly otp: string;
    readonly device_name: string | undefined;
}

// Exact for the declared names, and for nothing else
yes<Equals<keyof Level1<TokenRouteOf<typeof bare>>['parameters'], never>>();
yes<Equals<Flat<Level1<TokenRouteOf<typeof declared>>['parameters']>, Flat<Declared>>>();
yes<Equals<Flat<Level1<TokenRouteOf<typeof optional>>['parameters']>, { readonly hint: string | undefined }>>();
yes<Equals<Flat<Level1<TokenRouteOf<typeof required>>['parameters']>, { readonly assertion: string; readonly otp: string }>>();
yes<Equals<Exclude<keyof Level1<TokenRouteOf<typeof declared>>, keyof UnprovenTokenContext>, 'parameters'>>();
yes<Equals<Exclude<keyof Level1<TokenRouteOf<OAuth2PasswordBuilder>>, keyof UnprovenTokenContext>, 'username' | 'password'>>();
yes<Equals<Level1<TokenRouteOf<OAuth2PasswordBuilder>>['password'], string>>();
yes<Equals<Level1<TokenRouteOf<OAuth2PasswordBuilder>>['grantType'], 'password'>>();
yes<Equals<Level1<TokenRouteOf<typeof declared>>['grantType'], 'urn:example:grant-type:declared'>>();

/** One of whose name nobody knows more than that it is a text. */
export const named: OAuth2CustomGrantBuilder = OAuth2CustomGrantBuilder.create<string>('urn:example:grant-type:named');
yes<Equals<Level1<TokenRouteOf<typeof named>>['grantType'], string>>();

yes<Equals<Level2<TokenRouteOf<typeof declared>>, Flat<Proven<'urn:example:grant-type:declared'> & { readonly subject: string | null }>>>();
yes<Equals<Level2<TokenRouteOf<OAuth2PasswordBuilder>>, Flat<Proven<'password'> & { readonly subject: string }>>>();
yes<Equals<PolicyOf<typeof bare>, Flat<CustomGrantContext<CustomGrantParameters<never, never>, 'urn:example:grant-type:bare'>>>>();
yes<Equals<Exclude<keyof PolicyOf<typeof declared>, keyof Utilities>, 'grantType' | 'client' | 'scopes' | 'resources' | 'parameters'>>();
yes<Equals<Flat<PolicyOf<typeof declared>['parameters']>, Flat<Declared>>>();

/** Written as users write: no casts, no `!`, no type arguments. */
export const flows = [
    OAuth2CustomGrantBuilder.create('urn:example:grant-type:magic-link')
        .setParameters(['link'], { optional: ['device_name'] })
        .setPolicy(async ({ parameters, scopes, client, error, clock }) => {

            yes<Equals<typeof parameters.link, string>>();
            yes<Equals<typeof parameters.device_name, string | undefined>>();
            // @ts-expect-error: nobody has declared it
            void parameters.otp;

            if (parameters.link === client.id) {
                throw error('access_denied', 'Not this one');
            }

            await Promise.resolve();
            return parameters.device_name === undefined ? null : { subject: 'ada', scopes: scopes.slice(1), authTime: Math.floor(clock() / 1000), amr: ['link'], refreshToken: true, data: { device: parameters.device_name } };
        })
        .tokenRoute((route) => route.setPath('/token').issueTokens(async ({ defaultResponse, subject, grant, presented, ...ctx }) => {

            yes<Equals<typeof subject, string | null>>();
            yes<Equals<typeof presented, null>>();
            // @ts-expect-error: no OpenID Connect
            void ctx.idTokenIssuer;

            return { ...await defaultResponse(), device: grant.data.device };
        }))
        .refreshTokenRoute((route) => route.issueTokens(({ defaultResponse, subject }) => (subject.length > 0 ? defaultResponse() : { error: 'invalid_grant' }))),
    OAuth2CustomGrantBuilder.create('https://example.com/grants/otp')
        .setParameters(['otp'])
        .strategyName('otp')
        .tokenRoute((route) => route.generateToken(({ parameters: { otp }, verifyClientSecret }) => (verifyClientSecret('s') && otp.length === 6 ? { access_token: 'a' } : null))),
    OAuth2CustomGrantBuilder.create('urn:example:grant-type:denied').setPolicy(() => ({ error: 'access_denied', error_description: 'Not today' })),
    OAuth2PasswordBuilder.create()
        .authenticateUser(({ username, password }) => (password === 'right' ? { subject: username, amr: ['pwd'] } : null))
        .tokenRoute((route) => route.issueTokens(async ({ defaultResponse, subject }) => ({ ...await defaultResponse(), name: subject.toUpperCase() }))),
    OAuth2PasswordBuilder.create().tokenRoute((route) => route.generateToken(({ username, password }) => (password === 'right' ? { access_token: username } : { error: 'invalid_grant' })))
];

yes<Equals<ReturnType<typeof declared.setTokenTTL>, typeof declared>>();
yes<Equals<ReturnType<OAuth2PasswordBuilder['setTokenTTL']>, OAuth2PasswordBuilder>>();

export const mistakes = () => {

    // @ts-expect-error: a grant type needs its name
    OAuth2CustomGrantBuilder.create();
    // @ts-expect-error: a policy names who it is
    declared.setPolicy(() => ({ scopes: [] }));
    // @ts-expect-error: what nobody declared
    declared.setPolicy(({ parameters }) => ({ subject: parameters.user }));
    // @ts-expect-error: an optional parameter may be missing
    declared.setPolicy(({ parameters }) => ({ subject: parameters.device_name }));
    // @ts-expect-error: an error code that does not exist
    declared.setPolicy(() => ({ error: 'nope' }));
    // @ts-expect-error: null says nothing at level 2
    declared.tokenRoute((route) => route.issueTokens(() => null));
    // @ts-expect-error: names come in a list
    bare.setParameters('otp');
    // @ts-expect-error: there is no page to sign in at
    OAuth2PasswordBuilder.create().authorizationRoute(() => undefined);
};
