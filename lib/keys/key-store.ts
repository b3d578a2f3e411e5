/** What a signing key is for: access tokens and ID tokens never share one, so that neither can pass for the other. */
export type KeyPurpose = 'access_token' | 'id_token';

/** One signing key as a store keeps it: plain JSON. */
export interface SigningKeyRecord {
    /** Names purpose, algorithm and generation: two processes that make the same generation make the same id. */
    readonly id: string;
    /** The key's RFC 7638 thumbprint. */
    readonly kid: string;
    readonly purpose: KeyPurpose;
    readonly alg: string;
    /** Counts up from 1 within one purpose and algorithm. */
    readonly generation: number;
    /** When the key starts to sign, in milliseconds since the epoch; it is published before. */
    readonly signsFrom: number;
    readonly publicJwk: Readonly<Record<string, unknown>>;
    /** Gone once a later key has taken over. */
    readonly privateJwk?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Where signing keys live. Several processes that share one agree on their keys.
 *
 * A store of your own keeps `privateJwk` encrypted: whoever reads it can sign tokens. Each call has 2.5 seconds; while the store does not answer, the keys at hand have to do.
 */
export interface JwksKeyStore {
    /** Every key there is. */
    list(): readonly SigningKeyRecord[] | Promise<readonly SigningKeyRecord[]>;
    /** Stores a new key in one atomic step, unless one with its `id` exists; answers whether it was stored. */
    putIfAbsent(record: SigningKeyRecord): boolean | Promise<boolean>;
    /** Replaces the key with the same `id`. */
    put(record: SigningKeyRecord): void | Promise<void>;
    /** Forgets a key. */
    delete(id: string): void | Promise<void>;
}
