import * as Bell from '@hapi/bell';
import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { open, type Jar } from '../fixture/browser';
import { clientThat, interopStores, startInteropServer, type InteropServer } from '../fixture/interop-server';
import { signInAndDecide } from '../fixture/level-2-example';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** An app whose users sign in with us through bell, once as bell sends credentials by itself (Basic, raw) and once in the body. */
const startApp = async (issuer: () => string) => {

    const server = Hapi.server({ port: 0, host: 'localhost', debug: false });
    await server.register(Bell);
    for (const [name, useParamsAuth] of [['callback', false], ['callback/body', true]] as const) {
        const { id, secret } = clientThat('web', useParamsAuth ? 'post' : 'basic');
        server.auth.strategy(name, 'bell', {
            provider: {
                protocol: 'oauth2', pkce: 'S256', useParamsAuth, name: useParamsAuth ? 'body' : 'basic',
                auth: () => `${issuer()}/oauth2/authorize`, token: () => `${issuer()}/oauth2/token`, scope: ['openid', 'email', 'offline_access'],
                profile: async (credentials, _parameters, get) => {

                    credentials.profile = await get(`${issuer()}/oauth2/userinfo`);
                }
            },
            password: 'a cookie password of 32 characters', clientId: id, clientSecret: secret, isSecure: false, allowRuntimeProviderParams: true
        });
        server.route({ method: 'GET', path: `/${name}`, options: { auth: name, handler: ({ auth: { credentials } }) => ({ ...credentials }) } });
    }

    await server.start();
    return { url: `http://localhost:${server.info.port}`, stop: () => server.stop() };
};

for (const [where, openStore] of Object.entries(interopStores)) {
    describe(`@hapi/bell at level 2, ${where}`, { timeout: 60_000 }, () => {

        let server: InteropServer;
        let app: Awaited<ReturnType<typeof startApp>>;
        before({ timeout: 60_000 }, async () => {

            app = await startApp(() => server.url);
            server = await startInteropServer(openStore, [`${app.url}/callback`, `${app.url}/callback/body`]);
        });
        after(async () => {

            await app.stop();
            await server.stop();
        });

        /** Where the app sends a browser that wants to sign in. */
        const leave = async (path: string, jar: Jar): Promise<string> => {

            const { status, headers } = await open(app.url + path, jar);
            expect(status).to.equal(302);
            return headers.get('location') ?? '';
        };

        const comeBack = async (location: URL, jar: Jar) => {

            const { status, html } = await open(location, jar);
            return { status, body: JSON.parse(html) as Record<string, unknown> };
        };

        const userGetsIn = async (path: string) => {

            const jar: Jar = new Map();
            const { status, body } = await comeBack(await signInAndDecide(await leave(path, jar), 'allow', 'lovelace', jar), jar);
            expect(status).to.equal(200);
            expect(body.profile).to.equal({ sub: 'user-1', email: 'ada@example.com', email_verified: true });
            expect(body.refreshToken).to.be.a.string();
        };

        it('signs a user in with raw Basic credentials, and reads who it is from UserInfo', () => userGetsIn('/callback'));
        it('signs a user in with the secret in the body', () => userGetsIn('/callback/body'));

        it('is refused at the token endpoint for a redirect URI that the code was not made for', async () => {

            const jar: Jar = new Map();
            const location = await signInAndDecide(await leave('/callback', jar), 'allow', 'lovelace', jar);
            location.pathname = '/callback/body';                              // A redirect URI of the client, and another one
            jar.set('bell-body', jar.get('bell-basic') ?? '');
            const { status, body } = await comeBack(location, jar);
            expect(status).to.equal(500);
            expect(JSON.stringify(body)).to.not.include('access_token');
        });

        it('knows the browser when it comes again, and asks nothing', async () => {

            const jar: Jar = new Map();
            await comeBack(await signInAndDecide(await leave('/callback', jar), 'allow', 'lovelace', jar), jar);
            const again = await open(await leave('/callback', jar), jar);
            const location = again.headers.get('location') ?? '';
            expect(location).to.startWith(`${app.url}/callback?`);
            expect((await comeBack(new URL(location), jar)).status).to.equal(200);
        });

        it('tells the app that the user declined', async () => {

            const jar: Jar = new Map();
            const location = await signInAndDecide(await leave('/callback?prompt=consent', jar), 'deny', 'lovelace', jar);
            expect(location.searchParams.get('error')).to.equal('access_denied');
            expect((await comeBack(location, jar)).status).to.equal(500);       // How bell says so
        });
    });
}
