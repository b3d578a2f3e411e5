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

    constructor(records: readonly SigningKeyRecord[]) {

        this.#records = [...records].sort((one, other) => one.generation - other.generation);
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

        const able = this.#records.filter(({ privateJwk }) => privateJwk !== undefined);
        return able.findLast(({ signsFrom }) => signsFrom <= now) ?? able[0];
    }

    /** Whether the next key has to be published now. */
    isDue(now: number, { intervalMs, leadMs }: RotationPolicy): boolean {

        const newest = this.#records.at(-1);
        return newest === undefined || newest.signsFrom + intervalMs - leadMs <= now;
    }

    /** Keys that verifiers should know: those to come, the one that signs, and those whose last token may still live. */
    published(now: number, { retentionMs }: RotationPolicy): readonly SigningKeyRecord[] {

        return this.#records.filter((_record, index) => now <= this.#replacedAt(index) + retentionMs);
    }

    /** Keys that have been replaced and still have their private half. */
    spent(now: number): readonly SigningKeyRecord[] {

        return this.#records.filter(({ privateJwk }, index) => this.#replacedAt(index) <= now && privateJwk !== undefined);
    }

    /** Keys that nothing can ask for any more. */
    forgotten(now: number, { retentionMs }: RotationPolicy): readonly SigningKeyRecord[] {

        return this.#records.filter((_record, index) => now > this.#replacedAt(index) + retentionMs + hintMs);
    }

    #replacedAt(index: number): number {

        return this.#records[index + 1]?.signsFrom ?? Infinity;
    }
}
