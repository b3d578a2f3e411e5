import { bearer, keeping, type Flow, type Sending, type State } from '../flow';

const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
const television = 'demo-tv';

const polling = (clientId = television) => ({ at, kept }: State) => ({ method: 'POST', url: at.token, parameters: { grant_type: grantType, client_id: clientId, device_code: kept('device_code') } } as const);

const pending = { answer: '400 authorization_pending', reason: 'authorization_pending', means: 'The person has not decided yet. The device waits five seconds, and asks again: allow it on the page, then ask once more.' } as const;
const tooFast = { answer: '400 slow_down', reason: 'slow_down', means: 'The device asked again too soon, and has to wait five seconds longer between its questions from now on.' } as const;

const keep = keeping({ access_token: 'access_token', id_token: 'id_token' });
const denied = { answer: '400 access_denied', reason: 'denied_by_user', means: 'The person said no. Begin anew.' } as const;
const tooLate = { answer: '400 expired_token', means: 'Ten minutes have passed. Begin anew.' } as const;

const redeemed = { answer: '200', completes: 'poll', means: 'The person has agreed, and nobody had asked since, so this question got the tokens. The television keeps them, and asks no more.' } as const;

const wronglyBegun = (id: string, title: string, says: string, parameters: Readonly<Record<string, string>>, outcome: Sending['outcomes'][0]): Sending =>
    ({ id, title, says, by: 'client', does: 'Try it', request: ({ at }) => ({ method: 'POST', url: at.device, parameters }), outcomes: [outcome] });

/** A device without a keyboard or a browser. */
export const device: Flow = {
    id: 'device',
    title: 'Connect a television',
    summary: 'Device authorization: a screen without a keyboard shows a code, and a person agrees on their phone.',
    intro: 'Typing a password with a remote control is no fun, and a television has no browser to send anywhere. So it shows a short code, the person enters it on a phone, and the television keeps asking whether they have.',
    who: 'television, person with a phone',
    specs: [{ name: 'Device grant, RFC 8628', url: 'https://www.rfc-editor.org/rfc/rfc8628' }],
    steps: [
        {
            id: 'start',
            by: 'client',
            title: 'Ask for codes',
            says: 'The television asks for two codes: a long one that it keeps, and a short one that it shows.',
            does: 'Ask for codes',
            request: ({ at }) => ({ method: 'POST', url: at.device, parameters: { client_id: television, scope: 'openid email reports:read' } }),
            keep: keeping({ device_code: 'device_code', user_code: 'user_code', verification_uri_complete: 'verification_uri_complete' }),
            outcomes: [{ answer: '200', means: 'Both codes live for ten minutes. user_code has no vowels, so that it spells nothing.' }],
            checks: ['The client exists, and is registered for this grant_type. A television cannot keep a secret, so it has none', 'It may have every scope that it asks for'],
            tampered: [
                wronglyBegun('other-client', 'Come as a client that is no device', 'demo-spa is a single-page app.', { client_id: 'demo-spa', scope: 'openid' },
                    { answer: '400 unauthorized_client', reason: 'grant_type_not_registered', means: 'It is not registered for the device grant.' }),
                wronglyBegun('foreign-scope', 'Ask for what it may not have', 'Televisions do not write reports.', { client_id: television, scope: 'reports:write' },
                    { answer: '400 invalid_scope', reason: 'scope_not_allowed', means: 'The person is never asked about it.' })
            ]
        },
        {
            id: 'person',
            by: 'person',
            title: 'The person agrees',
            says: 'The television shows this. Point a phone at it, if phones can reach this server, or follow the link, which opens in another tab. Sign in as `ada`, password `lovelace`, look whether the code is the same, and press Allow.',
            does: 'Open the page',
            needs: ['verification_uri_complete'],
            address: ({ kept }) => kept('verification_uri_complete'),
            shows: 'user_code',
            doneBy: 'approved',
            checks: ['The person has signed in', 'The code is one that a device waits with. Five wrong ones, and this person has to wait', 'The person agrees, and sees for which device']
        },
        {
            id: 'poll',
            by: 'client',
            title: 'Ask whether they have',
            says: 'The television asks every five seconds. Try it before the person has agreed, too.',
            does: 'Ask now',
            needs: ['device_code'],
            request: polling(),
            keep,
            outcomes: [
                { answer: '200', means: 'The person has agreed, and the television is in. It never saw the password.' }, pending, tooFast, denied, tooLate,
                { answer: '400 invalid_grant', reason: 'device_code_used_or_revoked', means: 'A device code works once, and this one was redeemed before: its token is what counts. Ask for new codes to begin anew.' }
            ],
            checks: ['The device code was issued to this client, and lives', 'It does not ask too often', 'The person has decided', 'The code was not redeemed before'],
            tampered: [
                {
                    id: 'too-fast', by: 'client', title: 'Ask twice at once', says: 'The device does not wait between its questions.', does: 'Ask twice', needs: ['device_code'], times: 2, request: polling(), keep,
                    outcomes: [
                        tooFast, redeemed, pending, denied, tooLate, { answer: '400 invalid_grant', means: 'Its code was redeemed before.' }
                    ]
                },
                {
                    id: 'other-device', by: 'client', title: 'Ask as another client', says: 'demo-cli has caught the device code.', does: 'Try it', needs: ['device_code'], request: polling('demo-cli'),
                    outcomes: [{ answer: '400 unauthorized_client', reason: 'unauthorized_client', means: 'It is not registered for the device grant; and if it were, the code is another\'s.' }]
                }
            ]
        },
        {
            id: 'me',
            by: 'client',
            title: 'Use the token',
            says: 'From here on the television is a client as any other.',
            does: 'Ask who it is',
            needs: ['access_token'],
            request: ({ at, kept }) => ({ method: 'GET', url: at.userinfo, headers: bearer(kept('access_token')) }),
            outcomes: [{ answer: '200', means: 'The television can greet its owner.' }, { answer: '401 invalid_token', means: 'The token has expired, or its grant has ended: start over.' }],
            tampered: [{
                id: 'again', by: 'client', title: 'Redeem the device code again', says: 'It was traded for tokens once.', does: 'Try it', needs: ['access_token'], request: polling(),
                keep,
                outcomes: [{ answer: '400 invalid_grant', reason: 'device_code_used_or_revoked', means: 'A device code works once.' }, redeemed, pending, tooFast, denied, tooLate]
            }]
        }
    ]
};
