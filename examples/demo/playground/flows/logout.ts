import { playgroundClient } from '../../clients';
import { bearer, type Flow } from '../flow';
import { authorization, authorizationRequest, checkReturn, preparation, redeeming } from './sign-in';

const scope = 'openid email reports:read';

/** Ending the session, everywhere. */
export const logout: Flow = {
    id: 'logout',
    title: 'Sign out',
    summary: 'RP-initiated logout: the website signs its user out at the server too, and what hangs on the session ends.',
    intro: 'A website that forgets its user has signed nobody out: the session at the authorization server is still there, and the next sign-in asks for no password. So the website sends the browser there to end it.',
    who: 'person, browser, website',
    specs: [{ name: 'RP-Initiated Logout 1.0', url: 'https://openid.net/specs/openid-connect-rpinitiated-1_0.html' }],
    steps: [
        preparation,
        authorization(scope, 'First somebody has to sign in. Sign in as `ada`, password `lovelace`, and press Allow.'),
        redeeming('The ID token is what matters here: it says who has signed in, and in which session.'),
        {
            id: 'silent',
            by: 'browser',
            title: 'Is somebody there?',
            says: 'With `prompt=none` the server never shows a page. It answers at once: with a code if there is a session, with an error if not.',
            does: 'Ask silently',
            needs: ['state'],
            request: (state) => ({ method: 'GET', url: state.at.authorize, parameters: { ...authorizationRequest(state, scope), prompt: 'none' } }),
            check: checkReturn,
            outcomes: [{ answer: '303', means: 'A code, and no page: the session is there, and the person has agreed before.' }, {
                answer: '303 login_required', reason: 'login_required', means: 'Nobody is signed in. Send the browser to sign in first.'
            }]
        },
        {
            id: 'logout',
            by: 'browser',
            title: 'Sign out',
            says: 'The website sends the browser to `end_session_endpoint`, with the ID token as a hint of who, and the address to come back to.',
            does: 'Sign out',
            needs: ['id_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: at.logout, parameters: { id_token_hint: kept('id_token'), post_logout_redirect_uri: at.goodbye, state: kept('state') } }),
            check: ({ values }, { kept }) => [{ looksAt: 'state is the one that this browser was sent away with', isRight: values.state === kept('state') }],
            outcomes: [
                { answer: '303', event: 'signed_out', means: 'Signed out without a question, if the hint is of this very session: of another one, the server asks first. Grants that were given for the time of the session have ended with it.' },
                { answer: '303', completes: 'logout', means: 'The browser is back at once, and no session has ended: nobody was signed in any more.' }
            ],
            checks: ['The ID token is one of ours; it may have expired', 'It is of the session of this browser: if not, the person is asked first', 'post_logout_redirect_uri is registered, letter by letter'],
            tampered: [{
                id: 'without-hint', by: 'browser', title: 'Leave the hint out', says: 'Any site could send people to this address. Without the ID token the server asks the person first: press Sign out there. If nobody is signed in, it says so, and the browser stays there.', does: 'Go', needs: ['state'],
                request: ({ at, kept }) => ({ method: 'GET', url: at.logout, parameters: { client_id: playgroundClient.id, post_logout_redirect_uri: at.goodbye, state: kept('state') } }),
                outcomes: [{ answer: '303', means: 'The person has pressed the button, so it was no link that did it.' }]
            }]
        },
        {
            id: 'gone',
            by: 'browser',
            title: 'Is somebody there now?',
            says: 'The same silent question as before.',
            does: 'Ask silently again',
            needs: ['state'],
            request: (state) => ({ method: 'GET', url: state.at.authorize, parameters: { ...authorizationRequest(state, scope), prompt: 'none' } }),
            check: checkReturn,
            outcomes: [{ answer: '303 login_required', reason: 'login_required', means: 'The session has gone. The next sign-in asks for the password.' }, { answer: '303', means: 'Somebody is signed in: sign out first.' }]
        },
        {
            id: 'after',
            by: 'client',
            title: 'And the access token?',
            says: 'The website still has the access token from before.',
            does: 'Ask who it is',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: at.userinfo, headers: bearer(kept('access_token')) }),
            outcomes: [{ answer: '401 invalid_token', means: 'It has ended with the session. Had the person granted offline_access, for the time when they are away, it would go on.' }, { answer: '200', means: 'It is still good: sign out first.' }]
        }
    ]
};
