import { OAuth2Error } from '../error';
import { uncounted, type Attempt } from '../protocol/attempt';
import { signingAlgorithms } from '../protocol/signing-algorithm';
import { authenticateClient } from './authenticate';
import type { Client } from './client';
import { ClientSecretBasic } from './client-secret-basic';
import { ClientSecretJwt } from './client-secret-jwt';
import { ClientSecretPost } from './client-secret-post';
import { invalidClient, type ClientAuthenticationContext, type ClientAuthenticationMethod, type PresentedClient } from './method';
import { NoneAuthMethod } from './none';
import { PrivateKeyJwt } from './private-key-jwt';
import { authMethodOf, mayUse } from './record';
import { provenByRecord, type RegisteredClients } from './registered-assertion';
import type { ClientRegistry } from './registry';
import { secretVerifier } from './secret-verifier';

/** What the authentication of a registered client needs beside the request. */
export interface RegisteredClientContext extends ClientAuthenticationContext {
    /** The public URL of the token endpoint: the other audience of a client with `legacy_assertion_audience: true`. */
    readonly tokenEndpoint: string;
}

/** Everything that a client may be registered for. */
const everyMethod: readonly ClientAuthenticationMethod[] = [
    new ClientSecretBasic(),
    new ClientSecretPost(),
    new ClientSecretJwt().addAlgorithm('HS256').addAlgorithm('HS384').addAlgorithm('HS512'),
    signingAlgorithms.reduce((method, alg) => method.addAlgorithm(alg), new PrivateKeyJwt()),
    new NoneAuthMethod()
];

/**
 * The registered client of a request, proven by the method it is registered for, which has to be one that the flow accepts; none given
 * accepts all. Throws `invalid_client`, the same for the unknown client as for the wrong secret, and `invalid_request` for two credentials.
 *
 * `attempts` counts what fails, for each client that is named, whether or not it exists: secrets may be short enough to be tried.
 */
export const authenticateRegistered = async (registry: ClientRegistry, methods: readonly ClientAuthenticationMethod[], context: RegisteredClientContext, attempts: ClientAttempts = () => uncounted): Promise<{ readonly client: Client; readonly presented: PresentedClient }> => {

    let attempt: Attempt | undefined;
    const begin = async (clientId: string): Promise<void> => {

        attempt = attempts(clientId);
        await attempt.begin();
    };

    const find = once((clientId) => registry.find(clientId));
    const findSigner = async (clientId: string): Promise<Client | null> => {

        await begin(clientId);
        return await find(clientId);
    };

    const keysFor: RegisteredClients['keysFor'] = (client, header) => registry.keysFor(client, header);
    try {
        const accepted = orEvery(methods);
        const isSigned = context.form.has('client_assertion');      // Else no method needs the record to tell who presents itself
        const proving = isSigned ? accepted.map((method) => provenByRecord(method, { find: findSigner, keysFor, tokenEndpoint: context.tokenEndpoint })) : accepted;
        const presented = await authenticateClient(proving, context);
        if (secretMethods.has(presented.method)) {
            await begin(presented.clientId);
        }

        const client = proven(registry, await find(presented.clientId), presented, context.now);
        await attempt?.succeeded();
        await registry.used(client);
        return { client, presented };
    }
    catch (err) {
        if (err instanceof OAuth2Error && err.code === 'invalid_client') {
            await attempt?.failed();
        }

        throw err;
    }
};

/** Counts the attempts to authenticate as a client. */
export type ClientAttempts = (clientId: string) => Attempt;

const proven = (registry: ClientRegistry, client: Client | null, presented: PresentedClient, now: number): Client => {

    const isRight = secretVerifier(presented)(client?.metadata.client_secret, registry.secretDigestOf(client));          // Always, also for a client that does not exist
    if (client === null) {
        throw invalidClient('unknown_client');
    }

    if (authMethodOf(client) !== presented.method) {
        throw invalidClient('client_authentication_method_not_registered');
    }

    if (!isRight && secretMethods.has(presented.method)) {
        throw invalidClient('client_secret_wrong');
    }

    const { client_secret_expires_at: expiresAt = 0 } = client.metadata;
    if (expiresAt !== 0 && now >= expiresAt * 1000 && methodsWithSecret.has(presented.method)) {
        throw invalidClient('client_secret_expired');
    }

    return client;
};

/** The methods that carry the secret itself; by now an assertion is verified. */
const secretMethods = new Set(['client_secret_basic', 'client_secret_post']);

const methodsWithSecret = new Set([...secretMethods, 'client_secret_jwt']);

const orEvery = (methods: readonly ClientAuthenticationMethod[]): readonly ClientAuthenticationMethod[] => (methods.length === 0 ? everyMethod : methods);

/** A request is about one client, which is looked up once. */
const once = (find: ClientRegistry['find']): ClientRegistry['find'] => {

    const found = new Map<string, Promise<Client | null>>();
    return (clientId) => {

        const client = found.get(clientId) ?? find(clientId);
        found.set(clientId, client);
        return client;
    };
};

/**
 * The methods to advertise for a grant type, or for `null` to every client: those that the flow accepts, else those that a known client of the grant type is registered
 * for, else, where clients cannot be listed, all of them. `confidentialOnly` leaves `none` out.
 */
export const registeredMethods = (registry: ClientRegistry, accepted: readonly ClientAuthenticationMethod[], grantType: string | null, confidentialOnly: boolean): readonly ClientAuthenticationMethod[] => {

    const clients = registry.records?.map((metadata) => ({ metadata })).filter((client) => grantType === null || mayUse(client, grantType));
    const inUse = clients && new Set<string>(clients.map(authMethodOf));
    const methods = accepted.length > 0 || inUse === undefined ? orEvery(accepted) : everyMethod.filter(({ method }) => inUse.has(method));
    return methods.filter(({ method }) => !confidentialOnly || method !== 'none');
};
