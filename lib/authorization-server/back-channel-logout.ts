import type { Client } from '../clients/client';
import { OutboundError, type Outbound } from '../clients/guarded-fetch';
import { sidOf, type Session, type SessionClient } from '../sessions/session';
import { processTimer, type Timer } from '../stores/timer';

/** Why a client was not told: its server cannot be asked, does not answer, or refuses; or too many wait to be told. */
export type UndeliveredReason = OutboundError['problem'] | 'refused' | 'busy' | 'failed';

/** A client that was not told that a user has signed out. */
export interface UndeliveredLogout {
    readonly client_id: string;
    readonly reason: UndeliveredReason;
    /** How often it was tried. */
    readonly tries: number;
    /** The last answer, if there was one. */
    readonly status: number | null;
}

/** What logouts are delivered with. */
export interface BackChannelLogoutOptions {
    readonly fetch: Outbound['fetch'];
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** Makes a logout token. */
    readonly sign: (client: Client, about: { readonly subject: string; readonly sid: string }) => Promise<string>;
    /** Told of each client that was given up. */
    readonly report: (undelivered: UndeliveredLogout) => void;
    /** Where the waiting comes from. */
    readonly timer?: Timer | undefined;
}

/** How long is waited before each further try, in milliseconds: a client that is being restarted is back by the last one. */
const pausesMs = [1_000, 5_000, 30_000];

/** How long one try may take, whatever it is made with. */
const longestMs = 10_000;

/** How many deliveries may be under way, so that slow clients do not fill the memory. */
const mostPending = 1_000;

type Outcome = { readonly isDone: true } | { readonly isDone: false; readonly mayPass: boolean; readonly reason: UndeliveredReason; readonly status: number | null };

/**
 * Tells the clients of a session that it has ended (OpenID Connect Back-Channel Logout §2.5): beside the response, which waits for none of them.
 *
 * What does not get through is tried again a few times; what waits when the process ends is not delivered.
 */
export class BackChannelLogout {

    readonly #options: BackChannelLogoutOptions;
    readonly #pending = new Set<Promise<void>>();

    constructor(options: BackChannelLogoutOptions) {

        this.#options = options;
    }

    /** Begins to tell every client that a user of the session was signed in to, or those of one user. */
    notify(session: Pick<Session, 'sid' | 'clients'>): void {

        for (const member of session.clients) {
            if (this.#pending.size >= mostPending) {
                this.#options.report({ client_id: member.clientId, reason: 'busy', tries: 0, status: null });
                continue;
            }

            const delivery = this.#deliver(session, member).finally(() => this.#pending.delete(delivery));
            this.#pending.add(delivery);
        }
    }

    /** Resolves when nobody waits to be told any more. */
    async settled(): Promise<void> {

        await Promise.all(this.#pending);
    }

    async #deliver(session: Pick<Session, 'sid'>, member: SessionClient): Promise<void> {

        let outcome: Outcome = { isDone: false, mayPass: true, reason: 'failed', status: null };
        let tries = 0;
        for (const pause of [0, ...pausesMs]) {
            await this.#wait(pause);
            ++tries;
            outcome = await this.#try(session, member);
            if (outcome.isDone) {
                return;
            }

            if (!outcome.mayPass) {
                break;
            }
        }

        const { reason, status } = outcome;
        this.#options.report({ client_id: member.clientId, reason, tries, status });
    }

    /** Each try has a token of its own: a client that read the first one and could not answer would take the same again for a replay. */
    async #try(session: Pick<Session, 'sid'>, member: SessionClient): Promise<Outcome> {

        const { fetch, findClient, sign } = this.#options;
        try {
            const client = await findClient(member.clientId);
            const uri = client?.metadata.backchannel_logout_uri;
            if (client === null || uri === undefined) {
                return { isDone: true };
            }

            const token = await sign(client, { subject: member.subject, sid: sidOf(session, member) });
            const { status } = await this.#within(fetch(uri, {
                method: 'POST',
                headers: { 'content-type': 'application/x-www-form-urlencoded' },
                body: new URLSearchParams({ logout_token: token }).toString()
            }));
            return status >= 200 && status < 300 ? { isDone: true } : { isDone: false, mayPass: status >= 500 || status === 429, reason: 'refused', status };
        }
        catch (err) {
            const reason = err instanceof OutboundError ? err.problem : 'failed';
            return { isDone: false, mayPass: !permanent.has(reason), reason, status: null };
        }
    }

    async #within<T>(run: Promise<T>): Promise<T> {

        let cancel = () => {};
        const late = new Promise<never>((_resolve, reject) => {

            cancel = this.#timer(() => reject(new OutboundError('timeout')), longestMs);
        });
        try {
            return await Promise.race([run, late]);
        }
        finally {
            cancel();
        }
    }

    async #wait(ms: number): Promise<void> {

        if (ms > 0) {
            await new Promise<void>((resolve) => {

                this.#timer(resolve, ms);
            });
        }
    }

    get #timer(): Timer {

        return this.#options.timer ?? processTimer;
    }
}

/** What another try would not change. */
const permanent: ReadonlySet<UndeliveredReason> = new Set(['url_refused', 'address_refused', 'too_large']);
