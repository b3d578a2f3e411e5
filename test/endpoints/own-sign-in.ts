import { unauthorized } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { AuthorizationServerBuilder, StrategyUser } from '../../lib';
import { stepOf } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Answer = { readonly credentials: Readonly<Record<string, unknown>> } | Error | 'redirect';

/** A server whose users sign in by an auth strategy of the app, which answers this. */
const bench = async (answer: () => Answer, user?: () => StrategyUser | null, configure: (hub: AuthorizationServerBuilder) => unknown = () => {}) => {

    const built = await registeredServer([login()], (hub) => configure((user === undefined ? hub.setSessionStrategy('app') : hub.setSessionStrategy('app', user)).setLoginUrl('/login').setConsent('none')));
    built.server.auth.scheme('app', () => ({
        authenticate: (_request, h) => {

            const said = answer();
            if (said === 'redirect') {
                return h.redirect('/elsewhere').takeover();
            }

            if (said instanceof Error) {
                throw said;
            }

            return h.authenticated({ credentials: { ...said.credentials } });
        }
    }));
    built.server.auth.strategy('app', 'app');
    const browser = injectedBrowser(built.server);
    const open = async (changes: Readonly<Record<string, string>> = {}) => await browser.send({ url: built.authorizeUrl({ scope: 'openid', ...changes }) });
    const back = async ({ location }: { readonly location: string }) => await browser.open((new URL(location, 'http://localhost').searchParams.get('return_to') ?? '').replace('http://localhost', ''));
    return { ...built, browser, open, back };
};

const alice = { credentials: { subject: 'alice', authTime: epoch / 1000 - 100, acr: 'gold', amr: ['otp'] } };

describe('setSessionStrategy()', () => {

    it('takes who is signed in at the app, and sends all others to its page and back', async () => {

        let said: Answer = unauthorized();
        const { open, back, server } = await bench(() => said);
        const away = await open();
        expect(away.location).to.startWith('/login?interaction=');
        said = alice;
        expect(stepOf(await back(away))).to.equal('code');
        expect(stepOf(await open({ prompt: 'none' }))).to.equal('code');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items[0]).to.include({ acr: 'gold', amr: ['otp'], authTime: epoch / 1000 - 100 });
        said = unauthorized();
        expect(stepOf(await open({ prompt: 'none' }))).to.equal('login_required');
    });

    it('attack: says no acr that the app has not said, since no password was seen here, and meets no essential one', async () => {

        const essential = { claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:hapi-oauth2:acr:password' } } }) };
        for (const acrValues of [undefined, ['urn:hapi-oauth2:acr:password']]) {
            const { open, redeem } = await bench(() => ({ credentials: { subject: 'alice', authTime: epoch / 1000 } }), undefined, (hub) => acrValues && hub.setAcrValues(acrValues));
            expect(Object.keys(claimsOf((await redeem((await open()).location)).body.id_token))).to.include('auth_time').and.not.include(['acr']);
            expect(stepOf(await open(essential))).to.equal('unmet_authentication_requirements');
        }

        const { open, redeem } = await bench(() => alice);
        expect(claimsOf((await redeem((await open()).location)).body.id_token).acr).to.equal('gold');
    });

    it('sends who comes back without having signed in to the page of the app again, for the same request', async () => {

        const { open, browser } = await bench(() => unauthorized());
        const away = await open();
        const again = await browser.send({ url: (new URL(away.location, 'http://localhost').searchParams.get('return_to') ?? '').replace('http://localhost', '') });
        expect(again.location).to.equal(away.location);
        expect(browser.jar.has('oauth2-session')).to.be.false();
    });

    it('prompt=login and max_age: an older sign-in is not accepted on return, a new one is', async () => {

        let said = alice;
        const { open, back, clock } = await bench(() => said);
        for (const changes of [{ prompt: 'login' }, { max_age: '99' }]) {
            const away = await open(changes);
            expect(away.location).to.startWith('/login?interaction=');
            expect(stepOf(await back(away))).to.equal('login_required');
        }

        const away = await open({ prompt: 'login' });
        clock.advance(5);
        said = { credentials: { ...alice.credentials, authTime: epoch / 1000 + 5 } };
        expect(stepOf(await back(away))).to.equal('code');
        expect(stepOf(await open({ max_age: '5' }))).to.equal('code');
    });

    it('invents no time: without authTime, max_age and prompt=login cannot be met', async () => {

        const { open, back, server } = await bench(() => ({ credentials: { subject: 'alice', authTime: 'yesterday', acr: 7, amr: 'otp' } }));
        expect(stepOf(await open())).to.equal('code');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items[0]).to.include({ authTime: null, amr: [] });
        for (const changes of [{ prompt: 'login' }, { max_age: '1000000' }]) {
            expect(stepOf(await back(await open(changes)))).to.equal('login_required');
        }
    });

    it('is another session for another user, and the same one with a new cookie for a new sign-in', async () => {

        let said = alice;
        const { open, browser, server } = await bench(() => said);
        const sessions = async (subject: string) => (await server.oauth2.grants.list({ subject })).items.map(({ sessionId }) => sessionId);
        await open();
        const first = browser.jar.get('oauth2-session');
        await open();
        expect(browser.jar.get('oauth2-session')).to.equal(first);
        said = { credentials: { ...alice.credentials, authTime: epoch / 1000 - 50 } };
        await open();
        expect(browser.jar.get('oauth2-session')).to.not.equal(first);
        expect(new Set(await sessions('alice')).size).to.equal(1);
        said = { credentials: { ...alice.credentials, subject: 'bob' } };
        expect(stepOf(await open())).to.equal('code');
        expect(await sessions('alice')).to.not.include(await sessions('bob'));
    });

    it('reads the user with the function that was given; null is nobody', async () => {

        let user: StrategyUser | null = { subject: 'carol', authTime: 7 };
        const { open, server } = await bench(() => ({ credentials: {} }), () => user);
        expect(stepOf(await open())).to.equal('code');
        expect((await server.oauth2.grants.list({ subject: 'carol' })).items[0]?.authTime).to.equal(7);
        user = null;
        expect((await open()).location).to.startWith('/login?');
    });

    it('is a server_error, and nobody\'s sign-in, where the strategy fails, redirects, or names nobody', async () => {

        for (const said of [new Error('hunter2'), 'redirect', { credentials: {} }, { credentials: { subject: '' } }] as const) {
            const { open, browser } = await bench(() => said);
            const answer = await open();
            expect(stepOf(answer)).to.equal('server_error');
            expect(answer.location).to.not.contain('hunter2');
            expect(browser.jar.has('oauth2-session')).to.be.false();
        }
    });
});
