import type { GrantHandler } from '../endpoints/token';
import { OAuth2Error } from '../error';
import type { Proof } from '../grant-types/proof';
import { findRefreshToken, proveRefreshToken, refreshToken, type RefreshTokenParameters, type RefreshTokenRotation } from '../grant-types/refresh-token';
import { attempting } from '../protocol/attempt';
import type { Presented } from '../stores/grant';
import type { Contribution } from './contribution';
import { Flow } from './flow';
import type { Issuance } from './issuance';
import { level1, type HandlerNames, type RouteHandlers } from './level';
import type { PresentedProof } from './proven-context';
import { provenHandler } from './proven-handler';
import { refreshPolicy, type RefreshSettings, type RefreshTokenLifetime } from './refresh-policy';
import type { FlowRuntime } from './runtime';
import { unprovenHandler } from './token-handler';
import { TokenRoute } from './token-route';

/** What flows have whose tokens can be refreshed (RFC 6749 §6). `R` is what is proven of a refresh token. */
export abstract class RefreshableFlow<P extends object, Q extends { readonly grantType: string }, R extends PresentedProof<'refresh_token'>> extends Flow<P, Q> {

    #refreshTokenRoute: TokenRoute<RefreshTokenParameters, R, 'refresh_token'> | undefined;
    #refreshSettings: RefreshSettings = {};
    readonly #refreshSetters: string[] = [];

    /** Serves refresh tokens: at the path of `tokenRoute()`, unless it has one of its own. */
    refreshTokenRoute(configure: (route: TokenRoute<RefreshTokenParameters, R, 'refresh_token'>) => unknown): this {

        this.guard('refreshTokenRoute');
        this.#refreshTokenRoute ??= new TokenRoute<RefreshTokenParameters, R, 'refresh_token'>((setter) => this.guard(setter));
        configure(this.#refreshTokenRoute);
        return this;
    }

    /**
     * How long refresh tokens live, in seconds: 14 days when idle and 90 days in all when left out.
     *
     * Registration is refused for more than ten years, for an `idle` longer than `absolute`, and where the project's handlers keep the tokens.
     */
    setRefreshTokenTTL(lifetime: RefreshTokenLifetime): this {

        return this.#setRefresh('setRefreshTokenTTL', { lifetime });
    }

    /**
     * How many seconds a client that lost the reply to a refresh is given it again, 10 when left out, 60 at most. With 0 every second use of
     * a replaced token ends its grant, that of an honest client that asked twice at once too.
     *
     * Registration is refused for any other number, and where the project's handlers keep the tokens.
     */
    setRefreshGracePeriod(seconds: number): this {

        return this.#setRefresh('setRefreshGracePeriod', { grace: seconds });
    }

    /**
     * Whose refresh tokens are replaced by each use: `'always'` everyone's, which is the default, or only the `'public'` clients' (RFC 9700 §4.14).
     *
     * With `'public'` a client that authenticates keeps its token, which each use gives its idle lifetime again. Registration is refused for
     * anything else, and where the project's handlers keep the tokens.
     */
    setRefreshTokenRotation(rotation: RefreshTokenRotation): this {

        return this.#setRefresh('setRefreshTokenRotation', { rotation });
    }

    /** @internal A framework that keeps clients refreshes for those registered for it. */
    protected override isRefreshable(hasClients: boolean): boolean {

        return hasClients || this.#refreshTokenRoute !== undefined;
    }

    /** @internal What a refresh token adds to a handler's context. */
    protected abstract refreshContext(proof: Proof<Presented<'refresh_token'>>, issuance: Issuance): R;

    /** @internal */
    protected override handlers(): readonly RouteHandlers[] {

        const { generateToken: generate, issueTokens: issue } = this.#refreshTokenRoute?.handlers ?? {};
        return this.#refreshTokenRoute === undefined ? super.handlers() : [...super.handlers(), { generate, issue, names: this.#names }];
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        const contribution = super.contribute(runtime);
        const [setter] = this.#refreshSetters;
        if (setter !== undefined) {
            throw new Error(`${this.owner} has ${setter}(), which is for refresh tokens that the framework keeps, but here your handlers keep them: leave it out, or let the framework prove, with setClients() on the AuthorizationServerBuilder and without generate... handlers`);
        }

        if (this.#refreshTokenRoute === undefined) {
            return contribution;
        }

        const { generateToken: generate, issueTokens: issue } = this.#refreshTokenRoute.handlers;
        return this.#withRefresh(runtime, contribution, unprovenHandler(runtime, refreshToken, level1({ generate, issue }, this.#names)));
    }

    /** @internal */
    protected override contributeProven(unset: FlowRuntime): Contribution {

        const runtime = { ...unset, refresh: refreshPolicy(this.owner, this.#refreshSettings, Math.max(unset.ttl, unset.idTokenTtl)) };
        const { shared: { store, limits }, refresh: { grace, idle, rotation } } = runtime;
        const isFailure = (err: unknown) => err instanceof OAuth2Error && err.code === 'invalid_grant';
        return this.#withRefresh(runtime, super.contributeProven(runtime), provenHandler<RefreshTokenParameters, Presented<'refresh_token'>, R>(runtime, {
            grantType: rotation === 'always' ? refreshToken : { ...refreshToken, once: undefined },       // Who keeps a token may use it at many places at once
            lookUp: { token: (form) => form.get('refresh_token') ?? '', find: async (token) => await findRefreshToken(store, token) },
            prove: async (parameters, proven, request) => await attempting(limits.refresh(request, proven.clientId), () => proveRefreshToken(parameters, { graceMs: grace * 1000, idleMs: idle * 1000, rotation, ...proven }), isFailure),
            context: (proof, issuance) => this.refreshContext(proof, issuance),
            share: grace === 0 ? undefined : async (request, clientId) => await limits.refresh(request, clientId).begin()
        }, this.#refreshTokenRoute?.handlers.issueTokens));
    }

    get #names(): HandlerNames {

        return { owner: this.owner, route: 'refreshTokenRoute', generate: 'generateToken', issue: 'issueTokens' };
    }

    #setRefresh(setter: string, settings: RefreshSettings): this {

        this.guard(setter);
        this.#refreshSettings = { ...this.#refreshSettings, ...settings };
        this.#refreshSetters.push(setter);
        return this;
    }

    #withRefresh({ shared: { cors } }: FlowRuntime, contribution: Contribution, handler: GrantHandler): Contribution {

        const { path = this.tokenPath, options = {} } = this.#refreshTokenRoute ?? {};
        return { ...contribution, tokens: [...contribution.tokens, { path, cors, options, handler }] };
    }
}
