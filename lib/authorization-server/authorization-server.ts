import type { Request, Server } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { authenticateRegistered, registeredMethods, type RegisteredClientContext } from '../clients/registered';
import type { ClientRegistry } from '../clients/registry';
import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { ConsentPolicy } from '../endpoints/consent-policy';
import { mountJwks } from '../endpoints/jwks';
import { metadataDocument, metadataPaths, mountMetadata, openidConfiguration, type MetadataSource } from '../endpoints/metadata';
import type { CorsSetting } from '../endpoints/options';
import { OwnSignIn } from '../endpoints/own-sign-in';
import type { Pages } from '../endpoints/pages';
import { assertFree, placeOf } from '../endpoints/place';
import { RateLimits } from '../endpoints/rate-limit';
import type { TokenEndpoint } from '../endpoints/token';
import type { JwksKeyStore } from '../keys/key-store';
import { MemoryKeyStore } from '../keys/memory-key-store';
import type { RotationPolicy } from '../keys/rotation';
import { SigningKeys } from '../keys/signing-keys';
import { isLoopbackIssuer } from '../protocol/issuer';
import type { Resources } from '../protocol/resources';
import { Secrets } from '../protocol/secrets';
import { MemoryStore } from '../stores/memory';
import { withinReach } from '../stores/reach';
import type { Store } from '../stores/store';
import type { TokenIssuingFlow } from '../tokens/check';
import { withFormAcr } from './form-acr';
import type { JoiningFlow } from './joining-flow';
import { keyEvents } from './key-events';
import { assertSecretsListed } from './listed-secrets';
import { localIssuer } from './local-issuer';
import type { OnTokens } from './on-tokens';
import { OpenId } from './openid';
import type { ProviderPlace } from './provider-places';
import { reachedKeys } from './reached-keys';
import { rotationOf } from './rotation';
import type { AuthorizationServerOptions } from './server-options';
import { SettingOwners, checkSettings, type SharedSettings } from './settings';
import { signIn, type SignIn } from './sign-in';
import { SignOut } from './sign-out';
import { StoredKeys } from './stored-keys';
import { managementPaths } from './token-management';

/** What the flows of one hapi server share: built once per server by the hub, and joined by each flow. */
export class AuthorizationServer {

