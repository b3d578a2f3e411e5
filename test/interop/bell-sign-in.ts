import * as Bell from '@hapi/bell';
import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { injectedBrowser } from '../fixture/injected-browser';
import { login, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** A provider that lets everybody in, and says where it was asked to. */
const startProvider = async () => {

    const server = Hapi.server({ port: 0, host: 'localhost', debug: false });
    server.route({ method: 'POST', path: '/token', handler: () => ({ access_token: 'x', token_type: 'Bearer' }) });
    await server.start();
    return { url: `http://localhost:${server.info.port}`, stop: () => server.stop() };
};

describe('Sign-in by an upstream provider with @hapi/bell', { timeout: 60_000 }, () => {

    let provider: Awaited<ReturnType<typeof startProvider>>;
    before(async () => {

        provider = await startProvider();
    });
    after(() => provider.stop());

    const bench = async () => {

        const flow = login();
        flow.authorizationRoute((route) => route.setExtraParameters('connection'));
        const built = await registeredServer([flow], (hub) => hub.setLoginUrl('/login/upstream').setConsent('none'));
        const { server } = built;
        await server.register(Bell);
        server.auth.strategy('upstream', 'bell', {
            provider: { name: 'upstream', protocol: 'oauth2', auth: `${provider.url}/auth`, token: `${provider.url}/token`, profile: (credentials) => {

                credentials.profile = { id: 'alice' };
                return Promise.resolve();
            } },
            password: 'a cookie password of 32 characters', clientId: 'us', clientSecret: 'x', isSecure: false, location: 'http://localhost',
            providerParams: async (request) => ({ connection: (await request.oauth2.interaction<'connection'>())?.parameters.connection ?? 'default' })
        });
        server.route({
            method: 'GET', path: '/login/upstream', options: { auth: 'upstream' },
            handler: ({ auth: { credentials }, oauth2 }) => {

                const { profile, query }: Readonly<Record<string, unknown>> = { ...credentials };
                return oauth2.login({ subject: String(Reflect.get(Object(profile), 'id')), interaction: String(Reflect.get(Object(query), 'interaction')) });
            }
        });
        const browser = injectedBrowser(server);

        /** A tab that asks, and is sent to the provider; how it comes back. */
        const tab = async (changes: Readonly<Record<string, string>>) => {

            const asked = await browser.send({ url: built.authorizeUrl({ scope: 'openid', ...changes }) });
            return {
                leave: async () => {

                    const { searchParams } = new URL((await browser.send({ url: asked.location })).location);
                    return { connection: searchParams.get('connection'), comeBack: async () => await browser.open(`/login/upstream?${new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' }).toString()}`) };
                }
            };
        };

        return { ...built, tab };
    };

    const stateIn = ({ location }: { readonly location: string }) => new URL(location).searchParams.get('state');

    it('chooses by a parameter of the client, and goes on with the request of its own tab', async () => {

        const { tab } = await bench();
        const one = await (await tab({ state: 'one', connection: 'acme' })).leave();
        const two = await tab({ state: 'two' });
        expect(one.connection).to.equal('acme');
        expect(stateIn(await one.comeBack())).to.equal('one');
        const other = await two.leave();
        expect(other.connection).to.equal('default');
        expect(stateIn(await other.comeBack())).to.equal('two');
    });
});
