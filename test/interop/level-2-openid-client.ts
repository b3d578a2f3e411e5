import { PGlite } from '@electric-sql/pglite';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as client from 'openid-client';

import { MemoryStore, type Store } from '../../lib';
import { SqlStore } from '../../lib/sql';
import { signInAndDecide, startLevel2, type RunningLevel2 } from '../fixture/level-2-example';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** Status and error code of the server's refusal. */
const refusal = async (promise: Promise<unknown>) => {

    const err = await expect(promise).to.reject(client.ResponseBodyError);
    return [err.status, err.error];
};

interface Opened {
    readonly store: Store;
    readonly close: () => Promise<void>;
}

const stores: Readonly<Record<string, () => Promise<Opened>>> = {
    'in memory': () => Promise.resolve({ store: new MemoryStore({ clock: Date.now }), close: () => Promise.resolve() }),
    'on PGlite': async () => {

        const database = await PGlite.create();
        return { store: new SqlStore(database, { clock: Date.now }), close: () => database.close() };
    }
};

for (const [where, openStore] of Object.entries(stores)) {
    describe(`openid-client at level 2, ${where}`, { timeout: 60_000 }, () => {

        let app: RunningLevel2;
        let opened: Opened;
        let config: client.Configuration;
        before({ timeout: 60_000 }, async () => {

            opened = await openStore();
            app = await startLevel2(opened.store);
            await fetch(`${app.url}/oauth2/keys`);                  // The RSA key is made here, not while a test waits
            config = await discover('web', 'web-secret-of-32-random-letters');
            client.enableNonRepudiationChecks(config);              // Verifies the signature of the ID token by the published keys
        });
        after(async () => {

            await app.stop();
            await opened.close();
        });

        const discover = (id: string, secret: string) => client.discovery(new URL(app.url), id, {}, client.ClientSecretBasic(secret), { execute: [client.allowInsecureRequests] });

        const request = async (scope: string) => {

            const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
            const url = client.buildAuthorizationUrl(config, {
                redirect_uri: app.callback, scope, state: checks.expectedState, nonce: checks.expectedNonce,
                code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256'
            });
            return { url, checks };
        };

        const login = async (scope = 'openid offline_access reports:read') => {

            const { url, checks } = await request(scope);
            return await client.authorizationCodeGrant(config, await signInAndDecide(url), { ...checks, idTokenExpected: true });
        };

        const status = async (token: string) => {

            const response = await client.fetchProtectedResource(config, token, new URL('/reports', app.url), 'GET').catch((err: unknown) => {

                expect(err).to.be.instanceof(client.WWWAuthenticateChallengeError);
                return err as client.WWWAuthenticateChallengeError;
            });
            return response.status;
        };

        it('signs a user in, and knows who it is', async () => {

            const tokens = await login();
            expect<object>({ ...tokens }).to.include({ token_type: 'bearer', expires_in: 600, reports_url: '/reports' });
            expect<object>({ ...tokens.claims() }).to.include({ sub: 'user-1', aud: 'web', iss: app.url });
            expect(JSON.stringify(tokens.claims()?.amr)).to.equal('["pwd"]');
            expect(await status(tokens.access_token)).to.equal(200);
        });

        it('asks UserInfo who the user is, which is told what was granted and no more', async () => {

            const tokens = await login('openid email offline_access reports:read');
            expect<object>({ ...await client.fetchUserInfo(config, tokens.access_token, 'user-1') }).to.equal({ sub: 'user-1', email: 'ada@example.com', email_verified: true });
            expect(Object.keys(tokens.claims() ?? {})).to.not.include('email');
            const narrow = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', { scope: 'openid' });
            expect<object>({ ...await client.fetchUserInfo(config, narrow.access_token, 'user-1') }).to.equal({ sub: 'user-1' });
            await client.tokenRevocation(config, tokens.access_token);
            await expect(client.fetchUserInfo(config, tokens.access_token, 'user-1')).to.reject(client.WWWAuthenticateChallengeError);
        });

        it('is told that the user declined', async () => {

            const { url, checks } = await request('openid');
            url.searchParams.set('prompt', 'consent');
            const err = await expect(client.authorizationCodeGrant(config, await signInAndDecide(url, 'deny'), checks)).to.reject(client.AuthorizationResponseError);
            expect(err.error).to.equal('access_denied');
        });

        it('cannot redeem a code with another verifier, and not at all once it was used, which ends what it brought', async () => {

            const { url, checks } = await request('openid offline_access reports:read');
            const location = await signInAndDecide(url);
            expect(await refusal(client.authorizationCodeGrant(config, location, { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }))).to.equal([400, 'invalid_grant']);
            const tokens = await client.authorizationCodeGrant(config, location, checks);
            expect(await refusal(client.authorizationCodeGrant(config, location, checks))).to.equal([400, 'invalid_grant']);
            expect(await refusal(client.refreshTokenGrant(config, tokens.refresh_token ?? ''))).to.equal([400, 'invalid_grant']);
            expect<object>({ ...await client.tokenIntrospection(config, tokens.access_token) }).to.equal({ active: false });
        });

        it('refreshes, and gets the same reply when it asks twice at once', async () => {

            const { refresh_token: token = '' } = await login();
            const [one, other] = await Promise.all([client.refreshTokenGrant(config, token), client.refreshTokenGrant(config, token)]);
            expect(one.access_token).to.equal(other.access_token);
            expect(one.refresh_token).to.equal(other.refresh_token).and.to.not.equal(token);
            expect(one.claims()?.sub).to.equal('user-1');
            expect(await status(one.access_token)).to.equal(200);
        });

        it('cannot come back with a token whose successor was used', async () => {

            const { refresh_token: first = '' } = await login();
            const second = await client.refreshTokenGrant(config, first);
            const third = await client.refreshTokenGrant(config, second.refresh_token ?? '');
            expect(await refusal(client.refreshTokenGrant(config, first))).to.equal([400, 'invalid_grant']);
            expect(third.refresh_token).to.not.equal(second.refresh_token);
        });

        it('gets a narrower token, and none that is wider', async () => {

            const { refresh_token: token = '' } = await login();
            expect(await refusal(client.refreshTokenGrant(config, token, { scope: 'openid invoices:read' }))).to.equal([400, 'invalid_scope']);
            const narrow = await client.refreshTokenGrant(config, token, { scope: 'openid' });
            expect(narrow.scope).to.equal('openid');
            expect(await status(narrow.access_token)).to.equal(403);
        });

        it('gets a token for a machine, and none with a wrong secret', async () => {

            const machine = await discover('nightly', 'nightly-secret-of-32-characters');
            const { access_token: token, scope } = await client.clientCredentialsGrant(machine);
            expect(scope).to.equal('reports:read');
            expect(await status(token)).to.equal(200);
            expect((await client.tokenIntrospection(machine, token)).active).to.be.true();
            await expect(client.clientCredentialsGrant(await discover('nightly', 'a guess'))).to.reject(client.WWWAuthenticateChallengeError);
        });

        it('introspects its own tokens, and nobody else does', async () => {

            const tokens = await login();
            const { refresh_token: refresh = '' } = tokens;
            expect<object>({ ...await client.tokenIntrospection(config, tokens.access_token) }).to.include({ active: true, sub: 'user-1', client_id: 'web', token_type: 'Bearer', plan: 'gold' });
            expect<object>({ ...await client.tokenIntrospection(config, refresh) }).to.include({ active: true, sub: 'user-1', client_id: 'web' });
            const stranger = await discover('nightly', 'nightly-secret-of-32-characters');
            expect<object>({ ...await client.tokenIntrospection(stranger, tokens.access_token) }).to.equal({ active: false });
        });

        it('revokes a token and with it the grant, and nobody else does', async () => {

            const { access_token: access, refresh_token: refresh = '' } = await login();
            await client.tokenRevocation(await discover('nightly', 'nightly-secret-of-32-characters'), refresh);
            expect((await client.tokenIntrospection(config, access)).active).to.be.true();

            await client.tokenRevocation(config, refresh);
            expect<object>({ ...await client.tokenIntrospection(config, access) }).to.equal({ active: false });
            expect(await refusal(client.refreshTokenGrant(config, refresh))).to.equal([400, 'invalid_grant']);
            await client.tokenRevocation(config, refresh);          // Again, which is no error (RFC 7009 §2.2)
        });
    });
}
