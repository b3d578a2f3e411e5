import type { Server } from '@hapi/hapi';

import { authorizationServer } from '../authorization-server/builder';
import type { AuthorizationServer } from '../authorization-server/authorization-server';
import type { JoiningFlow } from '../authorization-server/joining-flow';
import { Described } from '../authorization-server/open-api';
import { addStrategy } from '../authorization-server/strategy';
import { methodOf, type PlainMethodName } from '../clients/by-name';
import type { ClientAuthenticationMethod } from '../clients/method';
import { assertFree, placeOf, type RoutePath } from '../endpoints/place';
import { TokenEndpoint, type GrantHandler, type TokenMount } from '../endpoints/token';
import type { AccessTokenFormat } from '../protocol/resources';
import { isOpenScope, scopeTexts, type ScopeSetting } from '../protocol/scope';
import type { SigningAlgorithm } from '../protocol/signing-algorithm';
import { BearerToken } from '../tokens/bearer-token';
import { idTokenLifetime } from '../tokens/id-token';
import type { TokenType } from '../tokens/token-type';
import type { Validate } from '../tokens/validate';
import { checkFlow } from './check';
import type { Contribution, FlowKind } from './contribution';
import { level1, levelOf, type RouteHandlers } from './level';
import { defaultRefreshPolicy } from './refresh-policy';
import { advertisedMethods, knownScopes, type FlowRuntime } from './runtime';
import { unprovenHandler } from './token-handler';
import { TokenRoute } from './token-route';

/**
 * What every flow builder has. A flow is a hapi plugin: pass it to `server.register()`. `P` is what its grant type reads, `Q` what is
 * proven of it.
 */
export abstract class Flow<P extends object, Q extends { readonly grantType: string }> extends Described {

    /** Names the plugin and the auth strategy. Own and writable: hapi reads it on a copy. */
    name: string;

    /** So that hapi lets a second flow of this name come to where it can be told what to change. */
    readonly multiple = true;

    readonly #kind: FlowKind<P, Q>;
    readonly #tokenRoute = new TokenRoute<P, Q>((setter) => this.guard(setter));
    readonly #methods: ClientAuthenticationMethod[] = [];
    #ttl = 3600;
    #scopes: Readonly<Record<string, ScopeSetting>> = {};
    #tokenType: TokenType = new BearerToken();
    #accessTokenAlgorithm: SigningAlgorithm = 'ES256';
    #idTokenAlgorithm: SigningAlgorithm = 'RS256';
    #accessTokenFormat: AccessTokenFormat = 'jwt';
    #useAccessTokenJwks: boolean | undefined;
    #validate: Validate | undefined;

    protected constructor(kind: FlowKind<P, Q>) {

        super();
        this.name = kind.name;
        this.#kind = kind;
    }

