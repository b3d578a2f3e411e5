import { altered, basic, bearer, keeping, type Flow, type Sending } from '../flow';

const machine = { id: 'demo-machine', secret: 'demo-machine-secret' };

const wronglyAsked = (id: string, title: string, says: string, credentials: typeof machine, scope: string, outcome: Sending['outcomes'][0]): Sending => ({
    id, title, says, by: 'client', does: 'Try it', outcomes: [outcome],
    request: ({ at }) => ({ method: 'POST', url: at.token, headers: basic(credentials), parameters: { grant_type: 'client_credentials', scope } })
});

/** A program acts for itself. */
export const clientCredentials: Flow = {
    id: 'client-credentials',
    title: 'A program acts for itself',
    summary: 'Client credentials: no person is there, a program proves who it is and gets a token of its own.',
    intro: 'A nightly job, a service, a script: nobody sits before it, and it acts for nobody but itself. It has an id and a secret, and trades them for a short-lived token.',
    who: 'program',
    specs: [{ name: 'OAuth 2.1 §4.2', url: 'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.2' }, { name: 'JWT access tokens, RFC 9068', url: 'https://www.rfc-editor.org/rfc/rfc9068' }],
    steps: [
        {
            id: 'token',
            by: 'client',
            title: 'Get a token',
            says: 'One request: who the program is, and what it wants to do.',
            does: 'Ask for a token',
            request: ({ at }) => ({ method: 'POST', url: at.token, headers: basic(machine), parameters: { grant_type: 'client_credentials', scope: 'reports:read' } }),
            keep: keeping({ access_token: 'access_token' }),
            outcomes: [{ answer: '200', means: 'A signed access token. Whoever checks it needs the public keys alone, and does not have to ask this server.' }],
            checks: ['The client is who it says: its secret, compared in constant time', 'It is registered for this grant_type', 'It may have every scope that it asks for'],
            tampered: [
                wronglyAsked('wrong-secret', 'Use a wrong secret', 'Somebody guesses.', { ...machine, secret: 'a-guess' }, 'reports:read',
                    { answer: '401 invalid_client', reason: 'client_secret_wrong', means: 'An unknown client is answered word by word the same, so that nobody finds out who exists.' }),
                wronglyAsked('foreign-scope', 'Ask for what it may not have', 'email belongs to persons.', machine, 'reports:read email',
                    { answer: '400 invalid_scope', reason: 'unknown_scope', means: 'All or nothing: the token is not quietly issued with less.' }),
                wronglyAsked('wrong-grant-type', 'Come as a client that may not do this', 'demo-web signs persons in, and is registered for nothing else.', { id: 'demo-web', secret: 'demo-web-secret' }, 'reports:read',
                    { answer: '400 unauthorized_client', reason: 'unauthorized_client', means: 'Its secret is right, but it is not registered for client_credentials.' })
            ]
        },
        {
            id: 'reports',
            by: 'client',
            title: 'Use it',
            says: 'The token goes into the `Authorization` header of each request to the API.',
            does: 'Read the reports',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(kept('access_token')) }),
            outcomes: [{ answer: '200', means: 'The API knows the client from the token. There is no user.' }, { answer: '401 invalid_token', means: 'The token has lived its ten minutes: get another one.' }],
            checks: ['The signature, by a public key of the server', 'exp, iss, and that aud is this API', 'That the route\'s scope, reports:read, is there'],
            tampered: [
                {
                    id: 'no-token', by: 'client', title: 'Come without a token', says: 'There is no Authorization header.', does: 'Try it',
                    request: ({ at }) => ({ method: 'GET', url: `${at.origin}/reports` }),
                    outcomes: [{ answer: '401', means: 'A challenge without an error: it says what to come with.' }]
                },
                {
                    id: 'altered', by: 'client', title: 'Change one letter of the signature', says: 'Somebody has written into the token.', does: 'Try it', needs: ['access_token'],
                    request: ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(altered(kept('access_token'))) }),
                    outcomes: [{ answer: '401 invalid_token', means: 'The signature does not fit, so nothing in the token counts.' }]
                }
            ]
        },
        {
            id: 'narrow',
            by: 'client',
            title: 'Get one that may do something else',
            says: 'The same program asks for `reports:write` alone. Tokens are worth more to a thief the more they may do, so ask for little.',
            does: 'Ask for reports:write',
            request: ({ at }) => ({ method: 'POST', url: at.token, headers: basic(machine), parameters: { grant_type: 'client_credentials', scope: 'reports:write' } }),
            keep: keeping({ access_token: 'writing_token' }),
            outcomes: [{ answer: '200', means: 'Compare scope in the token with the one before.' }]
        },
        {
            id: 'missing-scope',
            by: 'client',
            title: 'Read with a token that may write',
            says: 'The token is good, but the route asks for `reports:read`.',
            does: 'Read the reports',
            needs: ['writing_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(kept('writing_token')) }),
            outcomes: [
                { answer: '403 insufficient_scope', reason: 'scope_missing', means: 'Not 401: who it is is clear, it may not do this. The challenge names the scope that it takes.' },
                { answer: '401 invalid_token', means: 'The token has lived its ten minutes: get another one.' }
            ]
        }
    ]
};
