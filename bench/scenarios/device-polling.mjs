// A device that asks whether its user has decided, and hears `authorization_pending`. Each device code is asked for once, since a second
// question within five seconds has another answer where the rule of RFC 8628 §3.5 is kept.

import { grantTypes, paths, post } from '../settings.mjs';
import { json, must } from './check.mjs';

export const title = 'device polling';
export const format = 'jwt';
export const ceiling = null;
export const load = 'each';
export const item = 'device';
export const status = 400;
export const request = (code) => post(paths.token, { grant_type: grantTypes.device, device_code: code });

export const check = (answer) => {

    const body = json(answer, 400);
    must(body.error === 'authorization_pending', 'The device hears something else', body);
};