    /** Scope names and what each allows, as `setScopes()` said. */
    get scopes(): Readonly<Record<string, string>> {

        return scopeTexts(this.#scopes);
    }

    /** Lifetime of an access token in seconds, 3600 when left out. Registration is refused unless it is whole, positive and at most a year. */
    setTokenTTL(seconds: number): this {

        this.guard('setTokenTTL');
        this.#ttl = seconds;
        return this;
    }

    /** Declares the scopes of the flow, each with a text of what it allows, or `{ description, open }`; a request for any other is `invalid_scope` (RFC 6749 §3.3). */
    setScopes(scopes: Readonly<Record<string, ScopeSetting>>): this {

        this.guard('setScopes');
        this.#scopes = { ...scopes };
        return this;
    }

    /** How access tokens are bound and presented: `new BearerToken()` when left out. */
    setTokenType(tokenType: TokenType): this {

        this.guard('setTokenType');
        this.#tokenType = tokenType;
        return this;
    }

    /** The signature algorithm of access tokens, `ES256` when left out. */
    setAccessTokenAlgorithm(alg: SigningAlgorithm): this {

        this.guard('setAccessTokenAlgorithm');
        this.#accessTokenAlgorithm = alg;
        return this;
    }

    /** Whether the access tokens that the framework issues are signed, or opaque and kept in the store; a resource with a format of its own decides for itself. */
    setAccessTokenFormat(format: AccessTokenFormat): this {

        this.guard('setAccessTokenFormat');
        this.#accessTokenFormat = format;
        return this;
    }

    /** The signature algorithm of ID tokens, `RS256` when left out, which every OpenID client understands. */
    setIdTokenAlgorithm(alg: SigningAlgorithm): this {

        this.guard('setIdTokenAlgorithm');
        this.#idTokenAlgorithm = alg;
        return this;
    }

    /** Accepts a way of authenticating clients: an object, or the name of one that has no settings (RFC 6749 §2.3). */
    addClientAuthenticationMethod(method: ClientAuthenticationMethod | PlainMethodName): this {

        this.guard('addClientAuthenticationMethod');
        this.#methods.push(methodOf(method));
        return this;
    }

    /** Names the plugin and the auth strategy of the flow. */
    strategyName(name: string): this {

        this.guard('strategyName');
        this.name = name;
        return this;
    }

    /** Configures the token endpoint; flows with the same path share one route. */
    tokenRoute(configure: (route: TokenRoute<P, Q>) => unknown): this {

        this.guard('tokenRoute');
        configure(this.#tokenRoute);
        return this;
    }

    /** Decides about access tokens at routes of the flow's strategy, after everything the framework can check was checked. */
    validate(validate: Validate): this {

        this.guard('validate');
        this.#validate = validate;
        return this;
    }

    /**
     * Whether access tokens are JWTs that this server signs.
     *
     * `true`: every token is one, and no other reaches `validate`. `false`: none is; without `validate` every token is refused then. Not
     * called: what looks like a JWT has to be one, and other tokens reach `validate` without a payload.
     */
    useAccessTokenJwks(use: boolean): this {

        this.guard('useAccessTokenJwks');
        this.#useAccessTokenJwks = use;
        return this;
    }

    /** An own property, not a method: hapi calls it on a copy of the builder, which has no private fields. */
    readonly register = async (server: Server): Promise<void> => {

        this.close();
        const shared = await authorizationServer(server);

        // From here on nothing is awaited, and everything that can be refused is refused before the first route is added
        const runtime = this.#runtime(server, shared);
        checkFlow(runtime, { name: this.#kind.name, confidentialOnly: this.#kind.confidentialOnly, validate: this.#validate });
        const isProven = levelOf(this.handlers(), shared.clients !== null) === 2;
        const { tokens, routes, metadata, atStart = () => undefined } = isProven ? this.contributeProven(runtime) : this.contribute(runtime);
        const joining = this.#joining(runtime, tokens, { isProven, metadata, places: [...new Set(tokens.map(({ path }) => path)), ...routes.map(({ path }) => path)].map((path) => placeOf(server, path)) });
        shared.check(joining);
        TokenEndpoint.check(shared.tokenEndpoints, server, tokens);
        for (const { path, setter } of routes) {
            assertFree(server, { path, owner: this.owner, setter });
        }

        const own = [joining.tokens];
        addStrategy(server, shared, { name: this.name, owner: this.owner, flows: () => own });
        shared.join(joining);
        this.describe(shared, joining);
        joining.metadata.scopes.filter((scope) => isOpenScope(scope, this.#scopes[scope])).forEach((scope) => shared.openScopes.add(scope));
        for (const mount of tokens) {
            TokenEndpoint.mount(shared.tokenEndpoints, server, mount);
        }

        server.route(routes.flatMap((route) => route.routes));
        server.ext('onPreStart', atStart);
    };

    /** @internal */
    protected get owner(): string {

        return `Flow '${this.name}'`;
    }

    /** @internal */
    protected get tokenPath(): RoutePath {

        return this.#tokenRoute.path ?? '/oauth2/token';
    }

    /** @internal The handlers of the flow's routes, by which its level is known. */
    protected handlers(): readonly RouteHandlers[] {

        const { generateToken: generate, issueTokens: issue } = this.#tokenRoute.handlers;
        return [{ generate, issue, names: { owner: this.owner, route: 'tokenRoute', generate: 'generateToken', issue: 'issueTokens' } }];
    }

    /** @internal What the flow serves where its handlers prove; a subclass adds to it. */
    protected contribute(runtime: FlowRuntime): Contribution {

        const { generateToken: generate, issueTokens: issue } = this.#tokenRoute.handlers;
        const handler = level1({ generate, issue }, { owner: this.owner, route: 'tokenRoute', generate: 'generateToken', issue: 'issueTokens' });
        return this.#withToken(runtime, unprovenHandler(runtime, this.#kind.grantType, handler));
    }

    /** @internal What the flow serves where the framework proves; a subclass adds to it. */
    protected contributeProven(runtime: FlowRuntime): Contribution {

        return this.#withToken(runtime, this.#kind.prove(runtime, this.#tokenRoute.handlers.issueTokens));
    }

    #withToken({ shared: { cors } }: FlowRuntime, handler: GrantHandler): Contribution {

        return { tokens: [{ path: this.tokenPath, cors, options: this.#tokenRoute.options, handler }], routes: [], metadata: {} };
    }

    #runtime(server: Server, shared: AuthorizationServer): FlowRuntime {

        const names = Object.keys(this.#scopes);
        const { openid } = this.#kind;
        const scopes = names.length === 0 ? null : new Set([...names, ...this.impliedScopes(shared.clients !== null)]);
        return {
            name: this.name,
            shared, openid, scopes,
            knownScopes: knownScopes({ shared, openid, scopes }),
            whole: (path) => placeOf(server, path).path,
            methods: advertisedMethods(shared.clients, this.#methods, this.#kind),
            accepted: [...this.#methods],
            tokenPath: placeOf(server, this.tokenPath).path,
            isRefreshable: this.isRefreshable(shared.clients !== null),
            accessTokenFormat: this.#accessTokenFormat,
            refresh: defaultRefreshPolicy,
            ttl: this.#ttl,
            idTokenTtl: openid ? idTokenLifetime : this.#ttl,
            tokenType: this.#tokenType,
            accessTokenAlgorithm: this.#accessTokenAlgorithm,
            idTokenAlgorithm: this.#idTokenAlgorithm
        };
    }

    /** @internal Whether tokens of the flow can be refreshed. */
    protected isRefreshable(_hasClients: boolean): boolean {

        return false;
    }

    /** @internal Scopes that come with the kind of flow. */
    protected impliedScopes(_hasClients: boolean): readonly string[] {

        return [];
    }

    #joining(runtime: FlowRuntime, tokens: readonly TokenMount[], { isProven, metadata, places }: Pick<Contribution, 'metadata'> & Pick<JoiningFlow, 'places'> & { readonly isProven: boolean }): JoiningFlow {

        const { name, ttl, tokenType, scopes, accessTokenAlgorithm: alg, accessTokenFormat: format } = runtime;
        const whole = (path: string | undefined) => (path === undefined ? undefined : runtime.whole(path));
        const idToken = { purpose: 'id_token', alg: this.#idTokenAlgorithm } as const;
        return {
            name, places, scopeTexts: this.scopes, description: this.description,
            settings: this.settings, accessToken: { ttl, alg, format },
            tokens: { name, tokenType, useAccessTokenJwks: this.#useAccessTokenJwks, validate: this.#validate, keepsGrants: isProven },
            longestLifetime: Math.max(ttl, runtime.idTokenTtl),
            keys: [{ purpose: 'access_token', alg } as const, ...this.#kind.openid ? [idToken] : []],
            metadata: {
                name,
                tokenPath: runtime.tokenPath,
                grantTypes: tokens.filter(({ path }) => path === this.tokenPath).map(({ handler }) => handler.grantType),
                refreshPath: whole(tokens.find(({ path }) => path !== this.tokenPath)?.path),         // What a flow serves elsewhere is that
                clientAuthentication: runtime.methods,
                scopes: [...new Set([...scopes ?? this.impliedScopes(runtime.shared.clients !== null), ...isProven ? runtime.knownScopes ?? [] : []])],
                authorizationPath: whole(metadata.authorizationPath), responseModes: metadata.responseModes,
                deviceAuthorizationPath: whole(metadata.deviceAuthorizationPath), verificationPath: whole(metadata.verificationPath),
                idTokenAlg: this.#kind.openid ? idToken.alg : undefined,
                tokenType: tokenType.metadata ?? {}
            }
        };
    }
}
