import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { openedGrant } from '../../lib/flows/opened-grant';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch, testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A grant that is opened at the token endpoint', () => {

    it('is what was proven, and stored with its tokens only', async () => {

        const store = new MemoryStore({ clock: testClock().now });
        const proven = { client: { id: 'app', metadata: { client_id: 'app' } }, store, now: epoch + 999 };
        const who = { subject: 'ada', authTime: 7, acr: null, amr: ['pwd'], data: { device: 'phone' } };
        const proof = openedGrant({ name: 'flow' }, proven, { audience: ['https://api.example'], scopes: ['read'] }, who);
        const { grant } = proof;
        expect(grant).to.equal({ ...who, id: grant.id, clientId: 'app', scopes: ['read'], resources: ['https://api.example'], flow: 'flow', claims: null, sessionId: null, sid: null, createdAt: epoch / 1000 });
        expect(proof).to.include({ presented: null, lineage: null, nonce: null, target: { audience: ['https://api.example'], scopes: ['read'] } });
        await proof.abandon();
        expect(await store.findGrant(grant.id)).to.be.null();
        expect(await proof.settle({ tokens: [], expiresAt: epoch + 1000, reply: {} })).to.be.true();
        expect(await store.findGrant(grant.id)).to.include({ clientId: 'app', subject: 'ada', expiresAt: epoch + 1000 });
    });
});
