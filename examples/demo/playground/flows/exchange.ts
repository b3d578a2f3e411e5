import { apiClient, archive, playgroundClient } from '../../clients';
import { basic, bearer, keeping, type Flow, type Kept, type Sending, type State } from '../flow';
import { authorization, preparation, redeeming } from './sign-in';

const accessToken = 'urn:ietf:params:oauth:token-type:access_token';

const exchanging = (more: Kept = {}, subject = 'access_token', client: { readonly id: string; readonly secret: string } = apiClient) => ({ at, kept }: State) => ({
    method: 'POST', url: at.token, headers: basic(client),
    parameters: { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: kept(subject), subject_token_type: accessToken, resource: archive, scope: 'reports:read', ...more }
} as const);

const wrongly = (id: string, title: string, says: string, needs: string, request: Sending['request'], outcome: Sending['outcomes'][0]): Sending =>
    ({ id, title, says, by: 'client', does: 'Try it', needs: [needs], request, outcomes: [outcome] });

/** An API calls another one for its user. */
export const exchange: Flow = {
    id: 'exchange',
    title: 'Call another API for a user',
    summary: 'Token exchange: an API trades the token that it was sent for one of its own, and passes nobody\'s token on.',
    intro: 'The reports API needs the archive to answer a user. It must not send on the token that it got: the archive is not who that is for. It trades it for a token for the archive, which says for whom it acts, and that it does.',
    who: 'website, API, archive',
    specs: [{ name: 'Token exchange, RFC 8693', url: 'https://www.rfc-editor.org/rfc/rfc8693' }, { name: 'Resource indicators, RFC 8707', url: 'https://www.rfc-editor.org/rfc/rfc8707' }],
    steps: [
        preparation,
        authorization('openid reports:read', 'First a person signs in at the website, the client `playground`. Sign in as `ada`, password `lovelace`, and press Allow.'),
        redeeming('The website gets an access token for the reports API.'),
        {
            id: 'exchange',
            by: 'client',
            title: 'Trade the token',
            says: 'The website has called the reports API with its token. The API is a client too, `demo-api`: it presents the token that it was sent, and names the resource that it wants to call.',
            does: 'Trade it',
            needs: ['access_token'],
            request: exchanging(),
            keep: keeping({ access_token: 'archive_token' }),
            outcomes: [{ answer: '200', means: 'Look at the token: sub is still the person, aud is the archive, and act says who acts for them.' }, {
                answer: '400 invalid_request', means: 'The subject token has expired, or its grant has ended: start over.'
            }],
            checks: [
                'The client is who it says, and is registered for this grant_type',
                'The subject token is a live access token, issued to this client or for an API that this client is',
                'The resource exists, and the scope is no wider than the subject token\'s',
                'The policy of the app allows it: here the API may go to the archive, and nowhere else'
            ],
            tampered: [
                wrongly('wider', 'Ask for more than the user granted', 'scope has reports:write in it.', 'access_token', exchanging({ scope: 'reports:read reports:write' }),
                    { answer: '400 invalid_scope', reason: 'scope_not_granted', means: 'No exchange makes a token more powerful.' }),
                wrongly('unknown-resource', 'Ask for a token for somewhere else', 'resource is an API that the server does not know.', 'access_token', exchanging({ resource: 'https://elsewhere.example.com' }),
                    { answer: '400 invalid_target', reason: 'unknown_resource', means: 'A token for an unknown API would be anybody\'s.' }),
                wrongly('id-token', 'Present the ID token', 'It is signed, and about the same person.', 'id_token', exchanging({}, 'id_token'),
                    { answer: '400 invalid_request', reason: 'subject_token_unknown', means: 'It was made for the client to read, and proves nothing here.' }),
                wrongly('other-client', 'Let a client do it that may not', 'The website tries to go to the archive itself.', 'access_token', exchanging({}, 'access_token', playgroundClient),
                    { answer: '400 unauthorized_client', reason: 'unauthorized_client', means: 'Only clients that are registered for it may exchange tokens.' })
            ]
        },
        {
            id: 'archive',
            by: 'client',
            title: 'Call the archive',
            says: 'The archive takes tokens for the archive.',
            does: 'Read the archive',
            needs: ['archive_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/archive`, headers: bearer(kept('archive_token')) }),
            outcomes: [{ answer: '200', means: 'The archive knows the user, and who came for them.' }, { answer: '401 invalid_token', means: 'The token has expired, or its grant has ended: start over.' }],
            tampered: [
                wrongly('passed-on', 'Pass the user\'s own token on', 'What the website sent to the API, sent on to the archive.', 'access_token', ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/archive`, headers: bearer(kept('access_token')) }),
                    { answer: '401 invalid_token', means: 'aud is another API. If that were enough, every API could use its users\' tokens everywhere.' }),
                wrongly('way-back', 'Take the archive\'s token to the API', 'The other way round.', 'archive_token', ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(kept('archive_token')) }),
                    { answer: '401 invalid_token', means: 'It is for the archive alone.' })
            ]
        }
    ]
};
