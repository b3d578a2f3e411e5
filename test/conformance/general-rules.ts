import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { client1, client2, clientPost, startCertification, type RunningCertification } from '../fixture/certification';
import { RelyingParty, entropyOf, knownMembers, longState } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

describe('the rules of every module', { timeout: 30_000 }, () => {

    let op: RunningCertification;
    let rp: RelyingParty;
    before(async () => {

        op = await startCertification();
        rp = await RelyingParty.start(op);
    });
    after(() => op.stop());

    it('rule 1: discovery', async () => {

        const { status, headers, json } = await op.call(`${op.issuer}/.well-known/openid-configuration`);
        expect([status, headers.get('content-type')?.split(';')[0]]).to.equal([200, 'application/json']);
        expect(Object.keys(json)).to.include(['authorization_endpoint', 'token_endpoint', 'issuer', 'jwks_uri']);
        expect(Object.entries(json).filter(([name, value]) => name.endsWith('_endpoint') && !String(value).startsWith(`${op.issuer}/`))).to.equal([]);
        expect(Object.keys(json).filter((name) => !knownMembers.includes(name))).to.equal([]);
    });

    it('rule 2: keys', () => {

        const { keys } = rp.jwks;
        expect(keys.length).to.be.above(0);
        expect(keys.map((key) => Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].includes(name)))).to.equal(keys.map(() => []));
        expect(keys.every(({ kid }) => typeof kid === 'string' && kid !== '')).to.be.true();
        expect(new Set(keys.map(({ kid }) => kid)).size).to.equal(keys.length);
        expect(keys.map(({ kty, crv, alg }) => [kty, crv, alg].join(' '))).to.only.include(['RSA  RS256', 'EC P-256 ES256']);
    });

    it('rule 3: client authentication', () => {

        expect(rp.metadata.token_endpoint_auth_methods_supported).to.include(['client_secret_basic', 'client_secret_post']);
    });

    it('rule 4: form-encoded Basic', async () => {

        const browser = op.browser();
        for (const client of [client1, client2, clientPost]) {
            await rp.signIn(browser, {}, { client });
        }

        const { sent, parameters } = rp.request(client1);
        const code = rp.codeOf(await rp.visit(browser, parameters), sent);
        const authorization = `Basic ${Buffer.from([client1.id, client1.secret].map((text) => text.replace(/-/g, '%2D').replace(/1/g, '%31')).join(':')).toString('base64')}`;
        const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: client1.redirectUri }).toString();
        rp.tokenReply(await op.call(rp.endpoint('token'), { method: 'POST', headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' }, body }));
    });

    it('rule 5: authorization responses', async () => {

        const browser = op.browser();
        const state = longState();
        const { outcome: { callback } } = await rp.signIn(browser, { state }, { client: client2 });
        expect(state).to.have.length(128);
        expect([...callback?.url.searchParams ?? []].map(([name]) => name)).to.equal(['dummy1', 'dummy2', 'code', 'state', 'iss']);

        const long = longState().repeat(8).slice(0, 1000);
        await rp.signIn(browser, { state: long });
        await rp.signIn(browser, { state: undefined });

        for (const changes of [{ scope: 'openid', max_age: 'soon\n"\\ü' }, { response_type: 'token' }, { response_mode: '\u00fc' }, { code_challenge: 'short' }, { prompt: 'none login' }, { id_token_hint: 'x' }, { claims: '{' }]) {
            const { sent, parameters } = rp.request(client2, { ...changes, state });
            expect(rp.errorOf(await rp.visit(browser, parameters), sent)).to.match(/^[a-z_]+$/);
        }
    });

    it('rule 6: entropy', async () => {

        const browser = op.browser();
        const { code, reply } = await rp.signIn(browser, { scope: 'openid offline_access', prompt: 'consent' });
        expect([code, reply.access_token, reply.refresh_token].map((value) => entropyOf(String(value)) > 96)).to.equal([true, true, true]);
        expect((await rp.signIn(browser)).code).to.not.equal(code);
    });

    it('rule 7: token responses', async () => {

        const { reply } = await rp.signIn(op.browser(), { scope: 'openid offline_access', prompt: 'consent' });
        const refreshed = rp.tokenReply(await rp.token(client1, { grant_type: 'refresh_token', refresh_token: String(reply.refresh_token) }));
        expect([reply, refreshed].map((json) => [typeof json.access_token, json.token_type, typeof json.id_token, json.expires_in])).to.equal([['string', 'Bearer', 'string', 3600], ['string', 'Bearer', 'string', 3600]]);
    });

    it('rule 8: token errors', async () => {

        const refused = async (parameters: Parameters<typeof rp.token>[1], client = client1) => rp.tokenError(await rp.token(client, parameters));
        expect(await refused({ grant_type: 'authorization_code', code: 'unknown', redirect_uri: client1.redirectUri })).to.equal('invalid_grant');
        expect(await refused({ grant_type: 'refresh_token', refresh_token: 'unknown' })).to.equal('invalid_grant');
        expect(await refused({ grant_type: 'refresh_token' })).to.equal('invalid_request');
        expect(await refused({ grant_type: 'password' })).to.equal('unsupported_grant_type');
        expect(await refused({})).to.equal('invalid_request');
        expect(await refused({ grant_type: 'refresh_token', refresh_token: 'unknown' }, { ...client1, secret: 'wrong' })).to.equal('invalid_client');
        expect(await refused({ grant_type: 'refresh_token', refresh_token: 'unknown' }, { ...clientPost, secret: 'wrong' })).to.equal('invalid_client');
    });

    it('rule 9: ID tokens', async () => {

        const { claims } = await rp.signIn(op.browser(), { scope: 'openid profile email address phone', nonce: longState() });
        expect(Object.keys(claims).sort()).to.equal(['acr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'nonce', 'sid', 'sub']);
        expect(claims.aud).to.equal('client1');
        expect(Number(claims.auth_time)).to.be.at.most(rp.now());
    });

    it('rule 10: UserInfo', async () => {

        const signedIn = await rp.signIn(op.browser(), { scope: 'openid profile email address phone' });
        const [get, header, body] = [await rp.toldOf(signedIn), await rp.toldOf(signedIn, 'post-header'), await rp.toldOf(signedIn, 'post-body')];
        expect([header, body]).to.equal([get, get]);
        expect(Object.keys(get)).to.have.length(20);
        expect((await rp.userinfo('unknown')).status).to.equal(401);
        expect((await rp.userinfo(signedIn.idToken)).status).to.equal(401);
    });

    it('rule 11: remembered consent', async () => {

        const browser = op.browser();
        await rp.signIn(browser, { scope: 'openid email' });
        const { outcome } = await rp.signIn(browser, { scope: 'openid email', prompt: 'none' });
        expect(outcome.seen).to.equal([]);
        const stranger = await RelyingParty.start(op);
        const { sent, parameters } = stranger.request(client2, { prompt: 'none', scope: 'openid email phone' });
        expect(['consent_required', 'login_required']).to.include(rp.errorOf(await rp.visit(op.browser(), parameters), sent));
    });

    it('rule 12: unknown parameters, order, and forms', async () => {

        const browser = op.browser();
        const extra = { extra: 'foobar', 'x-y.z': '', display: 'wap', scope: 'phone openid  email'.replace('  ', ' ') };
        await rp.signIn(browser, extra);
        const { outcome } = await rp.signIn(browser, { ...extra, scope: 'email openid phone' }, { post: true });
        expect(outcome.seen).to.equal([]);
    });
});
