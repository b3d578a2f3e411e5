import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

import { jwsSigner, jwsVerifier, type JwsSigner, type JwsVerifier } from './jws';
import { KnownHeaders } from './known-headers';
import { KeyRing, slotOf, type JwkSet, type KeyName, type KeyUse } from './key-ring';
import type { JwksKeyStore, KeyPurpose, SigningKeyRecord } from './key-store';
import { checkedRecord } from './record';
import type { RotationPolicy } from './rotation';

/** How often a process looks whether another one has changed the keys. */
const rereadMs = 60_000;

/** How soon it looks again after the store did not answer: until then it goes on with the keys it has. */
const retryMs = 5_000;

/** How soon it may look again because of a key it does not know: a flood of made-up `kid`s must not become one of reads. */
const unknownKidMs = 1_000;

/** What became of a key: others see it, before it signs; or the next one signs in its place. */
export interface KeyChange extends KeyUse {
    readonly step: 'published' | 'replaced';
    readonly kid: string;
    /** When it signs, or has signed, from; milliseconds since the epoch. */
    readonly signsFrom: number;
}

/** Claims that were signed, and the key that did. */
export interface VerifiedJws {
    readonly kid: string;
    readonly claims: Readonly<Record<string, unknown>>;
}

/** What {@link SigningKeys} works with. */
export interface SigningKeysOptions {
    readonly store: () => JwksKeyStore;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly policy: () => RotationPolicy;
    /** Told when the store does not answer and the keys at hand have to do. */
    readonly onFailure?: ((cause: unknown) => void) | undefined;
    /** Told by the process that saw to it. */
    readonly onChange?: ((change: KeyChange) => void) | undefined;
}

/** A token as it was signed, and the key that did. */
export interface SignedToken {
    readonly token: string;
    readonly kid: string;
}

/**
 * The signing keys of one server: the only place that signs or looks up a key, and that rotates them.
 *
 * Rotation happens on use and needs no timer: a key is published, signs from `leadMs` later on, and is published until the last token
 * it signed has expired.
 */
export class SigningKeys {

    readonly #options: SigningKeysOptions;
    readonly #uses = new Map<string, KeyUse>();
    readonly #verifiers = new Map<string, JwsVerifier>();
    readonly #signers = new Map<string, JwsSigner>();
    readonly #headers = new KnownHeaders();
    #ring = new KeyRing([]);
    #readAt = -Infinity;
    #reading: Promise<void> | undefined;

    constructor(options: SigningKeysOptions) {

        this.#options = options;
    }

    /** Declares that tokens of this purpose will be signed with this algorithm; the key is made when first needed. */
    use(purpose: KeyPurpose, alg: string): void {

        const use = { purpose, alg };
        if (!this.#uses.has(slotOf(use))) {
            this.#uses.set(slotOf(use), use);
            this.#readAt = -Infinity;
        }
    }

    /** Signs claims as a compact JWS with the protected header `alg kid typ`. */
    async sign(purpose: KeyPurpose, alg: string, typ: string, claims: Readonly<Record<string, unknown>>): Promise<SignedToken> {

        const use = { purpose, alg };
        await this.#fresh();
        if (!this.#ring.has(use)) {
            await this.#fresh(0);                           // Declared while the keys were being read: that read did not make its key
        }

        const record = this.#ring.of(use).signing(this.#options.clock());
        if (record === undefined) {
            throw new Error(`The key store holds no ${alg} key that signs ${purpose}s now`);
        }

        const { id, kid } = record;
        const signer = this.#signers.get(id) ?? jwsSigner(record);
        this.#signers.set(id, signer);
        return { token: await signer(typ, claims), kid };
    }

    /** The claims of a token that a published key of this purpose signed under this `typ`; `null` for any other text. */
    async verify(purpose: KeyPurpose, typ: string, token: string): Promise<Readonly<Record<string, unknown>> | null> {

        return (await this.verified(purpose, typ, token))?.claims ?? null;
    }

    /** The same, and the key that signed it. */
    async verified(purpose: KeyPurpose, typ: string, token: string): Promise<VerifiedJws | null> {

        return await this.#verified(typ, token, (kid) => this.#publishedAs({ purpose, kid }));
    }

    /** Whether a key of this purpose is published now: at once, unless the store has to be asked. */
    isPublished(purpose: KeyPurpose, kid: string): true | Promise<boolean> {

        const name = { purpose, kid };
        return this.#isFresh(rereadMs) && this.#publishedAs(name) !== undefined || this.#find(() => this.#publishedAs(name)).then((record) => record !== undefined);
    }

