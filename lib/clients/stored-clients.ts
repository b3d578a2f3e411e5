import { sha256 } from '../protocol/digest';
import type { Sealed, Secrets } from '../protocol/secrets';
import type { FoundRecord, PlainRecord, Store, StoredValue } from '../stores/store';
import { Stored } from '../stores/stored';
import { checkedClient } from './check';
import type { Client, ClientMetadata } from './client';
import { authMethodOf } from './record';

/** The kind of a registered client's record. */
export const clientKind = 'client';
const day = 86_400_000;

/** How long a client that nobody vouched for is kept after it was used last: 90 days. */
const idleMs = 90 * day;

/** For clients that somebody vouched for. */
const never = Date.UTC(9999, 0, 1);

/** How many checked records are remembered. */
const mostChecked = 1000;

/** A client that registered itself, as it is kept (RFC 7591). */
export interface StoredClient {
    /** Without its secret, unless that has to be read: then it is opened. */
    readonly client: Client;
    /** SHA-256 of the client's secret; `null` for a client without one, and for one whose secret is sealed. */
    readonly secretDigest: string | null;
    /** SHA-256 of the token that manages the registration. */
    readonly tokenDigest: string;
    /** Seconds since the epoch. */
    readonly issuedAt: number;
    /** Whether somebody vouched for it. */
    readonly verified: boolean;
    /** What the initial access token said that it was registered with. */
    readonly data: StoredValue;
}

/** A client as it was found: which version of it, and until when it is kept. */
export interface FoundClient extends StoredClient, Pick<FoundRecord, 'version' | 'expiresAt'> {}

/** The clients that registered themselves: in the server's store, in whose dump there is no secret. */
export class StoredClients {

    readonly #store: Store;
    readonly #secrets: Secrets;
    readonly #clock: () => number;
    readonly #redirectSchemes: ReadonlySet<string> | undefined;
    readonly #checked = new Map<string, FoundClient>();
    readonly #found = new WeakMap<Client, FoundClient>();

    constructor({ store, secrets, clock, redirectSchemes }: { readonly store: Store; readonly secrets: Secrets; readonly clock: () => number; readonly redirectSchemes?: ReadonlySet<string> | undefined }) {

        this.#store = store;
        this.#secrets = secrets;
        this.#clock = clock;
        this.#redirectSchemes = redirectSchemes;
    }

    /** The client of an id, or `null`; throws for a record that is not what was written. */
    async find(clientId: string): Promise<FoundClient | null> {

        const record = await this.#store.get(clientKind, clientId);
        if (record === null) {
            this.#checked.delete(clientId);
            return null;
        }

        const checked = this.#checked.get(clientId);
        const found = checked?.version === record.version ? checked : this.#read(clientId, record);
        if (this.#checked.size >= mostChecked) {
            this.#checked.clear();
        }

        this.#checked.set(clientId, found);
        this.#found.set(found.client, found);
        return found;
    }

    /** The digest of a client's secret, if that is what is kept of it. */
    secretDigestOf(client: Client): string | undefined {

        return this.#found.get(client)?.secretDigest ?? undefined;
    }

    /** Keeps a client that proved itself for another 90 days; at most one write a day. */
    async used(client: Client): Promise<void> {

        const found = this.#found.get(client);
        if (found?.verified === false && found.expiresAt - this.#clock() < idleMs - day) {
            await this.replace(found, found);                   // Whoever was faster has renewed, changed or deleted it
        }
    }

    /** Keeps a new client; `false` if its id is taken. */
    async add(client: StoredClient): Promise<boolean> {

        return await this.#store.putIfAbsent(this.#record(client));
    }

    /** Keeps a client in place of what was found; `false` if somebody else was faster. */
    async replace({ version }: FoundClient, client: StoredClient): Promise<boolean> {

        return await this.#store.replace(this.#record(client), version);
    }

    /** Forgets a client. */
    async remove(clientId: string): Promise<void> {

        await this.#store.delete(clientKind, clientId);
    }

    #record({ client: { id, metadata: { client_secret: secret, ...metadata } }, ...stored }: StoredClient): PlainRecord {

        const { secretDigest: digest, tokenDigest, issuedAt, verified, data } = stored;
        const isSealed = secret !== undefined && digest === null;
        return {
            kind: clientKind, key: id,
            value: { v: 1, metadata, secretDigest: digest, sealedSecret: isSealed ? this.#secrets.seal('client-secret', id, secret) : null, tokenDigest, issuedAt, verified, data },
            expiresAt: verified ? never : this.#clock() + idleMs
        };
    }

    #read(id: string, { value, version, expiresAt }: FoundRecord): FoundClient {

        const stored = new Stored('registered client', value);
        const sealed = stored.objectOrNull('sealedSecret');
        const digest = stored.textOrNull('secretDigest');
        const secret = sealed === null ? undefined : this.#secrets.open('client-secret', id, sealedOf(new Stored('registered client\'s secret', sealed)));
        const verified = stored.flag('verified');
        const { metadata, problem } = checkedClient({ ...stored.object('metadata'), ...secret === undefined && digest === null ? {} : { client_secret: secret ?? digest } }, this.#redirectSchemes);
        if (metadata?.client_id !== id) {
            throw new Error(`The store answered a registered client that cannot be used: ${problem ?? 'its client_id is another one'}`);
        }

        return {
            client: { id, metadata: secret === undefined ? withoutSecret(metadata) : metadata, ...verified ? {} : { unverified: true } },
            secretDigest: digest, tokenDigest: stored.text('tokenDigest'), issuedAt: stored.number('issuedAt'), verified, data: stored.object('data'), version, expiresAt
        };
    }
}

const sealedOf = (stored: Stored): Sealed => ({ secret: stored.text('secret'), data: stored.text('data') });

/** The record of a client without its secret. */
export const withoutSecret = ({ client_secret: _secret, ...metadata }: ClientMetadata): ClientMetadata => metadata;

/** What is kept of a client's secret: the secret itself for a method that computes with it, which the store seals, else its digest (RFC 7518 §3.2). */
export const keptSecret = (metadata: ClientMetadata): Pick<StoredClient, 'secretDigest'> & { readonly metadata: ClientMetadata } => {

    const { client_secret: secret } = metadata;
    return secret === undefined || authMethodOf({ metadata }) === 'client_secret_jwt' ?
        { metadata, secretDigest: null } :
        { metadata: withoutSecret(metadata), secretDigest: sha256(secret) };
};
