// A refresh token, replaced at each use: every connection has one and goes on with the one that it got. The access token is a JWT; with it
// comes an ID token where the subject has them.

import { grantTypes, paths, post } from '../settings.mjs';
import { json, must, opaque, signed } from './check.mjs';

export const title = 'refresh with rotation';
export const format = 'jwt';
export const ceiling = null;
export const load = 'chain';
export const item = 'refresh';
export const request = (token) => post(paths.token, { grant_type: grantTypes.refresh, refresh_token: token });
export const next = (body) => JSON.parse(body).refresh_token;

export const check = (answer, { hasIdToken }, used) => {

    const body = json(answer);
    signed(body.access_token, 'The access token', body);
    opaque(body.refresh_token, 'The refresh token', body);
    must(body.refresh_token !== used, 'The refresh token was not replaced', body);
    must(hasIdToken === (body.id_token !== undefined), 'The subject says otherwise of its ID token', body);
};
