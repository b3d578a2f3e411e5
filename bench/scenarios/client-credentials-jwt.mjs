// Client credentials, answered with an access token that is a JWT signed with ES256. The same request again and again.

import { grantTypes, paths, post, scope } from '../settings.mjs';
import { json, must, signed } from './check.mjs';

export const title = 'client credentials, JWT';
export const format = 'jwt';
/** What the subjects are compared with: the most that a hapi app can do at this work. */
export const ceiling = 'hapi-es256';
export const load = 'same';
export const request = () => post(paths.token, { grant_type: grantTypes.clientCredentials, scope });

export const check = (answer, { isBare }) => {

    const body = json(answer);
    must(isBare || (body.token_type.toLowerCase() === 'bearer' && body.expires_in > 0), 'The answer is no token response', body);
    if (!body.fixed) {
        signed(body.access_token, 'The access token', body);
    }
};
