import { expect } from '@hapi/code';
import type { Server } from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { signIn } from '../../examples/cli/cli';
import { start } from '../../examples/cli/server';
import { call } from '../fixture/http';
import { signInAndDecide } from '../fixture/level-2-example';
import { freePort } from '../fixture/net';

const lab = Lab.script();
const { after, before, describe, it } = lab;
export { lab };

describe('the command-line app', { timeout: 30_000 }, () => {

    let server: Server;
    before(async () => {

        server = await start(await freePort());
    });
    after(() => server.stop());

    /** The user's browser: signs in at the address it is opened with, and goes where it is sent. */
    const browse = async (url: string, decision: 'allow' | 'deny' = 'allow') => await call(await signInAndDecide(url, decision));

    it('learns who has signed in at the browser, on a port that it was not registered with', async () => {

        let shown: ReturnType<typeof browse> | undefined;
        const user = await signIn(server.info.uri, (url) => {

            expect(new URL(url).searchParams.get('redirect_uri')).to.match(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
            shown = browse(url);
        });
        expect([user.sub, user.email, user.email_verified]).to.equal(['user-1', 'ada@example.com', true]);
        expect((await shown)?.text).to.contain('go back to the terminal');
    });

    it('learns of a denial, and leaves its port', async () => {

        let redirectUri = '';
        const failed = signIn(server.info.uri, (url) => {

            redirectUri = new URL(url).searchParams.get('redirect_uri') ?? '';
            void browse(url, 'deny');
        });
        await expect(failed).to.reject(/access_denied|authorization response from the server is an error/);
        await expect(call(redirectUri)).to.reject('fetch failed');
    });

    it('waits on when something else comes to its port', async () => {

        let strange: Awaited<ReturnType<typeof call>> | undefined;
        const user = await signIn(server.info.uri, (url) => void (async () => {

            strange = await call(`${new URL(url).searchParams.get('redirect_uri')}?code=stolen&state=guessed`);
            await browse(url);
        })());
        expect([user.sub, strange?.status]).to.equal(['user-1', 400]);
    });

    it('says that nobody answers', async () => {

        const nobody = `http://localhost:${await freePort()}`;
        await expect(signIn(nobody, () => undefined)).to.reject('No authorization server answers at the address that ISSUER names: start it, or correct ISSUER');
    });
});
