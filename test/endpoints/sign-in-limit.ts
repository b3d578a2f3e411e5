import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { ResponseToolkit } from '@hapi/hapi';

import { signInWithin } from '../../lib/endpoints/sign-in-limit';
import { testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { rateLimits } from '../fixture/limits';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('signInWithin()', () => {

    it('tries no password after too many wrong ones, and counts neither right ones nor what was no answer', async () => {

        const { request } = await quietServer().inject('/');
        const limits = rateLimits({ clock: testClock().now, setting: { signIn: { failures: 2, seconds: 10 } } });
        let tried = 0;
        const signIn = (username: string, password: string) => signInWithin(limits, (entered) => {

            ++tried;
            if (entered.password === 'broken') {
                throw new Error('The directory is away');
            }

            return entered.password === 'right' ? 'user-1' : null;
        }, { username, password, acrValues: [], parameters: {} }, request, {} as ResponseToolkit);

        for (let i = 0; i < 3; ++i) {
            expect(await signIn('ada', 'right')).to.equal({ subject: 'user-1', name: 'ada', acr: null, amr: [] });
            await expect(signIn('ada', 'broken')).to.reject('The directory is away');
        }

        expect(await signIn('ada', 'wrong')).to.be.null();
        expect(await signIn('ada', 'wrong')).to.be.null();
        tried = 0;
        expect(await refusal(() => signIn('ada', 'right'))).to.equal({ code: 'temporarily_unavailable', reason: 'too_many_failures' });
        expect(tried).to.equal(0);
        expect(await signIn('bob', 'right')).to.not.be.null();
    });
});
