import { authorizeEndpoint } from '../endpoints/authorize';
import type { RoutePath } from '../endpoints/place';
import type { AuthorizationCodeParameters } from '../grant-types/authorization-code';
import { AuthorizationRoute } from './authorization-route';
import type { Contribution } from './contribution';
import { level1, type RouteHandlers } from './level';
import type { PresentedProof } from './proven-context';
import { RefreshableFlow } from './refreshable-flow';
import type { FlowRuntime } from './runtime';

/** What flows with an authorization endpoint have (RFC 6749 §4.1). */
export abstract class AuthorizationCodeFlow<Q extends object, R extends PresentedProof<'refresh_token'>> extends RefreshableFlow<AuthorizationCodeParameters, Q, R> {

    #authorizationRoute: AuthorizationRoute | undefined;

    /** Serves the authorization endpoint, at `/oauth2/authorize` unless it has another path. */
    authorizationRoute(configure: (route: AuthorizationRoute) => unknown): this {

        this.guard('authorizationRoute');
        this.#authorizationRoute ??= new AuthorizationRoute((setter) => this.guard(setter));
        configure(this.#authorizationRoute);
        return this;
    }

    /** @internal Whether an OpenID request may name scopes that do not exist. */
    protected get dropsUnknownScopes(): boolean {

        return false;
    }

    /** @internal */
    protected override handlers(): readonly RouteHandlers[] {

        const { generateCode: generate, issueCode: issue } = this.#authorizationRoute?.handlers ?? {};
        return this.#authorizationRoute === undefined ? super.handlers() : [...super.handlers(), { generate, issue, names: { owner: this.owner, route: 'authorizationRoute', generate: 'generateCode', issue: 'issueCode' } }];
    }

    /** @internal */
    protected override contribute(runtime: FlowRuntime): Contribution {

        const contribution = super.contribute(runtime);
        const route = this.#authorizationRoute;
        if (route === undefined) {
            return contribution;
        }

        const { generateCode: generate, issueCode: issue } = route.handlers;
        const path: RoutePath = route.path ?? '/oauth2/authorize';
        const routes = authorizeEndpoint({
            ...route.pages,
            path,
            options: route.options,
            issuer: () => runtime.shared.issuer(),
            scopes: runtime.scopes,
            dropUnknownScopes: this.dropsUnknownScopes,
            requirePkce: runtime.shared.requirePkce,
            generateCode: level1({ generate, issue }, { owner: this.owner, route: 'authorizationRoute', generate: 'generateCode', issue: 'issueCode' })
        });
        return {
            ...contribution,
            routes: [...contribution.routes, { path, setter: 'setPath()', routes }],
            metadata: { ...contribution.metadata, authorizationPath: path }
        };
    }
}
