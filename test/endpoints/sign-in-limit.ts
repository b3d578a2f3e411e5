import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { ResponseToolkit } from '@hapi/hapi';

import { signInAtForm, signInWithin } from '../../lib/endpoints/sign-in-limit';
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

describe('signInAtForm()', () => {

    it('says in one event that the entry was wrong or incomplete, and nothing of what was entered', async () => {

        const server = quietServer();
        const events: unknown[] = [];
        server.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push([tags, data]));
        const { request } = await server.inject('/');
        const limits = rateLimits({ clock: testClock().now, setting: { signIn: { failures: 1, seconds: 10 } } });
        const signIn = (username?: string, password?: string, clientId?: string) =>
            signInAtForm(limits, (entered) => (entered.password === 'right' ? 'user-1' : null), { username, password, acrValues: [], parameters: {} }, request, {} as ResponseToolkit, clientId);
        expect(await signIn('ada', 'right', 'web')).to.include({ subject: 'user-1' });
        expect(events).to.be.empty();

        expect(await signIn('hunter2-in-the-wrong-field', 'hunter3', 'web')).to.be.null();
        expect(await signIn('ada', undefined, 'web')).to.be.null();
        expect(await signIn(undefined, 'right')).to.be.null();
        const refused = (reason: string, client?: string) => [['oauth', 'refused'], { reason, error: 'access_denied', client_id: client }];
        expect(events).to.equal([refused('wrong_credentials', 'web'), refused('entry_incomplete', 'web'), refused('entry_incomplete')]);
        expect(JSON.stringify(events)).to.not.contain('hunter').and.not.contain('ada');

        // What is refused because of the limit is its caller's event
        await expect(signIn('hunter2-in-the-wrong-field', 'right')).to.reject(/too many wrong entries/);
        expect(events).to.have.length(3);
    });
});
