import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { AuthorizationServerBuilder } from '../../lib';
import { stepOf } from '../fixture/authorization';
import { failingStore, failures } from '../fixture/failing-store';
import { injectedBrowser, type InjectedPage } from '../fixture/injected-browser';
import { form } from '../fixture/provision';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Bench = Awaited<ReturnType<typeof failingBench>>;
type Browser = Bench['browser'];

/** A server whose store can fail, whose users sign in at `/login` or at the built-in form, and one browser of it. */
const failingBench = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const { store, failAt, hasFailed } = failingStore();
    const built = await registeredServer([login()], (hub) => {

        hub.setStore(store);
        configure(hub);
    });
    built.server.route({ method: 'POST', path: '/login', handler: async ({ oauth2, payload }) => await oauth2.login({ subject: String(Object(payload).subject) }) });
    return { ...built, failAt, hasFailed, browser: injectedBrowser(built.server) };
};

/** Makes each call of a step fail in turn, in a world of its own each time, and then tries the step again: what came of it. */
const interrupted = async <T>(prepare: () => Promise<T & Bench>, step: (world: T & Bench) => Promise<InjectedPage>, judge: (world: T & Bench, again: InjectedPage, failed: InjectedPage) => Promise<void>): Promise<number> => {

    let most = 0;
    for (const when of failures) {
        for (let i = 0; ; ++i) {
            const world = await prepare();
            world.failAt(i, when);
            const failed = await step(world);
            if (!world.hasFailed()) {
                break;
            }

            most = Math.max(most, i + 1);
            world.failAt(Infinity, when);
            await judge(world, await step(world), failed);
        }
    }

    return most;
};

/** Who has signed in at a browser, as a client learns it without asking. */
const whoIsThere = async ({ authorizeUrl, redeem }: Bench, browser: Browser): Promise<unknown> => {

    const silent = await browser.open(authorizeUrl({ scope: 'openid', prompt: 'none' }));
    if (stepOf(silent) !== 'code') {
        return stepOf(silent);
    }

    const { body } = await redeem(silent.location);
    return Object(JSON.parse(Buffer.from(String(body.id_token).split('.')[1] ?? '', 'base64url').toString())).sub;
};

