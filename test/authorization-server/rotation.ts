import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { rotationOf } from '../../lib/authorization-server/rotation';
import { defaultIntervalMs } from '../../lib/authorization-server/settings';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('rotationOf()', () => {

    it('keeps a replaced key as long as the longest token of all flows lives, or as long as it was told', () => {

        const flows = [{ longestLifetime: 600 }, { longestLifetime: 3600 }, { longestLifetime: 60 }];
        expect(rotationOf({}, flows).retentionMs).to.equal(3_600_000);
        expect(rotationOf({}, []).retentionMs).to.equal(0);
        expect(rotationOf({ setPublicKeyExpiry: 7200 }, flows).retentionMs).to.equal(7_200_000);
    });

    it('publishes a key ten minutes before it signs, and no earlier than half an interval', () => {

        expect(rotationOf({}, [])).to.include({ intervalMs: defaultIntervalMs, leadMs: 600_000 });
        expect(rotationOf({ setJwksRotatorOptions: { intervalMs: 60_001 } }, [])).to.include({ intervalMs: 60_001, leadMs: 30_000 });
        expect(rotationOf({ setJwksRotatorOptions: { intervalMs: 60_000, leadMs: 5 } }, [])).to.include({ intervalMs: 60_000, leadMs: 5 });
    });
});
