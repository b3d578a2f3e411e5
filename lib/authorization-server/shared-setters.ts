import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { ConsentPolicy } from '../endpoints/consent-policy';
import { userOfCredentials, type UserOfCredentials } from '../endpoints/own-sign-in';
import type { JwksKeyStore } from '../keys/key-store';
import { AccountRoute, LogoutRoute } from './account-routes';
import { JwksRoute } from './jwks-route';
import type { OnLogout } from './on-logout';
import type { SetClaims } from './set-claims';
import type { JwksRotatorOptions, SharedSettings } from './settings';
import { UserinfoRoute } from './userinfo-route';

/** The setters of what a server has once: on the hub, and on each flow as a shorthand. Two that differ are refused at registration. */
export abstract class SharedSetters {

    #settings: SharedSettings = {};
    #registered = false;

    /** Where signing keys are kept; in memory when left out. */
    setJwksKeyStore(store: JwksKeyStore): this {

        return this.share('setJwksKeyStore', { setJwksKeyStore: store });
    }

    /** How long a replaced key stays published, in seconds; the longest life of a token when left out, and never less. */
    setPublicKeyExpiry(seconds: number): this {

        return this.share('setPublicKeyExpiry', { setPublicKeyExpiry: seconds });
    }

    /** When signing keys are replaced; every 90 days when left out. */
    setJwksRotatorOptions(options: JwksRotatorOptions): this {

        return this.share('setJwksRotatorOptions', { setJwksRotatorOptions: options });
    }

    /** Configures the route that serves the public keys (RFC 7517 §5). */
    jwksRoute(configure: (route: JwksRoute) => unknown): this {

        const route = new JwksRoute((setter) => this.guard(setter));
        configure(route);
        return this.share('jwksRoute', { jwksRoute: route });
    }

    /** Verifies users at the built-in sign-in form: answers `{ subject, acr?, amr? }`, the subject alone, or `null` for a wrong password. */
    authenticateUser(handler: AuthenticateUser): this {

        return this.share('authenticateUser', { authenticateUser: handler });
    }

    /**
     * Whether users are asked what a client may do: `'explicit'`, which is the default, asks once for each client and its scopes; `'implicit'` asks
     * for no client whose record says `first_party`; `'none'` for none. A public client on the user's own machine always asks (RFC 8252 §8.6).
     */
    setConsent(consent: ConsentPolicy): this {

        return this.share('setConsent', { setConsent: consent });
    }

    /**
     * Sends users to a page of the app to sign in, instead of the built-in form: its path or URL gets the parameters `interaction` and `return_to`.
     *
     * Once it knows the user it ends with `return request.oauth2.login({ subject })`.
     */
    setLoginUrl(url: string): this {

        return this.share('setLoginUrl', { setLoginUrl: url });
    }

    /**
     * Takes an auth strategy that the app has anyway for the sign-in, such as one of `@hapi/cookie`: who is signed in there is signed in here.
     *
     * `user` reads `{ subject, authTime?, acr?, amr? }` from its credentials; when left out, `subject` and `authTime` (in seconds) are read there.
     * Needs `setLoginUrl()`, where users without a session are sent; the page sends them back to `return_to`.
     */
    setSessionStrategy(name: string, user: UserOfCredentials = userOfCredentials): this {

        return this.share('setSessionStrategy', { setSessionStrategy: { name, user } });
    }

    /**
     * Says what is known of a user, for UserInfo and for ID tokens: all of it, or `null` for a user who is there no more. The framework gives each
     * client the claims of its scopes, and those it may ask for by name with the parameter `claims` (OpenID Connect Core §5.4, §5.5).
     */
    setClaims(handler: SetClaims): this {

        return this.share('setClaims', { setClaims: handler });
    }

    /** Claims of your own by the scopes that give them, such as `{ team: ['team_id'] }`: a claim of no scope is given to nobody. */
    setScopeClaims(claims: Readonly<Record<string, readonly string[]>>): this {

        return this.share('setScopeClaims', { setScopeClaims: claims });
    }

    /** What sign-ins can be worth; the first is `acr` of one at the built-in form of which `authenticateUser()` says nothing. `['urn:hapi-oauth2:acr:password']` when left out (OpenID Connect Core §2). */
    setAcrValues(values: readonly string[]): this {

        return this.share('setAcrValues', { setAcrValues: values });
    }

    /**
     * What pairwise subjects are made with, for clients with `subject_type: 'pairwise'`: 32 characters or more. It has no successor: with another
     * salt every user is somebody else to those clients (OpenID Connect Core §8.1).
     */
    setPairwiseSalt(salt: string): this {

        return this.share('setPairwiseSalt', { setPairwiseSalt: salt });
    }

    /** Configures the UserInfo endpoint, which a server with registered clients and an OpenID flow has (OpenID Connect Core §5.3). */
    userinfoRoute(configure: (route: UserinfoRoute) => unknown): this {

        const route = new UserinfoRoute((setter) => this.guard(setter));
        configure(route);
        return this.share('userinfoRoute', { userinfoRoute: route });
    }

    /** Configures the endpoint where clients send users to sign out, which a server with registered clients and an OpenID flow has (OpenID Connect RP-Initiated Logout §2). */
    logoutRoute(configure: (route: LogoutRoute) => unknown): this {

        const route = new LogoutRoute((setter) => this.guard(setter));
        configure(route);
        return this.share('logoutRoute', { logoutRoute: route });
    }

    /** Configures the page on which users see what they have granted and end it, which a server with registered clients and an OpenID flow has. */
    accountRoute(configure: (route: AccountRoute) => unknown): this {

        const route = new AccountRoute((setter) => this.guard(setter));
        configure(route);
        return this.share('accountRoute', { accountRoute: route });
    }

    /** Called when users sign out here, to end the app's own session: a server with `setSessionStrategy()` needs it, or they are signed in again at once. */
    onLogout(handler: OnLogout): this {

        return this.share('onLogout', { onLogout: handler });
    }

    /** @internal How the builder calls itself in a sentence. */
    protected abstract get owner(): string;

    /** @internal */
    protected get settings(): SharedSettings {

        return this.#settings;
    }

    /** @internal */
    protected share(setter: string, settings: SharedSettings): this {

        this.guard(setter);
        this.#settings = { ...this.#settings, ...settings };
        return this;
    }

    /** @internal */
    protected shareConfiguration(members: Readonly<Record<string, unknown>>): this {

        return this.share('additionalConfiguration', { additionalConfiguration: { ...this.#settings.additionalConfiguration, ...members } });
    }

    /** @internal From now on every setter throws. */
    protected close(): void {

        this.#registered = true;
    }

    /** @internal Throws once the builder is registered: a setting made then would silently do nothing. */
    protected guard(setter: string): void {

        if (this.#registered) {
            throw new Error(`${this.owner} is registered: call ${setter}() before server.register()`);
        }
    }
}
