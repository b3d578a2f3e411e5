import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { cookieHeader, keepCookies } from '../../lib/testing/cookies';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('a cookie jar', () => {

    it('keeps what is set, and sends it', () => {

        const jar = new Map<string, string>();
        expect(cookieHeader(jar)).to.equal({});
        keepCookies(jar, ['a=1; Path=/; HttpOnly', 'b=2=2', 'a=3; Max-Age=600']);
        expect(cookieHeader(jar)).to.equal({ cookie: 'a=3; b=2=2' });
    });

    it('forgets what is ended', () => {

        const jar = new Map([['a', '1'], ['b', '2']]);
        keepCookies(jar, ['a=; Max-Age=0; Path=/', 'nonsense; x=y']);
        expect([...jar.keys()]).to.equal(['b']);
    });
});
