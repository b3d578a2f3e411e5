import type { Timer } from '../stores/timer';
import type { AssertionHeader, VerificationKey } from './assertion';
import { clientProblem, isClientId } from './check';
import type { Client, ClientMetadata, ClientStore } from './client';
import type { ClientJwks } from './client-jwks';
import { verificationKeys } from './private-key-jwt';
import { clientsWithinReach } from './reached-clients';
import type { StoredClients } from './stored-clients';

/** The clients that a server knows. */
export class ClientRegistry {

    /** Private-use schemes that redirect URIs may have although they are without a dot. */
    readonly redirectSchemes: ReadonlySet<string> | undefined;
    readonly #listed: ReadonlyMap<string, ClientMetadata> | null;
    readonly #store: ClientStore;
    readonly #jwks: Pick<ClientJwks, 'keysFor'> | undefined;
    readonly #checked = new WeakSet<ClientMetadata>();
    #stored: StoredClients | undefined;

    /**
     * From an array, whose records are checked now, or from a store, whose records are checked when they are read; throws a sentence that
     * names the client and the field. `jwks` finds the keys of clients that publish them; `redirectSchemes` are private-use schemes that may be without a dot.
     * A store that does not answer in time, by `timer`, or that is away is 503 (`temporarily_unavailable`).
     */
    constructor(clients: readonly ClientMetadata[] | ClientStore, jwks?: Pick<ClientJwks, 'keysFor'>, redirectSchemes?: ReadonlySet<string>, timer?: Timer) {

        this.#jwks = jwks;
        this.redirectSchemes = redirectSchemes;
        if (!isList(clients)) {
            if (typeof clients?.get !== 'function') {
                throw new Error('setClients() takes an array of client records, or a ClientStore with get(clientId), such as a Map');
            }

            this.#listed = null;
            this.#store = clientsWithinReach(clients, timer);
            return;
        }

        const byId = new Map<string, ClientMetadata>();
        for (const [index, client] of clients.entries()) {
            const problem = this.#problemOf(client);
            if (problem !== undefined) {
                throw new Error(`setClients(): the record of ${nameOf(client, index)} cannot be used: ${problem}`);
            }

            if (byId.has(client.client_id)) {
                throw new Error(`setClients(): the client_id '${client.client_id}' is there twice, and one of the two would never be found`);
            }

            byId.set(client.client_id, client);
        }

        this.#listed = byId;
        this.#store = byId;
    }

    /** The records of an array; `null` where others may come, from a store that nobody can list or because clients register themselves. */
    get records(): readonly ClientMetadata[] | null {

        return this.#stored === undefined && this.#listed !== null ? [...this.#listed.values()] : null;
    }

    /** From now on clients that registered themselves are found too, where the operator has none of the same id. */
    serve(stored: StoredClients): void {

        this.#stored = stored;
    }

    /** Whether there is a client of an id: at once, where the operator has listed it. */
    has(clientId: string): true | Promise<boolean> {

        return this.#listed?.get(clientId)?.client_id === clientId || this.find(clientId).then((client) => client !== null);
    }

    /** The client of an id, or `null`; throws if the store answers a record that cannot be used, so that a broken one opens nothing. */
    async find(clientId: string): Promise<Client | null> {

        const metadata = isClientId(clientId) ? await this.#store.get(clientId) ?? null : null;
        if (metadata === null) {
            return isClientId(clientId) ? (await this.#stored?.find(clientId))?.client ?? null : null;
        }

        const problem = this.#problemOf(metadata) ?? (metadata.client_id === clientId ? undefined : 'its client_id is another one');
        if (problem !== undefined) {
            throw new Error(`The client store answered a record for '${clientId}' that cannot be used: ${problem}`);
        }

        return { id: clientId, metadata };
    }

    /** The public keys of a client that an assertion's header could mean: those of its record, or those it publishes. */
    async keysFor({ id, metadata }: Client, header: AssertionHeader): Promise<readonly VerificationKey[]> {

        return metadata.jwks_uri === undefined ? verificationKeys(metadata.jwks, header) : await this.#jwks?.keysFor(id, metadata.jwks_uri, header) ?? [];
    }

    /** The digest of a client's secret, where only that is kept. */
    secretDigestOf(client: Client | null): string | undefined {

        return client === null ? undefined : client.metadata.client_secret_sha256 ?? this.#stored?.secretDigestOf(client);
    }

    /** Told of each client that has proven who it is. */
    async used(client: Client): Promise<void> {

        await this.#stored?.used(client);
    }

    /** Each record is checked once, not at each request. */
    #problemOf(metadata: ClientMetadata): string | undefined {

        const problem = this.#checked.has(metadata) ? undefined : clientProblem(metadata, this.redirectSchemes);
        if (problem === undefined) {
            this.#checked.add(metadata);
        }

        return problem;
    }
}

const isList = (clients: readonly ClientMetadata[] | ClientStore): clients is readonly ClientMetadata[] => Array.isArray(clients);

const nameOf = (client: { readonly client_id?: unknown } | undefined, index: number): string => {

    const id = client?.client_id;
    return isClientId(id) ? `client '${id}'` : `client number ${index + 1}`;
};
