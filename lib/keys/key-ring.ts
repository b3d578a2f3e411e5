import { frozen } from '../protocol/frozen';
import type { KeyPurpose, SigningKeyRecord } from './key-store';
import { Generations, type RotationPolicy } from './rotation';

/** What tokens are signed for, and with. */
export interface KeyUse {
    readonly purpose: KeyPurpose;
    readonly alg: string;
}

/** A key as a token names it. */
export type KeyName = Pick<SigningKeyRecord, 'purpose' | 'kid'>;

/** Public keys as a document (RFC 7517 §5). Frozen: one is answered to many. */
export interface JwkSet {
    readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The keys that a store held when it was read, found by what they are for and by name. */
export class KeyRing {

    readonly #generations = new Map<KeyPurpose, Map<string, Generations>>();
    #jwks = setOf([]);
    readonly #named = new Map<KeyPurpose, Map<string, SigningKeyRecord>>();

    constructor(records: readonly SigningKeyRecord[]) {

        for (const record of records) {
            const { purpose, alg } = record;
            const ofPurpose = this.#generations.get(purpose) ?? new Map<string, Generations>();
            this.#generations.set(purpose, ofPurpose);
            if (!ofPurpose.has(alg)) {
                ofPurpose.set(alg, new Generations(records.filter((other) => other.purpose === purpose && other.alg === alg)));
            }

            const named = this.#named.get(record.purpose) ?? new Map<string, SigningKeyRecord>();
            this.#named.set(record.purpose, named.set(record.kid, record));
        }
    }

    /** Whether there is a key of a use. */
    has({ purpose, alg }: KeyUse): boolean {

        return this.#generations.get(purpose)?.has(alg) === true;
    }

    /** The keys of a use, of which there may be none. */
    of({ purpose, alg }: KeyUse): Generations {

        return this.#generations.get(purpose)?.get(alg) ?? none;
    }

    /** A key of a name, published or not. */
    find({ purpose, kid }: KeyName): SigningKeyRecord | undefined {

        return this.#named.get(purpose)?.get(kid);
    }

    /** The same, if it is published at a time. */
    findPublished(name: KeyName, now: number, policy: RotationPolicy): SigningKeyRecord | undefined {

        const record = this.find(name);
        return record !== undefined && this.of(record).isPublished(record, now, policy) ? record : undefined;
    }

    /** The public halves of the keys that are published at a time: the same set as long as they are the same, which is as long as there are as many, since a ring gets none. */
    jwks(now: number, policy: RotationPolicy): JwkSet {

        const published = this.all((generations) => generations.published(now, policy));
        if (this.#jwks.keys.length !== published.length) {
            this.#jwks = setOf(published);
        }

        return this.#jwks;
    }

    /** What the keys of each use answer, in one list. */
    all(select: (generations: Generations) => readonly SigningKeyRecord[]): readonly SigningKeyRecord[] {

        return [...this.#generations.values()].flatMap((ofPurpose) => [...ofPurpose.values()].flatMap(select));
    }
}

/** One purpose and algorithm, as a text. */
export const slotOf = ({ purpose, alg }: KeyUse): string => `${purpose}:${alg}`;

const none = new Generations([]);

const setOf = (records: readonly SigningKeyRecord[]): JwkSet =>
    frozen({ keys: records.map(({ publicJwk, kid, alg }) => ({ ...structuredClone(publicJwk), kid, alg, use: 'sig' })) });
