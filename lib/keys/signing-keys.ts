import { calculateJwkThumbprint, compactVerify, CompactSign, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from 'jose';

import type { JwksKeyStore, KeyPurpose, SigningKeyRecord } from './key-store';
import { checkedRecord } from './record';
import { Generations, type RotationPolicy } from './rotation';

/** How often a process looks whether another one has changed the keys. */
const rereadMs = 60_000;

/** How soon it looks again after the store did not answer: until then it goes on with the keys it has. */
const retryMs = 5_000;

/** How soon it may look again because of a key it does not know: a flood of made-up `kid`s must not become one of reads. */
const unknownKidMs = 1_000;

type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

/** What tokens are signed for, and with. */
interface KeyUse {
    readonly purpose: KeyPurpose;
    readonly alg: string;
}

/** What became of a key: others see it, before it signs; or the next one signs in its place. */
export interface KeyChange extends KeyUse {
    readonly step: 'published' | 'replaced';
    readonly kid: string;
    /** When it signs, or has signed, from; milliseconds since the epoch. */
    readonly signsFrom: number;
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
    readonly #imported = new Map<string, Promise<ImportedKey>>();
    #generations = new Map<string, Generations>();
    #readAt = -Infinity;
    #reading: Promise<void> | undefined;

    constructor(options: SigningKeysOptions) {

        this.#options = options;
    }

    /** Declares that tokens of this purpose will be signed with this algorithm; the key is made when first needed. */
    use(purpose: KeyPurpose, alg: string): void {

        const slot = slotOf(purpose, alg);
        if (!this.#uses.has(slot)) {
            this.#uses.set(slot, { purpose, alg });
            this.#readAt = -Infinity;
        }
    }

    /** Signs claims as a compact JWS with the protected header `alg kid typ`. */
    async sign(purpose: KeyPurpose, alg: string, typ: string, claims: Readonly<Record<string, unknown>>): Promise<SignedToken> {

        const slot = slotOf(purpose, alg);
        await this.#fresh();
        if (!this.#generations.has(slot)) {
            await this.#fresh(0);                           // Declared while the keys were being read: that read did not make its key
        }

        const record = this.#generations.get(slot)?.signing(this.#options.clock());
        if (record?.privateJwk === undefined) {
            throw new Error(`The key store holds no ${alg} key that signs ${purpose}s now`);
        }

        const { kid, privateJwk } = record;
        const key = await this.#import(`${kid} private`, privateJwk, alg);
        const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader({ alg, kid, typ }).sign(key);
        return { token, kid };
    }

    /** The claims of a token that a published key of this purpose signed under this `typ`; `null` for any other text. */
    async verify(purpose: KeyPurpose, typ: string, token: string): Promise<Readonly<Record<string, unknown>> | null> {

        return await this.#verified(purpose, typ, token, () => this.#published());
    }

    /** The same for a token that only has to have been ours once: an `id_token_hint` may be older than what is published. */
    async verifyOld(purpose: KeyPurpose, typ: string, token: string): Promise<Readonly<Record<string, unknown>> | null> {

        return await this.#verified(purpose, typ, token, () => [...this.#generations.values()].flatMap(({ kept }) => kept));
    }

    async #verified(purpose: KeyPurpose, typ: string, token: string, among: () => readonly SigningKeyRecord[]): Promise<Readonly<Record<string, unknown>> | null> {

        const kid = kidOf(token, typ);
        const record = kid === null ? undefined : await this.#find(purpose, kid, among);
        if (record === undefined) {
            return null;
        }

        const key = await this.#import(record.kid, record.publicJwk, record.alg);
        try {
            const { payload } = await compactVerify(token, key, { algorithms: [record.alg] });
            const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
            return typeof claims === 'object' && claims !== null ? { ...claims } : null;
        }
        catch {
            return null;                                    // Not signed by this key: a token is either good or it is not
        }
    }

    /** The public keys to publish (RFC 7517 §5). */
    async jwks(): Promise<{ keys: Record<string, unknown>[] }> {

        await this.#fresh();
        return { keys: this.#published().map(({ publicJwk, kid, alg }) => ({ ...publicJwk, kid, alg, use: 'sig' })) };
    }

    /** Publishes a new key for every use now, whatever the interval says; it signs once verifiers have had time to see it. */
    async rotate(): Promise<void> {

        await this.#fresh();
        await Promise.all([...this.#uses.values()].map((use) => this.#add(use)));
        await this.#read();
    }

    #published(): readonly SigningKeyRecord[] {

        const now = this.#options.clock();
        return [...this.#generations.values()].flatMap((generations) => generations.published(now, this.#policy()));
    }

    async #find(purpose: KeyPurpose, kid: string, among: () => readonly SigningKeyRecord[]): Promise<SigningKeyRecord | undefined> {

        const find = () => among().find((record) => record.kid === kid && record.purpose === purpose);
        await this.#fresh();
        const known = find();
        if (known === undefined) {
            await this.#fresh(unknownKidMs, true);          // A key that cannot be looked up may be a good one: no answer is not "invalid"
        }

        return known ?? find();
    }

    /** Re-reads the store unless that happened lately; the callers of one moment share one read. Without an answer the keys at hand have to do. */
    async #fresh(maxAgeMs = rereadMs, mustAnswer = false): Promise<void> {

        const age = this.#options.clock() - this.#readAt;
        if (age < maxAgeMs && age >= 0) {                   // A clock that was set back must not stop the reads
            return;
        }

        this.#reading ??= this.#refresh().finally(() => {

            this.#reading = undefined;
        });
        try {
            await this.#reading;
        }
        catch (err) {
            if (mustAnswer || ![...this.#uses.keys()].every((slot) => this.#generations.has(slot))) {
                throw err;
            }

            this.#readAt = this.#options.clock() - rereadMs + retryMs;
            this.#options.onFailure?.(err);
        }
    }

    async #refresh(): Promise<void> {

        await this.#read();
        const due = [...this.#uses.values()].filter((use) => this.#generationsOf(use).isDue(this.#options.clock(), this.#policy()));
        await Promise.all(due.map((use) => this.#add(use)));
        const tidied = await this.#tidy();
        if (due.length > 0 || tidied) {
            await this.#read();
        }
    }

    async #read(): Promise<void> {

        const { store, clock } = this.#options;
        const records = (await store().list()).map(checkedRecord);
        const slots = new Set(records.map(({ purpose, alg }) => slotOf(purpose, alg)));
        this.#generations = new Map([...slots].map((slot) => [slot, new Generations(records.filter(({ purpose, alg }) => slotOf(purpose, alg) === slot))]));
        this.#readAt = clock();
    }

    /** Makes the next key of a use. Of several processes that do so at once the store keeps one key, and all read that one. */
    async #add(use: KeyUse): Promise<void> {

        const { next } = this.#generationsOf(use);
        const { publicKey, privateKey } = await generateKeyPair(use.alg, { extractable: true });
        const publicJwk = await exportJWK(publicKey);
        const record = {
            ...use,
            id: `${slotOf(use.purpose, use.alg)}:${next}`,
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
        const all = [...this.#generations.values()];
        const spent = all.flatMap((generations) => generations.spent(clock()));
        const forgotten = all.flatMap((generations) => generations.forgotten(clock(), this.#policy()));
        for (const { privateJwk: _spent, ...record } of spent) {
            await store().put(record);
            this.#imported.delete(`${record.kid} private`);
            this.#tell('replaced', record);
        }

        for (const { id, kid } of forgotten) {
            await store().delete(id);
            this.#imported.delete(kid);
        }

        return spent.length + forgotten.length > 0;
    }

    /** Member by member: the rest of a record is nobody's to read. */
    #tell(step: KeyChange['step'], { kid, purpose, alg, signsFrom }: SigningKeyRecord): void {

        this.#options.onChange?.({ step, kid, purpose, alg, signsFrom });
    }

    #generationsOf({ purpose, alg }: KeyUse): Generations {

        return this.#generations.get(slotOf(purpose, alg)) ?? new Generations([]);
    }

    /** With a lead shorter than the time between two reads, a process that has not seen the next key signs on with the replaced one. */
    #policy(): RotationPolicy {

        const policy = this.#options.policy();
        return { ...policy, retentionMs: policy.retentionMs + Math.max(0, rereadMs - policy.leadMs) };
    }

    #import(name: string, jwk: Readonly<Record<string, unknown>>, alg: string): Promise<ImportedKey> {

        const imported = this.#imported.get(name) ?? importJWK(jwk, alg);
        this.#imported.set(name, imported);
        return imported;
    }
}

/** The `kid` that a JWS of this `typ` names, unverified; `null` for any other text. */
const kidOf = (token: string, typ: string): string | null => {

    try {
        const header = decodeProtectedHeader(token);
        return header.typ?.toLowerCase() === typ.toLowerCase() && typeof header.kid === 'string' ? header.kid : null;
    }
    catch {
        return null;
    }
};

const slotOf = (purpose: KeyPurpose, alg: string): string => `${purpose}:${alg}`;
