import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryGrant, MemoryToken } from '../../lib/stores/memory-grant';

export const lab = Lab.script();
const { describe, it } = lab;

const record = { id: 'grant', clientId: 'client', subject: null, sessionId: 'session', expiresAt: 1, value: { scopes: ['a'] } };
const tokenOf = (grant: MemoryGrant, index: number) => new MemoryToken(grant, { kind: `kind ${index % 3}`, grantId: 'grant', key: `key ${index}`, value: { index }, expiresAt: 1 });

describe('MemoryGrant', () => {

    it('is the record that it was made of, but for its expiry, which a queue keeps', () => {

        const grant = new MemoryGrant(record, 7);
        expect([grant.key, grant.serial]).to.equal(['grant', 7]);
        expect(grant.record).to.equal({ ...record, expiresAt: -Infinity });
        expect(grant.record.value).to.not.shallow.equal(record.value);
    });

    for (const count of [0, 1, 16, 17, 100]) {
        it(`finds each of ${count} tokens by kind and key, until it is removed, in any order`, () => {

            const grant = new MemoryGrant(record, 1);
            const tokens = Array.from({ length: count }, (_, index) => tokenOf(grant, index));
            tokens.forEach((token) => grant.add(token));
            const order = tokens.map((_, index) => index * 7919 % Math.max(count, 1));
            const gone = new Set<number>();
            for (const index of order) {
                const token = tokens[index];
                expect(grant.find(`kind ${index % 3}`, `key ${index}`)).to.shallow.equal(token);
                expect(grant.find(`kind ${(index + 1) % 3}`, `key ${index}`)).to.be.undefined();
                if (token) {
                    grant.remove(token);
                    gone.add(index);
                }

                expect(tokens.map(({ kind, key }) => grant.find(kind, key) === undefined)).to.equal(tokens.map((_, at) => gone.has(at)));
            }

            expect(grant.firstToken).to.be.null();
            expect(grant.find('kind 0', 'key 0')).to.be.undefined();
            grant.add(tokenOf(grant, 0));
            expect(grant.find('kind 0', 'key 0')?.key).to.equal('key 0');
        });
    }

    it('has tokens of another version once they are used', () => {

        const token = tokenOf(new MemoryGrant(record, 1), 0);
        expect([token.used, token.version]).to.equal([false, 1]);
        token.used = true;
        expect(token.version).to.equal(2);
    });
});
