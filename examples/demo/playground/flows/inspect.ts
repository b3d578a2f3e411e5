import { apiClient } from '../../clients';
import { basic, bearer, keeping, type Flow, type Kept, type Sending, type State } from '../flow';

const machine = { id: 'demo-machine', secret: 'demo-machine-secret' };

const introspecting = (headers: Kept = basic(machine), token = 'access_token') => ({ at, kept }: State) => ({ method: 'POST', url: at.introspect, headers, parameters: { token: kept(token) } } as const);

const reading = ({ at, kept }: State) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(kept('access_token')) } as const);

const isActive = (wanted: boolean): NonNullable<Sending['check']> => ({ values }) => [{ looksAt: wanted ? 'active is true' : 'active is false, and nothing else is said', isRight: values.active === wanted && (wanted || Object.keys(values).length === 1) }];

/** Asking about a token, and ending it. */
export const inspect: Flow = {
    id: 'inspect',
    title: 'Ask about a token, and end it',
    summary: 'Introspection and revocation: an API asks whether a token is still good, and a client ends one early.',
    intro: 'A signed token can be checked without asking anybody, until it expires. Whoever wants to know whether it is good this very moment asks the server. And a client that is done with a token says so, rather than leave it lying about.',
    who: 'program, API',
    specs: [{ name: 'Introspection, RFC 7662', url: 'https://www.rfc-editor.org/rfc/rfc7662' }, { name: 'Revocation, RFC 7009', url: 'https://www.rfc-editor.org/rfc/rfc7009' }],
    steps: [
        {
            id: 'token',
            by: 'client',
            title: 'Get a token',
            says: 'The quickest kind: a program gets one for itself.',
            does: 'Ask for a token',
            request: ({ at }) => ({ method: 'POST', url: at.token, headers: basic(machine), parameters: { grant_type: 'client_credentials', scope: 'reports:read' } }),
            keep: keeping({ access_token: 'access_token' }),
            outcomes: [{ answer: '200', means: 'There it is.' }]
        },
        {
            id: 'introspect',
            by: 'client',
            title: 'Ask whether it is good',
            says: 'The API that was sent the token, `demo-api`, asks about it. So may the client that got it.',
            does: 'Introspect',
            needs: ['access_token'],
            request: introspecting(basic(apiClient)),
            check: isActive(true),
            outcomes: [{ answer: '200', means: 'active says whether it is good, the rest what it is good for. The server looks into its store each time.' }],
            checks: ['The client is who it says: strangers learn nothing', 'The token is one of the client\'s own, or for an API that it is', 'The token is signed by this server, has not expired, and its grant lives'],
            tampered: [
                {
                    id: 'stranger', by: 'client', title: 'Ask without saying who you are', says: 'There are no credentials.', does: 'Try it', needs: ['access_token'], request: introspecting({}),
                    outcomes: [{ answer: '400 invalid_request', reason: 'missing_parameter', means: 'There is no client_id at all. Otherwise anybody could try out tokens here.' }]
                },
                {
                    id: 'other-client', by: 'client', title: 'Ask about somebody else\'s token', says: 'demo-web is a good client, and this is none of its tokens.', does: 'Try it', needs: ['access_token'],
                    request: introspecting(basic({ id: 'demo-web', secret: 'demo-web-secret' })), check: isActive(false),
                    outcomes: [{ answer: '200', means: 'The same answer as for a token that does not exist, so that nothing can be found out.' }]
                }
            ]
        },
        {
            id: 'use',
            by: 'client',
            title: 'Use it',
            says: 'It opens the API.',
            does: 'Read the reports',
            needs: ['access_token'],
            request: reading,
            outcomes: [{ answer: '200', means: 'The token opens the route: it has reports:read, and its grant lives.' }, { answer: '401 invalid_token', means: 'It was revoked, or has lived its ten minutes: get another one.' }]
        },
        {
            id: 'revoke',
            by: 'client',
            title: 'End it',
            says: 'The program is done, and says so.',
            does: 'Revoke it',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'POST', url: at.revoke, headers: basic(machine), parameters: { token: kept('access_token') } }),
            outcomes: [{ answer: '200', means: 'Whatever the token was, the answer is 200: it is no good now.' }],
            checks: ['The client is who it says', 'The token is its own: its grant ends, with every token on it'],
            tampered: [{
                id: 'other-client', by: 'client', title: 'End somebody else\'s token', says: 'demo-web tries.', does: 'Try it', needs: ['access_token'],
                request: ({ at, kept }) => ({ method: 'POST', url: at.revoke, headers: basic({ id: 'demo-web', secret: 'demo-web-secret' }), parameters: { token: kept('access_token') } }),
                outcomes: [{ answer: '200', means: '200 again, as the RFC has it, but nothing has happened: introspect it, and it is as active as before.' }]
            }]
        },
        {
            id: 'introspect-again',
            by: 'client',
            title: 'Ask once more',
            says: 'The signature of the token is as good as ever, and its `exp` is minutes away.',
            does: 'Introspect again',
            needs: ['access_token'],
            request: introspecting(),
            check: isActive(false),
            outcomes: [{ answer: '200', means: 'Inactive. Nothing else is said about a token that is no good.' }]
        },
        {
            id: 'refused',
            by: 'client',
            title: 'Use it once more',
            says: 'Does the API know, too?',
            does: 'Read the reports',
            needs: ['access_token'],
            request: reading,
            outcomes: [{ answer: '401 invalid_token', means: 'Routes of this server look whether the grant lives. An API elsewhere that checks the signature alone would go on until exp: keep tokens short, or let it introspect.' }, {
                answer: '200', means: 'It has not been revoked yet.'
            }]
        }
    ]
};
