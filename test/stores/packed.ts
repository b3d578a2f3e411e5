import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { addressOf, keyOf, pack, unpack } from '../../lib/stores/packed';

export const lab = Lab.script();
const { describe, it } = lab;

describe('pack', () => {

    it('keeps a value as it was, whatever becomes of the object', () => {

        const scopes = ['openid'];
        const packed = pack({ scopes, none: null, text: '\0\ud800' });
        scopes.push('admin');
        expect(unpack(packed)).to.equal({ scopes: ['openid'], none: null, text: '\0\ud800' });
        expect(unpack(packed)).to.not.shallow.equal(unpack(packed));
    });

    it('keeps a member that is called __proto__ one', () => {

        const value = unpack(pack(unpack('{"__proto__":{"admin":true}}')));
        expect(Object.keys(value)).to.equal(['__proto__']);
        expect(value.admin).to.be.undefined();
    });
});

describe('addressOf', () => {

    it('has one address for each kind and key, and gives the key back', () => {

        const pairs = ['', 'a', 'ab', 'b', 'bc', 'c', ',', '"', '","', '\\', '\0', '\ud800'].flatMap((kind, _, all) => all.map((key) => [kind, key] as const));
        const addresses = pairs.map(([kind, key]) => addressOf(kind, key));
        expect(new Set(addresses).size).to.equal(pairs.length);
        expect(addresses.map(keyOf)).to.equal(pairs.map(([, key]) => key));
    });
});
