import type { SigningKeyRecord } from './key-store';

/** When keys are replaced and how long they are kept; all in milliseconds. */
export interface RotationPolicy {
    /** How long a key signs. */
    readonly intervalMs: number;
    /** How long a key is published before it signs, so that every verifier has seen it. */
    readonly leadMs: number;
    /** How long a replaced key stays published: the longest life of a token it signed. */
    readonly retentionMs: number;
}

/** How long a key that is no longer published is kept: an `id_token_hint` may be as old as the longest session. */
const hintMs = 14 * 24 * 60 * 60 * 1000;

/** The keys of one purpose and algorithm, oldest first, and what their dates say at a given time. */
export class Generations {

    readonly #records: readonly SigningKeyRecord[];
    readonly #successors: ReadonlyMap<SigningKeyRecord, SigningKeyRecord | undefined>;

    constructor(records: readonly SigningKeyRecord[]) {

        const sorted = [...records].sort((one, other) => one.generation - other.generation);
        this.#records = sorted;
        this.#successors = new Map(sorted.map((record, index) => [record, sorted[index + 1]]));
    }

    /** The number that the next key gets. */
    get next(): number {

        return (this.#records.at(-1)?.generation ?? 0) + 1;
    }

    /** Every key that is still kept, published or not. */
    get kept(): readonly SigningKeyRecord[] {

        return this.#records;
    }

    /** The key that signs now: the newest whose time has come, or the first one where another process's clock runs ahead. */
    signing(now: number): SigningKeyRecord | undefined {

        return this.#records.findLast(({ privateJwk, signsFrom }) => privateJwk !== undefined && signsFrom <= now) ?? this.#records.find(({ privateJwk }) => privateJwk !== undefined);
    }

    /** Whether the next key has to be published now. */
    isDue(now: number, { intervalMs, leadMs }: RotationPolicy): boolean {

        const newest = this.#records.at(-1);
        return newest === undefined || newest.signsFrom + intervalMs - leadMs <= now;
    }

    /** Keys that verifiers should know: those to come, the one that signs, and those whose last token may still live. */
    published(now: number, policy: RotationPolicy): readonly SigningKeyRecord[] {

        return this.#records.filter((record) => this.isPublished(record, now, policy));
    }

    /** Whether that is so of one of them. */
    isPublished(record: SigningKeyRecord, now: number, { retentionMs }: RotationPolicy): boolean {

        return now <= this.#replacedAt(record) + retentionMs;
    }

    /** Keys that have been replaced and still have their private half. */
    spent(now: number): readonly SigningKeyRecord[] {

        return this.#records.filter((record) => this.#replacedAt(record) <= now && record.privateJwk !== undefined);
    }

    /** Keys that nothing can ask for any more. */
    forgotten(now: number, { retentionMs }: RotationPolicy): readonly SigningKeyRecord[] {

        return this.#records.filter((record) => now > this.#replacedAt(record) + retentionMs + hintMs);
    }

    #replacedAt(record: SigningKeyRecord): number {

        return this.#successors.get(record)?.signsFrom ?? Infinity;
    }
}
