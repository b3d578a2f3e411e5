import type { Secrets } from '../protocol/secrets';
import { Stored } from '../stores/stored';
import type { SignedIn } from './authenticate-user';

/** How long a user may think about a device. */
const lifeMs = 10 * 60 * 1000;

/** Where a ticket is of use: on the page that made it, for the code that was entered there. */
export interface DevicePlace {
    readonly issuer: string;
    readonly path: string;
    /** The letters of the user code. */
    readonly userCode: string;
}

/** Who decides, and about which device: a code may be another device's by the time it is read again. */
export interface DeviceDecider extends SignedIn {
    readonly deviceKey: string;
}

/**
 * Carries who has signed in from the form with the user code to the decision about the device: sealed, and for 10 minutes.
 *
 * It is read before the store is asked for the code, so that a form without a ticket of ours tells nobody which codes exist.
 */
export class DeviceTickets {

    readonly #secrets: Secrets;
    readonly #clock: () => number;

    constructor(secrets: Secrets, clock: () => number) {

        this.#secrets = secrets;
        this.#clock = clock;
    }

    make(place: DevicePlace, { subject, acr, amr, authTime, deviceKey }: DeviceDecider): string {

        const { secret, data } = this.#secrets.seal('ticket', contextOf(place), JSON.stringify({ subject, acr, amr, authTime, deviceKey, expiresAt: this.#clock() + lifeMs }));
        return `${secret}.${data}`;
    }

    /** Who decides; `null` for a ticket that is too old, altered, or of another code. */
    read(place: DevicePlace, ticket: string): DeviceDecider | null {

        const [secret = '', data = ''] = ticket.split('.');
        try {
            const stored = new Stored('ticket', JSON.parse(this.#secrets.open('ticket', contextOf(place), { secret, data })));
            const decider = { subject: stored.text('subject'), acr: stored.textOrNull('acr'), amr: stored.texts('amr'), authTime: stored.number('authTime'), deviceKey: stored.text('deviceKey') };
            return this.#clock() < stored.number('expiresAt') ? decider : null;
        }
        catch {
            return null;
        }
    }
}

/** Bound to the ticket by the seal; no other ticket's begins so. */
const contextOf = ({ issuer, path, userCode }: DevicePlace): string => JSON.stringify(['device', issuer, path, userCode]);
