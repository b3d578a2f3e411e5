import { constants, createPrivateKey, createPublicKey, sign as signWith, verify as verifyWith, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import { isSigningAlgorithm, type SigningAlgorithm } from '../protocol/signing-algorithm';
import type { SigningKeyRecord } from './key-store';

/** How node signs with an algorithm of JWS. */
interface Signing {
    readonly digest: string | null;
    /** What the key is used with (RFC 7518 §3.4 and §3.5). */
    readonly options: { readonly dsaEncoding?: 'ieee-p1363'; readonly padding?: number; readonly saltLength?: number };
    /** Whether signing is so fast that going to another thread and back costs more than it does; verifying never is. */
    readonly isQuick: boolean;
}

const rsa = (digest: string): Signing => ({ digest, options: {}, isQuick: false });
const pss = (digest: string): Signing => ({ digest, options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, isQuick: false });
const ecdsa = (digest: string, isQuick: boolean): Signing => ({ digest, options: { dsaEncoding: 'ieee-p1363' }, isQuick });
const edwards: Signing = { digest: null, options: {}, isQuick: true };

const signings: Readonly<Record<SigningAlgorithm, Signing>> = {
    RS256: rsa('sha256'), RS384: rsa('sha384'), RS512: rsa('sha512'),
    PS256: pss('sha256'), PS384: pss('sha384'), PS512: pss('sha512'),
    ES256: ecdsa('sha256', true), ES384: ecdsa('sha384', false), ES512: ecdsa('sha512', false),         // Only P-256 is fast in OpenSSL
    EdDSA: edwards, Ed25519: edwards
};

const signElsewhere = promisify(signWith);

/** Signs claims under a `typ`: a compact JWS (RFC 7515 §7.1). */
export type JwsSigner = (typ: string, claims: Readonly<Record<string, unknown>>) => Promise<string>;

/**
 * What signs with the private half of a key; throws if it has none, or none that fits its algorithm.
 *
 * With node's own signature and not jose's, which asks WebCrypto and takes twice as long for a token (ADR 0020).
 */
export const jwsSigner = ({ kid, alg, privateJwk }: SigningKeyRecord): JwsSigner => {

    if (!isSigningAlgorithm(alg) || privateJwk === undefined) {
        throw new Error(`The key store holds no private key for ${alg} under '${kid}'`);
    }

    const { digest, options, isQuick } = signings[alg];
    const key = { key: fitting(alg, createPrivateKey({ key: privateJwk, format: 'jwk' })), ...options };
    const headerOf = encodedOnce((typ) => ({ alg, kid, typ }));

    return async (typ, claims) => {

        const input = `${headerOf(typ)}.${encoded(claims)}`;
        const octets = Buffer.from(input);
        const signature = isQuick ? signWith(digest, octets, key) : await signElsewhere(digest, octets, key);
        return `${input}.${signature.toString('base64url')}`;
    };
};

/** Whether a text is in three parts, as a compact JWS is (RFC 7515 §7.1). */
export const hasThreeParts = (text: string): boolean => {

    const first = text.indexOf('.');
    const second = text.indexOf('.', first + 1);
    return second > first && !text.includes('.', second + 1);
};

const verifyElsewhere = promisify(verifyWith);

/** The claims of a compact JWS that was signed with a key, whatever its header says; `null` for any other text. */
export type JwsVerifier = (token: string) => Promise<Readonly<Record<string, unknown>> | null>;

/** What verifies with the public half of a key; throws if it is none for its algorithm. Only one spelling of a signature is right. */
export const jwsVerifier = ({ kid, alg, publicJwk }: SigningKeyRecord): JwsVerifier => {

    if (!isSigningAlgorithm(alg)) {
        throw new Error(`The key store holds no public key for ${alg} under '${kid}'`);
    }

    const { digest, options } = signings[alg];
    const key = { key: fitting(alg, createPublicKey({ key: publicJwk, format: 'jwk' })), ...options };

    return async (token) => {

        const end = token.lastIndexOf('.');
        const text = token.slice(end + 1);
        const signature = Buffer.from(text, 'base64url');
        if (!hasThreeParts(token) || signature.toString('base64url') !== text) {
            return null;
        }

        const input = token.slice(0, end);
        const isSigned = await verifyElsewhere(digest, Buffer.from(input), key, signature);
        return isSigned ? decoded(input.slice(input.indexOf('.') + 1)) : null;
    };
};

const decoded = (payload: string): Readonly<Record<string, unknown>> | null => {

    try {
        const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
        return isObject(claims) ? claims : null;
    }
    catch {
        return null;
    }
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The few headers of one key are encoded once. */
const encodedOnce = (make: (typ: string) => object) => {

    const made = new Map<string, string>();
    return (typ: string): string => {

        const header = made.get(typ) ?? encoded(make(typ));
        made.set(typ, header);
        return header;
    };
};

const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' };

/** A key of another type, curve or size would sign what no verifier takes (RFC 7518 §3.3 and §3.4). */
const fitting = (alg: SigningAlgorithm, key: KeyObject): KeyObject => {

    const { asymmetricKeyType: type, asymmetricKeyDetails: { namedCurve, modulusLength = 0 } = {} } = key;
    const fits = signings[alg].digest === null ? type === 'ed25519' : Object.hasOwn(curves, alg) ? namedCurve === curves[alg] : type === 'rsa' && modulusLength >= 2048;
    if (!fits) {
        throw new Error(`The key store holds a key for ${alg} that is none`);
    }

    return key;
};
