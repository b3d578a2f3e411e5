import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { FailureLimit } from '../../lib/endpoints/failure-limit';
import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tooMany = { code: 'temporarily_unavailable', reason: 'too_many_failures' };

describe('A limit of failures', () => {

    it('refuses who has failed too often, and nobody else, for 10 minutes', async () => {

        const clock = testClock();
        const store = new MemoryStore({ clock: clock.now });
        const limit = new FailureLimit(store, 'entry', 2);
        for (const failures of [1, 2]) {
            expect(await refusal(() => limit.check('a')), String(failures)).to.be.null();
            expect(await refusal(() => limit.failed('a'))).to.be.null();
            clock.advance(1);
        }

        expect(await refusal(() => limit.check('a'))).to.equal(tooMany);
        expect(await refusal(() => limit.failed('a'))).to.equal(tooMany);
        expect(await refusal(() => limit.check('b'))).to.be.null();
        expect(await refusal(() => new FailureLimit(store, 'other', 2).check('a'))).to.be.null();
        clock.advance(598);
        expect(await refusal(() => limit.check('a'))).to.be.null();
    });
});
