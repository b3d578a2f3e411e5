import type { Secrets } from '../protocol/secrets';
import { Stored } from '../stores/stored';
import type { SignedIn } from './authenticate-user';

/** How long a user may think about a consent page. */
const lifeMs = 10 * 60 * 1000;

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

    readonly #secrets: Secrets;
    readonly #clock: () => number;

    constructor(secrets: Secrets, clock: () => number) {

        this.#secrets = secrets;
        this.#clock = clock;
    }

    make(about: ConsentSubject, { subject, acr, amr, authTime }: SignedIn): string {

        const { secret, data } = this.#secrets.seal('ticket', contextOf(about), JSON.stringify({ subject, acr, amr, authTime, expiresAt: this.#clock() + lifeMs }));
        return `${secret}.${data}`;
    }

    /** Who signed in; `null` for a ticket that is too old, altered, or of another request. */
    read(about: ConsentSubject, ticket: string): SignedIn | null {

        const [secret = '', data = ''] = ticket.split('.');
        try {
            const stored = new Stored('ticket', JSON.parse(this.#secrets.open('ticket', contextOf(about), { secret, data })));
            const signedIn = { subject: stored.text('subject'), acr: stored.textOrNull('acr'), amr: stored.texts('amr'), authTime: stored.number('authTime') };
            return this.#clock() < stored.number('expiresAt') ? signedIn : null;
        }
        catch {
            return null;
        }
    }
}

/** Bound to the ticket by the seal. */
const contextOf = ({ issuer, path, search, scopes, audience }: ConsentSubject): string => JSON.stringify(['consent', issuer, path, search, scopes, audience]);
