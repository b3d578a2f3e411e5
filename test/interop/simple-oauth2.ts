import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { AuthorizationCode, ClientCredentials } from 'simple-oauth2';

import { signIn } from '../fixture/browser';
import { startLevel1Demo, type RunningDemo } from '../fixture/demo';
import { verifier } from '../../examples/demo/try-it';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };

describe('simple-oauth2', { timeout: 30_000 }, () => {

    let demo: RunningDemo;
    before(async () => {

        demo = await startLevel1Demo();
    });
    after(() => demo.stop());

    const configuration = (id: string) => ({
        client: { id, secret: `${id}-secret` },
        auth: { tokenHost: demo.url, tokenPath: '/oauth2/token' }
    });

    const get = async (path: string, { token }: { readonly token: Readonly<Record<string, unknown>> }) =>
        (await fetch(`${demo.url}${path}`, { headers: { authorization: `${String(token.token_type)} ${String(token.access_token)}` } })).status;

    const ways = [
        { authorizationMethod: 'header', credentialsEncodingMode: 'strict' },
        { authorizationMethod: 'header', credentialsEncodingMode: 'loose' },
        { authorizationMethod: 'body' }
    ] as const;

    const getMachineToken = async (options: typeof ways[number]) => {

        const token = await new ClientCredentials({ ...configuration('demo-machine'), options }).getToken({ scope: ['reports:read', 'reports:write'] });
        expect(token.token).to.include({ token_type: 'Bearer', expires_in: 600, scope: 'reports:read reports:write' });
        expect(token.expired()).to.be.false();
        expect(await get('/reports', token)).to.equal(200);
        expect(await get('/me', token)).to.equal(403);
    };

    const signUserIn = async (options: typeof ways[number]) => {

        const { client, auth } = configuration('demo-web');
        const webClient = new AuthorizationCode({ client, auth: { ...auth, authorizePath: '/oauth2/authorize' }, options });
        const location = await signIn(webClient.authorizeURL({ redirect_uri: demo.callback, scope: 'openid offline_access', state: 'my state', ...challenge }));
        expect(location.searchParams.get('state')).to.equal('my state');
        const redemption = { code: location.searchParams.get('code') ?? '', redirect_uri: demo.callback, code_verifier: verifier };        // Its types know no PKCE
        const first = await webClient.getToken(redemption);
        expect(await get('/me', first)).to.equal(200);

        const second = await first.refresh({ scope: ['openid'] });
        expect(second.token.refresh_token).to.not.equal(first.token.refresh_token);
        expect(second.token).to.include({ scope: 'openid' });
        expect(await get('/me', second)).to.equal(200);
        expect(await get('/reports', second)).to.equal(403);
    };

    for (const options of ways) {
        const way = Object.values(options).join(', ');
        it(`gets a token for a machine (${way})`, () => getMachineToken(options));
        it(`signs a user in and refreshes (${way})`, () => signUserIn(options));
    }

    it('is refused with a wrong secret, and reads why', async () => {

        const client = new ClientCredentials({ ...configuration('demo-machine'), client: { id: 'demo-machine', secret: 'guess' } });
        const err = await expect(client.getToken({ scope: 'reports:read' })).to.reject(Error);
        const { data, output } = err as Error & { data: { payload: Record<string, unknown> }; output: { statusCode: number } };
        expect(output.statusCode).to.equal(401);
        expect(data.payload).to.include({ error: 'invalid_client' });
    });
});
