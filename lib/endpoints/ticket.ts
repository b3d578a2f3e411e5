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

        return this.#secrets.sealText('ticket', context, JSON.stringify({ ...more, subject, name, acr, amr, authTime, expiresAt: this.#clock() + lifeMs }));
    }

    /** Who has signed in, with what `more` reads; `null` for a ticket that is too old, altered, or of another context. */
    read<T extends object>(context: string, ticket: string, more: (stored: Stored) => T): (Account & T) | null {

        const text = this.#secrets.openText('ticket', context, ticket);
        if (text === null) {
            return null;
        }

        try {
            const stored = new Stored('ticket', JSON.parse(text));
            const signedIn = { subject: stored.text('subject'), name: stored.text('name'), acr: stored.textOrNull('acr'), amr: stored.texts('amr'), authTime: stored.numberOrNull('authTime') };
            return this.#clock() < stored.number('expiresAt') ? { ...signedIn, ...more(stored) } : null;
        }
        catch {
            return null;
        }
    }
}
