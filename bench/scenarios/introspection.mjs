// Introspection of live opaque access tokens by the client they belong to; a thousand tokens take turns.

import { paths, post } from '../settings.mjs';
import { json, must } from './check.mjs';

export const title = 'introspection';
export const format = 'opaque';
export const ceiling = null;
export const load = 'turns';
export const item = 'token';
export const items = 1000;
export const request = (token) => post(paths.introspection, { token });

export const check = (answer) => {

    const body = json(answer);
    must(body.active === true && body.scope === 'api:read' && body.client_id === 'bench', 'The token is not active', body);
};
