import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceOctets = 12;
const authTagLength = 16;               // Said to both sides: Node would take a tag of 4 octets, which can be guessed

/** A key of 32 octets for one purpose (HKDF, RFC 5869): who learns it learns neither the secret nor another purpose's key. */
export const deriveKey = (secret: string, purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `hapi-oauth2-flows ${purpose}`, 32));

/** Text sealed with AES-256-GCM: nonce, ciphertext and tag as base64url. `context` is bound to it: what was sealed for one record cannot be opened as another's. */
export const seal = (key: Buffer, context: string, text: string): string => {

    const nonce = randomBytes(nonceOctets);
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength }).setAAD(Buffer.from(context));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
};

/** What {@link seal} sealed; `null` if it was altered, or sealed with another key or for another context. */
export const open = (key: Buffer, context: string, data: string): string | null => {

    const octets = Buffer.from(data, 'base64url');
    if (octets.length < nonceOctets + authTagLength) {
        return null;
    }

    const decipher = createDecipheriv(algorithm, key, octets.subarray(0, nonceOctets), { authTagLength })
        .setAAD(Buffer.from(context))
        .setAuthTag(octets.subarray(-authTagLength));
    const text = decipher.update(octets.subarray(nonceOctets, -authTagLength));
    try {
        return Buffer.concat([text, decipher.final()]).toString('utf8');
    }
    catch {
        return null;
    }
};

/** A key from a value that is random enough to be one: what HKDF evens out is not needed (RFC 5869 §3.3). It is not the digest that a store keeps of the value. */
const keyFrom = (value: string): Buffer => hash('sha256', `hapi-oauth2-flows presented value ${value}`, 'buffer');

/**
 * Text sealed so that only who presents a value can open it, such as the reply of a refresh under the refresh token it answered. The value
 * needs 256 bits of its own; the digest that a store keeps of it does not open anything.
 */
export const sealUnder = (value: string, context: string, text: string): string => seal(keyFrom(value), context, text);

/** What {@link sealUnder} sealed under this value; `null` if it was altered, or sealed under another value or for another context. */
export const openUnder = (value: string, context: string, data: string): string | null => open(keyFrom(value), context, data);
