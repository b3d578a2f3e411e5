import { equalDigests } from '../protocol/compare';
import { sha256 } from '../protocol/digest';
import { randomValue } from '../protocol/random';
import { openUnder, sealUnder } from '../protocol/seal';
import type { FoundRecord, Store } from '../stores/store';
import { Stored } from '../stores/stored';

/** Where a request came in that a user has to be asked about, and what it was. */
export interface InteractionRequest {
    /** The path of the endpoint. */
    readonly path: string;
    /** The request, as a query with its question mark. */
    readonly search: string;
    /** Where the browser goes on once its user is known: a path of this server, to which the reference is added. */
    readonly next: string;
}

/** Who the user turned out to be in this interaction. */
export interface Identified {
    readonly subject: string;
    /** Whether by signing in since the request came. */
    readonly signedIn: boolean;
    /** Whether by choosing an account that was signed in. */
    readonly isChosen: boolean;
}

/** A request that waits for its user, in one browser. */
export interface Interaction extends InteractionRequest {
    readonly ref: string;
    readonly version: number;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    readonly identified: Identified | null;
    /** `open` may go on; `expired` waited for too long; `answered` has had its answer. */
    readonly state: 'open' | 'expired' | 'answered';
    /** Sealed under the reference. */
    readonly reply: string | null;
}

const kind = 'interaction';

/** The request holds what the client meant for the browser alone, such as its state: it is sealed under the reference, too. */
const searchContext = 'interaction request';

/** How long a user may take. */
const lifeMs = 60 * 60 * 1000;

/** How long it is known afterwards what became of it, so that a page can say what to do. */
const traceMs = 2 * 60 * 60 * 1000;

/** How long a second click on the same button gets the answer of the first. */
const repeatMs = 60 * 1000;

/** The interactions of browsers: store records, found by a reference that the page knows, and only from the browser whose cookie they are bound to. */
export class Interactions {

    readonly #store: Pick<Store, 'get' | 'put' | 'replace'>;
    readonly #clock: () => number;

    /** `clock` is in milliseconds since the epoch. */
    constructor({ store, clock }: { readonly store: Pick<Store, 'get' | 'put' | 'replace'>; readonly clock: () => number }) {

        this.#store = store;
        this.#clock = clock;
    }

    /** Begins one in a browser, which is known by the secret in its cookie: answers its reference. */
    async open({ path, search, next }: InteractionRequest, browser: string): Promise<string> {

        const ref = randomValue();
        await this.#store.put(recordOf({ ref, path, search, next, startedAt: this.#clock(), identified: null, reply: null }, sha256(browser), null));
        return ref;
    }

    /** The interaction of a reference in this very browser; `null` for any other. */
    async find(ref: string, browser: string): Promise<Interaction | null> {

        const found = await this.#store.get(kind, sha256(ref));
        return found === null ? null : this.#read(ref, browser, found);
    }

    /** Whether there is one of this reference in whatever browser: for the log alone, where {@link find} has found nothing. */
    async isKnown(ref: string): Promise<boolean> {

        return await this.#store.get(kind, sha256(ref)) !== null;
    }

    /** Notes who the user is; `false` if another request was faster. */
    async identify(interaction: Interaction, browser: string, identified: Identified): Promise<boolean> {

        return await this.#store.replace(recordOf({ ...interaction, identified }, sha256(browser), null), interaction.version);
    }

    /** Ends it with what the client is answered; `false` if another request has: then {@link repeated} knows what with. */
    async finish(interaction: Interaction, browser: string, reply: string): Promise<boolean> {

        const record = recordOf({ ...interaction, reply: sealUnder(interaction.ref, kind, reply) }, sha256(browser), this.#clock());
        return await this.#store.replace(record, interaction.version);
    }

    /** What the client was answered, for who clicked twice; `null` after a minute. */
    repeated({ ref, reply }: Interaction): string | null {

        return reply === null ? null : openUnder(ref, kind, reply);
    }

    #read(ref: string, browser: string, { value, version }: FoundRecord): Interaction | null {

        const stored = new Stored(kind, value);
        if (!equalDigests(stored.text('browser'), sha256(browser))) {
            return null;
        }

        const identified = stored.objectOrNull('identified');
        const answeredAt = stored.numberOrNull('answeredAt');
        const startedAt = stored.number('startedAt');
        const isFresh = answeredAt !== null && this.#clock() < answeredAt + repeatMs;
        return {
            ref, version, startedAt,
            path: stored.text('path'),
            search: searchIn(ref, stored.text('search')),
            next: stored.text('next'),
            identified: identified === null ? null : identifiedOf(new Stored(kind, identified)),
            state: answeredAt === null ? this.#clock() < startedAt + lifeMs ? 'open' : 'expired' : 'answered',
            reply: isFresh ? stored.textOrNull('reply') : null
        };
    }
}

const searchIn = (ref: string, sealed: string): string => {

    const search = openUnder(ref, searchContext, sealed);
    if (search === null) {
        throw new Error('The store answered an interaction whose request is not what was written');
    }

    return search;
};

const identifiedOf = (stored: Stored): Identified => ({ subject: stored.text('subject'), signedIn: stored.flag('signedIn'), isChosen: stored.flag('isChosen') });

const recordOf = ({ ref, path, search, next, startedAt, identified, reply }: Omit<Interaction, 'version' | 'state'>, browser: string, answeredAt: number | null) => ({
    kind,
    key: sha256(ref),
    value: { path, search: sealUnder(ref, searchContext, search), next, browser, startedAt, identified, answeredAt, reply },
    expiresAt: startedAt + traceMs
});
