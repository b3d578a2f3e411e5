import type { Secrets } from '../protocol/secrets';
import type { Account } from '../sessions/session';
import { Tickets } from './ticket';

/** Where a ticket is of use: on the page that made it, for the code that was entered there. */
export interface DevicePlace {
    readonly issuer: string;
    readonly path: string;
    /** The letters of the user code. */
    readonly userCode: string;
}

/** Who decides, and about which device: a code may be another device's by the time it is read again. */
export interface DeviceDecider extends Account {
    readonly deviceKey: string;
}

/**
 * Carries who has signed in from the form with the user code to the decision about the device: sealed, and for 10 minutes.
 *
 * It is read before the store is asked for the code, so that a form without a ticket of ours tells nobody which codes exist.
 */
export class DeviceTickets {

    readonly #tickets: Tickets;

    constructor(secrets: Secrets, clock: () => number) {

        this.#tickets = new Tickets(secrets, clock);
    }

    make(place: DevicePlace, { deviceKey, ...user }: DeviceDecider): string {

        return this.#tickets.make(contextOf(place), user, { deviceKey });
    }

    /** Who decides; `null` for a ticket that is too old, altered, or of another code. */
    read(place: DevicePlace, ticket: string): DeviceDecider | null {

        return this.#tickets.read(contextOf(place), ticket, (stored) => ({ deviceKey: stored.text('deviceKey') }));
    }
}

/** Bound to the ticket by the seal; no other ticket's begins so. */
const contextOf = ({ issuer, path, userCode }: DevicePlace): string => JSON.stringify(['device', issuer, path, userCode]);
