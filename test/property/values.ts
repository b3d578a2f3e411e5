import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as fc from 'fast-check';

import { openUnder, sealUnder } from '../../lib/protocol/seal';
import { Secrets } from '../../lib/protocol/secrets';
import { newGrantId, newTokenValue, readTokenValue, type TokenKind } from '../../lib/protocol/token-value';
import { newUserCode, readUserCode } from '../../lib/protocol/user-code';
import { always } from '../fixture/property';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const text = fc.string({ unit: 'binary', maxLength: 80 });
const secrets = new Secrets(['c'.repeat(32), 'p'.repeat(32)]);

describe('a token value, whatever is presented,', () => {

    const kind = fc.constantFrom<TokenKind>('authorization_code', 'device_code', 'access_token', 'refresh_token');
    const nearly = fc.string({ unit: fc.constantFrom(...'acdrxAZ09-_=+/. \n\0é'), minLength: 64, maxLength: 68 });

    it('is read as it was made', () => {

        always(kind, (made) => {

            const grantId = newGrantId();
            const value = newTokenValue(made, grantId);
            expect(readTokenValue(value)).to.equal({ kind: made, grantId, key: createHash('sha256').update(value).digest('base64url') });
        });
    });

    it('is read only if it has the form of one, which keeps an address printable and short', () => {

        always(fc.oneof(text, nearly, fc.base64String()), (value) => {

            const address = readTokenValue(value);
            expect(address !== null).to.equal(/^[acdr][\w-]{65}$/.test(value) && !value.endsWith('\n'));
            expect(address === null || /^[\w-]{22}$/.test(address.grantId)).to.be.true();
        });
    });

    it('altered anywhere is at another place, or no value', () => {

        always(kind, fc.nat(65), fc.constantFrom(...'acdrQ7-_!\0'), (made, at, letter) => {

            const value = newTokenValue(made, newGrantId());
            fc.pre(value.charAt(at) !== letter);
            expect(readTokenValue(`${value.slice(0, at)}${letter}${value.slice(at + 1)}`)?.key).to.not.equal(readTokenValue(value)?.key);
        });
    });
});

describe('a user code, however it is typed,', () => {

    const noise = fc.string({ unit: fc.constantFrom(' ', '-', '\t', '\u2013', '\u2212', '\u00a0'), maxLength: 4 });

    it('is read as it was shown', () => {

        always(fc.array(fc.tuple(noise, fc.boolean()), { minLength: 8, maxLength: 8 }), noise, (spacing, end) => {

            const code = newUserCode().replace('-', '');
            const typed = spacing.map(([before, lower], i) => before + (lower ? code.charAt(i).toLowerCase() : code.charAt(i))).join('') + end;
            expect(readUserCode(typed)).to.equal(code);
        });
    });

    it('is one of the alphabet or none, and the same when it is read again', () => {

        always(fc.oneof(text, fc.string({ unit: fc.constantFrom(...'bcdfBCDFxzKkſ -'), maxLength: 12 })), (typed) => {

            const code = readUserCode(typed);
            expect(code === null || (/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code) && readUserCode(code) === code)).to.be.true();
        });
    });
});

describe('what is sealed, whatever it is,', () => {

    it('comes back as it was, and with no other key or context', () => {

        always(text, text, text, text, (sealed, context, value, other) => {

            const data = sealUnder(value, context, sealed);
            expect(openUnder(value, context, data)).to.equal(sealed);
            fc.pre(other !== value && other !== context);
            expect(openUnder(other, context, data)).to.be.null();
            expect(openUnder(value, other, data)).to.be.null();
        });
    });

    it('is opened from no other text', () => {

        always(fc.oneof(text, fc.base64String(), fc.string({ unit: fc.constantFrom(...'aZ09-_'), maxLength: 80 })), (data) => {

            expect(openUnder('value', '', data)).to.be.null();
            expect(() => secrets.open('ticket', '', { secret: secrets.seal('ticket', '', '').secret, data })).to.throw(/was altered/);
        });
    });
});
