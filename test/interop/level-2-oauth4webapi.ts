import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as oauth from 'oauth4webapi';

import { signInAndDecide, startLevel2, type RunningLevel2 } from '../fixture/level-2-example';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const insecure = { [oauth.allowInsecureRequests]: true };

/** Status and error code of a refusal. */
const refusal = async (promise: Promise<unknown>) => {

    const err = await expect(promise).to.reject(oauth.ResponseBodyError);
    return [err.status, err.error];
};

describe('oauth4webapi at level 2', { timeout: 30_000 }, () => {

    let app: RunningLevel2;
    let as: oauth.AuthorizationServer;
    before(async () => {

        app = await startLevel2();
        as = await oauth.processDiscoveryResponse(new URL(app.url), await oauth.discoveryRequest(new URL(app.url), { algorithm: 'oidc', ...insecure }));
        await fetch(as.jwks_uri ?? '');                         // The RSA key is made here, not while a test waits
    });
    after(() => app.stop());

    const web: oauth.Client = { client_id: 'web' };
    const webSecret = oauth.ClientSecretBasic('web-secret-of-32-random-letters');
    const billing: oauth.Client = { client_id: 'billing' };
    const billingSecret = oauth.ClientSecretBasic('billing-secret-of-32-characters');

    const login = async (scope: string, resource?: string) => {

        const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
        const url = new URL(as.authorization_endpoint ?? '');
        url.search = new URLSearchParams({
            response_type: 'code', client_id: 'web', redirect_uri: app.callback, scope, state, nonce, ...resource === undefined ? {} : { resource },
            code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256'
        }).toString();
        const parameters = oauth.validateAuthResponse(as, web, await signInAndDecide(url), state);
        const response = await oauth.authorizationCodeGrantRequest(as, web, webSecret, parameters, app.callback, verifier, insecure);
        expect(response.headers.get('cache-control')).to.equal('no-store');
        const tokens = await oauth.processAuthorizationCodeResponse(as, web, response, { expectedNonce: nonce, requireIdToken: true });
        await oauth.validateApplicationLevelSignature(as, response, insecure);
        return tokens;
    };

    const refresh = async (token = '') => await oauth.processRefreshTokenResponse(as, web, await oauth.refreshTokenGrantRequest(as, web, webSecret, token, insecure));

    const introspect = async (token: string, client = web, secret = webSecret) =>
        await oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, secret, token, insecure));

    it('asks UserInfo who the user is, and understands why it is not told', async () => {

        const { access_token: token } = await login('openid email reports:read');
        const userinfo = async (value: string) => await oauth.processUserInfoResponse(as, web, 'user-1', await oauth.userInfoRequest(as, web, value, insecure));
        expect<object>({ ...await userinfo(token) }).to.equal({ sub: 'user-1', email: 'ada@example.com', email_verified: true });
        const { access_token: without } = await login('reports:read email').catch(() => ({ access_token: 'unknown' }));
        const err = await expect(userinfo(without)).to.reject(oauth.WWWAuthenticateChallengeError);
        expect(err.cause[0]?.parameters.error).to.equal('invalid_token');
    });

    it('finds the endpoints for introspection and revocation', () => {

        expect([as.introspection_endpoint, as.revocation_endpoint]).to.equal([`${app.url}/oauth2/introspect`, `${app.url}/oauth2/revoke`]);
    });

    it('gets access tokens that any resource server can validate by the published keys alone (RFC 9068)', async () => {

        const { access_token: token } = await login('openid reports:read');
        const request = new Request(`${app.url}/reports`, { headers: { authorization: `Bearer ${token}` } });
        const claims = await oauth.validateJwtAccessToken(as, request, 'https://reports.example.com', insecure);
        expect(JSON.stringify([claims.client_id, claims.sub, claims.scope, claims['plan']])).to.equal('["web","user-1","openid reports:read","gold"]');
    });

    it('refreshes, and cannot come back with a token whose successor was used', async () => {

        const first = await login('openid offline_access reports:read');
        const next = await refresh((await refresh(first.refresh_token)).refresh_token);
        expect(await refusal(refresh(first.refresh_token))).to.equal([400, 'invalid_grant']);
        await refresh(next.refresh_token);                          // Within the grace window a used successor refuses, and ends nothing
    });

    it('gets an opaque token for the resource that wants one, which may introspect it', async () => {

        const { access_token: token } = await login('openid invoices:read', 'https://billing.example.com');
        const { active, sub, aud } = await introspect(token, billing, billingSecret);
        expect([active, sub, aud]).to.equal([true, 'user-1', 'https://billing.example.com']);
        expect((await introspect(token)).active).to.be.true();
    });

    it('gets a token for a machine, and revokes it', async () => {

        const nightly: oauth.Client = { client_id: 'nightly' };
        const secret = oauth.ClientSecretBasic('nightly-secret-of-32-characters');
        const { access_token: token } = await oauth.processClientCredentialsResponse(as, nightly, await oauth.clientCredentialsGrantRequest(as, nightly, secret, {}, insecure));
        expect((await introspect(token, nightly, secret)).active).to.be.true();
        expect((await introspect(token)).active).to.be.false();
        await oauth.processRevocationResponse(await oauth.revocationRequest(as, nightly, secret, token, insecure));
        expect<object>(await introspect(token, nightly, secret)).to.equal({ active: false });
    });
});
