import type { Secrets } from '../protocol/secrets';
import type { SignedIn } from './authenticate-user';
import { Tickets } from './ticket';

/** What a user is asked about: consent to one thing is none to another. */
export interface ConsentSubject {
    readonly issuer: string;
    /** Two endpoints may know different users. */
    readonly path: string;
    /** The query of the authorization request. */
    readonly search: string;
    readonly scopes: readonly string[];
    readonly audience: readonly string[];
}

/**
 * Carries who has signed in from the sign-in form over the consent page, so that nothing has to be stored: sealed, for 10 minutes, and of use
 * for the very request that the page was shown for.
 */
export class ConsentTickets {

    readonly #tickets: Tickets;

    constructor(secrets: Secrets, clock: () => number) {

        this.#tickets = new Tickets(secrets, clock);
    }

    make(about: ConsentSubject, user: SignedIn): string {

        return this.#tickets.make(contextOf(about), user);
    }

    /** Who signed in; `null` for a ticket that is too old, altered, or of another request. */
    read(about: ConsentSubject, ticket: string): SignedIn | null {

        return this.#tickets.read(contextOf(about), ticket, () => ({}));
    }
}

/** Bound to the ticket by the seal. */
const contextOf = ({ issuer, path, search, scopes, audience }: ConsentSubject): string => JSON.stringify(['consent', issuer, path, search, scopes, audience]);
