import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { BearerToken, MemoryStore, OAuth2AuthorizationCodeBuilder, type IssueCode, type ProvenCodeContext } from '../../lib';
import { pluginName } from '../../lib/authorization-server/plugin-name';
import { endCode } from '../../lib/flows/proven-code';
import { injectedBrowser } from '../fixture/injected-browser';
import { claimsOf } from '../fixture/jwt';
import { codeChallenge } from '../fixture/flows';
import { basic, provision } from '../fixture/provision';
import { clients, login, redirectUri, registeredServer, webAuthorization } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Handler = IssueCode<ProvenCodeContext, { readonly code: string }>;

const failing = async (issueCode: Handler) => {

    const bench = await registeredServer([login().authorizationRoute((route) => route.issueCode(issueCode))]);
    const { statusCode, location } = await bench.authorize();
    const { items } = await bench.server.oauth2.grants.list({ subject: 'alice' });
    return { statusCode, error: new URL(location).searchParams.get('error'), description: new URL(location).searchParams.get('error_description'), grants: items.length };
};

const refused = (error: string, description: string | null) => ({ statusCode: 303, error, description, grants: 0 });

describe('The code of a registered client', () => {

    it('opens a grant for who signed in, what was agreed to and the flow, and is redeemed for all kinds of tokens', async () => {

        const { server, authorize, redeem, events, clock } = await registeredServer([login()]);
        const { location } = await authorize();
        expect([...new URL(location).searchParams.keys()]).to.equal(['code', 'state', 'iss']);
        const { items: [grant] } = await server.oauth2.grants.list({ subject: 'alice' });
        const seconds = clock.now() / 1000;
        expect(grant).to.include({ clientId: 'web', subject: 'alice', scopes: ['openid', 'email', 'offline_access'], resources: ['http://localhost'], flow: 'oidc-authorization-code', authTime: seconds, createdAt: seconds, data: {} });
        const { statusCode, body } = await redeem(location);
        expect(statusCode).to.equal(200);
        expect(Object.keys(body).sort()).to.equal(['access_token', 'expires_in', 'id_token', 'refresh_token', 'scope', 'token_type']);
        expect(claimsOf(body.access_token)).to.include({ sub: 'alice', client_id: 'web', aud: 'http://localhost', scope: 'openid email offline_access', grant_id: grant?.id });
        expect(claimsOf(body.id_token)).to.include({ sub: 'alice', aud: 'web', nonce: 'n', auth_time: seconds });
        expect(events.filter(({ tags }) => tags.includes('issued')).map(({ data }) => data)).to.equal([
            { client_id: 'web', subject: 'alice', grant_id: grant?.id, scope: 'openid email offline_access', issued: ['authorization_code'] },
            { grant_type: 'authorization_code', client_id: 'web', subject: 'alice', grant_id: grant?.id, scope: 'openid email offline_access', issued: ['access_token', 'refresh_token', 'id_token'] }
        ]);
    });

    it('expires after a minute', async () => {

        const { authorize, redeem, clock } = await registeredServer([login()]);
        const { location } = await authorize();
        clock.advance(59);
        expect((await redeem(location)).statusCode).to.equal(200);
        const late = await authorize();
        clock.advance(60);
        expect((await redeem(late.location)).body.error).to.equal('invalid_grant');
    });

    it('carries what a handler makes of it: a narrower grant, data of its own, a shorter life', async () => {

        const { server, authorize, redeem, clock } = await registeredServer([login().authorizationRoute((route) => route.issueCode(async ({ client, subject, uuid, grantIssuer, getDefaultGrantData, authorizationCodeIssuer, getDefaultAuthorizationCodeData }) => {

            const grant = await grantIssuer.issue({ ...getDefaultGrantData(), scopes: ['openid'], organization: `${client.id} ${subject} ${uuid().length}` });
            const data = getDefaultAuthorizationCodeData();
            return { code: grant.scopes.length === 1 ? await authorizationCodeIssuer.issue({ ...data, exp: data.exp - 30, note: 'kept' }) : '' };
        }))]);
        const { location } = await authorize();
        const { items: [grant] } = await server.oauth2.grants.list({ clientId: 'web' });
        expect(grant).to.include({ scopes: ['openid'], data: { organization: 'web alice 36' } });
        clock.advance(29);
        const { body } = await redeem(location);
        expect(body.scope).to.equal('openid');
        expect(body.refresh_token).to.be.undefined();
    });

    it('is not issued for more than was agreed to, twice, for longer, or after a failure, and nothing is left then', async () => {

        const data = { exp: 1_893_456_000 + 60 };
        expect(await failing(async ({ grantIssuer, getDefaultGrantData, defaultResponse }) => {

            await grantIssuer.issue({ ...getDefaultGrantData(), scopes: ['openid', 'admin'] });
            return await defaultResponse();
        })).to.equal(refused('server_error', 'The server could not answer this request'));
        expect((await failing(async ({ grantIssuer, getDefaultGrantData, defaultResponse }) => {

            await grantIssuer.issue({ ...getDefaultGrantData(), resources: ['https://elsewhere.example'] });
            return await defaultResponse();
        })).error).to.equal('server_error');
        expect((await failing(async ({ grantIssuer, getDefaultGrantData, authorizationCodeIssuer }) => {

            const code = await authorizationCodeIssuer.issue(data);
            await grantIssuer.issue(getDefaultGrantData());
            return { code };
        })).error).to.equal('server_error');
        expect((await failing(async ({ authorizationCodeIssuer }) => {

            await authorizationCodeIssuer.issue(data);
            return { code: await authorizationCodeIssuer.issue(data) };
        })).error).to.equal('server_error');
        expect((await failing(async ({ authorizationCodeIssuer }) => ({ code: await authorizationCodeIssuer.issue({ exp: data.exp + 1 }) }))).error).to.equal('server_error');
        expect((await failing(async ({ authorizationCodeIssuer }) => ({ code: await authorizationCodeIssuer.issue({ exp: data.exp - 60 }) }))).error).to.equal('server_error');
        expect((await failing(async ({ authorizationCodeIssuer }) => ({ code: await authorizationCodeIssuer.issue({ exp: data.exp - 0.5 }) }))).error).to.equal('server_error');
        expect((await failing(() => {

            throw new Error('hunter2');
        })).description).to.equal('The server could not answer this request');
    });

    it('is what the default answer gives that the handler has issued already, and comes from no issuer that was kept', async () => {

        const kept: (() => Promise<unknown>)[] = [];
        const { authorize, redeem, server } = await registeredServer([login().authorizationRoute((route) => route.issueCode(async ({ grantIssuer, getDefaultGrantData, authorizationCodeIssuer, getDefaultAuthorizationCodeData, defaultResponse }) => {

            kept.push(() => authorizationCodeIssuer.issue(getDefaultAuthorizationCodeData()), () => grantIssuer.issue(getDefaultGrantData()), defaultResponse);
            await grantIssuer.issue({ ...getDefaultGrantData(), org: 'acme' });
            const code = await authorizationCodeIssuer.issue(getDefaultAuthorizationCodeData());
            const { code: same } = await defaultResponse();
            return { code: same === code ? same : 'another' };
        }))]);
        expect((await redeem((await authorize()).location)).statusCode).to.equal(200);
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items[0]?.data).to.equal({ org: 'acme' });
        for (const late of kept.slice(0, 2)) {
            await expect(late()).to.reject(/kept and called after its handler/);
        }
    });

    it('attack: is of no grant that was narrowed to nothing', async () => {

        expect(await failing(async ({ grantIssuer, getDefaultGrantData, defaultResponse }) => {

            await grantIssuer.issue({ ...getDefaultGrantData(), scopes: [] });
            return await defaultResponse();
        })).to.equal(refused('invalid_scope', 'No scope is left of those that were granted'));
    });

    it('is the one that the handler issued: no text of its own reaches a client, and null is no answer', async () => {

        expect((await failing(async ({ defaultResponse }) => ({ code: `${(await defaultResponse()).code.slice(0, -1)}-` }))).error).to.equal('server_error');
        for (const answer of ['null', '"text"', '{}', '{"code":1}']) {
            expect((await failing(async ({ defaultResponse }) => JSON.parse(await defaultResponse().then(() => answer)))).error, answer).to.equal('server_error');
        }

        expect((await failing(() => ({ code: 'made-up' }))).error).to.equal('server_error');
        expect((await failing(() => ({ code: `c${'A'.repeat(65)}` }))).error).to.equal('server_error');
        expect((await failing(() => JSON.parse('null'))).error).to.equal('server_error');
        expect((await failing(() => JSON.parse('"text"'))).error).to.equal('server_error');
        expect((await failing(() => JSON.parse('{"error":"made_up"}'))).error).to.equal('server_error');
        expect((await failing(() => JSON.parse('{"code":1}'))).error).to.equal('server_error');
    });

    it('is refused by the handler in words of its own', async () => {

        expect(await failing(() => ({ error: 'access_denied', error_description: 'Not today' }))).to.equal(refused('access_denied', 'Not today'));
        expect((await failing(() => ({ error: 'access_denied' }))).error).to.equal('access_denied');
        expect(await failing(({ error }) => {

            throw error('access_denied', 'Never');
        })).to.equal(refused('access_denied', 'Never'));
    });

    it('rule 11: ends all that it gave when it comes a second time', async () => {

        const { authorize, redeem, post } = await registeredServer([login()]);
        const { location } = await authorize();
        const { body } = await redeem(location);
        expect((await redeem(location)).body.error).to.equal('invalid_grant');
        expect((await post('/oauth2/introspect', { token: String(body.access_token) }, webAuthorization)).body).to.equal({ active: false });
        expect((await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }, webAuthorization)).body.error).to.equal('invalid_grant');
    });

    it('rule 15: access without the user is for clients that may refresh, and only where users are asked', async () => {

        const asked = await registeredServer([login()]);
        expect((await asked.redeem((await asked.authorize()).location)).body.scope).to.equal('openid email offline_access');
        const silent = await registeredServer([login()], (hub) => hub.setConsent('none'));
        const { body } = await silent.redeem((await silent.authorize()).location);
        expect(body.scope).to.equal('openid email');
        expect(body.refresh_token).to.be.undefined();
    });

    it('rule 12: needs no challenge where the hub exempts confidential clients, and takes no verifier then', async () => {

        const bench = await registeredServer([login()], (hub) => hub.requirePkce('public'));
        const { location } = await bench.authorize({ code_challenge: '', code_challenge_method: '' });
        expect((await bench.redeem(location)).body.error).to.equal('invalid_grant');
        const code = new URL(location).searchParams.get('code') ?? '';
        expect((await bench.post('/oauth2/token', { grant_type: 'authorization_code', code, redirect_uri: redirectUri }, webAuthorization)).statusCode).to.equal(200);
    });

    it('gives a client that may not refresh no access without the user', async () => {

        const { authorize, redeem } = await registeredServer([login()]);
        const { location } = await authorize({ client_id: 'other', scope: 'openid email offline_access' });
        const { body } = await redeem(location, { authorization: basic('other', 'other-secret') });
        expect(body.scope).to.equal('openid email');
        expect(body.refresh_token).to.be.undefined();
    });

    it('is not given out when the store has its grant already', async () => {

        class Forgetful extends MemoryStore {

            override async openGrant(): Promise<boolean> {

                return await Promise.resolve(false);
            }
        }

        const { authorize } = await registeredServer([login()], (hub) => hub.setStore(new Forgetful({ clock: Date.now })));
        expect(new URL((await authorize()).location).searchParams.get('error')).to.equal('server_error');
    });

    it('attack: is one for two clicks at the same moment, and the grant of the other is ended', async () => {

        const atOnce: (() => void)[] = [];
        const flow = login().authorizationRoute((route) => route.issueCode(async ({ defaultResponse }) => {

            await new Promise<void>((resolve) => {               // Until both are here

                atOnce.push(resolve);
                if (atOnce.length === 2) {
                    atOnce.forEach((go) => go());
                }
            });
            return await defaultResponse();
        }));
        const { server, authorizeUrl, redeem } = await registeredServer([flow]);
        const browser = injectedBrowser(server);
        const asked = await browser.submit(await browser.open(authorizeUrl()), { username: 'alice', password: 'right' });
        const [one, other] = await Promise.all([browser.submit(asked, { decision: 'allow' }), browser.submit(asked, { decision: 'allow' })]);
        expect(one.location).to.equal(other.location).and.to.contain('code=');
        expect((await server.oauth2.grants.list({ subject: 'alice' })).items.length).to.equal(1);
        expect((await redeem(one.location)).statusCode).to.equal(200);
    });

    it('that reaches nobody ends its grant, and a text that is no code ends nothing', async () => {

        const { server, authorize } = await registeredServer([login()]);
        const { store } = server.plugins[pluginName].authorizationServer;
        const code = new URL((await authorize()).location).searchParams.get('code') ?? '';
        const grants = async () => (await server.oauth2.grants.list({ subject: 'alice' })).items.length;
        await endCode(store, 'no code');
        expect(await grants()).to.equal(1);
        await endCode(store, code);
        expect(await grants()).to.equal(0);
    });

    it('knows its users and its consent by the flow\'s own words, too', async () => {

        const flow = login().authorizationRoute((route) => route.authenticateUser(({ username }) => ({ subject: `u-${username}`, acr: 'high', amr: ['otp'] })).setConsent('none'));
        const { server } = await provision([flow], (hub) => hub.setClients(clients));
        const url = `/oauth2/authorize?${new URLSearchParams({ response_type: 'code', client_id: 'web', redirect_uri: redirectUri, scope: 'openid', code_challenge: codeChallenge, code_challenge_method: 'S256' }).toString()}`;
        const browser = injectedBrowser(server);
        const { statusCode } = await browser.submit(await browser.open(url), { username: 'ada', password: 'any' });
        expect(statusCode).to.equal(303);
        expect((await server.oauth2.grants.list({ subject: 'u-ada' })).items[0]).to.include({ acr: 'high', amr: ['otp'] });
    });

    it('leads to tokens in the format of their resource, opaque ones whatever the flow says of JWTs', async () => {

        const flow = login().useAccessTokenJwks(false);
        const { server, authorize, redeem } = await registeredServer([flow], (hub) => hub.setResources({ 'https://api.example.com': { format: 'opaque' } }));
        server.route({ method: 'GET', path: '/me', options: { auth: 'oauth2' }, handler: ({ auth }) => ({ id: auth.credentials.user?.id }) });
        const { body } = await redeem((await authorize()).location);
        expect(String(body.access_token).length).to.equal(66);
        const { statusCode, payload } = await server.inject({ url: '/me', headers: { authorization: `Bearer ${String(body.access_token)}` } });
        expect([statusCode, payload]).to.equal([200, '{"id":"alice"}']);
    });

    it('leads to refresh tokens that are bound to what the request proved', async () => {

        class Bound extends BearerToken {

            override bind() {

                return JSON.parse('{"jkt":"key"}');
            }
        }

        const { authorize, redeem, post } = await registeredServer([login().setTokenType(new Bound())]);
        const { body } = await redeem((await authorize()).location);
        expect(claimsOf(body.access_token).cnf).to.equal({ jkt: 'key' });
        expect((await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(body.refresh_token) }, webAuthorization)).statusCode).to.equal(200);
    });

    it('is of plain OAuth, too: no ID token', async () => {

        const { server, authorizeUrl, redeem } = await registeredServer([OAuth2AuthorizationCodeBuilder.create().setScopes({ email: 'x' }).authorizationRoute((route) => route.setPath('/login'))], (hub) => hub.setConsent('none'));
        expect((await server.inject(authorizeUrl())).statusCode).to.equal(404);
        const browser = injectedBrowser(server);
        const { location } = await browser.submit(await browser.open(authorizeUrl({ scope: 'email' }).replace('/oauth2/authorize', '/login')), { username: 'alice', password: 'right' });
        const { body } = await redeem(location);
        expect(body).to.include({ token_type: 'Bearer', scope: 'email' }).and.not.include('id_token');
    });
});
