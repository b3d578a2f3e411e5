import { OAuth2Error } from '../error';
import { RecentMap } from '../stores/recent-map';
import type { AssertionHeader, VerificationKey } from './assertion';
import { jsonOf, type OutboundFetch } from './guarded-fetch';
import { verificationKeys, type PublicJwk } from './private-key-jwt';

/** How old a copy may be before it is fetched again, which is also how long a key lives on that its client took back. */
const freshMs = 10 * 60_000;

/** How long the last good copy serves while there is no new one. */
const staleMs = 60 * 60_000;

/** How soon a client's keys are fetched again, whatever happens: a flood of made-up `kid`s must not become one of fetches. */
const pauseMs = 60_000;

/** How many clients' keys are remembered. */
const mostClients = 1000;

/** More than anybody has, and few enough to try each of them. */
const mostKeys = 100;

interface KnownKeys {
    readonly uri: string;
    triedAt: number;
    /** Why the last attempt brought no document; `null` if it did. */
    failure: { readonly cause: unknown } | null;
    copy: { readonly keys: readonly PublicJwk[]; readonly fetchedAt: number } | null;
    reading: Promise<void> | null;
}

/** The keys that clients publish under their `jwks_uri`: fetched when needed, and kept in this process. */
export class ClientJwks {

    readonly #fetch: OutboundFetch;
    readonly #clock: () => number;
    readonly #known = new RecentMap<string, KnownKeys>(mostClients);

    /** `clock` answers milliseconds since the epoch. */
    constructor({ fetch, clock }: { readonly fetch: OutboundFetch; readonly clock: () => number }) {

        this.#fetch = fetch;
        this.#clock = clock;
    }

    /**
     * The keys that an assertion's header could mean; none if the client's document has no such key.
     *
     * Throws `temporarily_unavailable` where there is no document to say so, or where an unknown `kid` could be in one that cannot be fetched.
     */
    async keysFor(clientId: string, uri: string, header: AssertionHeader): Promise<readonly VerificationKey[]> {

        const known = this.#knownOf(clientId, uri);
        const select = () => verificationKeys({ keys: known.copy?.keys ?? [] }, header);
        if (known.copy === null || this.#clock() - known.copy.fetchedAt >= freshMs) {
            await this.#refresh(known);
        }

        if (select().length === 0) {
            await this.#refresh(known);
        }

        const keys = select();
        const isGone = known.copy === null || this.#clock() - known.copy.fetchedAt >= staleMs;
        if (isGone || (keys.length === 0 && known.failure !== null)) {
            throw new OAuth2Error('temporarily_unavailable', 'The keys of the client cannot be fetched', { reason: 'client_keys_unreachable', cause: known.failure?.cause });
        }

        return keys;
    }

    #knownOf(clientId: string, uri: string): KnownKeys {

        const before = this.#known.get(clientId);
        const known = before?.uri === uri ? before : { uri, triedAt: -Infinity, failure: null, copy: null, reading: null };
        this.#known.set(clientId, known);
        return known;
    }

    /** Fetches, unless that happened within the last minute; the requests of one moment share one fetch. */
    async #refresh(known: KnownKeys): Promise<void> {

        if (known.reading === null && this.#clock() - known.triedAt >= pauseMs) {
            known.triedAt = this.#clock();
            known.reading = this.#read(known).finally(() => {

                known.reading = null;
            });
        }

        await known.reading;
    }

    async #read(known: KnownKeys): Promise<void> {

        try {
            const document = jsonOf(await this.#fetch(known.uri, { headers: { accept: 'application/json, application/jwk-set+json' } }));
            known.copy = { keys: keysIn(document), fetchedAt: this.#clock() };
            known.failure = null;
        }
        catch (err) {
            known.failure = { cause: err };
        }
    }
}

/** The keys of a JWK set; throws for what is none (RFC 7517 §5). */
const keysIn = (document: unknown): readonly PublicJwk[] => {

    const keys: unknown = typeof document === 'object' && document !== null && 'keys' in document ? document.keys : null;
    if (!Array.isArray(keys) || keys.length > mostKeys) {
        throw new TypeError('The document is no JWK set');
    }

    return keys.filter(isJwk);
};

const isJwk = (key: unknown): key is PublicJwk => typeof key === 'object' && key !== null && 'kty' in key && typeof key.kty === 'string';
