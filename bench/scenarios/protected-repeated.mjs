// A protected route that is asked with one and the same JWT again and again, as a service does that holds a token for an hour.

import { get } from '../settings.mjs';
import { json, must } from './check.mjs';

export const title = 'protected route, one JWT';
export const format = 'jwt';
export const ceiling = 'hapi';
export const load = 'turns';
export const item = 'token';
export const items = 1;
export const request = get;
export const refuses = true;

export const check = (answer) => must(json(answer).ok === true, 'The route did not answer', answer);
