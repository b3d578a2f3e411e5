import type { Request } from '@hapi/hapi';

import type { Client } from '../clients/client';
import type { RegistrationMetadata } from '../clients/registration-metadata';
import type { RegistrationDecision } from '../clients/registrations';
import type { RoutePath } from '../endpoints/place';
import { SubRoute } from '../endpoints/sub-route';
import type { StoredValue } from '../stores/store';
import type { HandlerUtilities } from './handler-utilities';

/** Who may register a client: everybody, or who has a token of `server.oauth2.registration.createInitialAccessToken()`. */
export type RegistrationAccess = 'open' | 'initial-access-token';

/** What a policy gets: a registration that is in order. */
export interface RegistrationContext extends HandlerUtilities {
    /** What the client says of itself, with the defaults of what it left out; it may ask for more than it would get. */
    readonly metadata: RegistrationMetadata;
    /** The client that changes its registration; `null` for a new one. */
    readonly client: Client | null;
    /** What the initial access token was made with; empty where none is asked for. */
    readonly data: StoredValue;
}

/** A policy's refusal, which the client reads. */
export interface RegistrationRefusal {
    readonly error: string;
    readonly error_description?: string | undefined;
}

/** Decides about each registration and each change of one: `null` or an error refuses it, nothing leaves it as it would be without a policy. */
export type RegistrationPolicy = (ctx: RegistrationContext, request: Request) => RegistrationDecision | RegistrationRefusal | null | undefined | Promise<RegistrationDecision | RegistrationRefusal | null | undefined>;

/** Settings of the registration endpoint, at `/oauth2/register` unless it has another path: off until `allow()` is called. */
export class RegistrationRoute extends SubRoute {

    #access: RegistrationAccess | undefined;
    #policy: RegistrationPolicy | undefined;

    /** @internal */
    get access(): RegistrationAccess | undefined {

        return this.#access;
    }

    /** @internal */
    get policy(): RegistrationPolicy | undefined {

        return this.#policy;
    }

    /** @internal Where it is served, if it is. */
    get served(): RoutePath | undefined {

        return this.#access === undefined ? undefined : this.path ?? '/oauth2/register';
    }

    /** Turns registration on (RFC 7591 §3): for everybody, or for who has an initial access token. */
    allow(access: RegistrationAccess): this {

        this.guard('allow');
        if (!['open', 'initial-access-token'].includes(access)) {
            throw new TypeError('registrationRoute((route) => route.allow(...)) takes \'open\' or \'initial-access-token\'');
        }

        this.#access = access;
        return this;
    }

    /** Decides about each registration, after what the client said of itself was checked; without one it gets no more than every stranger may have. */
    setPolicy(policy: RegistrationPolicy): this {

        this.guard('setPolicy');
        this.#policy = policy;
        return this;
    }
}
