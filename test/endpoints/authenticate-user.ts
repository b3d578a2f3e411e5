import { forbidden } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { authenticatedUser, requireAuthenticateUser, type AuthenticateUser } from '../../lib/endpoints/authenticate-user';
import { OAuth2Error } from '../../lib/error';
import { quietServer } from '../fixture/flows';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** What is made of a handler's answer. */
const ask = async (authenticate: AuthenticateUser) => {

    const server = quietServer();
    let result: unknown;
    server.route({
        method: 'GET', path: '/', handler: async (request, h) => {

            result = await authenticatedUser(authenticate, { username: 'ada', password: 'lovelace', acrValues: [], parameters: {} }, request, h).catch((err: unknown) => err);
            return null;
        }
    });
    await server.inject('/');
    return result;
};

describe('authenticateUser()', () => {

    it('gets what was entered, and says who that is', async () => {

        expect(await ask(({ username, password }, request) => `${username} ${password} ${request.path}`)).to.equal({ subject: 'ada lovelace /', name: 'ada', acr: null, amr: [] });
        expect(await ask(() => Promise.resolve({ subject: 's' }))).to.equal({ subject: 's', name: 'ada', acr: null, amr: [] });
        expect(await ask(() => ({ subject: 's', name: 'Ada Lovelace' }))).to.equal({ subject: 's', name: 'Ada Lovelace', acr: null, amr: [] });
        expect(await ask(() => ({ subject: 's', acr: null, amr: undefined, name: '' }))).to.equal({ subject: 's', name: 'ada', acr: null, amr: [] });
        expect(await ask(() => ({ subject: 'x'.repeat(255), acr: 'urn:2fa', amr: ['pwd', 'otp'] }))).to.equal({ subject: 'x'.repeat(255), name: 'ada', acr: 'urn:2fa', amr: ['pwd', 'otp'] });
        expect(await ask(() => null)).to.be.null();
    });

    it('is a server_error for anything else, which signs nobody in', async () => {

        const nonsense: unknown[] = [
            undefined, '', 7, true, {}, [], { subject: '' }, { subject: 7 }, { subject: null }, { sub: 'ada' }, 'ü', 'a\r\nb', 'x'.repeat(256),
            { subject: 's', acr: '' }, { subject: 's', acr: 2 }, { subject: 's', amr: 'pwd' }, { subject: 's', amr: [1] }, { subject: 's', amr: [''] }
        ];
        for (const answer of nonsense) {
            const error = await ask(() => answer as string);
            expect(error, JSON.stringify(answer)).to.be.instanceof(OAuth2Error);
            expect(error).to.include({ code: 'server_error', reason: 'handler_returned_nonsense' });
            expect(String((error as OAuth2Error).cause)).to.contain('authenticateUser() returned no user: return a subject').and.not.contain('\r');
        }
    });

    it('refuses in its own words by an OAuth2Error, and by nothing else', async () => {

        const locked = new OAuth2Error('access_denied', 'This account is locked');
        expect(await ask(() => Promise.reject(locked))).to.shallow.equal(locked);
        expect(await ask(() => Promise.reject(forbidden('hunter2')))).to.be.an.error(/threw a Boom/);
    });

    it('is missed with a sentence that says what to call', async () => {

        expect(requireAuthenticateUser(() => null)).to.be.a.function();
        expect(await refusal(() => requireAuthenticateUser(undefined))).to.equal({ code: 'server_error', reason: 'no_authenticate_user' });
    });
});
