import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import fc from 'fast-check';

import { decodeJson, encodeJson, indexKey } from '../../../lib/stores/sql/encoding';

export const lab = Lab.script();
const { describe, it } = lab;

/** Strings of UTF-16 code units, halves of pairs and all, rich in what means something here. */
const text = fc.array(fc.oneof(fc.constantFrom('\0', '\u001b', '\\', 'u', '0', 'd', '8', '#', '"', '\ud800', '\udc00', '\ud83d\ude00'), fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit))))
    .map((units) => units.join(''));

const refused = /\0|\\u0000|\\ud[89a-f]/;

describe('indexKey', () => {

    it('leaves usual keys as they are', () => {

        for (const key of ['', 'refresh_token', 'b0a1-_Z', 'https://app.example/€?a=b', '\ud83d\ude00', 'x'.repeat(200)]) {
            expect(indexKey(key)).to.equal(key);
        }
    });

    it('writes what PostgreSQL refuses, and what introduces that, as an escape', () => {

        expect(indexKey('a\0\\\ud800\u001b')).to.equal('a\\0000\\005c\\d800\\001b');
    });

    it('is short, well-formed, without control characters, and the same for no two keys', () => {

        fc.assert(fc.property(text, text, (one, other) => {

            const key = indexKey(one);
            expect(key.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(key)).to.be.true();
            expect(key === indexKey(other)).to.equal(one === other);
        }), { numRuns: 2000 });
    });

    it('digests long keys, however long their escapes make them', () => {

        const keys = ['x'.repeat(201), 'x'.repeat(202), '\0'.repeat(41), '\ud800'.repeat(201), '\ud801'.repeat(201), '\ufffd'.repeat(201)].map(indexKey);
        expect(keys.every((key) => /^\\#[\w-]{43}$/.test(key))).to.be.true();
        expect(new Set(keys).size).to.equal(keys.length);
        expect(keys.map(indexKey)).to.not.include(keys[0]);
    });
});

describe('encodeJson and decodeJson', () => {

    it('leave usual JSON as it is', () => {

        const json = '{"a":["\\"\\\\u0000\\n",1e+21,null,"\\u0001"]}';
        expect(encodeJson(JSON.parse(json))).to.equal(json);
        expect(decodeJson(json)).to.equal(JSON.parse(json));
    });

    it('leave alone an escape that they did not write', () => {

        expect(decodeJson('"\\u001b1 \\u001b"')).to.equal('\u001b1 \u001b');
    });

    it('keep every string and every name, and hold nothing that jsonb refuses', () => {

        fc.assert(fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0))), (value) => {

            const json = encodeJson(value);
            expect(json.replaceAll('\\\\', '')).to.not.match(refused);
            expect(json).to.not.match(/\p{Cs}/u);
            expect(JSON.stringify(decodeJson(json))).to.equal(JSON.stringify(value));
        }), { numRuns: 2000 });
    });
});
