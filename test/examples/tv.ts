import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { start } from '../../examples/tv/server';
import { signIn, type Screen } from '../../examples/tv/tv';
import { open, submit } from '../fixture/browser';
import { getWith } from '../fixture/http';
import { press } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the television', { timeout: 30_000 }, () => {

    let server: Server;
    let url: string;
    let now = Date.now();
    before(async () => {

        server = await start(await freePort(), () => now);
        url = server.info.uri;
    });
    after(() => server.stop());

    const decide = async ({ urlWithCode }: Screen, decision: 'allow' | 'deny') => {

        let page = await open(urlWithCode);
        if (page.html.includes('name="password"')) {
            page = await submit(page, { username: 'ada', password: 'lovelace' });
        }

        if (!page.html.includes('name="decision"')) {
            page = await submit(page, {});
        }

        return await press(page, decision);
    };

    /** Sleeps by moving the server's time on, and does these things meanwhile, one at each sleep. */
    const sleeper = (...meanwhile: readonly (() => unknown)[]) => {

        const slept: number[] = [];
        return {
            slept,
            sleep: async (ms: number) => {

                now += ms;
                await meanwhile[slept.length]?.();
                slept.push(ms / 1000);
            }
        };
    };

    it('waits, as often as it was told, until its user has allowed it', async () => {

        let screen: Screen | undefined;
        const { slept, sleep } = sleeper(() => undefined, () => undefined, () => screen && decide(screen, 'allow'));
        const tokens = await signIn(url, (shown) => {

            screen = shown;
        }, sleep);
        expect(screen?.userCode).to.match(/^[A-Z]{4}-[A-Z]{4}$/);
        expect(screen?.url).to.equal(`${url}/oauth2/device`);
        expect(slept).to.equal([5, 5, 5]);
        expect((await getWith(`${url}/films`, tokens.access_token)).json).to.equal({ films: ['Metropolis'], user: 'user-1' });
    });

    it('asks less often when it was too fast', async () => {

        let screen: Screen | undefined;
        const slept: number[] = [];
        const tokens = await signIn(url, (shown) => {

            screen = shown;
        }, async (ms) => {

            slept.push(ms / 1000);
            now += slept.length === 2 ? 1000 : ms;                  // Its clock is wrong for once
            if (slept.length === 3 && screen !== undefined) {
                await decide(screen, 'allow');
            }
        });
        expect(slept).to.equal([5, 5, 10]);
        expect(tokens.scope).to.equal('films:watch');
    });

    it('stays dark when its user says no, or nothing', async () => {

        let screen: Screen | undefined;
        const show = (shown: Screen) => {

            screen = shown;
        };

        await expect(signIn(url, show, sleeper(() => screen && decide(screen, 'deny')).sleep)).to.reject('You said no, so the TV stays dark');
        const { slept, sleep } = sleeper();
        await expect(signIn(url, show, sleep)).to.reject('The code has expired: start again');
        expect(slept.length * 5).to.be.about(600, 5);
    });

    it('is refused its films without a token, and says that nobody answers', async () => {

        expect((await getWith(`${url}/films`, 'made-up')).status).to.equal(401);

        await expect(signIn(`http://localhost:${await freePort()}`, () => undefined)).to.reject(/^No authorization server answers/);
    });
});
