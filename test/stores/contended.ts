import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { contended } from '../../lib/stores/contended';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const spoilt = (times: number) => {

    const seen = { tries: 0 };
    return { seen, step: () => Promise.resolve(++seen.tries > times ? seen.tries : null) };
};

describe('contended()', () => {

    it('tries until nobody was faster', async () => {

        const { step } = spoilt(2);
        expect(await contended(step)).to.equal(3);
        expect(await contended(() => Promise.resolve(false))).to.be.false();
    });

    it('gives up in the end, so that the client may come again', async () => {

        const ever = spoilt(Infinity);
        expect(await refusal(() => contended(ever.step))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
        expect(ever.seen.tries).to.equal(100);
        const few = spoilt(3);
        expect(await refusal(() => contended(few.step, 3))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
        expect(few.seen.tries).to.equal(3);
    });
});
