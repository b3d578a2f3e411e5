import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkedRecord } from '../../lib/keys/record';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('checkedRecord()', () => {

    const records = staticKeys().list();

    it('takes what a store was given, with members of its own', () => {

        for (const record of records) {
            expect(checkedRecord(record)).to.equal(record);
            const { privateJwk: _gone, ...replaced } = record;
            const extended = { ...replaced, createdBy: 'host 1' };
            expect(checkedRecord(extended)).to.equal(extended);
        }
    });

    const nonsense: Record<string, unknown> = {
        'a text': 'key',
        'nothing': null,
        undefined,
        'a record without an id': { id: undefined },
        'a record without a kid': { kid: undefined },
        'a kid that is no text': { kid: 7 },
        'an unknown purpose': { purpose: 'refresh_token' },
        'a symmetric algorithm': { alg: 'HS256' },
        'no algorithm': { alg: 'none' },
        'a generation that is text': { generation: '1' },
        'generation 0': { generation: 0 },
        'half a generation': { generation: 1.5 },
        'a date that is text': { signsFrom: '2030-01-01' },
        'no public key': { publicJwk: undefined },
        'a public key that is text': { publicJwk: '{}' },
        'a public key with its private half, which would be published': { publicJwk: records[0]?.privateJwk },
        'a symmetric key': { publicJwk: { kty: 'oct', k: 'AAAA' } },
        'a private key that is text': { privateJwk: '{}' }
    };

    for (const [name, value] of Object.entries(nonsense)) {
        it(`refuses ${name}`, () => {

            const record = typeof value === 'object' && value !== null ? { ...records[0], ...value } : value;
            expect(() => checkedRecord(record)).to.throw(Error, /^The key store answered a record that is no signing key/);
        });
    }

    it('says which member is wrong and nothing of what it holds', () => {

        const privateJwk = records[0]?.privateJwk;
        expect(() => checkedRecord({ ...records[0], publicJwk: privateJwk })).to.throw('The key store answered a record that is no signing key: publicJwk.d (any.unknown)');
    });
});
