import type { Server } from '@hapi/hapi';

import type { ClientMetadata, ClientStore } from '../clients/client';
import { declareCookies } from '../endpoints/browser';
import { InterruptedSignIn, showInterruptedSignIn } from '../endpoints/interrupted';
import type { CorsSetting } from '../endpoints/options';
import { Pages } from '../endpoints/pages';
import { Resources, type ResourceSettings } from '../protocol/resources';
import { Secrets } from '../protocol/secrets';
import type { ConsentParties } from '../sessions/consent';
import type { SessionLife } from '../sessions/session';
import type { Store } from '../stores/store';
import { accessTokenScheme, challengeInsufficientScope } from '../tokens/scheme';
import { AuthorizationServer } from './authorization-server';
import './decorations';
import { serverGrants } from './grants';
import { checkHub } from './hub-check';
import { requestOAuth2, type LoginContext } from './login';
import type { OnTokens } from './on-tokens';
import { pluginName } from './plugin-name';
import { defaultSessionLife } from './sign-in';
import { addResourceStrategies, addStrategy } from './strategy';
import { StrategySetters } from './strategy-setters';
import { mountRegistration } from './registration';
import { mountTokenManagement } from './token-management';
import { serverSessions } from './sessions';
import { serverTokens, tokenLookup } from './tokens';
import { reportUnservedClients } from './unserved-clients';
import { reportWaivedConsent } from './waived-consent';

/**
 * The hub: what all flows of one server share. It is a hapi plugin: pass it to `server.register()`, before the flows.
 *
 * A flow registered without it registers it with its defaults.
 *
 * @example
 * await server.register([
 *     AuthorizationServerBuilder.create().setIssuer('https://auth.example.com').setJwksKeyStore(keys),
 *     OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(issue))
 * ]);
 */
export class AuthorizationServerBuilder extends StrategySetters {

    /** Own and writable: hapi reads it on a copy. */
    readonly name: string = pluginName;

    /** So that hapi calls `register` a second time, and we can say what to change. */
    readonly multiple = true;

    #issuer: string | undefined;
    #clock = () => Date.now();
    #cors: CorsSetting = true;
    #requirePkce: 'all' | 'public' = 'all';
    #allowDevelopmentDefaults = false;
    #store: Store | undefined;
    #secrets: readonly string[] | undefined;
    #clients: readonly ClientMetadata[] | ClientStore | undefined;
    #resources: Readonly<Record<string, ResourceSettings>> = {};
    #onTokens: OnTokens | undefined;
    #strategy = 'oauth2';
    #sessionLife: SessionLife = defaultSessionLife;

    private constructor() {

        super();
    }

    /** @internal */
    protected get owner(): string {

        return 'The AuthorizationServerBuilder';
    }

    /** A hub with every default. */
    static create(): AuthorizationServerBuilder {

        return new AuthorizationServerBuilder();
    }

    /**
     * The issuer identifier: the URL that clients know the server by, `http://localhost:<port>` when left out (RFC 8414 §2).
     *
     * Anything but this machine needs https and a key store that keeps its keys.
     */
    setIssuer(issuer: string): this {

        this.guard('setIssuer');
        this.#issuer = issuer;
        return this;
    }

    /** Where the time comes from: a function like `Date.now`, milliseconds since the epoch. */
    setClock(clock: () => number): this {

        this.guard('setClock');
        this.#clock = clock;
        return this;
    }

    /** Which origins may call the endpoints from a browser: all by default; `false` for none, or a list of origins. */
    setCors(cors: false | readonly string[]): this {

        this.guard('setCors');
        this.#cors = cors;
        return this;
    }

    /**
     * Whose authorization requests need PKCE: `'all'` clients', which is the default, or only the `'public'` ones' (RFC 9700 §2.1.1).
     *
     * With `'public'` a request without a challenge reaches `generateCode`, which knows the client and refuses a public one.
     */
    requirePkce(clients: 'all' | 'public'): this {

        this.guard('requirePkce');
        this.#requirePkce = clients;
        return this;
    }

    /**
     * The clients of the server, under the names of RFC 7591: an array, or an object with `get(clientId)` such as a `Map`.
     *
     * Clients are then authenticated before any handler runs, and flows without a `generate...` handler prove what is presented themselves.
     * Throws at registration for a record that breaks the rules, naming its field.
     */
    setClients(clients: readonly ClientMetadata[] | ClientStore): this {

        this.guard('setClients');
        this.#clients = clients;
        return this;
    }

    /**
     * The resources that tokens are for, by their URIs, and the scopes of each (RFC 8707, RFC 9068 §3).
     *
     * A resource that this app serves beside its default one names a `strategy`, which accepts the tokens for that resource and no others.
     */
    setResources(resources: Readonly<Record<string, ResourceSettings>>): this {

        this.guard('setResources');
        this.#resources = resources;
        return this;
    }

    /** Adds claims, narrows the scope or denies, whenever the framework has proven a token request. */
    onTokens(handler: OnTokens): this {

        this.guard('onTokens');
        this.#onTokens = handler;
        return this;
    }

    /**
     * Where the server keeps what its processes share: used assertions, and with `setSecrets()` its signing keys. In memory when left out.
     *
     * The store is made ready when hapi starts; the app that opened its database closes it.
     */
    setStore(store: Store): this {

        this.guard('setStore');
        this.#store = store;
        return this;
    }

