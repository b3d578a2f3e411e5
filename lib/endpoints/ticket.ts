import type { Secrets } from '../protocol/secrets';
import type { Account } from '../sessions/session';
import { Stored } from '../stores/stored';

/** How long a user may think about a page. */
const lifeMs = 10 * 60 * 1000;

/** Carries who has signed in from one page to the next, so that nothing has to be stored: sealed, for 10 minutes, and of use in one context. */
export class Tickets {

    readonly #secrets: Secrets;
    readonly #clock: () => number;

    constructor(secrets: Secrets, clock: () => number) {

        this.#secrets = secrets;
        this.#clock = clock;
    }

    /** Seals who has signed in, and what else the next page has to know. */
    make(context: string, { subject, name, acr, amr, authTime }: Account, more: Readonly<Record<string, unknown>> = {}): string {

        const { secret, data } = this.#secrets.seal('ticket', context, JSON.stringify({ ...more, subject, name, acr, amr, authTime, expiresAt: this.#clock() + lifeMs }));
        return `${secret}.${data}`;
    }

    /** Who has signed in, with what `more` reads; `null` for a ticket that is too old, altered, or of another context. */
    read<T extends object>(context: string, ticket: string, more: (stored: Stored) => T): (Account & T) | null {

        const [secret = '', data = ''] = ticket.split('.');
        try {
            const stored = new Stored('ticket', JSON.parse(this.#secrets.open('ticket', context, { secret, data })));
            const signedIn = { subject: stored.text('subject'), name: stored.text('name'), acr: stored.textOrNull('acr'), amr: stored.texts('amr'), authTime: stored.numberOrNull('authTime') };
            return this.#clock() < stored.number('expiresAt') ? { ...signedIn, ...more(stored) } : null;
        }
        catch {
            return null;
        }
    }
}
