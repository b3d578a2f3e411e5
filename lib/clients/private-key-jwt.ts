import { createPublicKey, KeyObject } from 'node:crypto';

import { isSigningAlgorithm, type SigningAlgorithm } from '../protocol/signing-algorithm';
import { presentAssertion, type AssertionHeader, type VerificationKey } from './assertion';
import type { ClientCredential } from './credential';
import type { ClientAuthenticationContext, ClientAuthenticationMethod, PresentedClient } from './method';

/** A public key as JSON (RFC 7517 §4). */
export interface PublicJwk {
    readonly kty?: string | undefined;
    readonly kid?: string | undefined;
    readonly use?: string | undefined;
    readonly alg?: string | undefined;
    readonly key_ops?: readonly string[] | undefined;
    readonly ext?: boolean | undefined;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly n?: string;
    readonly e?: string;
    readonly x5c?: readonly string[] | undefined;
    readonly x5t?: string | undefined;
    readonly 'x5t#S256'?: string | undefined;
    readonly x5u?: string | undefined;
}

/** A public key as projects have it: a JWK, a JWK set (RFC 7517 §5), PEM text or a `KeyObject`. */
export type ClientPublicKey = PublicJwk | { readonly keys: readonly PublicJwk[] } | string | KeyObject;

/** Looks up the public key of a client; `null` or `undefined` for a client that is not known. The header is what the client claims. */
export type GetPublicKeyForClient = (clientId: string, header: AssertionHeader) => ClientPublicKey | null | undefined | Promise<ClientPublicKey | null | undefined>;

/**
 * `private_key_jwt`: an assertion signed with the client's private key (RFC 7523 §2.2, OpenID Connect Core §9).
 *
 * The framework verifies it: by the time a handler runs, the client is who it says.
 *
 * @example
 * new PrivateKeyJwt().addAlgorithm('ES256').getPublicKeyForClient(async (clientId) => jwks.get(clientId))
 */
export class PrivateKeyJwt implements ClientAuthenticationMethod {

    readonly method = 'private_key_jwt';
    readonly #algorithms = new Set<SigningAlgorithm>();
    #getPublicKeyForClient: GetPublicKeyForClient | undefined;

    /** The accepted algorithms: `ES256`, `PS256`, `RS256` and `EdDSA` unless others were added. */
    get algorithms(): readonly SigningAlgorithm[] {

        return this.#algorithms.size > 0 ? [...this.#algorithms] : ['ES256', 'PS256', 'RS256', 'EdDSA'];
    }

    /** What is still to be set, as a sentence. */
    get incomplete(): string | undefined {

        return this.#getPublicKeyForClient ? undefined : 'new PrivateKeyJwt() has no keys to verify with: call getPublicKeyForClient(async (clientId) => ...)';
    }

    /** Accepts an algorithm; the first call replaces the default. Throws a TypeError for one that is not asymmetric. */
    addAlgorithm(alg: SigningAlgorithm): this {

        if (!isSigningAlgorithm(alg)) {
            throw new TypeError(`PrivateKeyJwt takes an asymmetric algorithm such as ES256, not '${String(alg)}'`);
        }

        this.#algorithms.add(alg);
        return this;
    }

    /** Where the public key of a client is found. */
    getPublicKeyForClient(getPublicKeyForClient: GetPublicKeyForClient): this {

        this.#getPublicKeyForClient = getPublicKeyForClient;
        return this;
    }

    /** The client that the assertion proves; `null` for another credential or algorithm; throws `invalid_client` (RFC 7523 §3). */
    async present(credential: ClientCredential, context: ClientAuthenticationContext): Promise<PresentedClient | null> {

        if (credential.carrier !== 'client_assertion') {
            return null;
        }

        return await presentAssertion({
            method: this.method,
            owns: isSigningAlgorithm,
            accepted: this.algorithms,
            signer: async (clientId, header) => ({ keys: verificationKeys(await this.#getPublicKeyForClient?.(clientId, header), header) })
        }, credential, context);
    }
}

/** The keys that the header could mean: of a set those with its `kid` if it names one, and no key that is declared for something else. */
export const verificationKeys = (key: ClientPublicKey | null | undefined, { kid, alg }: AssertionHeader): readonly VerificationKey[] => {

    if (key === null || key === undefined) {
        return [];
    }

    if (typeof key === 'string' || key instanceof KeyObject) {
        return [typeof key === 'string' ? createPublicKey(key) : key];
    }

    const jwks = isKeySet(key) ? key.keys.filter((jwk) => kid === undefined || jwk.kid === kid) : [key];
    return jwks.filter((jwk) => (jwk.use ?? 'sig') === 'sig' && (jwk.alg ?? alg) === alg).flatMap(importable);
};

/** A key of a kind that this runtime does not know is passed over (RFC 7517 §5). */
export const importable = ({ kty = '', ...members }: PublicJwk): readonly KeyObject[] => {

    try {
        return [createPublicKey({ key: { ...members, kty }, format: 'jwk' })];
    }
    catch {
        return [];
    }
};

const isKeySet = (key: PublicJwk | { readonly keys: readonly PublicJwk[] }): key is { readonly keys: readonly PublicJwk[] } => 'keys' in key && Array.isArray(key.keys);
