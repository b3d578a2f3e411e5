import type { RoutePath } from '../endpoints/place';
import { refreshToken, type RefreshTokenParameters } from '../grant-types/refresh-token';
import type { Contribution } from './contribution';
import { Flow } from './flow';
import { level1 } from './level';
import type { PresentedProof } from './proven-context';
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

    /** @internal */
    protected get isRefreshable(): boolean {

        return this.#refreshTokenRoute !== undefined;
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        const contribution = super.contribute(runtime);
        if (this.#refreshTokenRoute === undefined) {
            return contribution;
        }

        const { handlers: { generateToken: generate, issueTokens: issue }, options, path } = this.#refreshTokenRoute;
        const handler = level1({ generate, issue }, { owner: this.owner, route: 'refreshTokenRoute', generate: 'generateToken', issue: 'issueTokens' });
        const place: RoutePath = path ?? this.tokenPath;
        return { ...contribution, tokens: [...contribution.tokens, { path: place, cors: runtime.shared.cors, options, handler: unprovenHandler(runtime, refreshToken, handler) }] };
    }
}
