// What an honest client and its users do, one after the other on one connection; each step answers a request and reads its answer.

import { client, form, get, grantTypes, loginScope, paths, pkce, post, scope } from '../settings.mjs';

const query = new URLSearchParams({
    response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, scope: loginScope, state: 'state', code_challenge: pkce.challenge, code_challenge_method: 'S256'
});

/** Requests without end, each `{ request, expect, read }`. */
export const goodRequests = function* () {

    const held = { cookie: '', code: '', access: '', refresh: '', machine: '', device: '' };
    const tokens = ({ json }) => {

        ({ access_token: held.access, refresh_token: held.refresh } = json());
    };

    for (;;) {
        yield {
            request: { method: 'GET', path: `/oauth2/authorize?${query}`, headers: held.cookie === '' ? {} : { cookie: held.cookie } },
            expect: 303,
            read: ({ head }) => {

                const cookies = [...head.matchAll(/\r\nset-cookie: ([^;\r]+)/gi)].map(([, pair]) => pair);
                held.cookie = cookies.length > 0 ? cookies.join('; ') : held.cookie;
                held.code = new URL(/\r\nlocation: (\S+)/i.exec(head)[1]).searchParams.get('code');
            }
        };
        yield { request: post(paths.token, { grant_type: grantTypes.code, code: held.code, redirect_uri: client.redirectUri, code_verifier: pkce.verifier }), expect: 200, read: tokens };
        yield { request: get(held.access), expect: 200 };
        yield { request: get(held.access), expect: 200 };
        yield { request: post(paths.introspection, { token: held.access }), expect: 200 };
        yield { request: post(paths.token, { grant_type: grantTypes.refresh, refresh_token: held.refresh }), expect: 200, read: tokens };
        yield { request: get(held.access), expect: 200 };
        yield { request: post(paths.token, { grant_type: grantTypes.refresh, refresh_token: held.refresh }), expect: 200, read: tokens };
        yield {
            request: post(paths.token, { grant_type: grantTypes.clientCredentials, scope }), expect: 200,
            read: ({ json }) => {

                held.machine = json().access_token;
            }
        };
        yield { request: get(held.machine), expect: 200 };
        yield {
            request: post('/oauth2/device_authorization', { scope }), expect: 200,
            read: ({ json }) => {

                held.device = json().device_code;
            }
        };
        yield { request: post(paths.token, { grant_type: grantTypes.device, device_code: held.device }), expect: 400 };
        yield { request: { ...post('/oauth2/revoke', {}), body: form({ token: held.refresh }) }, expect: 200 };
    }
};
