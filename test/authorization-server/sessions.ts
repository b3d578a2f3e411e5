import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { collectEvents, runCodeFlow } from '../../lib/testing';
import { injectedBrowser } from '../fixture/injected-browser';
import { device, login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const client = { clientId: 'web', clientSecret: 'web-secret', scope: 'openid' };
const alice = { username: 'alice', password: 'right' };

describe('server.oauth2.sessions', () => {

    it('signs a user out of every browser, and takes nothing from clients', async () => {

        const { server, clock } = await registeredServer([login()]);
        const events = collectEvents(server);
        const browsers = [await runCodeFlow(server, { ...client, ...alice }), await runCodeFlow(server, { ...client, ...alice })];
        const bob = await runCodeFlow(server, { ...client, username: 'bob', password: 'right' });
        for (const { jar } of [...browsers, bob]) {
            await runCodeFlow(server, { ...client, jar: new Map(jar) });
        }

        await server.oauth2.sessions.end({ subject: 'alice' });
        expect(events.of('signed_out')).to.equal([{ subjects: ['alice'], session_id: null, clients: [], revoked: 0 }]);
        for (const { jar, accessToken } of browsers) {
            await expect(runCodeFlow(server, { ...client, jar: new Map(jar) })).to.reject();
            expect(await server.oauth2.tokens.verify(accessToken)).to.include({ sub: 'alice' });
        }

        await runCodeFlow(server, { ...client, jar: bob.jar });
        clock.advance(1);
        const { jar } = await runCodeFlow(server, { ...client, ...alice, jar: browsers[0]?.jar });
        await runCodeFlow(server, { ...client, jar });
    });

    it('attack: lets nobody in whose old password was being looked at meanwhile, at any of the forms', async () => {

        for (const place of ['account', 'device', 'authorize']) {
            let meanwhile = async (): Promise<void> => {};
            const { server, clock, post, authorizeUrl } = await registeredServer([login(), device()], (hub) => hub.authenticateUser(async ({ username }) => {

                clock.advance(1);
                await meanwhile();
                clock.advance(1);
                return username;
            }));
            const { body } = await post('/oauth2/device_authorization', { client_id: 'tv', scope: 'email' });
            const signIn = async () => {

                const entry = { username: 'alice', password: 'old', ...place === 'device' && { user_code: String(body.user_code) } };
                const browser = injectedBrowser(server);
                await browser.submit(await browser.open(place === 'authorize' ? authorizeUrl() : `/oauth2/${place}`), entry);
                return (await browser.open('/oauth2/account')).payload.includes('type="password"');
            };

            expect(await signIn()).to.be.false();
            meanwhile = async () => await server.oauth2.sessions.end({ subject: 'alice' });
            expect(await signIn()).to.be.true();
        }
    });
});
