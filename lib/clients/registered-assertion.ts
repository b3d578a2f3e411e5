import { randomBytes } from 'node:crypto';

import { isSigningAlgorithm, type SigningAlgorithm } from '../protocol/signing-algorithm';
import { presentAssertion, type AssertionHeader, type AssertionSigner } from './assertion';
import type { Client, TokenEndpointAuthMethod } from './client';
import { isHmac, secretKeys, type HmacAlgorithm } from './client-secret-jwt';
import type { ClientAuthenticationMethod } from './method';
import { authMethodOf } from './record';

/** Signs nothing: what is verified with it takes as long as with the secret of a client, and fails. */
const decoy = randomBytes(64);

/** What an assertion is verified against where clients are registered. */
export interface RegisteredClients {
    /** The client of an id, or `null`. */
    readonly find: (clientId: string) => Promise<Client | null>;
    /** The public keys of a client that an assertion's header could mean. */
    readonly keysFor: (client: Client, header: AssertionHeader) => Promise<AssertionSigner['keys']>;
    /** Where the request went, as a public URL: older clients address their assertions to it. */
    readonly tokenEndpoint: string;
}

/**
 * A method as it proves a registered client. The two assertion methods take the algorithms of the flow's own, and their keys from the
 * client's record and from nowhere else; the others stay as they are.
 */
export const provenByRecord = (own: ClientAuthenticationMethod, clients: RegisteredClients): ClientAuthenticationMethod => {

    const { algorithms = [] } = own;
    switch (own.method) {
        case 'client_secret_jwt':
            return ofSecret(algorithms.filter(isHmac), clients);
        case 'private_key_jwt':
            return ofPrivateKey(algorithms.filter(isSigningAlgorithm), clients);
        default:
            return own;
    }
};

const ofSecret = (accepted: readonly HmacAlgorithm[], clients: RegisteredClients): ClientAuthenticationMethod => {

    const method = 'client_secret_jwt';
    const signer = (clientId: string, { alg }: AssertionHeader<HmacAlgorithm>) => signerOf(clients, clientId, { method, alg }, ({ metadata }) => Promise.resolve(secretKeys(metadata.client_secret, alg)));
    return {
        method,
        present: (credential, context) => (credential.carrier === 'client_assertion' ? presentAssertion({ method, owns: isHmac, accepted, signer }, credential, context) : null)
    };
};

const ofPrivateKey = (accepted: readonly SigningAlgorithm[], clients: RegisteredClients): ClientAuthenticationMethod => {

    const method = 'private_key_jwt';
    const signer = (clientId: string, header: AssertionHeader) => signerOf(clients, clientId, { method, alg: header.alg }, (client) => clients.keysFor(client, header));
    return {
        method,
        present: (credential, context) => (credential.carrier === 'client_assertion' ? presentAssertion({ method, owns: isSigningAlgorithm, accepted, signer }, credential, context) : null)
    };
};

interface Signature {
    readonly method: TokenEndpointAuthMethod;
    readonly alg: string;
}

/** The algorithm belongs to the client's registered method, and is the registered one if there is one. */
const signerOf = async ({ find, tokenEndpoint }: RegisteredClients, clientId: string, { method, alg }: Signature, keysOf: (client: Client) => Promise<AssertionSigner['keys']>): Promise<AssertionSigner> => {

    const client = await find(clientId);
    const refused = client === null ? 'unknown_client' : refusalOf(client, { method, alg });
    if (client === null || refused !== undefined) {
        return { keys: isHmac(alg) ? [decoy] : [], refused };
    }

    return { keys: await keysOf(client), audiences: client.metadata.legacy_assertion_audience === true ? [tokenEndpoint] : [] };
};

const refusalOf = (client: Client, { method, alg }: Signature): string | undefined => {

    if (authMethodOf(client) !== method) {
        return 'client_authentication_method_not_registered';
    }

    return (client.metadata.token_endpoint_auth_signing_alg ?? alg) === alg ? undefined : 'assertion_algorithm';
};
