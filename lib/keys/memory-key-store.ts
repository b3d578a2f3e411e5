import type { JwksKeyStore, SigningKeyRecord } from './key-store';

/** Signing keys in this process's memory: tokens die with the process, so it suits development and tests only. */
export class MemoryKeyStore implements JwksKeyStore {

    readonly #records = new Map<string, SigningKeyRecord>();

    list(): readonly SigningKeyRecord[] {

        return [...this.#records.values()];
    }

    putIfAbsent(record: SigningKeyRecord): boolean {

        if (this.#records.has(record.id)) {
            return false;
        }

        this.#records.set(record.id, record);
        return true;
    }

    put(record: SigningKeyRecord): void {

        this.#records.set(record.id, record);
    }

    delete(id: string): void {

        this.#records.delete(id);
    }
}
