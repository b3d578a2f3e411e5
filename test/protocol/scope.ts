import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { formatScope, knownScope, parseScope } from '../../lib/protocol/scope';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('parseScope()', () => {

    it('splits at spaces, each name once, in order', () => {

        expect(parseScope('b a  b ')).to.equal(['b', 'a']);
        expect(parseScope('https://api.example.com/read:all !#[]~')).to.equal(['https://api.example.com/read:all', '!#[]~']);
        expect(parseScope('')).to.equal([]);
        expect(parseScope(undefined)).to.equal([]);
    });

    it('refuses characters that no name has (RFC 6749 §3.3)', async () => {

        for (const scope of ['a"b', 'a\\b', 'a\tb', 'a\nb', 'ä', '\u007f']) {
            expect(await refusal(() => parseScope(scope))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
        }
    });
});

describe('formatScope()', () => {

    it('takes a string or names, and is nothing for none', () => {

        expect(formatScope('a b')).to.equal('a b');
        expect(formatScope(['a', 'b'])).to.equal('a b');
        for (const none of ['', [], undefined]) {
            expect(formatScope(none)).to.be.undefined();
        }
    });
});

describe('knownScope()', () => {

    const known = new Set(['openid', 'email']);
    const unknown = { code: 'invalid_scope', reason: 'unknown_scope' };

    it('accepts what is known, and everything where nothing was declared', () => {

        expect(knownScope('email openid email', known, false)).to.equal('email openid');
        expect(knownScope('x y', null, false)).to.equal('x y');
        expect(knownScope(undefined, known, false)).to.be.undefined();
        expect(knownScope('', known, true)).to.be.undefined();
    });

    it('rule 15: refuses what is unknown', async () => {

        expect(await refusal(() => knownScope('openid x', known, false))).to.equal(unknown);
        expect(await refusal(() => knownScope('toString', known, false))).to.equal(unknown);
        expect(await refusal(() => knownScope('Email', known, false))).to.equal(unknown);
    });

    it('rule 15: drops what is unknown of an OpenID request only', async () => {

        expect(knownScope('openid x email', known, true)).to.equal('openid email');
        expect(await refusal(() => knownScope('email x', known, true))).to.equal(unknown);
    });

    it('refuses malformed names even where it would drop unknown ones', async () => {

        expect(await refusal(() => knownScope('openid "', known, true))).to.equal({ code: 'invalid_scope', reason: 'malformed_scope' });
    });
});
