import type { AuthorizationServer } from '../authorization-server/authorization-server';
import type { JoiningFlow } from '../authorization-server/joining-flow';
import type { ClientMetadata } from '../clients/client';

/** The client that a test plays. */
export interface TestClient {
    readonly clientId: string;
    /** Its secret; that of its record when left out, unless only its digest is there. A client without one is public. */
    readonly clientSecret?: string | undefined;
    /** What else it sends to the token endpoint and to the device authorization endpoint, such as a `client_assertion`. */
    readonly clientParameters?: Readonly<Record<string, string>> | undefined;
    readonly clientHeaders?: Readonly<Record<string, string>> | undefined;
}

/** What proves a client in a request. */
export interface ClientProofs {
    readonly parameters: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
}

/** The record of a client; `null` where none are registered. Rejects with a sentence for one that nobody has registered. */
export const recordOf = async ({ clients }: AuthorizationServer, clientId: string): Promise<ClientMetadata | null> => {

    if (clients === null) {
        return null;
    }

    const client = await clients.find(clientId);
    if (client === null) {
        throw new Error(`No client '${clientId}' is registered`);
    }

    return client.metadata;
};

/** How the client says who it is: as its record wants it, or in a way that the flow takes. Its own parameters go before. Throws a sentence where nobody knows its secret. */
export const proofsOf = (client: TestClient, record: ClientMetadata | null, { metadata: { clientAuthentication } }: JoiningFlow): ClientProofs => {

    const { clientId, clientSecret = record?.client_secret, clientParameters = {}, clientHeaders = {} } = client;
    const isBasic = (record === null ? clientAuthentication.some(({ method }) => method === 'client_secret_basic') : (record.token_endpoint_auth_method ?? 'client_secret_basic') === 'client_secret_basic') &&
        clientSecret !== undefined;
    const isProven = clientParameters.client_assertion !== undefined || clientSecret === undefined;
    if (clientSecret === undefined && record?.client_secret_sha256 !== undefined && clientParameters.client_assertion === undefined && clientHeaders.authorization === undefined) {
        throw new Error(`Only the digest of the secret of the client '${clientId}' is registered: give clientSecret`);
    }

    if (isBasic && !isProven) {
        return { headers: { authorization: basic(clientId, clientSecret), ...clientHeaders }, parameters: clientParameters };
    }

    return { headers: clientHeaders, parameters: { client_id: clientId, ...isProven ? {} : { client_secret: clientSecret }, ...clientParameters } };
};

/** HTTP Basic credentials, form-encoded (RFC 6749 §2.3.1). */
export const basic = (id: string, secret: string): string => `Basic ${Buffer.from([id, secret].map(encode).join(':')).toString('base64')}`;

const encode = (value: string): string => new URLSearchParams({ value }).toString().slice('value='.length);