    /**
     * Secrets of 32 characters or more under which the store keeps what must not be read there, the current one first.
     *
     * To replace one, put the new one first and leave the old one in the list for as long as something was sealed with it.
     */
    setSecrets(secrets: readonly string[]): this {

        this.guard('setSecrets');
        this.#secrets = [...secrets];
        return this;
    }

    /** How long a user stays signed in, in seconds: a day without use and 14 days in all when left out. */
    setSessionTTL(life: SessionLife): this {

        this.guard('setSessionTTL');
        this.#sessionLife = { ...life };
        return this;
    }

    /** Lets an issuer that is not this machine run on keys in memory and on http. Never in production; it warns at start. */
    allowDevelopmentDefaults(): this {

        this.guard('allowDevelopmentDefaults');
        this.#allowDevelopmentDefaults = true;
        return this;
    }

    /** Renames the strategy that accepts the tokens of all flows, `oauth2` when left out. */
    strategyName(name: string): this {

        this.guard('strategyName');
        this.#strategy = name;
        return this;
    }

    /** Adds members to the metadata that only the app knows, such as `service_documentation` (RFC 8414 §2). */
    additionalConfiguration(members: Readonly<Record<string, unknown>>): this {

        return this.shareConfiguration(members);
    }

    /** An own property, not a method: hapi calls it on a copy. Synchronous, so that flows registered side by side share one hub. */
    readonly register = (server: Server): void => {

        this.close();
        this.#check(server);
        this.warnOfPrivateAddresses();
        const shared = new AuthorizationServer(server, {
            issuer: this.#issuer, clock: this.#clock, cors: this.#cors, requirePkce: this.#requirePkce === 'all',
            allowDevelopmentDefaults: this.#allowDevelopmentDefaults, settings: this.settings,
            store: this.#store, secrets: this.#secrets && new Secrets(this.#secrets),
            clients: this.registry(this.#clients, this.#clock),
            resources: new Resources(this.#resources),
            outbound: this.outbound,
            onTokens: this.#onTokens,
            management: this.management,
            sessionLife: this.#sessionLife,
            pages: new Pages(this.pageSettings),
            limits: this.limits,
            trusted: this.trusted
        });
        server.expose('authorizationServer', shared);

        server.auth.scheme(pluginName, accessTokenScheme);
        addStrategy(server, shared, { name: this.#strategy, owner: this.owner, flows: () => shared.flows() });
        addResourceStrategies(server, shared);
        const isOurs = (strategy: string) => shared.strategies.has(strategy);
        server.ext('onPreResponse', (request, h) => {

            const { response } = request;               // Of each request of the app: nothing is done here that need not be
            if (response instanceof InterruptedSignIn) {
                return showInterruptedSignIn(shared.pages, response, request, h);
            }

            challengeInsufficientScope(request, isOurs);
            return h.continue;
        });
        server.ext('onPreStart', () => shared.start());
        reportWaivedConsent(server, shared.clients);
        reportUnservedClients(server, shared);
        const lookup = tokenLookup(server, shared);
        const grants = serverGrants(server, shared.store);
        server.decorate('server', 'oauth2', {
            get issuer() {

                return shared.issuer();
            },
            keys: { rotate: () => shared.keys.rotate() },
            tokens: serverTokens(shared, lookup),
            grants,
            sessions: serverSessions(server, shared.signIn.browsers.sessions),
            consents: { forget: (parties: ConsentParties) => shared.signIn.consents.forget(parties) },
            registration: mountRegistration(server, shared, this.registration, grants, this.outbound)
        });
        declareCookies(server, shared.signIn.browsers);
        const login: LoginContext = { ...shared.signIn, clock: shared.clock, issuer: () => shared.issuer(), endSession: (session, from) => shared.signOut.end(session, from) };
        server.decorate('request', 'oauth2', (request) => requestOAuth2(request, login), { apply: true });         // For each request of the app: nothing is made here that need not be
        if (shared.clients !== null) {
            mountTokenManagement(server, shared, this.management, lookup);
        }
    };

    #check(server: Server): void {

        if (server.plugins[pluginName] as unknown) {
            throw new Error('AuthorizationServerBuilder must be registered once and before the flows: put it first in server.register([...])');
        }

        const { prefix } = server.realm.modifiers.route;
        if (prefix) {
            throw new Error(`The authorization server cannot live behind the prefix ${prefix}, since its metadata belongs to the server's root: register the AuthorizationServerBuilder first, without a prefix; flows may have one`);
        }

        checkHub({ issuer: this.#issuer, clock: this.#clock, cors: this.#cors, requirePkce: this.#requirePkce, sessionLife: this.#sessionLife, allowDevelopmentDefaults: this.#allowDevelopmentDefaults, store: this.#store });
    }
}

/** The hub of a server: the one that was registered, or one with its defaults. */
export const authorizationServer = async (server: Server): Promise<AuthorizationServer> => {

    if (server.realm.plugin === pluginName) {              // hapi would take the flow for the hub
        throw new Error(`A flow cannot be called '${pluginName}', as the hub's plugin is: give strategyName() another name`);
    }

    await server.register(AuthorizationServerBuilder.create(), { once: true });
    return server.plugins[pluginName].authorizationServer;
};
