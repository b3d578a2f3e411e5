import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { KnownHeaders } from '../../lib/keys/known-headers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tokenWith = (header: unknown) => `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.c2lnbmF0dXJl`;

describe('KnownHeaders', () => {

    it('reads the kid of a header with the typ it was asked for, known or not', () => {

        const headers = new KnownHeaders();
        const token = tokenWith({ alg: 'ES256', typ: 'AT+jwt', kid: 'k1' });
        for (let i = 0; i < 2; ++i) {
            expect(headers.kidOf(token, 'at+jwt')).to.equal('k1');
            expect(headers.kidOf(token, 'JWT')).to.be.null();
            headers.remember(token, 'at+jwt', 'k1');
        }
    });

    it('reads none from any other text', () => {

        const headers = new KnownHeaders();
        for (const text of ['', '.', 'a.b.c', 'no token', tokenWith(null), tokenWith({ typ: 'JWT' }), tokenWith({ kid: 'k1' }), tokenWith({ typ: 'JWT', kid: 1 })]) {
            expect(headers.kidOf(text, 'JWT'), text).to.be.null();
        }
    });

    it('attack: takes no header for one that it knows, whatever is like it', () => {

        const headers = new KnownHeaders();
        const token = tokenWith({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
        headers.remember(token, 'JWT', 'k1');
        const [header = ''] = token.split('.');
        for (const text of [`${header}`, `${header}x`, `${header}A.e30.c2ln`, `x${token}`, `JWT.${token}`, token.toLowerCase(), tokenWith({ alg: 'none', typ: 'JWT' })]) {
            expect(headers.kidOf(text, 'JWT'), text).to.be.null();
        }

        expect(headers.kidOf(tokenWith({ alg: 'ES256', typ: 'JWT', kid: 'k2' }), 'JWT')).to.equal('k2');
    });

    it('keeps no more than a few, and none that is long', () => {

        const headers = new KnownHeaders();
        const made = Array.from({ length: 101 }, (_, index) => tokenWith({ typ: 'JWT', kid: 'k1', index }));
        const long = tokenWith({ typ: 'JWT', kid: 'k1', long: 'x'.repeat(500) });
        [...made, long].forEach((token) => headers.remember(token, 'JWT', 'remembered'));
        const remembered = [...made, long].filter((token) => headers.kidOf(token, 'JWT') === 'remembered');
        expect(remembered).to.equal(made.slice(100));
    });
});
