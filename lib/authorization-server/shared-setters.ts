import type { AuthenticateUser } from '../endpoints/authenticate-user';
import type { JwksKeyStore } from '../keys/key-store';
import { JwksRoute } from './jwks-route';
import type { JwksRotatorOptions, SharedSettings } from './settings';

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

    /** Whether users are asked what a client may do: `'explicit'`, which is the default, or `'none'`. A client on the user's own machine always asks (RFC 8252 §8.6). */
    setConsent(consent: 'explicit' | 'none'): this {

        return this.share('setConsent', { setConsent: consent });
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
