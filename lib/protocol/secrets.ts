import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Something kept where others may read it, and which secret it was made with. */
export interface Sealed {
    /** Names the secret, and tells nothing about it. */
    readonly secret: string;
    /** Nonce, ciphertext and tag: base64url. */
    readonly data: string;
}

/** What something is sealed for: each purpose has a key of its own. */
export type SecretPurpose = 'signing-key';

const nonceOctets = 12;
const tagOctets = 16;

/** Fewer characters could be guessed, whatever they are. */
const shortest = 32;

/**
 * The server's secrets: the first one makes new things, all of them read old ones. They are rotated by putting a new one first.
 *
 * What must be read back is sealed with AES-256-GCM; keys are derived with HKDF, one for each purpose (RFC 5869).
 */
export class Secrets {

    readonly #current: string;
    readonly #byId: ReadonlyMap<string, string>;

    /** Throws a sentence unless there is a secret and each has 32 characters or more. */
    constructor(secrets: readonly string[]) {

        const [current] = secrets;
        if (current === undefined || secrets.some((secret) => typeof secret !== 'string' || secret.length < shortest)) {
            throw new Error(`setSecrets() takes at least one secret of ${shortest} characters or more: make one with randomBytes(32).toString('base64url')`);
        }

        this.#current = current;
        this.#byId = new Map(secrets.map((secret) => [nameOf(secret), secret]));
    }

    /** Seals text under the current secret. `context` is bound to it: what was sealed for one record cannot be opened as another's. */
    seal(purpose: SecretPurpose, context: string, text: string): Sealed {

        const nonce = randomBytes(nonceOctets);
        const cipher = createCipheriv('aes-256-gcm', derive(this.#current, purpose), nonce).setAAD(Buffer.from(context));
        const data = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
        return { secret: nameOf(this.#current), data: data.toString('base64url') };
    }

    /** Opens what was sealed; throws a sentence if its secret is no longer listed, or if it was altered or belongs elsewhere. */
    open(purpose: SecretPurpose, context: string, { secret: id, data }: Sealed): string {

        const secret = this.#byId.get(id);
        if (secret === undefined) {
            throw new Error(`A stored ${purpose} was sealed with the secret '${id}', which setSecrets() no longer lists: list it after the current one until nothing needs it`);
        }

        const octets = Buffer.from(data, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', derive(secret, purpose), octets.subarray(0, nonceOctets))
            .setAAD(Buffer.from(context))
            .setAuthTag(octets.subarray(-tagOctets));
        return Buffer.concat([decipher.update(octets.subarray(nonceOctets, -tagOctets)), decipher.final()]).toString('utf8');
    }
}

/** Says which secret was used, and nothing about it. */
const nameOf = (secret: string): string => derive(secret, 'name').subarray(0, 9).toString('base64url');

const derive = (secret: string, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `hapi-oauth2-flows ${purpose}`, 32));