    /** The same for a token that only has to have been ours once: an `id_token_hint` may be older than what is published. */
    async verifyOld(purpose: KeyPurpose, typ: string, token: string): Promise<Readonly<Record<string, unknown>> | null> {

        return (await this.#verified(typ, token, (kid) => this.#ring.find({ purpose, kid })))?.claims ?? null;
    }

    async #verified(typ: string, token: string, lookUp: (kid: string) => SigningKeyRecord | undefined): Promise<VerifiedJws | null> {

        const kid = this.#headers.kidOf(token, typ);
        const record = kid === null ? undefined : await this.#find(() => lookUp(kid));
        if (record === undefined) {
            return null;
        }

        const { id } = record;
        const verifier = this.#verifiers.get(id) ?? jwsVerifier(record);
        this.#verifiers.set(id, verifier);
        const claims = await verifier(token);
        if (claims === null) {
            return null;
        }

        this.#headers.remember(token, typ, record.kid);
        return { kid: record.kid, claims };
    }

    /** The public keys to publish (RFC 7517 §5). */
    async jwks(): Promise<JwkSet> {

        await this.#fresh();
        return this.#ring.jwks(this.#options.clock(), this.#policy());
    }

    /** Publishes a new key for every use now, whatever the interval says; it signs once verifiers have had time to see it. */
    async rotate(): Promise<void> {

        await this.#fresh();
        await Promise.all([...this.#uses.values()].map((use) => this.#add(use)));
        await this.#read();
    }

    #publishedAs(name: KeyName): SigningKeyRecord | undefined {

        return this.#ring.findPublished(name, this.#options.clock(), this.#policy());
    }

    async #find(lookUp: () => SigningKeyRecord | undefined): Promise<SigningKeyRecord | undefined> {

        await this.#fresh();
        const found = lookUp();
        if (found !== undefined) {
            return found;
        }

        await this.#fresh(unknownKidMs, true);              // A key that cannot be looked up may be a good one: no answer is not "invalid"
        return lookUp();
    }

    /** Whether the store was read lately. A clock that was set back must not stop the reads. */
    #isFresh(maxAgeMs: number): boolean {

        const age = this.#options.clock() - this.#readAt;
        return age < maxAgeMs && age >= 0;
    }

    /** Re-reads the store unless that happened lately; the callers of one moment share one read. Without an answer the keys at hand have to do. */
    async #fresh(maxAgeMs = rereadMs, mustAnswer = false): Promise<void> {

        if (this.#isFresh(maxAgeMs)) {
            return;
        }

        this.#reading ??= this.#refresh().finally(() => {

            this.#reading = undefined;
        });
        try {
            await this.#reading;
        }
        catch (err) {
            if (mustAnswer || ![...this.#uses.values()].every((use) => this.#ring.has(use))) {
                throw err;
            }

            this.#readAt = this.#options.clock() - rereadMs + retryMs;
            this.#options.onFailure?.(err);
        }
    }

    async #refresh(): Promise<void> {

        await this.#read();
        const due = [...this.#uses.values()].filter((use) => this.#ring.of(use).isDue(this.#options.clock(), this.#policy()));
        await Promise.all(due.map((use) => this.#add(use)));
        const tidied = await this.#tidy();
        if (due.length > 0 || tidied) {
            await this.#read();
        }
    }

    async #read(): Promise<void> {

        const { store, clock } = this.#options;
        this.#ring = new KeyRing((await store().list()).map(checkedRecord));
        this.#readAt = clock();
    }

    /** Makes the next key of a use. Of several processes that do so at once the store keeps one key, and all read that one. */
    async #add(use: KeyUse): Promise<void> {

        const { next } = this.#ring.of(use);
        const { publicKey, privateKey } = await generateKeyPair(use.alg, { extractable: true });
        const publicJwk = await exportJWK(publicKey);
        const record = {
            ...use,
            id: `${slotOf(use)}:${next}`,
            kid: await calculateJwkThumbprint(publicJwk),
            generation: next,
            signsFrom: this.#options.clock() + (next === 1 ? 0 : this.#policy().leadMs),
            publicJwk: { ...publicJwk },
            privateJwk: { ...await exportJWK(privateKey) }
        };
        if (await this.#options.store().putIfAbsent(record)) {
            this.#tell('published', record);
        }
    }

    /** Deletes private halves that signed their last token, and keys that nothing can ask for any more; answers whether there were any. */
    async #tidy(): Promise<boolean> {

        const { store, clock } = this.#options;
        const policy = this.#policy();
        const spent = this.#ring.all((generations) => generations.spent(clock()));
        const forgotten = this.#ring.all((generations) => generations.forgotten(clock(), policy));
        for (const { privateJwk: _spent, ...record } of spent) {
            await store().put(record);
            this.#signers.delete(record.id);
            this.#tell('replaced', record);
        }

        for (const { id } of forgotten) {
            await store().delete(id);
            this.#verifiers.delete(id);
        }

        return spent.length + forgotten.length > 0;
    }

    /** Member by member: the rest of a record is nobody's to read. */
    #tell(step: KeyChange['step'], { kid, purpose, alg, signsFrom }: SigningKeyRecord): void {

        this.#options.onChange?.({ step, kid, purpose, alg, signsFrom });
    }

    /** With a lead shorter than the time between two reads, a process that has not seen the next key signs on with the replaced one. */
    #policy(): RotationPolicy {

        const policy = this.#options.policy();
        return { ...policy, retentionMs: policy.retentionMs + Math.max(0, rereadMs - policy.leadMs) };
    }
}
