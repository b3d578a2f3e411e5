import { randomBytes } from 'node:crypto';

import type { Answer, Call, Finding, Kept, Outcome, Sending } from './flow';

/** One event of the server's own log. */
export interface LoggedEvent {
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly what: string;
    readonly data: Readonly<Record<string, unknown>>;
}

/** A request, and what came of it. */
export interface Exchange {
    readonly act: string;
    readonly call: Call;
    readonly at: number;
    readonly answer: Answer;
    /** Which of the promised outcomes it was; none if the server did something else. */
    readonly outcome: Outcome | undefined;
    readonly findings: readonly Finding[];
}

/** A request that is under way. */
export interface Sent {
    readonly id: string;
    readonly act: Sending;
    readonly call: Call;
    /** How many events there were before. */
    readonly since: number;
}

const mostExchanges = 60;
const mostEvents = 120;

/** How far somebody has come in a flow. */
export class Walk {

    readonly #kept = new Map<string, string>();
    readonly #grants = new Set<unknown>();
    #exchanges: readonly Exchange[] = [];
    #events: readonly LoggedEvent[] = [];

    /** In the header that tells the server's log whose request it is. */
    readonly id = randomBytes(12).toString('base64url');

    /** The acts that went as promised. */
    readonly done = new Set<string>();

    /** What the browser is away with. */
    away: Sent | undefined;

    #turn = 0;
    #heard = 0;

    /** What forms carry: one that was sent twice, or stood in a page from before, has an old one. */
    get turn(): string {

        return String(this.#turn);
    }

    /** Goes on by one; answers whether the form was of this turn. */
    takeTurn(turn: unknown): boolean {

        const isCurrent = turn === this.turn;
        this.#turn += isCurrent ? 1 : 0;
        return isCurrent;
    }

    /** How many events there were in all. */
    get eventCount(): number {

        return this.#heard;
    }

    /** Those that came after so many. */
    eventsSince(count: number): readonly LoggedEvent[] {

        return this.#events.slice(Math.max(0, this.#events.length - (this.#heard - count)));
    }

    get exchanges(): readonly Exchange[] {

        return this.#exchanges;
    }

    get events(): readonly LoggedEvent[] {

        return this.#events;
    }

    find(name: string): string | undefined {

        return this.#kept.get(name);
    }

    keep(kept: Kept): void {

        Object.entries(kept).forEach(([name, value]) => this.#kept.set(name, value));
    }

    add(exchange: Exchange): void {

        this.#exchanges = [...this.#exchanges, exchange].slice(-mostExchanges);
    }

    hear(event: LoggedEvent): void {

        ++this.#heard;
        this.#events = [...this.#events, event].slice(-mostEvents);
        if (event.data.grant_id !== undefined) {
            this.#grants.add(event.data.grant_id);
        }
    }

    /** Whether a grant came of this walk: what happens to it later, without any request, belongs here. */
    knows(grantId: unknown): boolean {

        return this.#grants.has(grantId);
    }
}
