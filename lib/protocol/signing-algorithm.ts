/** The asymmetric signature algorithms that tokens and client assertions may use (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864). */
export const signingAlgorithms = [
    'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'
] as const;

/** The name of an asymmetric signature algorithm. @useDeclaredType */
export type SigningAlgorithm = typeof signingAlgorithms[number];

/** Whether a value names one of them. */
export const isSigningAlgorithm = (value: unknown): value is SigningAlgorithm => signingAlgorithms.some((name) => name === value);
