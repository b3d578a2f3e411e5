import { createHmac, randomBytes } from 'node:crypto';

import { deriveKey, open, seal } from './seal';

/** Something kept where others may read it, and which secret it was made with. */
export interface Sealed {
    /** Names the secret, and tells nothing about it. */
    readonly secret: string;
    /** Nonce, ciphertext and tag: base64url. */
    readonly data: string;
}

/** What only has to be found or compared again, and which secret it was made with. */
export interface Digest {
    /** Names the secret, and tells nothing about it. */
    readonly secret: string;
    /** HMAC-SHA-256: base64url, 43 characters. */
    readonly data: string;
}

/** What something is sealed or digested for: each purpose has keys of its own. */
export type SecretPurpose = 'signing-key' | 'ticket' | 'user-code' | 'client-secret' | 'counter';

/** Fewer characters could be guessed, whatever they are. */
const shortest = 32;

/** One secret and the keys derived from it, each of them once: HKDF takes longer than what is done with its key. */
class Secret {

    /** Says which secret was used, and nothing about it. */
    readonly id: string;

    readonly #text: string;
    readonly #keys = new Map<string, Buffer>();

    constructor(text: string) {

        this.#text = text;
        this.id = deriveKey(text, 'name').subarray(0, 9).toString('base64url');
    }

    sealingKey(purpose: SecretPurpose): Buffer {

        return this.#key(purpose);
    }

    /** Another key than the sealing one: no key serves two algorithms. */
    digest(purpose: SecretPurpose, text: string): string {

        return createHmac('sha256', this.#key(`digest ${purpose}`)).update(text).digest('base64url');
    }

    #key(label: string): Buffer {

        const key = this.#keys.get(label) ?? deriveKey(this.#text, label);
        this.#keys.set(label, key);
        return key;
    }
}

/**
 * The server's secrets: the first one makes new things, all of them read old ones. They are rotated by putting a new one first.
 *
 * What must be read back is sealed with AES-256-GCM, what is only compared and short enough to be guessed is digested with HMAC-SHA-256;
 * keys are derived with HKDF, one for each purpose and use (RFC 5869).
 */
export class Secrets {

    readonly #current: Secret;
    readonly #byId: ReadonlyMap<string, Secret>;

    /** Throws a sentence unless there is a secret and each has 32 characters or more. */
    constructor(secrets: readonly string[]) {

        const [current] = secrets;
        if (current === undefined || secrets.some((secret) => typeof secret !== 'string' || secret.length < shortest)) {
            throw new Error(`setSecrets() takes at least one secret of ${shortest} characters or more: make one with randomBytes(32).toString('base64url')`);
        }

        this.#current = new Secret(current);
        this.#byId = new Map([this.#current, ...[...new Set(secrets)].slice(1).map((secret) => new Secret(secret))].map((secret) => [secret.id, secret]));
    }

    /** One random secret, for development: what is made with it is lost with the process. */
    static generate(): Secrets {

        return new Secrets([randomBytes(32).toString('base64url')]);
    }

    /** Seals text under the current secret. `context` is bound to it: what was sealed for one record cannot be opened as another's. */
    seal(purpose: SecretPurpose, context: string, text: string): Sealed {

        return { secret: this.#current.id, data: seal(this.#current.sealingKey(purpose), context, text) };
    }

    /** Opens what was sealed; throws a sentence if its secret is no longer listed, or if it was altered or belongs elsewhere. */
    open(purpose: SecretPurpose, context: string, { secret: id, data }: Sealed): string {

        const secret = this.#byId.get(id);
        if (secret === undefined) {
            throw new Error(`A stored ${purpose} was sealed with the secret '${id}', which setSecrets() no longer lists: list it after the current one until nothing needs it`);
        }

        const text = open(secret.sealingKey(purpose), context, data);
        if (text === null) {
            throw new Error(`A stored ${purpose} was altered, or sealed for another record`);
        }

        return text;
    }

    /** The same as one text, for a cookie or a form. */
    sealText(purpose: SecretPurpose, context: string, text: string): string {

        const { secret, data } = this.seal(purpose, context, text);
        return `${secret}.${data}`;
    }

    /** What {@link sealText} sealed; `null` for a text that is too old, altered, of another context or none of ours: it comes from strangers. */
    openText(purpose: SecretPurpose, context: string, sealed: string): string | null {

        const [id = '', data = ''] = sealed.split('.');
        const secret = this.#byId.get(id);
        return secret === undefined ? null : open(secret.sealingKey(purpose), context, data);
    }

    /** The digest of a short value under the current secret: the same value has the same digest, and nobody without the secret can try values. */
    digest(purpose: SecretPurpose, text: string): Digest {

        return { secret: this.#current.id, data: this.#current.digest(purpose, text) };
    }

    /** The digests of a short value under every listed secret, the current one first: what was stored before a rotation is found by one of them. */
    digests(purpose: SecretPurpose, text: string): readonly Digest[] {

        return [...this.#byId.values()].map((secret) => ({ secret: secret.id, data: secret.digest(purpose, text) }));
    }

    /** Whether what names this secret can be read, or found again. */
    lists(id: string): boolean {

        return this.#byId.has(id);
    }
}
