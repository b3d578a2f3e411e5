import type { SharedSettings } from '../authorization-server/settings';
import type { Client } from '../clients/client';
import { mayUse } from '../clients/record';
import { authorizationInteraction, type AuthorizationInteraction } from '../endpoints/authorization-interaction';
import { interactionPath } from '../endpoints/authorization-pages';
import { AuthorizationSteps } from '../endpoints/authorization-steps';
import { authorizeEndpoint } from '../endpoints/authorize';
import type { RoutePath } from '../endpoints/place';
import { logoEndpoint, logoPath } from '../endpoints/logo';
import { provenAuthorizeEndpoint, type ProvenAuthorizeEndpoint } from '../endpoints/proven-authorize';
import type { AuthorizationCodeParameters } from '../grant-types/authorization-code';
import type { Form } from '../protocol/form';
import { responseModes } from '../protocol/response-mode';
import type { Target } from '../protocol/resources';
import { readIdTokenHint } from '../tokens/id-token';
import { AuthorizationRoute } from './authorization-route';
import type { Contribution } from './contribution';
import { level1, type RouteHandlers } from './level';
import type { PresentedProof } from './proven-context';
import { endCode, provenCode } from './proven-code';
import { RefreshableFlow } from './refreshable-flow';
import type { FlowRuntime } from './runtime';
import { assertUsersCanSignIn } from './signing-in';
import { wantedTarget } from './wanted-target';

/** What flows with an authorization endpoint have (RFC 6749 §4.1). */
export abstract class AuthorizationCodeFlow<Q extends { readonly grantType: 'authorization_code' }, R extends PresentedProof<'refresh_token'>> extends RefreshableFlow<AuthorizationCodeParameters, Q, R> {

    #authorizationRoute: AuthorizationRoute | undefined;
    readonly #guardRoute = (setter: string) => this.guard(setter);

    /** Serves the authorization endpoint, at `/oauth2/authorize` unless it has another path. */
    authorizationRoute(configure: (route: AuthorizationRoute) => unknown): this {

        this.guard('authorizationRoute');
        this.#authorizationRoute ??= new AuthorizationRoute(this.#guardRoute);
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
            pages: runtime.shared.pages,
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

    /** @internal */
    protected override get settings(): SharedSettings {

        return { ...super.settings, ...this.#authorizationRoute?.shared };
    }

    /** @internal */
    protected override contributeProven(runtime: FlowRuntime): Contribution {

        const contribution = super.contributeProven(runtime);
        const { shared } = runtime;
        const route = this.#authorizationRoute ?? new AuthorizationRoute(this.#guardRoute);
        const path: RoutePath = route.path ?? '/oauth2/authorize';
        const endpoint: ProvenAuthorizeEndpoint & AuthorizationInteraction = {
            ...route.pages,
            pages: shared.pages,
            path,
            options: route.options,
            issuer: () => shared.issuer(),
            clock: shared.clock,
            store: shared.store,
            ...shared.signIn,
            findClient: async (clientId) => await shared.findClient(clientId),
            pkce: shared.requirePkce ? 'all' : 'public',
            target: (client, form) => this.#target(runtime, client, form),
            scopeText: (scope) => this.scopes[scope] ?? shared.resources.descriptionOf(scope),
            resourceName: (uri) => shared.resources.nameOf(uri),
            claimScopes: ({ client, authorization: { claims }, target: { scopes } }) => shared.openid.scopesAskedByClaims(claims, { client, scopes, known: runtime.knownScopes }),
            consent: () => shared.interaction.consent,
            limits: shared.limits,
            authenticateUser: () => shared.interaction.authenticateUser,
            ownSignIn: () => shared.interaction.own,
            extraParameters: route.extraParameters,
            subjectOf: (client, subject) => shared.openid.subjectOf(client, subject),
            readHint: async (token) => await readIdTokenHint(shared.keys, token, shared.issuer()),
            endCode: async (code) => await endCode(shared.store, code),
            issueCode: provenCode(runtime, route.handlers.issueCode)
        };
        const steps = new AuthorizationSteps(endpoint);
        shared.signIn.requests.add(runtime.whole(path), async (form) => await steps.asked(form));
        return {
            ...contribution,
            atStart: () => assertUsersCanSignIn(this.owner, shared),
            routes: [
                ...contribution.routes,
                { path, setter: 'setPath()', routes: provenAuthorizeEndpoint(endpoint, steps) },
                { path: interactionPath(path), setter: 'setPath()', routes: authorizationInteraction(endpoint, steps) },
                { path: logoPath(path), setter: 'setPath()', routes: logoEndpoint({ ...endpoint, logos: shared.signIn.logos }) }
            ],
            metadata: { ...contribution.metadata, authorizationPath: path, responseModes }
        };
    }

    /** What a client may get of what it asks for; access without the user is for clients that may refresh, and goes again if their users are not asked. */
    #target(runtime: FlowRuntime, client: Client, form: Form): Target {

        return wantedTarget(runtime, client, form, { dropUnknown: this.dropsUnknownScopes, offline: mayUse(client, 'refresh_token') });
    }
}
