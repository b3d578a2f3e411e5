import type { KeyObject } from 'node:crypto';

import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';

import { sha256 } from '../protocol/digest';
import { invalidClient, type ClientAuthenticationContext, type PresentedClient } from './method';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far ahead an assertion may expire, and how far its clock may run ahead of ours, in seconds. */
const longestLife = 600;
const clockSkew = 30;

/** `typ` of an assertion, in lower case: its own, or none. `JWT` says no more than none does (RFC 7519 §5.1). */
const types = new Set([undefined, 'jwt', 'client-authentication+jwt']);

/** The unverified header of an assertion, by which a key may be chosen. */
export interface AssertionHeader<A extends string = string> {
    readonly alg: A;
    readonly kid: string | undefined;
}

/** A key to verify with: a secret's octets, or a public key. */
export type VerificationKey = Uint8Array | KeyObject;

/** What tells the two assertion methods apart; `A` are the algorithms of the method's family. */
export interface AssertionMethod<A extends string> {
    readonly method: string;
    /** Whether an algorithm is of this method's family, accepted or not. */
    readonly owns: (alg: string) => alg is A;
    readonly accepted: readonly A[];
    /** What is known of the client that the assertion names; nothing is proven yet. */
    readonly signer: (clientId: string, header: AssertionHeader<A>) => Promise<AssertionSigner>;
}

/** What is known of a client that is to have signed an assertion. */
export interface AssertionSigner {
    /** The keys that may have signed; an empty list for an unknown client. */
    readonly keys: readonly VerificationKey[];
    /** What the assertion may be addressed to beside the issuer. */
    readonly audiences?: readonly string[] | undefined;
    /** Why this client is refused whatever it signed: the work is done first, so that the time does not tell. */
    readonly refused?: string | undefined;
}

/**
 * The client that a signed assertion proves; `null` if its algorithm belongs to another method (RFC 7523 §3).
 *
 * The `jti` is remembered last, after the signature: otherwise anybody could use up another client's.
 */
export const presentAssertion = async <A extends string>({ method, owns, accepted, signer }: AssertionMethod<A>, credential: { readonly assertion: string; readonly type: string }, context: ClientAuthenticationContext): Promise<PresentedClient | null> => {

    const { header: { alg, kid }, claims } = decode(credential.assertion);
    if (!owns(alg)) {
        return null;
    }

    if (credential.type !== assertionType) {
        throw invalidClient('assertion_type');
    }

    if (!accepted.includes(alg)) {
        throw invalidClient('assertion_algorithm');
    }

    const { clientId, jti, expiresAt } = checkClaims(claims, context.now / 1000);
    const known = await signer(clientId, { alg, kid });
    await checkSignature(credential.assertion, alg, known);
    checkAudience(claims.aud, [context.issuer, ...known.audiences ?? []]);           // Depends on the client: before the signature, its time would tell which ones exist
    const jtiDigest = sha256(jti);          // Chosen by the client, so of any length
    const used = { kind: 'client_assertion', key: JSON.stringify([clientId, jtiDigest]), value: {}, expiresAt: expiresAt * 1000 };
    if (!await context.store.putIfAbsent(used)) {
        throw invalidClient('assertion_replayed');
    }

    return { clientId, method, clientSecret: undefined };
};

const decode = (assertion: string): { header: AssertionHeader; claims: Readonly<Record<string, unknown>> } => {

    try {
        const { alg, kid, typ } = decodeProtectedHeader(assertion);
        if (typeof alg === 'string' && (kid === undefined || typeof kid === 'string') && types.has(typ?.toLowerCase())) {
            return { header: { alg, kid }, claims: decodeJwt(assertion) };
        }
    }
    catch (err) {
        throw invalidClient('assertion_malformed', err);
    }

    throw invalidClient('assertion_header');
};

const checkClaims = ({ iss, sub, exp, iat, nbf, jti }: Readonly<Record<string, unknown>>, seconds: number) => {

    if (typeof sub !== 'string' || sub === '' || iss !== sub) {
        throw invalidClient('assertion_subject');
    }

    if (typeof exp !== 'number' || exp <= seconds || exp > seconds + longestLife) {
        throw invalidClient('assertion_expiry');
    }

    if (![iat, nbf].every((time) => time === undefined || (typeof time === 'number' && time <= seconds + clockSkew))) {
        throw invalidClient('assertion_time');
    }

    if (typeof jti !== 'string' || jti === '') {
        throw invalidClient('assertion_jti');
    }

    return { clientId: sub, jti, expiresAt: exp };
};

/** One audience, also as an array of one, and no second: an assertion meant for another server could be replayed there. */
const checkAudience = (aud: unknown, accepted: readonly string[]): void => {

    const [audience, ...others] = [aud].flat();
    if (others.length > 0 || !accepted.some((name) => name === audience)) {
        throw invalidClient('assertion_audience');
    }
};

const checkSignature = async (assertion: string, alg: string, { keys, refused }: AssertionSigner): Promise<void> => {

    let verified = false;
    let cause: unknown;
    for (const key of keys) {
        try {
            await compactVerify(assertion, key, { algorithms: [alg] });
            verified = true;
            break;
        }
        catch (err) {
            cause = err;
        }
    }

    if (refused !== undefined || !verified) {
        throw invalidClient(refused ?? (keys.length === 0 ? 'client_key_not_found' : 'assertion_signature'), cause);
    }
};
