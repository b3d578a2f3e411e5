import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { newGrantId, newTokenValue, readTokenValue, type TokenKind } from '../../lib/protocol/token-value';
import type { TokenAddress } from '../../lib/stores/store';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const kinds: readonly TokenKind[] = ['authorization_code', 'device_code', 'access_token', 'refresh_token'];

describe('newGrantId()', () => {

    it('is 128 random bits in 22 characters of base64url', () => {

        const ids = Array.from({ length: 200 }, newGrantId);
        expect(new Set(ids).size).to.equal(200);
        expect(ids.every((id) => /^[\w-]{22}$/.test(id) && Buffer.from(id, 'base64url').length === 16)).to.be.true();
    });
});

describe('newTokenValue()', () => {

    it('is a kind, a grant and 256 bits that are new each time', () => {

        const grantId = newGrantId();
        for (const kind of kinds) {
            const values = Array.from({ length: 50 }, () => newTokenValue(kind, grantId));
            expect(new Set(values.map((value) => value.slice(23))).size).to.equal(50);
            expect(values.every((value) => /^[acdr][\w-]{65}$/.test(value) && value.slice(1, 23) === grantId && Buffer.from(value.slice(23), 'base64url').length === 32)).to.be.true();
        }

        expect(new Set(kinds.map((kind) => newTokenValue(kind, grantId).charAt(0))).size).to.equal(4);
    });
});

describe('readTokenValue()', () => {

    it('says where a store has it, and tells the store nothing that could be presented', () => {

        for (const kind of kinds) {
            const grantId = newGrantId();
            const value = newTokenValue(kind, grantId);
            const address: TokenAddress | null = readTokenValue(value);
            expect(address).to.equal({ kind, grantId, key: createHash('sha256').update(value).digest('base64url') });
            expect(JSON.stringify(address)).to.not.include(value.slice(23));
        }
    });

    it('takes no value for one of another kind or grant', () => {

        const value = newTokenValue('access_token', newGrantId());
        const keys = [value, `r${value.slice(1)}`, `${value.slice(0, 1)}${newGrantId()}${value.slice(23)}`].map((one) => readTokenValue(one)?.key);
        expect(new Set(keys).size).to.equal(3);
    });

    it('knows no other text', () => {

        const value = newTokenValue('refresh_token', newGrantId());
        const rest = value.slice(1);
        const wrong = [
            '', 'r', rest, `${value}A`, value.slice(0, -1), ` ${value}`, `${value}\n`, `${value.slice(0, -1)}\n`, `${value.slice(0, -1)}\0`, `\0${rest}`, `${value.slice(0, -1)}=`,
            `${value.slice(0, -1)}+`, `${value.slice(0, -1)}ü`, `${value.slice(0, -2)}😀`, `R${rest}`, `x${rest}`, `_${rest}`, `${value.slice(0, 30)}:${value.slice(31)}`,
            '__proto__'.padEnd(66, 'a'), 'constructor'.padEnd(66, '!'), 'r'.repeat(5_000_000), '\0'.repeat(66), 'r\0'.repeat(33)
        ];
        for (const one of wrong) {
            expect(readTokenValue(one), one.slice(0, 100)).to.be.null();
        }
    });
});
