import {
    OAuth2TokenExchangeBuilder, type AccessTokenPayload, type Client, type ExchangeDecision, type ExchangePolicy, type ExchangeToken, type ExchangeTokenType, type Grant, type HandlerUtilities, type IssueTokens, type Presented,
    type PresentedProof, type ProvenTokenContext, type RefreshTokenData, type Issuer, type StoredValue, type TokenExchangeParameters, type TokenRoute, type UnprovenTokenContext
} from '../../lib';
import { yes, type ContextOf, type Equals, type Flat } from './equals';

type TokenRouteOf<F> = F extends { tokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;
type RefreshRouteOf<F> = F extends { refreshTokenRoute(configure: (route: infer R) => unknown): unknown } ? R : never;
type Level1<R> = R extends TokenRoute<infer P, infer _Q> ? P : never;
type Level2<R> = R extends TokenRoute<infer _P, infer Q> ? ContextOf<IssueTokens<Q>> : never;

interface Parameters {
    readonly subjectToken: string;
    readonly subjectTokenType: string;
    readonly actorToken: string | undefined;
    readonly actorTokenType: string | undefined;
    readonly requestedTokenType: string | undefined;
    readonly audience: readonly string[];
}

interface Token {
    readonly type: 'access_token';
    readonly value: string;
    readonly grant: Grant;
    readonly subject: string | null;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly active: boolean;
    readonly clientId: string;
    readonly claims: AccessTokenPayload;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
}

interface Proof {
    readonly grantType: 'urn:ietf:params:oauth:grant-type:token-exchange';
    readonly presented: ExchangeToken;
    readonly subject: string;
    readonly actor: ExchangeToken | null;
    readonly act: StoredValue | null;
    readonly mayAct: StoredValue | null;
    readonly requestedTokenType: ExchangeTokenType;
    readonly getDefaultRefreshTokenData: () => RefreshTokenData | null;
    readonly refreshTokenIssuer: Issuer<RefreshTokenData>;
}

interface PolicyContext extends HandlerUtilities {
    readonly client: Client;
    readonly subject: string;
    readonly subjectToken: ExchangeToken;
    readonly actorToken: ExchangeToken | null;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly requestedTokenType: ExchangeTokenType;
}

yes<Equals<Flat<TokenExchangeParameters>, Parameters>>();
yes<Equals<Flat<ExchangeToken>, Token>>();
yes<Equals<Flat<ContextOf<ExchangePolicy>>, Flat<PolicyContext>>>();
yes<Equals<Flat<ExchangeDecision>, { readonly scopes?: readonly string[] | undefined; readonly resources?: readonly string[] | undefined; readonly actor?: 'client' | undefined; readonly refreshToken?: boolean | undefined; readonly mayAct?: StoredValue | null | undefined; readonly error?: undefined; readonly error_description?: undefined }>>();
yes<Equals<Level1<TokenRouteOf<OAuth2TokenExchangeBuilder>>, TokenExchangeParameters>>();
yes<Equals<Level2<TokenRouteOf<OAuth2TokenExchangeBuilder>>, Flat<ProvenTokenContext & Proof>>>();
yes<Equals<Level2<RefreshRouteOf<OAuth2TokenExchangeBuilder>>, Flat<ProvenTokenContext & PresentedProof<'refresh_token'>>>>();

/** Written as users write: no casts, no `!`, no type arguments. */
export const flows = [
    OAuth2TokenExchangeBuilder.create()
        .setPolicy(async ({ client, subjectToken, actorToken, resources, error }, request) => {

            yes<Equals<typeof actorToken, ExchangeToken | null>>();
            if (request.headers['x-break-glass'] !== undefined) {
                throw error('access_denied', 'Not like this');
            }

            const act: unknown = subjectToken.claims.act;
            return await Promise.resolve(client.metadata.resources?.length === resources.length && act === undefined && actorToken === null ? { scopes: ['a'], actor: 'client', refreshToken: true } : null);
        })
        .tokenRoute((route) => route.issueTokens(async ({ presented, subject, actor, act, defaultResponse, ...ctx }) => {

            yes<Equals<typeof subject, string>>();
            const user: Presented<'access_token'> = presented;
            // @ts-expect-error: not OpenID Connect
            void ctx.idTokenIssuer;

            return { ...await defaultResponse(), acting: actor?.clientId ?? act?.sub ?? user.subject };
        }))
        .refreshTokenRoute((route) => route.issueTokens(({ presented, defaultResponse }) => (presented.type === 'refresh_token' ? defaultResponse() : { error: 'invalid_grant' }))),
    OAuth2TokenExchangeBuilder.create().tokenRoute((route) => route.generateToken((ctx) => {

        const unproven: UnprovenTokenContext = ctx;
        // @ts-expect-error: nothing is proven at level 1
        void ctx.presented;

        return ctx.actorToken === undefined ? null : { access_token: unproven.clientId + ctx.subjectToken };
    }))
];

export const restricting = OAuth2TokenExchangeBuilder.create().setPolicy(({ resources }) => (resources.length === 1 ? { mayAct: { client_id: 'stock' } } : { mayAct: null }));

/** One answer or the other, without a word about their types. */
export const either = OAuth2TokenExchangeBuilder.create().setPolicy(({ client }) => (client.id === 'shop' ? {} : { error: 'access_denied', error_description: 'Only the shop' }));

export const mistakes = () => {

    // @ts-expect-error: a policy that says nothing
    OAuth2TokenExchangeBuilder.create().setPolicy(() => undefined);
    // @ts-expect-error: an error code that does not exist
    OAuth2TokenExchangeBuilder.create().setPolicy(() => ({ error: 'nope' }));
    // @ts-expect-error: who acts is who was proven
    OAuth2TokenExchangeBuilder.create().setPolicy(() => ({ actor: 'somebody' }));
    // @ts-expect-error: may_act names its claims, it is no name
    OAuth2TokenExchangeBuilder.create().setPolicy(() => ({ mayAct: 'stock' }));
    // @ts-expect-error: null says nothing at level 2
    OAuth2TokenExchangeBuilder.create().tokenRoute((route) => route.issueTokens(() => null));
};
