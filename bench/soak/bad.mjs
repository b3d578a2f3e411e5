// What else comes to a server on the internet: wrong secrets, codes and tokens that nobody issued, bodies that are none. Each is refused, and
// nothing of it fills a counter of the honest client.

import { randomBytes } from 'node:crypto';

import { client, get, grantTypes, paths, pkce, post } from '../settings.mjs';

const form = (path, parameters) => ({ method: 'POST', path, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(parameters).toString() });
const random = (bytes) => randomBytes(bytes).toString('base64url');
const stranger = { client_id: 'stranger', client_secret: 'stranger-secret-of-32-random-letters' };
const part = (object) => Buffer.from(JSON.stringify(object)).toString('base64url');

/** Requests without end, each `{ request, refused }`. */
export const badRequests = function* () {

    for (;;) {
        yield { name: 'wrong secret', request: form(paths.token, { client_id: `client-${random(6)}`, client_secret: random(24), grant_type: grantTypes.clientCredentials }) };
        yield { name: 'unknown code', request: post(paths.token, { grant_type: grantTypes.code, code: `c${random(48)}x`, redirect_uri: client.redirectUri, code_verifier: pkce.verifier }) };
        yield { name: 'no code at all', request: post(paths.token, { grant_type: grantTypes.code, code: random(300), code_verifier: 'short' }) };
        yield { name: 'unknown refresh token', request: form(paths.token, { ...stranger, grant_type: grantTypes.refresh, refresh_token: `r${random(48)}x` }) };
        yield { name: 'forged JWT', request: get(`${part({ alg: 'ES256', typ: 'at+jwt', kid: 'nobody' })}.${part({ sub: 'user-1', exp: 4e9 })}.${random(64)}`) };
        yield { name: 'unknown opaque token', request: get(`a${random(48)}x`) };
        yield { name: 'JSON', request: { method: 'POST', path: paths.token, headers: { 'content-type': 'application/json' }, body: '{"grant_type":"client_credentials"}' } };
        yield { name: 'garbage', request: { method: 'POST', path: paths.token, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `${random(2000)}%%%=&&&` } };
        yield { name: 'repeated parameter', request: { method: 'POST', path: paths.token, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `grant_type=a&grant_type=b&${'x=y&'.repeat(500)}` } };
        yield { name: 'authorization request of nobody', request: { method: 'GET', path: `/oauth2/authorize?client_id=${random(12)}&redirect_uri=https://evil.example.com/&response_type=code` } };
    }
};
