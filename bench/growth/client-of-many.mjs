// Client credentials of many clients, who take turns; the access token is opaque. Each item is a client's id and secret.

import { grantTypes, paths, scope } from '../settings.mjs';

export const load = 'turns';

export const request = ({ id, secret }) => ({
    method: 'POST', path: paths.token, headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: id, client_secret: secret, grant_type: grantTypes.clientCredentials, scope }).toString()
});
