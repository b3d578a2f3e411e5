import type { JwksKeyStore, SigningKeyRecord } from '../keys/key-store';
import { checkedRecord } from '../keys/record';
import type { Sealed, Secrets } from '../protocol/secrets';
import { everyItem } from '../stores/pages';
import type { PlainRecord, Store, StoredValue } from '../stores/store';

/** The kind of a signing key's record. */
export const signingKeyKind = 'signing_key';

/** Keys are replaced and forgotten by their own dates, not by the store's. */
const never = Date.UTC(9999, 0, 1);

/** Signing keys in the server's store, shared by all processes on it; a dump of the store holds no private key. */
export class StoredKeys implements JwksKeyStore {

    readonly #store: Store;
    readonly #secrets: Secrets;

    constructor(store: Store, secrets: Secrets) {

        this.#store = store;
        this.#secrets = secrets;
    }

    async list(): Promise<readonly SigningKeyRecord[]> {

        const found: SigningKeyRecord[] = [];
        for await (const { value } of everyItem((cursor) => this.#store.list(signingKeyKind, cursor))) {
            found.push(this.#open(value));
        }

        return found;
    }

    async putIfAbsent(record: SigningKeyRecord): Promise<boolean> {

        return await this.#store.putIfAbsent(this.#sealed(record));
    }

    async put(record: SigningKeyRecord): Promise<void> {

        await this.#store.put(this.#sealed(record));
    }

    async delete(id: string): Promise<void> {

        await this.#store.delete(signingKeyKind, id);
    }

    #sealed({ privateJwk, ...record }: SigningKeyRecord): PlainRecord {

        const sealed = privateJwk === undefined ? undefined : this.#secrets.seal('signing-key', record.id, JSON.stringify(privateJwk));
        return { kind: signingKeyKind, key: record.id, value: { ...record, ...sealed === undefined ? {} : { sealed } }, expiresAt: never };
    }

    #open({ sealed, ...record }: StoredValue): SigningKeyRecord {

        if (!isSealed(sealed)) {
            return checkedRecord(record);
        }

        const privateJwk: unknown = JSON.parse(this.#secrets.open('signing-key', String(record.id), sealed));
        return checkedRecord({ ...record, privateJwk });
    }
}

const isSealed = (value: unknown): value is Sealed =>
    typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string' && 'data' in value && typeof value.data === 'string';
