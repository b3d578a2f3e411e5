import { randomBytes } from 'node:crypto';

import { Walk } from './walk';

/** Milliseconds that a browser may stay away. */
const idle = 2 * 3_600_000;
const mostSessions = 500;

/** One browser: its walk in each flow, and the one it went on with last. */
export class Session {

    readonly id = randomBytes(24).toString('base64url');
    readonly #walks = new Map<string, Walk>();
    current: Walk | undefined;

    walk(flow: string): Walk {

        const walk = this.#walks.get(flow) ?? new Walk();
        this.#walks.set(flow, walk);
        return walk;
    }

    startOver(flow: string): void {

        this.#walks.delete(flow);
    }

    get walks(): Iterable<Walk> {

        return this.#walks.values();
    }
}

/** The browsers that use the playground: as many as fit, for as long as they do. */
export class Sessions {

    readonly #sessions = new Map<string, { readonly session: Session; readonly until: number }>();
    readonly #clock: () => number;

    constructor(clock: () => number) {

        this.#clock = clock;
    }

    find(id: unknown): Session | undefined {

        const found = typeof id === 'string' ? this.#sessions.get(id) : undefined;
        if (found === undefined || found.until <= this.#clock()) {
            return undefined;
        }

        this.#remember(found.session);
        return found.session;
    }

    open(): Session {

        const session = new Session();
        this.#remember(session);
        return session;
    }

    get walks(): readonly Walk[] {

        return [...this.#sessions.values()].flatMap(({ session }) => [...session.walks]);
    }

    /** Whoever was here last stands last, so the first is the one to forget. */
    #remember(session: Session): void {

        this.#sessions.delete(session.id);
        this.#sessions.set(session.id, { session, until: this.#clock() + idle });
        for (const [id, { until }] of this.#sessions) {
            if (until > this.#clock() && this.#sessions.size <= mostSessions) {
                break;
            }

            this.#sessions.delete(id);
        }
    }
}
