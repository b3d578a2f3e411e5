// What every subject is configured with: the same client, the same lifetimes, the same algorithm.

/** The only client: it authenticates with client_secret_post everywhere. */
export const client = {
    id: 'bench',
    secret: 'bench-secret-of-32-random-letters',
    redirectUri: 'https://client.example.com/callback'
};

export const subject = 'user-1';
export const scope = 'api:read';
export const loginScope = 'openid offline_access api:read';
export const resource = 'https://api.example.com';
export const algorithm = 'ES256';

/** Seconds. */
export const ttl = { accessToken: 3600, idToken: 3600, code: 300, deviceCode: 600, refreshToken: 14 * 86_400 };

/** The verifier and challenge of RFC 7636, appendix B. */
export const pkce = { verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' };

export const grantTypes = {
    clientCredentials: 'client_credentials',
    code: 'authorization_code',
    refresh: 'refresh_token',
    device: 'urn:ietf:params:oauth:grant-type:device_code'
};

/** Where every subject serves what it serves. */
export const paths = { token: '/oauth2/token', introspection: '/oauth2/introspect', protected: '/protected' };

/** The body of a request with the client's credentials. */
export const form = (parameters) => new URLSearchParams({ client_id: client.id, client_secret: client.secret, ...parameters }).toString();

/** A request to a form endpoint. */
export const post = (path, parameters) => ({ method: 'POST', path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(parameters) });

/** A request for the protected resource. */
export const get = (token) => ({ method: 'GET', path: paths.protected, headers: { authorization: `Bearer ${token}` } });
