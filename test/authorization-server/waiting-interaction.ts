import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { WaitingInteraction } from '../../lib';
import { injectedBrowser } from '../fixture/injected-browser';
import { clients, device, login, redirectUri, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A server whose sign-in page says what it learns. */
const bench = async (flow = login()) => {

    const built = await registeredServer([flow, device()], (hub) => hub.setLoginUrl('/login').setClients([
        ...clients.filter(({ client_id: id }) => id !== 'web'),
        { client_id: 'web', client_secret: 'web-secret', client_name: 'Reports', default_max_age: 60, redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email' }
    ]));
    const seen: (WaitingInteraction | null)[] = [];
    built.server.route([
        { method: 'GET', path: '/login', handler: async (request) => {

            seen.push(await request.oauth2.interaction());
            return null;
        } },
        { method: 'GET', path: '/named/{ref}', handler: async (request) => {

            seen.push(await request.oauth2.interaction(String(request.params.ref)));
            return null;
        } },
        { method: 'POST', path: '/login', handler: (request) => request.oauth2.login({ subject: 'alice' }) }
    ]);
    const tell = async (url: string, browser = injectedBrowser(built.server)) => {

        await browser.send({ url });
        return seen.pop();
    };

    return { ...built, tell };
};

const nothing = { client: null, scopes: [], loginHint: undefined, uiLocales: [], acrValues: [], prompts: [], maxAge: undefined, parameters: {} };

describe('request.oauth2.interaction()', () => {

    it('is what the client asked for', async () => {

        const flow = login();
        flow.authorizationRoute((route) => route.setExtraParameters('organization', 'connection'));
        const { server, authorizeUrl, tell } = await bench(flow);
        const browser = injectedBrowser(server);
        const { location } = await browser.send({ url: authorizeUrl({ scope: 'openid email nonsense', login_hint: 'ada@example.com', ui_locales: 'de  fr', acr_values: 'gold silver', prompt: 'login consent', organization: 'acme', other: 'x', max_age: '5' }) });
        const ref = new URL(location, 'http://localhost').searchParams.get('interaction') ?? '';
        const told = await tell(location, browser);
        expect(told).to.equal({
            interaction: ref, returnTo: `http://localhost/oauth2/authorize/interaction?interaction=${ref}`,
            client: { id: 'web', name: 'Reports', isVerified: true, logoUri: undefined, clientUri: undefined, policyUri: undefined, tosUri: undefined },
            scopes: ['openid', 'email'], loginHint: 'ada@example.com', uiLocales: ['de', 'fr'], acrValues: ['gold', 'silver'], prompts: ['login', 'consent'], maxAge: 5, parameters: { organization: 'acme' }
        });
        expect((await tell('/login', browser))?.interaction).to.equal(ref);
        const { location: plain } = await browser.send({ url: authorizeUrl({ scope: 'openid' }) });
        expect(await tell(plain, browser)).to.include({ loginHint: undefined, maxAge: 60, uiLocales: [], parameters: {} });
        expect((await tell(`/named/${ref}`, browser))?.interaction).to.equal(ref);
    });

    it('knows no client at the account page and the page for devices', async () => {

        const { server, tell } = await bench();
        for (const url of ['/oauth2/account', '/oauth2/device?user_code=ABCD-EFGH']) {
            const browser = injectedBrowser(server);
            const { location } = await browser.send({ url });
            const { interaction, returnTo, ...rest } = await tell(location, browser) ?? {};
            expect(rest).to.equal(nothing);
            expect(interaction).to.match(/^[\w-]{43}$/);
            expect(returnTo).to.match(/^http:\/\/localhost\/oauth2\//);
        }
    });

    it('attack: tells no other browser, and nobody once nothing waits', async () => {

        const { server, authorizeUrl, tell, clock } = await bench();
        const browser = injectedBrowser(server);
        const { location } = await browser.send({ url: authorizeUrl() });
        const stranger = injectedBrowser(server);
        expect([await tell(location, stranger), await tell('/login', stranger), await tell('/named/x', browser)]).to.equal([null, null, null]);
        await stranger.send({ url: authorizeUrl() });
        expect(await tell(location, stranger)).to.be.null();
        expect(await tell(location, browser)).to.not.be.null();
        clock.advance(3600);
        expect(await tell(location, browser)).to.be.null();
    });
});
