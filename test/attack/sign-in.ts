import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { AuthorizationServerBuilder, ClientMetadata } from '../../lib';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { form } from '../fixture/provision';
import { clients, device, deviceCodeType, login, redirectUri, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const errorIn = ({ location }: { readonly location: string }) => new URL(location).searchParams.get('error');
const isCode = ({ location }: { readonly location: string }) => new URL(location).searchParams.has('code');

/** A server whose users sign in on a page of the app, where more than a password is asked for. */
const elsewhere = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const bench = await registeredServer([login(), device()], (hub) => {

        hub.setLoginUrl('/login');
        configure(hub);
    });
    bench.server.route({ method: 'POST', path: '/login', handler: async ({ oauth2, payload }) => await oauth2.login({ subject: String(Object(payload).subject) }) });
    const browser = injectedBrowser(bench.server);

    /** Where the browser is sent to sign in: signs in there. */
    const signIn = async (url: string, subject = 'alice') => await browser.send(form(url, { subject }));

    return { ...bench, browser, signIn };
};

describe('a sign-in', () => {

    it('on a page of the app is not got round by posting a password where the built-in form would be', async () => {

        const { browser, authorizeUrl } = await elsewhere();
        const { location } = await browser.send({ url: authorizeUrl() });
        const interaction = new URL(location, 'http://localhost').searchParams.get('interaction') ?? '';
        const posted = await browser.send(form(`/oauth2/authorize/interaction?interaction=${interaction}`, { username: 'alice', password: 'right' }));
        expect(posted.location).to.startWith('/login?');
        expect([...browser.jar.keys()]).to.equal(['oauth2-browser']);
    });

    it('on a page of the app is not got round at the page for devices either', async () => {

        const { browser, signIn, server } = await elsewhere();
        const { payload } = await server.inject(form('/oauth2/device_authorization', { client_id: 'tv', scope: 'email' }));
        const { user_code: userCode, device_code: deviceCode }: Record<string, string> = { ...Object(JSON.parse(payload)) };
        const start = await browser.send({ url: '/oauth2/device' });
        const page = await browser.open((await signIn(start.location, 'mallory')).location);
        const asked = await browser.submit(page, { user_code: String(userCode), username: 'alice', password: 'right' });
        const decided = await browser.submit(asked, { decision: 'allow' });
        expect(decided.statusCode).to.equal(200);
        const { payload: reply } = await server.inject(form('/oauth2/token', { grant_type: deviceCodeType, client_id: 'tv', device_code: String(deviceCode) }));
        expect(claimsOf(Object(JSON.parse(reply)).access_token).sub).to.equal('mallory');
    });

    it('can be made anew after an account was chosen that has been signed in for too long', async () => {

        const { browser, signIn, clock, authorizeUrl } = await elsewhere((hub) => hub.setConsent('none'));
        const first = await browser.send({ url: authorizeUrl() });
        expect(isCode(await browser.open((await signIn(first.location)).location))).to.be.true();
        clock.advance(60);
        const choice = await browser.open(authorizeUrl({ prompt: 'select_account', max_age: '10' }));
        expect(choice.payload).to.contain('name="account"');
        const again = await browser.submit(choice, { account: 'alice' });
        expect(again.url).to.startWith('/login?');
        expect(isCode(await browser.open((await signIn(again.url)).location))).to.be.true();
        expect((await signIn(again.url)).statusCode).to.equal(400);
    });

    it('of a pairwise client is found by its own ID token', async () => {

        const pairwise: readonly ClientMetadata[] = [...clients, { client_id: 'pair', client_secret: 'web-secret', redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], subject_type: 'pairwise' }];
        const bench = await registeredServer([login()], (hub) => hub.setClients(pairwise).setPairwiseSalt('a salt of thirty-two characters!').setConsent('none'));
        const browser = injectedBrowser(bench.server);
        const request = { client_id: 'pair', scope: 'openid' };
        const page = await browser.open(bench.authorizeUrl(request));
        const signedIn = await browser.submit(page, { username: 'alice', password: 'right' });
        const { body } = await bench.redeem(signedIn.location, { authorization: `Basic ${Buffer.from('pair:web-secret').toString('base64')}` });
        const silent = await browser.open(bench.authorizeUrl({ ...request, prompt: 'none', id_token_hint: String(body.id_token) }));
        expect(errorIn(silent)).to.be.null();
    });
});

describe('consent', () => {

    it('to one scope at one resource and another at another allows neither the other way round', async () => {

        const [files, mail] = ['https://files.example.com', 'https://mail.example.com'];
        const shared = { 'data:read': 'Read', 'data:delete': 'Delete' };
        const bench = await registeredServer([login()], (hub) => hub.setClients([{ client_id: 'web', client_secret: 'web-secret', redirect_uris: [redirectUri] }]).setResources({ [files]: { scopes: shared, default: true }, [mail]: { scopes: shared } }));
        const browser = injectedBrowser(bench.server);
        const consentTo = async (scope: string, resource: string) => await browser.submit(await browser.open(bench.authorizeUrl({ scope, resource })), { decision: 'allow' });
        await browser.submit(await browser.open(bench.authorizeUrl({ scope: 'data:read', resource: mail })), { username: 'alice', password: 'right' });
        expect(isCode(await consentTo('data:read', mail))).to.be.true();
        expect(isCode(await consentTo('data:delete', files))).to.be.true();
        expect(isCode(await browser.open(bench.authorizeUrl({ scope: 'data:delete', resource: files, prompt: 'none' })))).to.be.true();
        expect(errorIn(await browser.open(bench.authorizeUrl({ scope: 'data:delete', resource: mail, prompt: 'none' })))).to.equal('consent_required');
    });
});
