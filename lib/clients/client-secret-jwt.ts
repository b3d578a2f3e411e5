import { presentAssertion } from './assertion';
import type { ClientCredential } from './credential';
import type { ClientAuthenticationContext, ClientAuthenticationMethod, PresentedClient } from './method';

/** The HMAC algorithms, and the octets a secret needs for each (RFC 7518 §3.2). */
export const secretOctets = { HS256: 32, HS384: 48, HS512: 64 } as const;

/** An HMAC algorithm of `client_secret_jwt`. @useDeclaredType */
export type HmacAlgorithm = keyof typeof secretOctets;

/** Whether a value names an HMAC algorithm. */
export const isHmac = (alg: string): alg is HmacAlgorithm => Object.hasOwn(secretOctets, alg);

/** Looks up the secret of a client; `null` or `undefined` for a client that is not known. */
export type GetClientSecret = (clientId: string) => string | null | undefined | Promise<string | null | undefined>;

/**
 * `client_secret_jwt`: an assertion signed with the client's secret (RFC 7523 §2.2, OpenID Connect Core §9).
 *
 * The framework verifies it: by the time a handler runs, the client is who it says. A secret shorter than the algorithm's hash is
 * refused (RFC 7518 §3.2).
 *
 * @example
 * new ClientSecretJwt().addAlgorithm('HS256').getClientSecret(async (clientId) => secrets.get(clientId))
 */
export class ClientSecretJwt implements ClientAuthenticationMethod {

    readonly method = 'client_secret_jwt';
    readonly #algorithms = new Set<HmacAlgorithm>();
    #getClientSecret: GetClientSecret | undefined;

    /** The accepted algorithms: `HS256` unless others were added. */
    get algorithms(): readonly HmacAlgorithm[] {

        return this.#algorithms.size > 0 ? [...this.#algorithms] : ['HS256'];
    }

    /** What is still to be set, as a sentence. */
    get incomplete(): string | undefined {

        return this.#getClientSecret ? undefined : 'new ClientSecretJwt() has no secrets to verify with: call getClientSecret(async (clientId) => ...)';
    }

    /** Accepts an algorithm; the first call replaces the default. Throws a TypeError for one that is no HMAC. */
    addAlgorithm(alg: HmacAlgorithm): this {

        if (!isHmac(alg)) {
            throw new TypeError(`ClientSecretJwt takes HS256, HS384 or HS512, not '${String(alg)}'`);
        }

        this.#algorithms.add(alg);
        return this;
    }

    /** Where the secret of a client is found. */
    getClientSecret(getClientSecret: GetClientSecret): this {

        this.#getClientSecret = getClientSecret;
        return this;
    }

    /** The client that the assertion proves; `null` for another credential or algorithm; throws `invalid_client` (RFC 7523 §3). */
    async present(credential: ClientCredential, context: ClientAuthenticationContext): Promise<PresentedClient | null> {

        if (credential.carrier !== 'client_assertion') {
            return null;
        }

        return await presentAssertion({
            method: this.method,
            owns: isHmac,
            accepted: this.algorithms,
            signer: async (clientId, { alg }) => ({ keys: secretKeys(await this.#getClientSecret?.(clientId), alg) })
        }, credential, context);
    }
}

/** A secret as the key of an algorithm; no key if it is too short for it (RFC 7518 §3.2). */
export const secretKeys = (secret: string | null | undefined, alg: HmacAlgorithm): readonly Uint8Array[] => {

    const octets = new TextEncoder().encode(secret ?? '');
    return octets.length >= secretOctets[alg] ? [octets] : [];
};
