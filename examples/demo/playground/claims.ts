/** What the claims of tokens mean, and where that is said. */
const claims: Readonly<Record<string, string>> = {
    iss: 'Issuer: the server that made the token (RFC 7519 §4.1.1).',
    sub: 'Subject: whom it is about. A person, or the client itself where there is none (RFC 7519 §4.1.2).',
    aud: 'Audience: whom it is for. Everybody else must refuse it (RFC 7519 §4.1.3).',
    exp: 'Expires then (RFC 7519 §4.1.4).',
    iat: 'Issued then (RFC 7519 §4.1.6).',
    nbf: 'Not good before then (RFC 7519 §4.1.5).',
    jti: 'The id of this one token (RFC 7519 §4.1.7).',
    client_id: 'The client that it was issued to (RFC 9068 §2.2).',
    scope: 'What it is good for (RFC 9068 §2.2.3).',
    auth_time: 'When the person signed in (OpenID Connect Core §2).',
    acr: 'How surely the person was recognised (OpenID Connect Core §2).',
    amr: 'By what: pwd is a password (RFC 8176 §2).',
    azp: 'The client that it was issued to (OpenID Connect Core §2).',
    nonce: 'What the client sent with its request: it was made for that one (OpenID Connect Core §2).',
    at_hash: 'Half a SHA-256 of the access token that came with it, so that another cannot take its place (OpenID Connect Core §3.1.3.6).',
    sid: 'The session, as this client knows it: another client sees another value (OpenID Connect Front-Channel Logout §3).',
    act: 'Who acts for the subject (RFC 8693 §4.1).',
    may_act: 'Who may act for the subject (RFC 8693 §4.4).',
    flow: 'Which flow of this server it came from.',
    grant_id: 'What the token hangs on: it is as good as its grant. A claim of this server.',
    exchange_id: 'The token exchange that it came from. A claim of this server.',
    name: 'The whole name, to show (OpenID Connect Core §5.1).',
    email: 'The e-mail address (OpenID Connect Core §5.1).',
    email_verified: 'Whether the server has seen that the address is theirs (OpenID Connect Core §5.1).',
    updated_at: 'When these claims last changed (OpenID Connect Core §5.1).',
    alg: 'How it is signed: a server takes those that it expects, and never none (RFC 7515 §4.1.1).',
    kid: 'Which of the published keys signed it (RFC 7515 §4.1.4).',
    typ: 'What kind of token: at+jwt is an access token and nothing else (RFC 9068 §2.1).'
};

const times: readonly string[] = ['exp', 'iat', 'nbf', 'auth_time', 'updated_at'];

/** What a claim means, in one sentence. */
export const claimMeaning = (name: string): string | undefined => (Object.hasOwn(claims, name) ? claims[name] : undefined);

/** The value of a claim as people read it: seconds since the epoch with the day and the hour. */
export const claimValue = (name: string, value: unknown): string => {

    if (times.includes(name) && typeof value === 'number') {
        return `${value} = ${new Date(value * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC')}`;
    }

    return typeof value === 'string' ? value : JSON.stringify(value);
};
