/** Claims that say what was proven: nobody but the framework sets them. */
export const protocolClaims: readonly string[] = [
    'typ', 'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'client_id', 'scope', 'cnf', 'flow', 'grant_id', 'exchange_id', 'act', 'auth_time', 'acr', 'amr', 'nonce', 'at_hash', 'sid', 'events'
];
