import { createHash, randomBytes } from 'node:crypto';

import { playgroundClient } from '../../clients';
import { basic, keeping, type Answer, type Finding, type Sending, type State, type Step } from '../flow';

/** What the parameters of an authorization request are, unless a flow says otherwise. */
export const authorizationRequest = ({ at, kept }: State, scope: string) => ({
    response_type: 'code', client_id: playgroundClient.id, redirect_uri: at.callback, scope, state: kept('state'), nonce: kept('nonce'),
    code_challenge: kept('code_challenge'), code_challenge_method: 'S256'
});

/** What redeems a code. */
export const redemption = ({ at, kept }: State) => ({ grant_type: 'authorization_code', code: kept('code'), redirect_uri: at.callback, code_verifier: kept('code_verifier') });

/** What a client looks at before it believes what a browser brings. */
export const checkReturn = ({ values }: Answer, { at, kept }: State): readonly Finding[] => [
    { looksAt: 'state is the one that this browser was sent away with (RFC 6749 §10.12)', isRight: values.state === kept('state') },
    { looksAt: 'iss is the server that was asked (RFC 9207)', isRight: values.iss === at.issuer }
];

export const expired = { answer: '400 invalid_grant', reason: 'code_expired', means: 'The code lived for 60 seconds, and reading takes longer. Send the browser once more, then redeem at once.' } as const;

/** For whatever comes after the alarm. */
export const over = { answer: '400 invalid_grant', reason: 'code_unknown', means: 'The grant that this code began has ended, and the server has forgotten the code. Send the browser once more.' } as const;

const random = (): string => randomBytes(32).toString('base64url');

/** What the client makes up before it asks: PKCE, `state` and `nonce`. */
export const preparation: Step = {
    id: 'prepare',
    by: 'itself',
    title: 'Make up the secrets',
    says: 'Before it sends anybody anywhere, the client makes up three random values. The `code_verifier` stays with it; only its SHA-256, the `code_challenge`, travels through the browser, so that a stolen code is no use to a thief (RFC 7636). `state` binds the answer to this browser, `nonce` binds the ID token to this request.',
    does: 'Make them up',
    make: () => {

        const verifier = random();
        return { code_verifier: verifier, code_challenge: createHash('sha256').update(verifier).digest('base64url'), state: random(), nonce: random() };
    }
};

/** Sends the browser to the server's own pages. */
export const authorization = (scope: string, says: string, tampered: readonly Sending[] = []): Step => ({
    id: 'authorize',
    by: 'browser',
    title: 'Send the browser to the server',
    says,
    does: 'Go and sign in',
    needs: ['state'],
    request: (state) => ({ method: 'GET', url: state.at.authorize, parameters: authorizationRequest(state, scope) }),
    keep: keeping({ code: 'code' }),
    check: checkReturn,
    outcomes: [
        { answer: '303', means: 'The person has agreed. The browser brings a code, which is worth nothing without the client\'s secret and the verifier.' },
        { answer: '303 access_denied', reason: 'denied_by_user', means: 'The person said no, and the client is told so. Nothing was issued. Send the browser again, and allow it.' }
    ],
    checks: [
        'The client exists, and the redirect URI is one of its own, letter by letter (OAuth 2.1 §4.1.1): if not, the browser is sent nowhere',
        'PKCE with S256 is there',
        'Every scope exists, and the client may have it',
        'The person has signed in, and has agreed to these scopes for this client'
    ],
    tampered
});

/** Redeems the code. */
export const redeeming = (says: string, tampered: readonly Sending[] = []): Step => ({
    id: 'redeem',
    by: 'client',
    title: 'Redeem the code',
    says,
    does: 'Redeem it',
    needs: ['code'],
    request: (state) => ({ method: 'POST', url: state.at.token, headers: basic(playgroundClient), parameters: redemption(state) }),
    keep: keeping({ access_token: 'access_token', id_token: 'id_token', refresh_token: 'refresh_token' }),
    outcomes: [{ answer: '200', means: 'The tokens are there. They went from server to server and never passed through the browser.' }, expired, {
        answer: '400 invalid_grant', reason: 'code_reused', means: 'This code was redeemed before. The server takes that for theft, and ends all that came of it. Send the browser once more.'
    }, over, {
        answer: '400 invalid_grant', reason: 'pkce_mismatch', means: 'The secrets were made up anew after the browser was sent, and this code belongs to the ones before. Send the browser once more.'
    }],
    checks: [
        'The client is who it says: its secret, compared in constant time',
        'The code was issued to this client, not longer than 60 seconds ago',
        'The SHA-256 of code_verifier is the code_challenge of the request (RFC 7636 §4.6)',
        'redirect_uri, if sent, is the one of the request',
        'The code was not used before'
    ],
    tampered
});
