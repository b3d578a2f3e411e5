/** What the parts of requests and answers are for. */
const parameters: Readonly<Record<string, string>> = {
    response_type: 'What the client wants back from the browser: a code.',
    client_id: 'Who asks.',
    client_secret: 'What proves it.',
    redirect_uri: 'Where the browser is to come back to. It must be registered for the client, letter by letter.',
    scope: 'What the token is to be good for.',
    state: 'A random value of this browser: the client takes no answer that does not have it (RFC 6749 §10.12).',
    nonce: 'Comes back in the ID token, so that one from another sign-in cannot be slipped in.',
    code_challenge: 'The SHA-256 of the verifier, which stays with the client (RFC 7636 §4.2).',
    code_challenge_method: 'How the challenge was made.',
    prompt: 'none: answer at once, and show no page.',
    grant_type: 'How the client comes to a token.',
    code: 'What the browser brought. It works once, within 60 seconds.',
    code_verifier: 'Shows that whoever redeems the code began the flow (RFC 7636 §4.5).',
    refresh_token: 'Trades for new tokens. Each one works once, but for ten seconds of grace.',
    device_code: 'The long code, which stays with the device.',
    user_code: 'The short code, which a person types.',
    verification_uri: 'Where the person types it.',
    verification_uri_complete: 'The same with the code in it, for the QR code.',
    interval: 'Seconds that the device waits between its questions.',
    subject_token: 'The token that the API was sent by its caller.',
    subject_token_type: 'What kind of token that is.',
    issued_token_type: 'What kind of token the new one is.',
    resource: 'The API that the token is to be for (RFC 8707).',
    token: 'The token that this is about.',
    id_token_hint: 'Who is to be signed out, and of which session.',
    post_logout_redirect_uri: 'Where the browser is to come back to. It must be registered for the client.',
    access_token: 'Opens what its scopes allow, for whoever has it.',
    id_token: 'Says who has signed in. For the client to read, and for nobody else.',
    token_type: 'How to present the token: in an Authorization header.',
    expires_in: 'Seconds that the access token lives.',
    iss: 'Which server answers: a client of several ones takes no answer of another (RFC 9207).',
    error: 'What went wrong, as a code that programs understand.',
    error_description: 'The same for the client\'s developer.',
    active: 'Whether the token is good this very moment.'
};

/** What a parameter is for, in one sentence. */
export const parameterMeaning = (name: string): string | undefined => (Object.hasOwn(parameters, name) ? parameters[name] : undefined);

/** What caches are told (RFC 9111 §5.2.2). */
const cacheMeaning = (value: string): string => {

    if (value.includes('no-store')) {
        return 'Nobody may keep this: neither the browser nor a cache on the way (RFC 9111 §5.2.2.5).';
    }

    return value.includes('no-cache') ?
        'Whoever keeps this asks the server before using it again (RFC 9111 §5.2.2.4). It does not forbid to keep it: that is no-store.' :
        'Who may keep this, and for how many seconds (RFC 9111 §5.2.2).';
};

/** What a header says, in one sentence. */
export const headerMeaning = (name: string, value: string): string | undefined => {

    if (name === 'authorization' && value.startsWith('Basic ')) {
        const [id = ''] = Buffer.from(value.slice(6), 'base64').toString().split(':');
        return `The credentials of ${decodeURIComponent(id)}: its id and its secret with a colon between, in base64. That is no encryption: TLS is.`;
    }

    const meanings: Readonly<Record<string, string>> = {
        'authorization': 'The token, for whoever has it (RFC 6750 §2.1).',
        'www-authenticate': 'The challenge: how to come, and what was wrong (RFC 6750 §3).',
        'cache-control': cacheMeaning(value),
        'location': 'Where the browser was sent.',
        'retry-after': 'Seconds to wait: too many have failed.'
    };
    return meanings[name];
};
