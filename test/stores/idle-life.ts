import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { grantBench } from '../fixture/grants';
import { endOfIdle, putOff } from '../../lib/stores/idle-life';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const kept = { value: { idleExpiresAt: epoch + 1000 }, expiresAt: epoch + 9000 };

describe('endOfIdle()', () => {

    it('is the end of the token, or of its grant, where it has no idle life of its own, without asking the store', async () => {

        const get = () => Promise.reject(new Error('The store was asked'));
        expect(await endOfIdle({ get }, 'k', { ...kept, value: {} }, epoch + 5000)).to.equal(kept.expiresAt);
        expect(await endOfIdle({ get }, 'k', kept, epoch + 999)).to.equal(kept.expiresAt);
        await expect(endOfIdle({ get }, 'k', kept, epoch + 1000)).to.reject('The store was asked');
        await expect(endOfIdle({ get }, 'k', { ...kept, value: { idleExpiresAt: 'late' } }, epoch)).to.reject(/idleExpiresAt is not what was written/);
    });

    it('is as late as the last use put it off, and no later than the token', async () => {

        const { store, clock } = grantBench();
        expect(await endOfIdle(store, 'k', kept, Infinity)).to.equal(epoch + 1000);
        await putOff(store, 'k', epoch + 1500);
        await putOff(store, 'k', epoch + 1900);
        expect(await endOfIdle(store, 'k', kept, epoch + 1000)).to.equal(epoch + 1900);
        expect(await endOfIdle(store, 'other', kept, epoch + 1000)).to.equal(epoch + 1000);
        expect(await endOfIdle(store, 'k', { ...kept, expiresAt: epoch + 1800 }, epoch + 1000)).to.equal(epoch + 1800);
        clock.advance(1.9);
        expect(await endOfIdle(store, 'k', kept, clock.now())).to.equal(epoch + 1000);
    });
});
