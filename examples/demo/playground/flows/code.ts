import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';

import { playgroundClient } from '../../clients';
import { altered, basic, bearer, textOf, type Answer, type Finding, type Flow, type Sending, type State } from '../flow';
import { authorization, authorizationRequest, checkReturn, expired, over, preparation, redeeming, redemption } from './sign-in';

const scope = 'openid profile email reports:read';

/** An authorization request that the server refuses by sending the browser back, without asking anybody. */
const wronglyAsked = (id: string, title: string, says: string, change: (parameters: Readonly<Record<string, string>>) => Readonly<Record<string, string>>, outcome: Sending['outcomes'][0]): Sending => ({
    id, title, says, by: 'browser', does: 'Go', needs: ['state'], check: checkReturn,
    request: (state) => ({ method: 'GET', url: state.at.authorize, parameters: change(authorizationRequest(state, scope)) }),
    outcomes: [outcome]
});

const without = (name: string) => (parameters: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(parameters).filter(([key]) => !key.startsWith(name)));

/** A redemption that must fail. */
const wronglyRedeemed = (id: string, title: string, says: string, request: (state: State) => ReturnType<Sending['request']>, outcome: Sending['outcomes'][0]): Sending =>
    ({ id, title, says, by: 'client', does: 'Try it', needs: ['code'], request, outcomes: [outcome, expired, over] });

/** A call with a token that opens nothing. */
const wronglyPresented = (id: string, title: string, says: string, token: (state: State) => string | undefined, outcome: Sending['outcomes'][0]): Sending => ({
    id, title, says, by: 'client', does: 'Try it', needs: ['access_token'], outcomes: [outcome],
    request: (state) => ({ method: 'GET', url: state.at.userinfo, ...token(state) === undefined ? {} : { headers: bearer(String(token(state))) } })
});

const isKeySet = (value: unknown): value is JSONWebKeySet => typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);

/** What a client has to look at in an ID token (OpenID Connect Core §3.1.3.7). */
const checkIdToken = async ({ values }: Answer, { at, kept }: State): Promise<readonly Finding[]> => {

    const keys = createLocalJWKSet(isKeySet(values) ? values : { keys: [] });
    const verified = await jwtVerify(kept('id_token'), keys, { issuer: at.issuer, audience: playgroundClient.id, algorithms: ['RS256'] }).catch(() => undefined);
    return [
        { looksAt: 'The signature is by one of these keys; iss is the server, aud is us, exp is to come', isRight: verified !== undefined },
        { looksAt: 'nonce is the one that we made up', isRight: textOf(verified?.payload.nonce) === kept('nonce') },
        { looksAt: 'There is a subject: who has signed in', isRight: textOf(verified?.payload.sub) !== '' }
    ];
};

