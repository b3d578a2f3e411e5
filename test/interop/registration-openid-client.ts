import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as client from 'openid-client';

import { OIDCAuthorizationCodeBuilder, type AuthorizationServerBuilder } from '../../lib';
import { open, submit } from '../fixture/browser';
import { listening, provision } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const callback = 'https://app.example.com/callback';

const strangers = (configure: (hub: AuthorizationServerBuilder) => unknown) => provision(
    [OIDCAuthorizationCodeBuilder.create().setScopes({ openid: 'Know who you are', email: 'See your e-mail address' })],
    (hub) => configure(hub.setClock(Date.now).authenticateUser(({ username }) => username))
);

const allow = async (url: URL): Promise<URL> => {

    const consent = await submit(await open(url), { username: 'ada', password: 'lovelace' });
    expect(consent.html).to.contain('Nobody has checked who is behind this application');
    const fields = { ...consent.form?.fields, decision: 'allow' };
    const pressed = { ...consent, form: { action: consent.form?.action ?? '', fields } };
    return new URL((await submit(pressed, {})).headers.get('location') ?? '');
};

describe('openid-client, of whom the server has never heard', { timeout: 60_000 }, () => {

    it('registers by itself, and signs a user in', async () => {

        const { server } = await strangers((hub) => hub.registrationRoute((route) => route.allow('open')));
        await listening(server, async (url) => {

            for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none']) {
                const config = await client.dynamicClientRegistration(new URL(url), { redirect_uris: [callback], client_name: 'Stranger', token_endpoint_auth_method: method, grant_types: ['authorization_code', 'refresh_token'] }, methodOf[method], { execute: [client.allowInsecureRequests] });
                client.enableNonRepudiationChecks(config);
                const { client_id: id } = config.clientMetadata();
                const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(), expectedNonce: client.randomNonce() };
                const authorize = client.buildAuthorizationUrl(config, {
                    redirect_uri: callback, scope: 'openid offline_access', state: checks.expectedState, nonce: checks.expectedNonce,
                    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256'
                });
                const tokens = await client.authorizationCodeGrant(config, await allow(authorize), { ...checks, idTokenExpected: true });
                expect<object>({ ...tokens.claims() }).to.include({ sub: 'ada', aud: id });
                const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
                expect(refreshed.access_token).to.be.a.string();
            }
        });
    });

    it('registers with an initial access token, and not without', async () => {

        const { server } = await strangers((hub) => hub.registrationRoute((route) => route.allow('initial-access-token')));
        await listening(server, async (url) => {

            const register = (initialAccessToken?: string) => client.dynamicClientRegistration(new URL(url), { redirect_uris: [callback] }, undefined, { execute: [client.allowInsecureRequests], ...initialAccessToken === undefined ? {} : { initialAccessToken } });
            await expect(register()).to.reject(client.WWWAuthenticateChallengeError);
            const config = await register(await server.oauth2.registration.createInitialAccessToken());
            const { registration_client_uri: uri, registration_access_token: token }: Readonly<Record<string, unknown>> = config.clientMetadata();
            if (typeof uri !== 'string' || typeof token !== 'string') {
                throw new Error('The client was not told how to manage its registration');
            }

            const response = await client.fetchProtectedResource(config, token, new URL(uri), 'GET');
            expect(await response.json()).to.include({ client_id: config.clientMetadata().client_id, registration_access_token: token });
        });
    });
});

const methodOf: Readonly<Record<string, client.ClientAuth | undefined>> = { client_secret_basic: client.ClientSecretBasic(), client_secret_jwt: client.ClientSecretJwt(), none: client.None() };
