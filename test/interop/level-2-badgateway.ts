import { generateCodeVerifier, OAuth2Client, OAuth2HttpError } from '@badgateway/oauth2-client';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { callback, clientThat, interopStores, startInteropServer, type InteropServer, type Sent } from '../fixture/interop-server';
import { signInAndDecide } from '../fixture/level-2-example';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const ways = { basic: 'client_secret_basic', colon: 'client_secret_basic_interop', post: 'client_secret_post' } as const;

/** Status and error code of what the server refused. */
const refusal = async (promise: Promise<unknown>) => {

    const { httpCode, oauth2Code } = await expect(promise).to.reject(OAuth2HttpError);
    return [httpCode, oauth2Code];
};

for (const [where, openStore] of Object.entries(interopStores)) {
    describe(`@badgateway/oauth2-client at level 2, ${where}`, { timeout: 60_000 }, () => {

        let app: InteropServer;
        before({ timeout: 60_000 }, async () => {

            app = await startInteropServer(openStore);
        });
        after(() => app.stop());

        /** It finds every endpoint by itself (RFC 8414). */
        const clientOf = (name: Parameters<typeof clientThat>[0], sent: Sent = 'basic', { id, secret } = clientThat(name, sent)) =>
            new OAuth2Client({ server: app.url, clientId: id, clientSecret: secret, authenticationMethod: ways[sent] });

        const login = async (client: OAuth2Client, scope = ['offline_access', 'reports:read']) => {

            const checks = { redirectUri: callback, state: 'a state', codeVerifier: await generateCodeVerifier() };
            const location = await signInAndDecide(await client.authorizationCode.getAuthorizeUri({ ...checks, scope }));
            return { checks, location, tokens: await client.authorizationCode.getTokenFromCodeRedirect(location, checks) };
        };

        const getIn = async (sent: Sent) => {

            const client = clientOf('web', sent);
            const { tokens } = await login(client);
            expect(await app.reports(tokens.accessToken)).to.equal(200);
            const next = await client.refreshToken(tokens);
            expect(next.refreshToken).to.not.equal(tokens.refreshToken);
            expect(await app.reports(next.accessToken)).to.equal(200);
            const { accessToken } = await clientOf('nightly', sent).clientCredentials({ scope: ['reports:read'] });
            expect(await app.reports(accessToken)).to.equal(200);
            const byPassword = await clientOf('old-app', sent).password({ username: 'ada', password: 'lovelace', scope: ['reports:read'] });
            expect(await app.reports(byPassword.accessToken)).to.equal(200);
        };

        for (const sent of ['basic', 'colon', 'post'] as const) {
            it(`gets tokens for a user, a machine and a password (${ways[sent]})`, () => getIn(sent));
        }

        it('signs a user in without a secret', async () => {

            const client = new OAuth2Client({ server: app.url, clientId: 'spa' });
            const { tokens } = await login(client);
            expect(await app.reports(tokens.accessToken)).to.equal(200);
            expect((await client.refreshToken(tokens)).refreshToken).to.not.equal(tokens.refreshToken);
        });

        it('introspects and revokes', async () => {

            const client = clientOf('web');
            const { tokens } = await login(client);
            expect<object>(await client.introspect(tokens)).to.include({ active: true, client_id: 'web-basic', sub: 'user-1', scope: 'offline_access reports:read' });
            await client.revoke(tokens, 'refresh_token');
            expect<object>(await client.introspect(tokens)).to.equal({ active: false });
            expect(await refusal(client.refreshToken(tokens))).to.equal([400, 'invalid_grant']);
        });

        it('reads why it is refused', async () => {

            const { checks, location } = await login(clientOf('web'));
            expect(await refusal(clientOf('web').authorizationCode.getTokenFromCodeRedirect(location, checks))).to.equal([400, 'invalid_grant']);
            expect(await refusal(clientOf('nightly', 'basic', { ...clientThat('nightly'), secret: 'guess' }).clientCredentials())).to.equal([401, 'invalid_client']);
            expect(await refusal(clientOf('old-app').password({ username: 'ada', password: 'guess' }))).to.equal([400, 'invalid_grant']);
            expect(await refusal(clientOf('nightly').clientCredentials({ scope: ['email'] }))).to.equal([400, 'invalid_scope']);
        });
    });
}