/** People sign in, and a client acts for them. */
export const code: Flow = {
    id: 'code',
    title: 'Sign a person in',
    summary: 'Authorization code with PKCE and OpenID Connect: the client never sees the password, and learns who has signed in.',
    intro: 'A person is at a website, the client. It sends their browser to the authorization server, where they sign in and agree. The browser comes back with a code, which the website trades for tokens.',
    who: 'person, browser, website',
    specs: [
        { name: 'OAuth 2.1 §4.1', url: 'https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.1' },
        { name: 'PKCE, RFC 7636', url: 'https://www.rfc-editor.org/rfc/rfc7636' },
        { name: 'OpenID Connect Core', url: 'https://openid.net/specs/openid-connect-core-1_0.html' }
    ],
    steps: [
        preparation,
        authorization(scope, 'The client redirects the browser with its request. The server shows its own pages: sign in as `ada`, password `lovelace`, and press Allow. Whoever has signed in and agreed before comes back at once.', [
            wronglyAsked('without-pkce', 'Leave PKCE out', 'The request has no code_challenge, so that anybody who catches the code could redeem it.', without('code_challenge'),
                { answer: '303 invalid_request', reason: 'pkce_missing', means: 'The server insists on PKCE. It did not even ask the person.' }),
            wronglyAsked('implicit', 'Ask for the token right away', 'response_type is token: the implicit flow of OAuth 2.0, which put tokens into the address of the browser.', (parameters) => ({ ...parameters, response_type: 'token', response_mode: 'query' }),
                { answer: '303 unsupported_response_type', reason: 'unsupported_response_type', means: 'OAuth 2.1 has no such flow: what stands in an address ends up in histories, logs and Referer headers.' }),
            {
                id: 'foreign-redirect', by: 'client', title: 'Have the code sent to somebody else', says: 'redirect_uri is a thief\'s address. It is sent by the client here, since no browser would come back from it.', does: 'Try it', needs: ['state'],
                request: (state) => ({ method: 'GET', url: state.at.authorize, headers: { accept: 'text/html' }, parameters: { ...authorizationRequest(state, scope), redirect_uri: 'https://thief.example.com/' } }),
                outcomes: [{ answer: '400', reason: 'redirect_uri_unregistered', means: 'The server shows a page of its own and sends the browser nowhere: a redirect would hand the thief what it wanted, or make the server a signpost to anywhere.' }]
            }
        ]),
        redeeming('The browser is back with a code. Now the client talks to the server itself: it proves who it is with its secret, and that it began this flow with the verifier.', [
            wronglyRedeemed('wrong-verifier', 'Use a wrong verifier', 'A thief has the code and the client\'s secret, but did not begin the flow.',
                (state) => ({ method: 'POST', url: state.at.token, headers: basic(playgroundClient), parameters: { ...redemption(state), code_verifier: 'a-verifier-that-somebody-guessed-43-letters-long' } }),
                { answer: '400 invalid_grant', reason: 'pkce_mismatch', means: 'Its SHA-256 is not the challenge. The code is not used up by this: whoever cannot use it cannot take it from its owner either.' }),
            wronglyRedeemed('wrong-secret', 'Use a wrong secret', 'Somebody pretends to be the client.',
                (state) => ({ method: 'POST', url: state.at.token, headers: basic({ ...playgroundClient, secret: 'a-guess' }), parameters: redemption(state) }),
                { answer: '401 invalid_client', reason: 'client_secret_wrong', means: 'The client is not who it says. Twenty such failures in ten minutes, and the client is closed to this address for a while.' }),
            wronglyRedeemed('other-client', 'Let another client redeem it', 'demo-web is a client in its own right, with a secret of its own, but the code was issued to another one.',
                (state) => ({ method: 'POST', url: state.at.token, headers: basic({ id: 'demo-web', secret: 'demo-web-secret' }), parameters: redemption(state) }),
                { answer: '400 invalid_grant', reason: 'code_of_another_client', means: 'A code is for the client that asked for it.' })
        ]),
        {
            id: 'verify',
            by: 'client',
            title: 'Verify the ID token',
            says: 'The ID token says who has signed in. It is signed, so the client fetches the server\'s public keys and checks it by itself.',
            does: 'Get the keys, and check',
            needs: ['id_token'],
            request: ({ at }) => ({ method: 'GET', url: at.keys }),
            check: checkIdToken,
            outcomes: [{ answer: '200', means: 'The client knows for sure who has signed in, and did not have to ask.' }]
        },
        {
            id: 'userinfo',
            by: 'client',
            title: 'Ask who it is',
            says: 'The UserInfo endpoint answers whoever has an access token with the claims that the person agreed to: `profile` and `email` here.',
            does: 'Ask',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: at.userinfo, headers: bearer(kept('access_token')) }),
            outcomes: [
                { answer: '200', means: 'Claims of the scopes that were granted, and no others: address and phone were not asked for.' },
                { answer: '401 invalid_token', means: 'The token has expired, or its grant has ended: start over.' }
            ],
            checks: ['The signature, exp, iss and aud of the token; that it is an access token', 'That its grant lives', 'That openid was granted'],
            tampered: [
                wronglyPresented('id-token-as-bearer', 'Present the ID token', 'It is a signed token of this server, too. But it speaks to the client, and opens nothing.', ({ kept }) => kept('id_token'),
                    { answer: '401 invalid_token', means: 'An ID token is no access token: its type, its audience and the key that signed it are others.' }),
                wronglyPresented('altered', 'Change one letter of its signature', 'Somebody has written into the token.', ({ kept }) => altered(kept('access_token')),
                    { answer: '401 invalid_token', means: 'The signature is wrong. What stands in the token does not matter any more.' }),
                wronglyPresented('no-token', 'Present nothing', 'There is no Authorization header.', () => undefined,
                    { answer: '401', means: 'The challenge has no error code: nobody did anything wrong yet (RFC 6750 §3.1).' })
            ]
        },
        {
            id: 'reports',
            by: 'client',
            title: 'Call an API',
            says: 'The same access token opens the routes of the API that its scopes allow: `reports:read` is there.',
            does: 'Read the reports',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: `${at.origin}/reports`, headers: bearer(kept('access_token')) }),
            outcomes: [
                { answer: '200', means: 'The API knows the user and the client from the token alone.' },
                { answer: '401 invalid_token', means: 'The token has expired, or its grant has ended: start over.' }
            ]
        },
        {
            id: 'reuse',
            by: 'client',
            title: 'The other end: a code comes twice',
            says: 'Suppose that somebody else caught the code as well. They come second, with everything right. This ends the flow, so it stands last.',
            does: 'Redeem the code again',
            needs: ['code', 'access_token'],
            request: (state) => ({ method: 'POST', url: state.at.token, headers: basic(playgroundClient), parameters: redemption(state) }),
            outcomes: [{
                answer: '400 invalid_grant', reason: 'code_reused',
                means: 'Two know the code, and the server cannot tell who is the thief: the grant has ended, and the tokens of the first one with it (OAuth 2.1 §4.1.3). Ask who it is once more: 401.'
            }, { ...over, means: 'Refused once more, and nothing else: the grant has ended already, so there is nothing left to end.' }]
        }
    ]
};
