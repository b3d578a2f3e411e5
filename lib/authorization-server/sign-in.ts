import { ClientLogos } from '../clients/client-logos';
import type { Outbound } from '../clients/guarded-fetch';
import type { BrowserContext } from '../endpoints/browser';
import { WaitingRequests } from '../endpoints/waiting-requests';
import type { Secrets } from '../protocol/secrets';
import { Consents } from '../sessions/consent';
import { Interactions } from '../sessions/interaction';
import { Sessions, type SessionLife } from '../sessions/session';
import type { Store } from '../stores/store';

/** Seconds: idle for a day, and two weeks in all. */
export const defaultSessionLife: SessionLife = { idle: 86_400, absolute: 14 * 86_400 };

/** What a server remembers of its users: who has signed in where, what waits for them, and what they agreed to. */
export interface SignIn {
    readonly browsers: BrowserContext;
    readonly interactions: Interactions;
    readonly consents: Consents;
    /** What clients look like to them. */
    readonly logos: ClientLogos;
    /** Reads what waits, for pages of the app. */
    readonly requests: WaitingRequests;
}

/** What that is kept with. */
export interface SignInOptions {
    readonly store: Store;
    readonly secrets: Secrets;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly sessionLife: SessionLife;
    /** Whether browsers reach the server by https. */
    readonly isSecure: boolean;
    /** The way to the servers of clients. */
    readonly outbound: Pick<Outbound, 'fetch'>;
}

/** The sign-in of one server. */
export const signIn = ({ store, secrets, clock, sessionLife, isSecure, outbound }: SignInOptions): SignIn => ({
    browsers: { secrets, isSecure, sessions: new Sessions({ store, clock, life: sessionLife }) },
    interactions: new Interactions({ store, clock }),
    consents: new Consents({ store, clock }),
    logos: new ClientLogos({ fetch: outbound.fetch, clock }),
    requests: new WaitingRequests()
});
