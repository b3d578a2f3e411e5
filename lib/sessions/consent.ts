import { sha256 } from '../protocol/digest';
import type { FoundRecord, Store } from '../stores/store';
import { Stored } from '../stores/stored';

/** Whose consent, and to whom. */
export interface ConsentParties {
    readonly subject: string;
    readonly clientId: string;
}

/** What a user agreed to. */
export interface Consent {
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
}

const kind = 'consent';

/** A consent that was not needed for a year is asked for again. */
const lifeMs = 365 * 24 * 60 * 60 * 1000;

/** A change that loses a race is made anew on what the other one wrote. */
const mostTries = 3;

/** What users agreed to be asked no more: another record than the grant, which dies with its tokens. */
export class Consents {

    readonly #store: Pick<Store, 'get' | 'putIfAbsent' | 'replace' | 'delete'>;
    readonly #clock: () => number;

    /** `clock` is in milliseconds since the epoch. */
    constructor({ store, clock }: { readonly store: Pick<Store, 'get' | 'putIfAbsent' | 'replace' | 'delete'>; readonly clock: () => number }) {

        this.#store = store;
        this.#clock = clock;
    }

    /** Whether a user agreed to all of this already. */
    async covers(parties: ConsentParties, { scopes, resources }: Consent): Promise<boolean> {

        const known = agreedIn(await this.#store.get(kind, keyOf(parties)));
        return resources.length > 0 && resources.every((uri) => {

            const agreed = known.get(uri);
            return agreed !== undefined && scopes.every((scope) => agreed.includes(scope));
        });
    }

    /**
     * Adds what a user agreed to, to what is there by then: what somebody withdraws at the same moment does not come back. Who loses every race is
     * asked again.
     */
    async remember(parties: ConsentParties, { scopes, resources }: Consent): Promise<void> {

        for (let i = 0; i < mostTries; ++i) {
            const found = await this.#store.get(kind, keyOf(parties));
            const known = agreedIn(found);
            const agreed = new Map([...known, ...resources.map((uri) => [uri, union(known.get(uri), scopes)] as const)]);
            const value = { ...parties, agreed: [...agreed].map(([resource, names]) => ({ resource, scopes: names })), at: this.#clock() };
            const record = { kind, key: keyOf(parties), value, expiresAt: this.#clock() + lifeMs };
            if (await (found === null ? this.#store.putIfAbsent(record) : this.#store.replace(record, found.version))) {
                return;
            }
        }
    }

    /** Forgets what a user agreed to: the next request of the client asks. */
    async forget(parties: ConsentParties): Promise<void> {

        await this.#store.delete(kind, keyOf(parties));
    }
}

/** The scopes by their resources: who may read one thing and change another may not change both. */
const agreedIn = (found: FoundRecord | null): ReadonlyMap<string, readonly string[]> =>
    new Map(found === null ? [] : new Stored(kind, found.value).list('agreed').map((stored) => [stored.text('resource'), stored.texts('scopes')]));

const union = (known: readonly string[] = [], added: readonly string[]): readonly string[] => [...new Set([...known, ...added])];

const keyOf = ({ subject, clientId }: ConsentParties): string => sha256(JSON.stringify([subject, clientId]));
