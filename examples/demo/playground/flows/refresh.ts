import { playgroundClient } from '../../clients';
import { basic, bearer, keeping, type Flow, type Sending, type State } from '../flow';
import { authorization, preparation, redeeming } from './sign-in';

const scope = 'openid email reports:read offline_access';

/** Asks for new tokens with the refresh token that is kept under a name. */
const refreshing = (name: string, more: Readonly<Record<string, string>> = {}, client: { readonly id: string; readonly secret: string } = playgroundClient) => ({ at, kept }: State) =>
    ({ method: 'POST', url: at.token, headers: basic(client), parameters: { grant_type: 'refresh_token', refresh_token: kept(name), ...more } } as const);

const ended = { answer: '400 invalid_grant', reason: 'grant_revoked', means: 'The grant has ended. Start over to get another one.' } as const;

const gone = { ...ended, reason: 'refresh_token_unknown', means: 'The grant has ended, and the server has forgotten its tokens. Start over to get another one.' } as const;
const stolen = { ...ended, reason: 'refresh_token_reused', means: 'This token was replaced before, so the server takes its second use for theft: everything has ended. Start over.' } as const;

const wrongly = (id: string, title: string, says: string, request: Sending['request'], outcome: Sending['outcomes'][0]): Sending => ({ id, title, says, by: 'client', does: 'Try it', needs: ['refresh_token'], request, outcomes: [outcome, ended, gone, stolen] });

/** A client goes on without the person. */
export const refresh: Flow = {
    id: 'refresh',
    title: 'Stay signed in',
    summary: 'Refresh tokens: rotated at each use, forgiving for ten seconds, and an alarm when a stolen one comes back.',
    intro: 'Access tokens live for an hour at most, so that a stolen one is soon worthless. A client that goes on without the person has a refresh token as well, which is replaced each time it is used. That is how theft shows.',
    who: 'website',
    specs: [{ name: 'OAuth 2.1 §4.3', url: 'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.3' }, { name: 'RFC 9700 §4.14', url: 'https://www.rfc-editor.org/rfc/rfc9700#section-4.14' }],
    steps: [
        preparation,
        authorization(scope, 'The person is asked for `offline_access` as well: that the client may go on when they are away. Sign in as `ada`, password `lovelace`, and press Allow.'),
        redeeming('The reply has a refresh token beside the other two. It is a random text: only the server knows what it stands for.'),
        {
            id: 'refresh',
            by: 'client',
            title: 'Refresh',
            says: 'The access token is about to expire, and nobody is there. The client trades its refresh token for a new pair.',
            does: 'Refresh',
            needs: ['refresh_token'],
            request: refreshing('refresh_token'),
            keep: keeping({ access_token: 'access_token', refresh_token: 'second_refresh_token' }),
            outcomes: [{ answer: '200', means: 'A new refresh token: the old one has been replaced. Press again within ten seconds, and the reply is the same once more.' }, ended, gone, {
                answer: '400 invalid_grant', reason: 'refresh_token_reused', means: 'This token was replaced more than ten seconds ago, so the server takes its second use for theft: everything has ended. Start over.'
            }, { answer: '400 invalid_grant', means: 'This token was replaced, and its successor used. Go on to the next step.' }],
            checks: ['The client is who it says', 'The refresh token was issued to this client, and lives; so does its grant', 'It was not replaced before, or no longer ago than ten seconds', 'The scope, if sent, is no wider than what was granted'],
            tampered: [
                wrongly('wider', 'Ask for more than was granted', 'scope has phone in it, which the person was never asked about.', refreshing('refresh_token', { scope: `${scope} phone` }),
                    { answer: '400 invalid_scope', reason: 'scope_not_granted', means: 'A refresh narrows, and never widens. The token was not used up.' }),
                wrongly('other-client', 'Let another client use it', 'demo-web presents what was issued to the playground.', refreshing('refresh_token', {}, { id: 'demo-web', secret: 'demo-web-secret' }),
                    { answer: '400 invalid_grant', reason: 'refresh_token_of_another_client', means: 'A stolen refresh token is no use without the client\'s own credentials.' })
            ]
        },
        {
            id: 'grace',
            by: 'client',
            title: 'Lose the reply, and ask again',
            says: 'Networks fail, and two tabs refresh at once. Both are honest, so for ten seconds the same question gets the same reply. This sends the second refresh token twice, one right after the other.',
            does: 'Refresh twice',
            times: 2,
            needs: ['second_refresh_token'],
            request: refreshing('second_refresh_token'),
            keep: keeping({ access_token: 'access_token', refresh_token: 'third_refresh_token' }),
            check: ({ values }, { find }) => [{ looksAt: 'Both replies have the same refresh token', isRight: [undefined, values.refresh_token].includes(find('third_refresh_token')) }],
            outcomes: [{ answer: '200', means: 'The same reply twice, and nobody was signed out because a train went through a tunnel.' }, ended, gone, {
                answer: '400 invalid_grant', reason: 'refresh_token_reused', means: 'More than ten seconds have passed since it was replaced: that counts as theft, and everything has ended. Start over.'
            }]
        },
        {
            id: 'reuse',
            by: 'client',
            title: 'The first one comes back',
            says: 'Somebody has a copy of the first refresh token, and uses it now. Since it was replaced long ago, two hold it, and the server cannot tell who is the thief. Wait until ten seconds have passed since it was replaced.',
            does: 'Use the first token again',
            needs: ['third_refresh_token'],
            request: refreshing('refresh_token'),
            outcomes: [
                { answer: '400 invalid_grant', reason: 'refresh_token_reused', means: 'An alarm: the grant has ended, with all of its tokens, those of the thief and those of the client. The person signs in again, and the thief is out.' },
                ended, gone, { answer: '400 invalid_grant', means: 'Refused, and nothing else, since it was replaced less than ten seconds ago: that may have been an honest retry. Wait a moment, and press again.' }
            ]
        },
        {
            id: 'after',
            by: 'client',
            title: 'Nothing is left',
            says: 'The newest access token is an hour from its end. Its grant is gone, though.',
            does: 'Ask who it is',
            needs: ['third_refresh_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: at.userinfo, headers: bearer(kept('access_token')) }),
            outcomes: [{ answer: '401 invalid_token', means: 'A token is as good as its grant, at every route of this server.' }, { answer: '200', means: 'The grant still lives: use the first token again, more than ten seconds after it was replaced.' }]
        }
    ]
};