describe('a store that fails in the middle, whichever call it is,', { timeout: 120_000 }, () => {

    it('leaves no request stuck that request.oauth2.login() answers: the same user signs in again', async () => {

        const most = await interrupted(async () => {

            const world = await failingBench((hub) => hub.setLoginUrl('/login').setConsent('none'));
            const { location } = await world.browser.send({ url: world.authorizeUrl({ scope: 'openid' }) });
            return { ...world, location };
        }, async ({ browser, location }) => await browser.send(form(location, { subject: 'alice' })), async (world, again, failed) => {

            expect([failed.statusCode, failed.headers['retry-after']]).to.equal([503, '5']);
            expect(again.statusCode).to.equal(303);
            expect(stepOf(await world.browser.open(again.location))).to.equal('code');
            expect(await whoIsThere(world, world.browser)).to.equal('alice');
        });
        expect(most).to.be.at.least(3);
    });

    it('leaves none stuck either where somebody had signed in before, and signs nobody in who was not', async () => {

        const most = await interrupted(async () => {

            const world = await failingBench((hub) => hub.setLoginUrl('/login').setConsent('none'));
            const { browser, authorizeUrl } = world;
            const first = await browser.send({ url: authorizeUrl({ scope: 'openid' }) });
            await browser.open((await browser.send(form(first.location, { subject: 'bob' }))).location);
            world.clock.advance(1);
            const { location } = await browser.send({ url: authorizeUrl({ scope: 'openid', prompt: 'login' }) });
            return { ...world, location };
        }, async ({ browser, location }) => await browser.send(form(location, { subject: 'alice' })), async (world, again, failed) => {

            expect(failed.statusCode).to.equal(503);
            expect(String(failed.headers['set-cookie'])).to.not.contain('oauth2-session');
            expect(stepOf(await world.browser.open(again.location))).to.equal('code');
            expect(await whoIsThere(world, world.browser)).to.equal('alice');
        });
        expect(most).to.be.at.least(5);
    });

    it('lets nobody else into the request of a user whose session was not written', async () => {

        const { browser, authorizeUrl, failAt } = await failingBench((hub) => hub.setLoginUrl('/login').setConsent('none'));
        const { location } = await browser.send({ url: authorizeUrl({ scope: 'openid' }) });
        failAt(2, 'before');                                    // Found, noted, and not written
        expect((await browser.send(form(location, { subject: 'alice' }))).statusCode).to.equal(503);
        expect((await browser.send(form(location, { subject: 'mallory' }))).statusCode).to.equal(400);
        expect(browser.jar.has('oauth2-session')).to.be.false();
        expect((await browser.open((await browser.send(form(location, { subject: 'alice' }))).location)).location).to.contain('code=');
    });

    it('shows the sign-in again to who comes back without a session, also where the sign-in was an old one', async () => {

        const { browser, authorizeUrl, failAt, server } = await failingBench((hub) => hub.setLoginUrl('/login').setConsent('none'));
        server.route({ method: 'GET', path: '/old', handler: async ({ oauth2 }) => await oauth2.login({ subject: 'alice', authTime: 1 }) });
        const { location } = await browser.send({ url: authorizeUrl({ scope: 'openid' }) });
        failAt(2, 'before');
        expect((await browser.send({ url: '/old' })).statusCode).to.equal(503);
        const back = new URL(location, 'http://localhost').searchParams.get('return_to') ?? '';
        expect((await browser.send({ url: back.replace('http://localhost', '') })).location).to.equal(location);
    });

    it('leaves the built-in sign-in form as good as before', async () => {

        const most = await interrupted(async () => {

            const world = await failingBench((hub) => hub.setConsent('none'));
            return { ...world, page: await world.browser.open(world.authorizeUrl({ scope: 'openid' })) };
        }, async ({ browser, page }) => await browser.submit(page, { username: 'alice', password: 'right' }), async (world, again) => {

            expect(stepOf(again)).to.equal('code');
            expect(await whoIsThere(world, world.browser)).to.equal('alice');
        });
        expect(most).to.be.at.least(6);
    });

    it('leaves the built-in form as good as before where another account was signed in', async () => {

        const most = await interrupted(async () => {

            const world = await failingBench((hub) => hub.setConsent('none'));
            await world.browser.submit(await world.browser.open(world.authorizeUrl({ scope: 'openid' })), { username: 'bob', password: 'right' });
            return { ...world, page: await world.browser.open(world.authorizeUrl({ scope: 'openid', prompt: 'login' })) };
        }, async ({ browser, page }) => await browser.submit(page, { username: 'alice', password: 'right' }), async (world, again) => {

            expect(stepOf(again)).to.equal('code');
            expect(await whoIsThere(world, world.browser)).to.equal('alice');
        });
        expect(most).to.be.at.least(6);
    });

    it('lets who agreed agree again: one code is redeemed, and a lost answer is given again', async () => {

        const most = await interrupted(async () => {

            const world = await failingBench();
            const asked = await world.browser.submit(await world.browser.open(world.authorizeUrl({ scope: 'openid email' })), { username: 'alice', password: 'right' });
            expect(stepOf(asked)).to.equal('consent');
            return { ...world, asked };
        }, async ({ browser, asked }) => await browser.submit(asked, { decision: 'allow' }), async (world, again, failed) => {

            expect(['temporarily_unavailable', '503']).to.include(failed.statusCode === 303 ? stepOf(failed) : String(failed.statusCode));
            expect(stepOf(again)).to.equal('code');
            expect((await world.redeem(again.location)).statusCode).to.equal(200);
            expect(await whoIsThere(world, world.browser)).to.equal('alice');
        });
        expect(most).to.be.at.least(7);
    });
});
