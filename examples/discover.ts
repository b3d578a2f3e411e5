import * as client from 'openid-client';

/** What the authorization server says of itself, for a client that uses it. Plain http is for this machine alone. */
export const discover = async (issuer: string, clientId: string, authentication: client.ClientAuth, algorithm: 'oauth2' | 'oidc' = 'oauth2'): Promise<client.Configuration> => {

    try {
        const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
        return await client.discovery(new URL(issuer), clientId, {}, authentication, { algorithm, execute });
    }
    catch (err) {
        throw new Error('No authorization server answers at the address that ISSUER names: start it, or correct ISSUER', { cause: err });
    }
};
