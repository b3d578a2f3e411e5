import { forbidden } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { boundedCall } from '../../lib/stores/bounded-call';
import { testTimers } from '../fixture/timers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const owner = 'The vault';

describe('boundedCall()', () => {

    it('passes answers, at once or later', async () => {

        const { timer } = testTimers();
        expect(await boundedCall({ owner, timer }, 'get', () => 1)).to.equal(1);
        expect(await boundedCall({ owner, timer }, 'get', () => Promise.resolve(2))).to.equal(2);
    });

    it('gives up after 2.5 seconds, or the time it is told, and names who did not answer what', async () => {

        const { timer, waiting, expire } = testTimers();
        for (const [timeoutMs, ms] of [[undefined, 2500], [100, 100]] as const) {
            const call = boundedCall({ owner, timer, timeoutMs }, 'get', () => new Promise(() => {}));
            expect([...waiting.values()]).to.equal([ms]);
            expire();
            const err = await expect(call).to.reject(OAuth2Error, 'Try again later');
            expect(err).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable' });
            expect(err.cause).to.be.an.error(`The vault did not answer get() within ${ms} ms`);
        }
    });

    it('makes 503 of what is away, a failure of a Boom, and passes what else is thrown', async () => {

        const thrown = (err: unknown) => expect(boundedCall({ owner }, 'get', () => { throw err; })).to.reject();
        const away = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
        expect(await thrown(away)).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable', cause: away });
        const boom = forbidden('permission denied for 10.0.0.1');
        expect(await thrown(boom)).to.include({ message: 'The vault threw a Boom', cause: boom });
        for (const err of [new OAuth2Error('temporarily_unavailable', 'Tomorrow'), new Error('no such table')]) {
            expect(await thrown(err)).to.shallow.equal(err);
        }
    });
});
