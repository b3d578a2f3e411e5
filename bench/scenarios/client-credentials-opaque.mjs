// Client credentials, answered with an access token that is a random text, kept in memory. The same request again and again.

import { grantTypes, paths, post, scope } from '../settings.mjs';
import { json, must, opaque } from './check.mjs';

export const title = 'client credentials, opaque';
export const format = 'opaque';
export const ceiling = 'hapi';
export const load = 'same';
export const request = () => post(paths.token, { grant_type: grantTypes.clientCredentials, scope });

export const check = (answer, { isBare }) => {

    const body = json(answer);
    must(isBare || (body.token_type.toLowerCase() === 'bearer' && body.expires_in > 0), 'The answer is no token response', body);
    opaque(body.access_token, 'The access token', body);
};
