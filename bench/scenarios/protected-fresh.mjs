// A protected route that is asked with a JWT that it has never seen, each time.

import { get } from '../settings.mjs';
import { json, must } from './check.mjs';

export const title = 'protected route, a new JWT each time';
export const format = 'jwt';
export const ceiling = 'jose';
export const load = 'each';
export const item = 'token';
export const request = get;
export const refuses = true;

export const check = (answer) => must(json(answer).ok === true, 'The route did not answer', answer);
