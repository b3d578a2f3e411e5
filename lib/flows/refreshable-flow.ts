import type { GrantHandler } from '../endpoints/token';
import { OAuth2Error } from '../error';
import type { Proof } from '../grant-types/proof';
import { findRefreshToken, proveRefreshToken, refreshToken, type RefreshTokenParameters } from '../grant-types/refresh-token';
import { attempting } from '../protocol/attempt';
import type { Presented } from '../stores/grant';
import type { Contribution } from './contribution';
import { Flow } from './flow';
import type { Issuance } from './issuance';
import { level1, type HandlerNames, type RouteHandlers } from './level';
import type { PresentedProof } from './proven-context';
import { provenHandler } from './proven-handler';
import type { FlowRuntime } from './runtime';
import { unprovenHandler } from './token-handler';
import { TokenRoute } from './token-route';

/** What flows have whose tokens can be refreshed (RFC 6749 §6). `R` is what is proven of a refresh token. */
export abstract class RefreshableFlow<P extends object, Q extends object, R extends PresentedProof<'refresh_token'>> extends Flow<P, Q> {

    #refreshTokenRoute: TokenRoute<RefreshTokenParameters, R> | undefined;

    /** Serves refresh tokens: at the path of `tokenRoute()`, unless it has one of its own. */
    refreshTokenRoute(configure: (route: TokenRoute<RefreshTokenParameters, R>) => unknown): this {

        this.guard('refreshTokenRoute');
        this.#refreshTokenRoute ??= new TokenRoute<RefreshTokenParameters, R>((setter) => this.guard(setter));
        configure(this.#refreshTokenRoute);
        return this;
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
        if (this.#refreshTokenRoute === undefined) {
            return contribution;
        }

        const { generateToken: generate, issueTokens: issue } = this.#refreshTokenRoute.handlers;
        return this.#withRefresh(runtime, contribution, unprovenHandler(runtime, refreshToken, level1({ generate, issue }, this.#names)));
    }

    /** @internal */
    protected override contributeProven(runtime: FlowRuntime): Contribution {

        const { store, limits } = runtime.shared;
        const isFailure = (err: unknown) => err instanceof OAuth2Error && err.code === 'invalid_grant';
        const graceMs = runtime.refresh.grace * 1000;
        return this.#withRefresh(runtime, super.contributeProven(runtime), provenHandler<RefreshTokenParameters, Presented<'refresh_token'>, R>(runtime, {
            grantType: refreshToken,
            find: async (form) => await findRefreshToken(store, form.get('refresh_token') ?? ''),
            prove: async (parameters, proving) => await attempting(limits.refresh(proving.request, proving.clientId), () => proveRefreshToken(parameters, { ...proving, graceMs }), isFailure),
            context: (proof, issuance) => this.refreshContext(proof, issuance)
        }, this.#refreshTokenRoute?.handlers.issueTokens));
    }

    get #names(): HandlerNames {

        return { owner: this.owner, route: 'refreshTokenRoute', generate: 'generateToken', issue: 'issueTokens' };
    }

    #withRefresh({ shared: { cors } }: FlowRuntime, contribution: Contribution, handler: GrantHandler): Contribution {

        const { path = this.tokenPath, options = {} } = this.#refreshTokenRoute ?? {};
        return { ...contribution, tokens: [...contribution.tokens, { path, cors, options, handler }] };
    }
}
