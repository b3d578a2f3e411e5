import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { LookUps, type LookedUp } from '../../lib/endpoints/look-ups';
import type { FoundToken } from '../../lib/stores/store';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const token = (nonce: string): FoundToken => ({ value: { nonce }, version: 1, used: false, expiresAt: 1, grant: null });

/** What each request was run with. */
const looked = async (found: LookedUp) => {

    await new Promise((done) => {

        setImmediate(done);
    });
    return found;
};

describe('LookUps', () => {

    it('reads once for all that come while the first is under way, and tells the others that it may be old', async () => {

        const lookUps = new LookUps();
        let reads = 0;
        const ask = async (value: string) => await lookUps.with(value, async () => token(`${value} ${++reads}`), looked);
        expect(await Promise.all([ask('a'), ask('a'), ask('b'), ask('a')])).to.equal([
            { found: token('a 1'), isOld: false }, { found: token('a 1'), isOld: true }, { found: token('b 2'), isOld: false }, { found: token('a 1'), isOld: true }
        ]);
        expect(await ask('a')).to.equal({ found: token('a 3'), isOld: false });
    });

    it('lets who waited for a look-up that failed look itself, and remembers no failure', async () => {

        const lookUps = new LookUps();
        const away = async () => await Promise.reject(new Error('away'));
        const again = async () => token('again');
        const failed = expect(lookUps.with('a', away, looked)).to.reject('away');
        expect(await lookUps.with('a', again, looked)).to.equal({ found: token('again'), isOld: false });
        await failed;
        await expect(lookUps.with('a', again, away)).to.reject('away');
        expect(await lookUps.with('a', async () => null, looked)).to.equal({ found: null, isOld: false });
    });
});
