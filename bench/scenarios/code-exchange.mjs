// A code with PKCE, redeemed for an access token (JWT), an opaque refresh token and, where the subject has them, an ID token. Each request
// redeems a code of its own, made before the clock starts.

import { client, grantTypes, paths, pkce, post } from '../settings.mjs';
import { json, must, opaque, signed } from './check.mjs';

export const title = 'code exchange';
export const format = 'jwt';
export const ceiling = null;
export const load = 'each';
export const item = 'code';
export const request = (code) => post(paths.token, { grant_type: grantTypes.code, code, redirect_uri: client.redirectUri, code_verifier: pkce.verifier });

export const check = (answer, { hasIdToken }) => {

    const body = json(answer);
    signed(body.access_token, 'The access token', body);
    opaque(body.refresh_token, 'The refresh token', body);
    must(hasIdToken === (body.id_token !== undefined), 'The subject says otherwise of its ID token', body);
    if (hasIdToken) {
        signed(body.id_token, 'The ID token', body);
    }
};
