import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { AuthorizationCode, ClientCredentials, ResourceOwnerPassword, type AccessToken } from 'simple-oauth2';

import { codeChallenge, codeVerifier } from '../fixture/flows';
import { callback, clientThat, interopStores, startInteropServer, type InteropServer } from '../fixture/interop-server';
import { signInAndDecide } from '../fixture/level-2-example';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const ways = [
    { authorizationMethod: 'header', credentialsEncodingMode: 'strict' },
    { authorizationMethod: 'header', credentialsEncodingMode: 'loose' },
    { authorizationMethod: 'body' }
] as const;
type Way = typeof ways[number];
const sentIn = ({ authorizationMethod }: Way) => (authorizationMethod === 'header' ? 'basic' : 'post');

/** Status and error code of what the server refused. */
const refusal = async (promise: Promise<unknown>) => {

    const { output, data } = await expect(promise).to.reject(Error) as Error & { output: { statusCode: number }; data: { payload: Record<string, unknown> } };
    return [output.statusCode, data.payload.error];
};

for (const [where, openStore] of Object.entries(interopStores)) {
    describe(`simple-oauth2 at level 2, ${where}`, { timeout: 60_000 }, () => {

        let app: InteropServer;
        before({ timeout: 60_000 }, async () => {

            app = await startInteropServer(openStore);
        });
        after(() => app.stop());

        const settings = (name: Parameters<typeof clientThat>[0], options: Way = ways[0], secret = clientThat(name, sentIn(options)).secret) => ({
            options, client: { id: clientThat(name, sentIn(options)).id, secret },
            auth: { tokenHost: app.url, tokenPath: '/oauth2/token', revokePath: '/oauth2/revoke' }
        });

        const reports = (token: AccessToken) => app.reports(token.token.access_token);

        const userClient = (options?: Way) => {

            const { client, auth, options: way } = settings('web', options);
            return new AuthorizationCode({ client, options: way, auth: { ...auth, authorizePath: '/oauth2/authorize' } });
        };

        const challenge = { code_challenge: codeChallenge, code_challenge_method: 'S256' };        // More than its types know
        const askAgain = { ...challenge, prompt: 'consent' };

        const login = async (options?: Way, scope = 'offline_access reports:read') => {

            const client = userClient(options);
            const location = await signInAndDecide(client.authorizeURL({ redirect_uri: callback, scope, state: 'my state', ...challenge }));
            expect(location.searchParams.get('state')).to.equal('my state');
            expect(location.searchParams.get('iss')).to.equal(app.url);
            const redemption = { code: location.searchParams.get('code') ?? '', redirect_uri: callback, code_verifier: codeVerifier };         // Its types know no PKCE
            return { client, redemption, tokens: await client.getToken(redemption) };
        };

        const machineGetsIn = async (options: Way) => {

            const token = await new ClientCredentials(settings('nightly', options)).getToken({ scope: ['reports:read'] });
            expect(token.token).to.include({ token_type: 'Bearer', scope: 'reports:read' });
            expect(token.expired()).to.be.false();
            expect(await reports(token)).to.equal(200);
        };

        const userGetsIn = async (options: Way) => {

            const { tokens: first } = await login(options);
            expect(first.token).to.include({ token_type: 'Bearer', scope: 'offline_access reports:read' });
            expect(await reports(first)).to.equal(200);
            const second = await first.refresh();
            expect(second.token.refresh_token).to.not.equal(first.token.refresh_token);
            expect(await reports(second)).to.equal(200);
        };

        const oldAppGetsIn = async (options: Way) => {

            const first = await new ResourceOwnerPassword(settings('old-app', options)).getToken({ username: 'ada', password: 'lovelace', scope: 'offline_access reports:read' });
            expect(await reports(first)).to.equal(200);
            const second = await first.refresh();
            expect(await reports(second)).to.equal(200);
        };

        for (const options of ways) {
            const way = Object.values(options).join(', ');
            it(`gets a token for a machine (${way})`, () => machineGetsIn(options));
            it(`signs a user in on the built-in pages, and refreshes (${way})`, () => userGetsIn(options));
            it(`gets a token for a user whose password it has, and refreshes (${way})`, () => oldAppGetsIn(options));
        }

        it('is told that the user declined', async () => {

            const url = userClient().authorizeURL({ redirect_uri: callback, scope: 'reports:read', state: 's', ...askAgain });
            expect((await signInAndDecide(url, 'deny')).searchParams.get('error')).to.equal('access_denied');
        });

        it('cannot redeem a code twice, and the second try ends what the first brought', async () => {

            const { client, redemption, tokens } = await login();
            expect(await refusal(client.getToken(redemption))).to.equal([400, 'invalid_grant']);
            expect(await refusal(tokens.refresh())).to.equal([400, 'invalid_grant']);
        });

        it('revokes its tokens, and has nothing left to refresh with', async () => {

            const { tokens } = await login();
            await tokens.revokeAll();
            expect(await refusal(tokens.refresh())).to.equal([400, 'invalid_grant']);
            await tokens.revoke('refresh_token');               // Again, which is no error (RFC 7009 §2.2)
        });

        it('gets no wider token than the user agreed to', async () => {

            const { tokens } = await login();
            expect(await refusal(tokens.refresh({ scope: 'reports:read email' }))).to.equal([400, 'invalid_scope']);
            const { token } = await tokens.refresh({ scope: 'reports:read' });
            expect(token.scope).to.equal('reports:read');
        });

        it('is refused with a wrong secret, a wrong password, and a grant that is not its own', async () => {

            expect(await refusal(new ClientCredentials(settings('nightly', ways[0], 'guess')).getToken({}))).to.equal([401, 'invalid_client']);
            expect(await refusal(new ResourceOwnerPassword(settings('old-app')).getToken({ username: 'ada', password: 'guess' }))).to.equal([400, 'invalid_grant']);
            expect(await refusal(new ResourceOwnerPassword(settings('web')).getToken({ username: 'ada', password: 'lovelace' }))).to.equal([400, 'unauthorized_client']);
        });
    });
}
