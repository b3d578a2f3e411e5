import { ClientJwks } from '../clients/client-jwks';
import type { ClientMetadata, ClientStore } from '../clients/client';
import { guardedFetch, unguardedFetch, type Outbound, type OutboundFetch } from '../clients/guarded-fetch';
import { addressTest } from '../clients/public-address';
import { ClientRegistry } from '../clients/registry';
import { privateUseSchemes } from '../protocol/redirect-uri';
import { RegistrationRoute } from './registration-route';
import { LimitSetters } from './limit-setters';

/** The hub's setters for clients that register themselves, and for what the server asks of clients' own servers. */
export abstract class RegistrationSetters extends LimitSetters {

    /** @internal */
    protected readonly registration = new RegistrationRoute((setter) => this.guard(setter));

    #redirectSchemes: ReadonlySet<string> | undefined;
    #fetch: OutboundFetch | undefined;
    #privateAddresses: readonly string[] = [];
    #outbound: Outbound | undefined;

    /** Configures the endpoint where clients register themselves (RFC 7591, RFC 7592): there is none until `route.allow()` is called. */
    registrationRoute(configure: (route: RegistrationRoute) => unknown): this {

        this.guard('registrationRoute');
        configure(this.registration);
        return this;
    }

    /**
     * Lets redirect URIs have these schemes although they are without a dot, such as `'cursor'` for `cursor://…`: those of `setClients()`, and of clients that
     * register themselves.
     *
     * A domain name turned round, such as `com.example.app`, needs no leave and has an owner; any app can claim a scheme without a dot (RFC 8252 §7.1, §8.6). Throws
     * for what is no scheme, for `http` and `https`, and for `javascript`, `data`, `vbscript`, `file`, `blob` and `about`.
     */
    allowRedirectSchemes(schemes: readonly string[]): this {

        this.guard('allowRedirectSchemes');
        this.#redirectSchemes = privateUseSchemes(schemes);
        return this;
    }

    /**
     * Lets URLs of clients, such as `jwks_uri`, lead to these addresses and networks of your own, such as `'10.1.0.0/16'`; throws for what is none.
     *
     * For development, and for clients in a network of yours: whoever can name such a URL can have this server ask these machines. It warns at start.
     */
    allowPrivateAddresses(networks: readonly string[]): this {

        this.guard('allowPrivateAddresses');
        addressTest(networks);
        this.#privateAddresses = [...networks];
        return this;
    }

    /**
     * Replaces how the server asks URLs of clients, for example to go through a proxy. All guards but https are then the function's own: which addresses
     * may be asked, no redirects, how long and how much.
     */
    setFetch(fetch: OutboundFetch): this {

        this.guard('setFetch');
        this.#fetch = fetch;
        return this;
    }

    /** @internal The one way to the servers of clients. */
    protected get outbound(): Outbound {

        this.#outbound ??= this.#fetch === undefined ? guardedFetch({ isAllowed: addressTest(this.#privateAddresses) }) : unguardedFetch(this.#fetch);
        return this.#outbound;
    }

    /** @internal The clients of the server, if it has any. */
    protected registry(clients: readonly ClientMetadata[] | ClientStore | undefined, clock: () => number): ClientRegistry | null {

        const hasClients = clients !== undefined || this.registration.access !== undefined;
        return hasClients ? new ClientRegistry(clients === undefined ? [] : clients, new ClientJwks({ fetch: this.outbound.fetch, clock }), this.#redirectSchemes) : null;
    }

    /** @internal */
    protected warnOfPrivateAddresses(): void {

        if (this.#privateAddresses.length > 0) {
            process.emitWarning(`URLs of clients may lead to ${this.#privateAddresses.join(', ')}: whoever registers a client can have this server ask these machines`, { code: 'HAPI_OAUTH2_PRIVATE_ADDRESSES' });
        }
    }
}