    readonly clock: () => number;
    readonly cors: CorsSetting;
    readonly requirePkce: boolean;
    readonly keys: SigningKeys;
    readonly store: Store;
    readonly clients: ClientRegistry | null;
    readonly resources: Resources;
    readonly onTokens: OnTokens | undefined;
    readonly pages: Pages;
    /** What is said of users, and to whom. */
    readonly openid = new OpenId(this, () => this.#settings);
    /** Those that were set, or ones that this process made up: they seal what goes from one page to the next. */
    readonly secrets: Secrets;
    /** What is remembered of users. */
    readonly signIn: SignIn;
    readonly limits: RateLimits;
    readonly tokenEndpoints = new Map<string, TokenEndpoint>();
    /** The scopes of the flows that clients which register themselves may have. */
    readonly openScopes = new Set<string>();
    readonly scopeTexts = new Map<string, string>();            // What scopes allow, in the words of the flows
    readonly signOut: SignOut;
    /** What the server's auth strategies take for granted. */
    readonly trusted: AuthorizationServerOptions['trusted'];
    readonly strategies = new Set<string>();                    // The names of the server's auth strategies
    readonly joined = (): readonly JoiningFlow[] => this.#flows;

    readonly #server: Server;
    readonly #options: AuthorizationServerOptions;
    readonly #owners = new SettingOwners();
    readonly #flows: JoiningFlow[] = [];
    readonly #tokens: TokenIssuingFlow[] = [];                  // Of the same flows: each request asks
    readonly #ownKeys: JwksKeyStore;
    #settings: SharedSettings = {};
    #rotation: RotationPolicy;
    readonly #localIssuer: () => string;

    constructor(server: Server, options: AuthorizationServerOptions) {

        this.#server = server;
        this.#localIssuer = localIssuer(server);
        this.clock = options.clock;
        this.cors = options.cors;
        this.requirePkce = options.requirePkce;
        const kept = options.store ?? new MemoryStore(options);
        this.#options = options;
        this.trusted = { ...options.trusted, windowMs: kept.isInProcess === true && options.trusted.windowMs !== null ? 0 : options.trusted.windowMs };
        this.store = withinReach(kept, { clock: options.clock });
        this.clients = options.clients;
        this.resources = options.resources;
        this.onTokens = options.onTokens;
        this.pages = options.pages;
        this.secrets = options.secrets ?? Secrets.generate();
        this.signIn = signIn({ store: this.store, secrets: this.secrets, clock: options.clock, sessionLife: options.sessionLife, isSecure: this.issuer().startsWith('https:'), outbound: options.outbound });
        this.limits = new RateLimits({ ...options.limits, store: this.store, secrets: this.secrets, clock: options.clock });
        this.signOut = new SignOut(server, this, options);
        this.#ownKeys = options.secrets === undefined || kept instanceof MemoryStore ? new MemoryKeyStore() : new StoredKeys(this.store, options.secrets);
        this.keys = new SigningKeys({ store: () => reachedKeys(this.#settings.setJwksKeyStore, this.#ownKeys), clock: options.clock, policy: () => this.#rotation, ...keyEvents(server) });
        checkSettings(options.settings, hub);
        this.#make(options.settings, hub);
        this.#rotation = rotationOf(this.#settings, this.#flows);
    }

    /** The issuer identifier; without one that was set, this machine at the port that hapi listens on. */
    issuer(): string {

        return this.#options.issuer ?? this.#localIssuer();
    }

    /** Whom tokens are for that open this server's own routes: the default resource, or the issuer (RFC 9068 §3). */
    audience(): string {

        return this.resources.default ?? this.issuer();
    }

    /** What the flows and the hub said about sign-in and consent. */
    get interaction(): { readonly authenticateUser: AuthenticateUser | undefined; readonly consent: ConsentPolicy; readonly own: OwnSignIn } {

        const { authenticateUser, setConsent: consent = 'explicit', setLoginUrl: loginUrl, setSessionStrategy: strategy } = this.#settings;
        return { authenticateUser: authenticateUser && withFormAcr(authenticateUser, () => this.openid.formAcr), consent, own: new OwnSignIn({ loginUrl, strategy: strategy && { ...strategy, endSession: (session, request) => this.signOut.end(session, request) } }) };
    }

    /** The registered client of a request, proven within the limits of wrong secrets. */
    async authenticateClient(accepted: Parameters<typeof authenticateRegistered>[1], context: RegisteredClientContext, request: Request): ReturnType<typeof authenticateRegistered> {

        return await authenticateRegistered(this.#registry(), accepted, context, (clientId) => this.limits.clientSecret(request, clientId));
    }

    /** A registered client by its id; `null` if there is none. */
    async findClient(clientId: string): Promise<Client | null> {

        return await this.#registry().find(clientId);
    }

    #registry(): ClientRegistry {

        if (this.clients === null) {
            throw new Error('No clients are registered: call setClients() on the AuthorizationServerBuilder');
        }

        return this.clients;
    }

    /** The flows that have joined. */
    flows(): readonly TokenIssuingFlow[] {

        return this.#tokens;
    }

    /** Throws a sentence if a flow contradicts the server or a flow that has joined; changes nothing. */
    check(flow: JoiningFlow): void {

        const owner = `Flow '${flow.name}'`;
        if (this.#flows.some(({ name }) => name === flow.name)) {
            throw new Error(`Two flows are called '${flow.name}': ${owner} is registered already, so give the other one a name of its own with strategyName()`);
        }

        checkSettings(flow.settings, owner);
        this.#owners.check(flow.settings, owner);
        this.#checkRoutes(flow, owner);
        const settings = { ...this.#settings, ...flow.settings };
        this.openid.check(settings);
        const expiry = settings.setPublicKeyExpiry;
        const outliving = [flow, ...this.#flows].find(({ longestLifetime }) => expiry !== undefined && expiry < longestLifetime);
        if (outliving !== undefined) {
            throw new Error(`Flow '${outliving.name}' signs tokens that live ${outliving.longestLifetime} seconds, but setPublicKeyExpiry() lets a replaced key go after ${String(expiry)}: raise it, or lower setTokenTTL()`);
        }

        if (!this.#options.allowDevelopmentDefaults && !isLoopbackIssuer(this.issuer()) && (settings.setJwksKeyStore ?? this.#ownKeys) instanceof MemoryKeyStore) {
            throw new Error(`The issuer ${this.issuer()} is not this machine, so its signing keys must outlive the process: on the AuthorizationServerBuilder call setStore() with a store that keeps them and setSecrets(), or setJwksKeyStore(), or allowDevelopmentDefaults()`);
        }

        if (!this.#options.allowDevelopmentDefaults && !isLoopbackIssuer(this.issuer()) && this.clients !== null && this.#options.secrets === undefined) {
            throw new Error(`The issuer ${this.issuer()} is not this machine, so what it seals for users and devices must be readable by each of its processes: on the AuthorizationServerBuilder call setSecrets(), or allowDevelopmentDefaults()`);
        }
    }

    /** Adds a flow that was checked, and the routes that come with it. */
    join(flow: JoiningFlow): void {

        const { jwks, metadata, openid, provider } = this.#due(flow);
        this.#make(flow.settings, `Flow '${flow.name}'`);
        this.#flows.push(flow);
        this.#tokens.push(flow.tokens);
        this.#rotation = rotationOf(this.#settings, this.#flows);
        for (const { purpose, alg } of flow.keys) {
            this.keys.use(purpose, alg);
        }

        Object.entries(flow.scopeTexts).forEach(([scope, text]) => this.scopeTexts.set(scope, text));
        if (provider.length > 0) {
            this.openid.mount(this.#server, flow);
        }

        for (const path of jwks) {
            mountJwks(this.#server, { path, cors: this.cors, options: this.#settings.jwksRoute?.options ?? {} }, this.keys);
        }

        const version = () => `${this.#flows.length} ${this.issuer()}`;             // It says what has joined, and where hapi listens
        mountMetadata(this.#server, metadata, this, { version, document: () => ({ ...metadataDocument(this.metadata()) }) });
        mountMetadata(this.#server, openid, this, { version, document: () => ({ ...openidConfiguration(this.metadata()) }) });
    }

    /** Says once what must not go to production, and fails the start rather than the first request if the store or a key is not to be had. */
    async start(): Promise<void> {

        if ((this.#settings.setJwksKeyStore ?? this.#ownKeys) instanceof MemoryKeyStore) {
            this.#server.log(['oauth', 'development'], 'The signing keys live in memory: tokens die with the process');
        }

        if (this.#options.allowDevelopmentDefaults && !isLoopbackIssuer(this.issuer())) {
            process.emitWarning(`${this.issuer()} runs on development defaults: whoever reaches it gets tokens that nobody should trust`, { code: 'HAPI_OAUTH2_DEVELOPMENT' });
        }

        if (this.#settings.setSessionStrategy !== undefined && this.#settings.setLoginUrl === undefined) {
            throw new Error('setSessionStrategy() needs setLoginUrl(): users without a session are sent there to sign in');
        }

        await this.store.initialize();
        await assertSecretsListed(this.store, this.#options.secrets, this.#settings.setJwksKeyStore ?? this.#ownKeys);
        await this.keys.jwks();
    }

    #make(settings: SharedSettings, owner: string): void {

        this.#owners.make(settings, owner);
        this.#settings = { ...this.#settings, ...settings, additionalConfiguration: { ...this.#settings.additionalConfiguration, ...settings.additionalConfiguration } };
    }

    /** What is served, for its metadata and its description. */
    metadata(flows: readonly JoiningFlow[] = this.#flows): MetadataSource {

        const { path } = placeOf(this.#server, this.#jwksPath());
        const management = this.clients === null ? undefined : {
            paths: managementPaths(this.#options.management),
            clientAuthentication: registeredMethods(this.clients, [], null, false)
        };
        return { issuer: this.issuer(), jwksPath: path, management, openid: this.openid.metadata(this.#server, flows), flows: flows.map(({ metadata }) => metadata), additional: this.#settings.additionalConfiguration };
    }

    /** The server's own routes that come with a flow: keys and metadata with the first, OpenID metadata with the first that makes it true. */
    #due(flow: JoiningFlow): Readonly<Record<'jwks' | 'metadata' | 'openid', readonly string[]>> & { readonly provider: readonly ProviderPlace[] } {

        const paths = metadataPaths(this.issuer());
        const isFirst = this.#flows.length === 0;
        const isProvider = openidConfiguration(this.metadata()) === null && openidConfiguration(this.metadata([...this.#flows, flow])) !== null;
        return {
            jwks: isFirst ? [flow.settings.jwksRoute?.path ?? this.#jwksPath()] : [],
            provider: this.openid.due(flow, this.#flows),
            metadata: isFirst ? paths.oauth : [],
            openid: isProvider ? paths.openid : []
        };
    }

    #jwksPath(): string {

        return this.#settings.jwksRoute?.path ?? '/oauth2/keys';
    }

    /** The keys are served from the first flow on: a later one cannot move them. No two routes may want one place. */
    #checkRoutes(flow: JoiningFlow, owner: string): void {

        const [first] = this.#flows;
        if (first !== undefined && flow.settings.jwksRoute !== undefined && this.#settings.jwksRoute === undefined) {
            throw new Error(`Flow '${first.name}' and ${owner.toLowerCase()} share one key set, which is served at ${this.#jwksPath()} already: call jwksRoute() on the AuthorizationServerBuilder`);
        }

        const { jwks, metadata, openid, provider } = this.#due(flow);
        for (const { path, what, setter } of provider) {
            assertFree(this.#server, { path, owner: `${owner}, with ${what},`, setter: `${setter}((route) => route.setPath(...))` });
        }

        for (const path of jwks) {
            assertFree(this.#server, { path, owner: `${owner}, with its keys,`, setter: 'jwksRoute((route) => route.setPath(...))' });
        }

        for (const path of [...metadata, ...openid]) {
            assertFree(this.#server, { path, owner: `${owner}, with the server's metadata,`, setter: 'setIssuer()' });
        }

        const places = [...flow.places, ...[...jwks, ...metadata, ...openid, ...provider.map(({ path }) => path)].map((path) => placeOf(this.#server, path))];
        const twice = places.find(({ key }, index) => places.findIndex((other) => other.key === key) < index);
        if (twice !== undefined) {
            throw new Error(`${owner} serves two endpoints at ${twice.path}: give one of them another path with setPath()`);
        }
    }
}

const hub = 'The AuthorizationServerBuilder';
