import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { grantOf, grantRecord, listedGrant } from '../../lib/stores/grant';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch } from '../fixture/clock';
import { aliceGrant } from '../fixture/grants';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('grantRecord() and grantOf()', () => {

    it('keep a grant under its id, client and subject', () => {

        const { id, clientId, subject, sessionId, ...value } = aliceGrant('g', { sessionId: 's', sid: 'known to the client' });
        expect(grantRecord(aliceGrant('g', { sessionId: 's', sid: 'known to the client' }), epoch)).to.equal({ id, clientId, subject, sessionId, expiresAt: epoch, value });
    });

    it('give back from a store what was written', async () => {

        const store = new MemoryStore({ clock: () => epoch });
        for (const grant of [aliceGrant('a'), aliceGrant('b', { subject: null, authTime: null, acr: null, amr: [], scopes: [], resources: [], data: {} })]) {
            await store.openGrant(grantRecord(grant, epoch + 1), []);
            const record = await store.findGrant(grant.id);
            expect(record === null ? null : grantOf(record)).to.equal(grant);
        }
    });

    it('know only the members of a grant', () => {

        const record = grantRecord(aliceGrant('g'), epoch);
        expect(grantOf({ ...record, value: { ...record.value, later: 1 } })).to.equal(aliceGrant('g'));
    });

    it('know a claims request, and that older records had none', () => {

        const claims = { userinfo: [{ name: 'email', essential: true, values: ['a@b'] }], id_token: [] };
        const record = grantRecord(aliceGrant('g', { claims }), epoch);
        expect(grantOf(record).claims).to.equal(claims);
        const { claims: _claims, ...older } = record.value;
        expect(grantOf({ ...record, value: older }).claims).to.be.null();
    });

    it('refuse a record that is none', () => {

        const record = grantRecord(aliceGrant('g'), epoch);
        for (const name of ['scopes', 'resources', 'authTime', 'acr', 'amr', 'claims', 'flow', 'createdAt', 'data']) {
            expect(() => grantOf({ ...record, value: { ...record.value, [name]: true } })).to.throw(Error, `The store answered a grant whose ${name} is not what was written`);
        }
    });
});

describe('listedGrant()', () => {

    it('says when a grant was last used, in seconds, and never before it was made', () => {

        const record = grantRecord(aliceGrant('g'), epoch + 1);
        const lastUsedAt = (usedAt?: number) => listedGrant({ ...record, usedAt }).lastUsedAt;
        expect(listedGrant({ ...record, usedAt: epoch + 5999 })).to.equal({ ...aliceGrant('g'), lastUsedAt: epoch / 1000 + 5 });
        expect([lastUsedAt(), lastUsedAt(epoch + 999), lastUsedAt(epoch + 1000), lastUsedAt(epoch - 60_000), lastUsedAt(-1)].map((at) => at - epoch / 1000)).to.equal([0, 0, 1, 0, 0]);
    });
});
