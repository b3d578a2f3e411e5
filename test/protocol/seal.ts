import { createCipheriv, createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { deriveKey, open, openUnder, seal, sealUnder } from '../../lib/protocol/seal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const token = `r${'g'.repeat(22)}${'s'.repeat(43)}`;
const reply = '{"access_token":"secret","name":"ü"}';

/** Each single bit of some octets, flipped. */
const altered = (data: string): readonly string[] => {

    const octets = Buffer.from(data, 'base64url');
    return [...octets].flatMap((octet, i) => [1, 128].map((bit) => {

        const copy = Buffer.from(octets);
        copy[i] = octet ^ bit;
        return copy.toString('base64url');
    }));
};

describe('deriveKey()', () => {

    it('makes another key for each secret and each purpose', () => {

        const keys = [deriveKey('one', 'a'), deriveKey('one', 'b'), deriveKey('two', 'a')].map((key) => key.toString('hex'));
        expect(new Set(keys).size).to.equal(3);
        expect(keys).to.include(deriveKey('one', 'a').toString('hex'));
        expect(deriveKey('one', 'a')).to.have.length(32);
    });
});

describe('seal()', () => {

    const key = deriveKey('a secret', 'test');

    it('is opened by the same key and context only', () => {

        const data = seal(key, 'record 1', reply);
        expect(data).to.match(/^[\w-]+$/);
        expect(open(key, 'record 1', data)).to.equal(reply);
        expect(open(key, 'record 2', data)).to.be.null();
        expect(open(deriveKey('a secret', 'other'), 'record 1', data)).to.be.null();
        expect(open(key, '', seal(key, '', ''))).to.equal('');
    });

    it('shows nothing of the text, and never seals the same twice', () => {

        const [one, other] = [seal(key, 'c', reply), seal(key, 'c', reply)];
        expect(one.slice(0, 16)).to.not.equal(other.slice(0, 16));
        expect(Buffer.from(one, 'base64url').toString('latin1')).to.not.include('access');
    });

    it('is not opened once it was altered, cut or is something else', () => {

        const data = seal(key, 'c', reply);
        const cut = Array.from(data, (_, length) => data.slice(0, length));
        for (const wrong of [...altered(data), ...cut, data.slice(4), `AAAA${data}`, `${data}AAAA`, '', '!', '\0', 'ü'.repeat(100), 'A'.repeat(1_000_000)]) {
            expect(open(key, 'c', wrong), wrong.slice(0, 100)).to.be.null();
        }
    });

    it('is not opened with a short tag, which could be guessed', () => {

        const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12), { authTagLength: 4 }).setAAD(Buffer.from('c'));
        const forged = Buffer.concat([Buffer.alloc(12), cipher.update('', 'utf8'), cipher.final(), cipher.getAuthTag()]);
        expect(forged).to.have.length(16);
        expect(open(key, 'c', forged.toString('base64url'))).to.be.null();
    });
});

describe('sealUnder()', () => {

    it('rule 10: is opened by who presents the value, and by no other value', () => {

        const data = sealUnder(token, 'grant 1', reply);
        expect(openUnder(token, 'grant 1', data)).to.equal(reply);
        expect(openUnder(`${token.slice(0, -1)}t`, 'grant 1', data)).to.be.null();
        expect(openUnder(token, 'grant 2', data)).to.be.null();
        for (const wrong of [...altered(data), data.slice(0, -1), '']) {
            expect(openUnder(token, 'grant 1', wrong)).to.be.null();
        }
    });

    it('rule 10: is not opened with what the store knows: the digest of the value, or its grant', () => {

        const data = sealUnder(token, 'grant 1', reply);
        const digest = createHash('sha256').update(token).digest();
        for (const known of [digest.toString('base64url'), digest.toString('hex'), digest.toString('latin1'), 'g'.repeat(22), '']) {
            expect(openUnder(known, 'grant 1', data)).to.be.null();
        }

        expect(open(digest, 'grant 1', data)).to.be.null();
    });
});
