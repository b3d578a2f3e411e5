import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, ClientSecretJwt, OAuth2ClientCredentialsBuilder, OAuth2DeviceAuthorizationBuilder, type ClientMetadata } from '../../lib';
import { assertionType, signed } from '../fixture/assertion';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { quietServer } from '../fixture/flows';
import { foreignStore } from '../fixture/level-2';
import { basic } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { deviceCodeType } from '../fixture/registered-server';
import { registrationServer } from '../fixture/registration';
import { outcomeOf, ruleClients, ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hmacSecret = 'a secret of thirty-two octets!!!';
const oddSecret = 'm:a%s+i c%2Bü€&=';
const robot = { grant_types: ['client_credentials'], scope: 'email' };
const clients: readonly ClientMetadata[] = [
    ...ruleClients,
    { ...robot, client_id: 'post', client_secret: 'post-secret', token_endpoint_auth_method: 'client_secret_post' },
    { ...robot, client_id: 'odd', client_secret: oddSecret },
    { ...robot, client_id: 'hmac', client_secret: hmacSecret, token_endpoint_auth_method: 'client_secret_jwt' },
    { ...robot, client_id: 'hmac384', client_secret: `${hmacSecret}${hmacSecret}`, token_endpoint_auth_method: 'client_secret_jwt', token_endpoint_auth_signing_alg: 'HS384' },
    { ...robot, client_id: 'key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicHalf(clientKeys.es256)] } },
    { ...robot, client_id: 'legacy', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicHalf(clientKeys.es256)] }, legacy_assertion_audience: true },
    { ...robot, client_id: 'reader', client_secret: 'reader-secret', resources: ['https://api.example.com'] }
];

const issuer = 'http://localhost';

/** The server, and clients that authenticate in each way. */
const authenticating = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const bench = await ruleServer({ clients, configure });
    let count = 0;
    const token = async (parameters: Readonly<Record<string, string | null>>, authorization?: string, url = '/oauth2/token') =>
        await bench.send(url, { grant_type: 'client_credentials', ...parameters }, null, authorization === undefined ? {} : { headers: { authorization } });
    const assertion = async (clientId: string, claims: object = {}, { alg = 'ES256', key = clientKeys.es256 }: { readonly alg?: string; readonly key?: object | string } = {}) => {

        const now = bench.clock.now() / 1000;
        const value = await signed({ alg }, { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + 60, jti: `jti-${++count}`, ...claims }, key);
        return { client_assertion: value, client_assertion_type: assertionType };
    };

    const assert = async (clientId: string, claims: object = {}, signing: Parameters<typeof assertion>[2] = {}) => (await token(await assertion(clientId, claims, signing))).statusCode;
    return { ...bench, token, assertion, assert };
};

describe('Client authentication: rule 20', () => {

    it('rule 20: the method is what carries a credential, and two of them are invalid_request even if both are right', async () => {

        const { token, assertion } = await authenticating();
        const header = basic('machine', 'machine-secret');
        const both: readonly (readonly [Readonly<Record<string, string>>, string | undefined])[] = [
            [{ client_id: 'machine', client_secret: 'machine-secret' }, header], [await assertion('key'), header], [{ client_id: 'post', client_secret: 'post-secret', ...await assertion('key') }, undefined], [{ client_secret: 'x' }, 'Bearer x']
        ];
        for (const [parameters, authorization] of both) {
            expect((await token(parameters, authorization)).body.error).to.equal('invalid_request');
        }

        expect((await token({ client_secret: '', client_assertion: '' }, header)).statusCode).to.equal(200);
    });

    it('rule 20: a request without a credential is one by none', async () => {

        const { token, code, redeem, reason } = await authenticating();
        expect((await token({ client_id: 'machine' })).body.error).to.equal('invalid_client');
        expect(reason()).to.equal('client_authentication_method_not_registered');
        const spa = 'https://spa.example.com/cb';
        expect((await redeem(await code({ client_id: 'spa', redirect_uri: spa }), 'spa', { redirect_uri: spa })).statusCode).to.equal(200);
    });

    it('rule 20: client_id in the body may accompany any credential, and has to agree', async () => {

        const { token, assertion } = await authenticating();
        for (const id of ['machine', 'other']) {
            expect((await token({ client_id: id }, basic('machine', 'machine-secret'))).statusCode).to.equal(id === 'machine' ? 200 : 400);
        }

        expect((await token({ client_id: 'key', ...await assertion('key') })).statusCode).to.equal(200);
        expect((await token({ client_id: 'legacy', ...await assertion('key') })).body.error).to.equal('invalid_request');
    });

    it('rule 20: Basic is compared form-decoded and as sent, and where it cannot be decoded as sent', async () => {

        const { token } = await authenticating();
        const raw = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
        expect([(await token({}, basic('odd', oddSecret))).statusCode, (await token({}, raw('odd', oddSecret))).statusCode]).to.equal([200, 200]);
        for (const wrong of [oddSecret.replace('+', ' '), oddSecret.replace('%2B', '+'), encodeURIComponent(encodeURIComponent(oddSecret)), `${oddSecret} `, oddSecret.toUpperCase()]) {
            expect((await token({}, raw('odd', wrong))).statusCode, wrong).to.equal(401);
        }
    });

    it('rule 20: an empty Basic secret is invalid_client', async () => {

        const { token } = await authenticating();
        for (const header of ['Basic bWFjaGluZTo=', 'Basic', 'Basic Og==', 'Basic OnNlY3JldA==', 'Basic !', `Basic ${Buffer.from('spa:').toString('base64')}`]) {
            expect((await token({}, header)).body.error, header).to.equal('invalid_client');
        }
    });

    it('rule 20: a generated secret is base64url', async () => {

        const { registered } = await registrationServer();
        expect((await registered()).secret).to.match(/^[\w-]{43}$/);
    });

    it('rule 20: metadata lists the union of what is accepted, and each flow its own set, after the look-up by grant_type', async () => {

        const machines = OAuth2ClientCredentialsBuilder.create().addClientAuthenticationMethod(new ClientSecretJwt().addAlgorithm('HS256'));
        const devices = OAuth2DeviceAuthorizationBuilder.create().setScopes({ email: 'Your e-mail address' }).addClientAuthenticationMethod('none');
        const { document, clock, send, reason } = await ruleServer({ clients, flows: [machines, devices] });
        const assertion = async () => ({ client_assertion_type: assertionType, client_assertion: await signed({ alg: 'HS256' }, { iss: 'hmac', sub: 'hmac', aud: issuer, exp: clock.now() / 1000 + 60, jti: 'one' }, hmacSecret) });
        expect((await document()).token_endpoint_auth_methods_supported).to.equal(['client_secret_jwt', 'none']);
        expect((await send('/oauth2/token', { grant_type: 'client_credentials' }, 'machine')).body.error).to.equal('invalid_client');
        expect(reason()).to.equal('client_authentication_method_not_accepted');
        expect((await send('/oauth2/token', { grant_type: 'client_credentials', ...await assertion() }, null)).statusCode).to.equal(200);
        expect((await send('/oauth2/token', { grant_type: deviceCodeType, device_code: 'x' }, 'tv')).body.error).to.equal('invalid_grant');
        expect((await send('/oauth2/token', { grant_type: deviceCodeType, device_code: 'x', ...await assertion() }, null)).body.error).to.equal('invalid_client');
    });

    it('rule 20: then the client\'s registered method decides: another is refused with the right secret', async () => {

        const { token } = await authenticating();
        expect((await token({ client_id: 'machine', client_secret: 'machine-secret' })).body.error).to.equal('invalid_client');
        expect((await token({}, basic('post', 'post-secret'))).body.error).to.equal('invalid_client');
        expect((await token({ client_id: 'post', client_secret: 'post-secret' })).statusCode).to.equal(200);
    });

    it('rule 20: client credentials, token exchange and introspection refuse none', async () => {

        const { send } = await authenticating();
        expect((await send('/oauth2/token', { grant_type: 'client_credentials', scope: 'email' }, 'spa')).statusCode).to.be.above(399);
        expect((await send('/oauth2/introspect', { token: 'x' }, 'spa')).body.error).to.equal('invalid_client');
        for (const grantType of ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'urn:openid:params:grant-type:ciba']) {
            const record: ClientMetadata = { client_id: 'open', token_endpoint_auth_method: 'none', grant_types: [grantType] };
            expect(await refusalOf(quietServer(), AuthorizationServerBuilder.create().setClients([record]))).to.include('has to prove who it is');
        }

        expect(await refusalOf(quietServer(), OAuth2ClientCredentialsBuilder.create().addClientAuthenticationMethod('none').tokenRoute((route) => route.generateToken(() => null)))).to.include('\'none\'');
    });

    it('rule 20: without addClientAuthenticationMethod level 2 accepts what its clients are registered for', async () => {

        const { token, assert, document } = await authenticating();
        expect([(await token({}, basic('machine', 'machine-secret'))).statusCode, (await token({ client_id: 'post', client_secret: 'post-secret' })).statusCode]).to.equal([200, 200]);
        expect([await assert('key'), await assert('hmac', {}, { alg: 'HS256', key: hmacSecret })]).to.equal([200, 200]);
        expect((await document()).token_endpoint_auth_methods_supported).to.only.include(['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none']);
    });
});

describe('Client authentication: rule 21', () => {

    it('rule 21: aud of an assertion is the issuer and nothing else, as a string or an array of one', async () => {

        const { assert } = await authenticating();
        expect([await assert('key'), await assert('key', { aud: [issuer] })]).to.equal([200, 200]);
        for (const aud of [`${issuer}/oauth2/token`, `${issuer}/`, 'https://evil.example.com', [issuer, 'https://evil.example.com'], [issuer, issuer], [[issuer]], [], null, undefined, { 0: issuer }]) {
            expect(await assert('key', { aud }), JSON.stringify(aud)).to.equal(401);
        }
    });

    it('rule 21: legacy_assertion_audience lets a client use the token endpoint\'s URL, and no other URL ever', async () => {

        const { assert, send, assertion } = await authenticating();
        expect([await assert('legacy', { aud: `${issuer}/oauth2/token` }), await assert('legacy', { aud: issuer })]).to.equal([200, 200]);
        for (const aud of [`${issuer}/oauth2/introspect`, `${issuer}/oauth2/revoke`, `${issuer}/oauth2/par`, `${issuer}/oauth2/token/`, `${issuer}/oauth2/token?x`, [issuer, `${issuer}/oauth2/token`]]) {
            expect(await assert('legacy', { aud }), JSON.stringify(aud)).to.equal(401);
        }

        expect((await send('/oauth2/introspect', { token: 'x', ...await assertion('legacy', { aud: `${issuer}/oauth2/introspect` }) }, null)).statusCode).to.equal(401);
    });

    it('rule 21: exp is at most 10 minutes ahead and has not passed', async () => {

        const { assert, clock } = await authenticating();
        const now = clock.now() / 1000;
        expect(await assert('key', { exp: now + 600 })).to.equal(200);
        for (const exp of [now + 601, now, now - 1, undefined, null, String(now + 60), Infinity]) {
            expect(await assert('key', { exp }), String(exp)).to.equal(401);
        }
    });

    it('rule 21: iat and nbf may be 10 seconds ahead, and not over 60', async () => {

        const { assert, clock } = await authenticating();
        const now = clock.now() / 1000;
        for (const name of ['iat', 'nbf']) {
            expect([await assert('key', { [name]: now + 10 }), await assert('key', { [name]: now + 61 }), await assert('key', { [name]: 'now' }), await assert('key', { [name]: undefined })], name).to.equal([200, 401, 401, 200]);
        }
    });

    it('rule 21: jti is required, and remembered per client until exp', async () => {

        const { assert, clock } = await authenticating();
        for (const jti of [undefined, '', 1, null]) {
            expect(await assert('key', { jti })).to.equal(401);
        }

        const now = clock.now() / 1000;
        expect(await assert('key', { jti: 'same', exp: now + 600 })).to.equal(200);
        expect(await assert('legacy', { jti: 'same' })).to.equal(200);
        clock.advance(599);
        expect(await assert('key', { jti: 'same', exp: now + 600 })).to.equal(401);
        clock.advance(1);
        expect(await assert('key', { jti: 'same' })).to.equal(200);
    });

    it('rule 21: jti is remembered only after the signature verified', async () => {

        const { store, calls } = foreignStore(Date.now);
        const { assert } = await authenticating((hub) => hub.setStore(store));
        expect(await assert('key', { jti: 'one' }, { key: clientKeys.otherEs256 })).to.equal(401);
        expect(calls).to.not.include('putIfAbsent');
        expect(await assert('key', { jti: 'one' })).to.equal(200);
    });

    it('rule 21: the algorithm belongs to the client\'s registered method and to its token_endpoint_auth_signing_alg', async () => {

        const { assert } = await authenticating();
        const long = `${hmacSecret}${hmacSecret}`;
        expect([await assert('hmac384', {}, { alg: 'HS384', key: long }), await assert('hmac384', {}, { alg: 'HS256', key: long }), await assert('hmac384', {}, { alg: 'HS512', key: long })]).to.equal([200, 401, 401]);
        expect([await assert('hmac'), await assert('key', {}, { alg: 'HS256', key: JSON.stringify(publicHalf(clientKeys.es256)) })]).to.equal([401, 401]);
    });

    it('rule 21: metadata with JWT methods lists token_endpoint_auth_signing_alg_values_supported, and without does not', async () => {

        const { document } = await authenticating();
        expect((await document()).token_endpoint_auth_signing_alg_values_supported).to.include(['HS256', 'ES256', 'RS256']).and.not.include('none');
        expect((await (await ruleServer()).document()).token_endpoint_auth_signing_alg_values_supported).to.be.undefined();
    });
});

describe('Client authentication: rule 22', () => {

    const resources = { 'https://api.example.com': { scopes: { read: 'Read' } }, 'https://other.example.com': { scopes: { write: 'Write' } } };
    const known = clients.map((client) => (client.client_id === 'web' ? { ...client, scope: 'openid email offline_access read write' } : client));
    const inspecting = async () => await ruleServer({ clients: known, configure: (hub) => hub.setResources(resources) });
    const inactive = { active: false };

    it('rule 22: introspection is for confidential clients, which have to prove who they are', async () => {

        const { send, tokens } = await inspecting();
        const { access_token: token } = await tokens({ scope: 'openid read' });
        for (const [parameters, clientId] of [[{ token: String(token) }, 'spa'], [{ token: String(token), client_id: 'web' }, null], [{ token: String(token) }, null]] as const) {
            expect((await send('/oauth2/introspect', parameters, clientId)).statusCode).to.be.within(400, 401);
        }
    });

    it('rule 22: a client sees its own tokens and those for its resources; all else is not active, and nothing more', async () => {

        const { tokens, introspect } = await inspecting();
        const { access_token: read } = await tokens({ scope: 'openid read' });
        const { access_token: write } = await tokens({ scope: 'openid write' });
        expect([(await introspect(read)).active, (await introspect(write)).active]).to.equal([true, true]);
        expect([(await introspect(read, 'reader')).active, await introspect(write, 'reader'), await introspect(read, 'other')]).to.equal([true, inactive, inactive]);
        for (const text of ['x', `${String(read)}x`, 'a.b.c', '__proto__']) {
            expect(await introspect(text), text).to.equal(inactive);
        }
    });

    it('rule 22: refresh tokens are active for their own client only', async () => {

        const { tokens, introspect } = await inspecting();
        const { refresh_token: value } = await tokens({ scope: 'openid offline_access read' });
        expect([(await introspect(value)).active, await introspect(value, 'reader'), await introspect(value, 'other')]).to.equal([true, inactive, inactive]);
    });

    it('rule 22: revoking another client\'s token leaves it alone and is answered 200, like one that nobody has', async () => {

        const { tokens, send, refresh, get } = await ruleServer();
        const { access_token: access, refresh_token: value } = await tokens();
        const answers: (readonly [number, string])[] = [];
        for (const token of [access, value, 'x', `${String(value)}x`]) {
            const { statusCode, payload } = await send('/oauth2/revoke', { token: String(token) }, 'other');
            answers.push([statusCode, payload]);
        }

        expect(answers.every((answer) => JSON.stringify(answer) === JSON.stringify(answers[0]))).to.be.true();
        expect([answers[0]?.[0], await get(access), (await refresh(value)).statusCode]).to.equal([200, 200, 200]);
        expect((await send('/oauth2/revoke', { token: String(access) }, 'web')).statusCode).to.equal(200);
        expect(await get(access)).to.equal(401);
    });
});

describe('Client authentication: rule 23', { timeout: 60_000 }, () => {

    const times = async (count: number, run: (index: number) => Promise<unknown>) => {

        for (let i = 0; i < count; ++i) {
            await run(i);
        }
    };

    /** The page for a sign-in from somewhere: its form can be sent again and again. */
    const signingIn = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

        const bench = await ruleServer({ clients, configure });
        const enter = async (username: string, password: string, from: { readonly remoteAddress?: string; readonly headers?: Readonly<Record<string, string>> } = {}) => {

            const user = bench.browser();
            const page = await user.open(bench.authorizeUrl());
            const action = /action="([^"]*)"/.exec(page.payload)?.[1]?.replaceAll('&amp;', '&') ?? '';
            const fields = Object.fromEntries([...page.payload.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
            const cookie = [...user.jar].map(([name, value]) => `${name}=${String(value)}`).join('; ');
            const { statusCode } = await bench.send(action, { ...fields, username, password }, null, { remoteAddress: '192.0.2.1', ...from, headers: { cookie, ...from.headers } });
            return statusCode;
        };

        return { ...bench, enter };
    };

    it('rule 23: limits count failures only', async () => {

        const { token } = await authenticating();
        await times(40, async () => expect((await token({}, basic('machine', 'machine-secret'))).statusCode).to.equal(200));
        const { enter } = await signingIn();
        await times(15, async () => expect(await enter('alice', 'right')).to.equal(303));
    });

    it('rule 23: sign-in is counted per name and address', async () => {

        const { enter } = await signingIn();
        await times(10, async () => expect(await enter('alice', 'guess')).to.equal(400));
        expect([await enter('alice', 'right'), await enter('bob', 'right'), await enter('alice', 'right', { remoteAddress: '192.0.2.2' })]).to.equal([429, 303, 303]);
    });

    it('rule 23: sign-in is counted per address, whatever the names', async () => {

        const { enter } = await signingIn();
        await times(50, async (i) => expect(await enter(`user${i}`, 'guess')).to.equal(400));
        expect([await enter('alice', 'right'), await enter('alice', 'right', { remoteAddress: '192.0.2.2' })]).to.equal([429, 303]);
    });

    it('rule 23: client secrets are counted per client and address', async () => {

        const { send } = await authenticating();
        const from = async (clientId: string, secret: string, remoteAddress = '192.0.2.1') => (await send('/oauth2/token', { grant_type: 'client_credentials' }, null, { remoteAddress, headers: { authorization: basic(clientId, secret) } })).statusCode;
        await times(20, async () => expect(await from('machine', 'guess')).to.equal(401));
        expect([await from('machine', 'machine-secret'), await from('reader', 'reader-secret'), await from('machine', 'machine-secret', '192.0.2.2')]).to.equal([429, 200, 200]);
    });

    it('rule 23: a user code is 8 letters of BCDFGHJKLMNPQRSTVWXZ that live for 10 minutes', async () => {

        const { send, browser, clock } = await authenticating();
        const { body } = await send('/oauth2/device_authorization', {}, 'tv');
        expect(body.user_code).to.match(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
        expect(body.expires_in).to.equal(600);
        const enter = async () => {

            const user = browser();
            return (await user.submit(await user.open('/oauth2/device'), { user_code: String(body.user_code), username: 'alice', password: 'right' })).payload.includes('name="decision"');
        };

        clock.advance(599);
        expect(await enter()).to.be.true();
        clock.advance(1);
        expect(await enter()).to.be.false();
    });

    /** A browser that is signed in at the page for devices, and a code that is right. */
    const atDevicePage = async () => {

        const bench = await authenticating();
        const { body } = await bench.send('/oauth2/device_authorization', {}, 'tv');
        const code = String(body.user_code);
        const signedIn = async () => {

            const user = bench.browser();
            await user.submit(await user.open('/oauth2/device'), { user_code: code, username: 'alice', password: 'right' });
            return user;
        };

        const enter = async (user: ReturnType<typeof bench.browser>, userCode: string) => (await user.submit(await user.open('/oauth2/device'), { user_code: userCode })).statusCode;
        return { ...bench, code, signedIn, enter };
    };

    it('rule 23: 5 wrong user codes are allowed per session', async () => {

        const { signedIn, enter, code } = await atDevicePage();
        const [one, other] = [await signedIn(), await signedIn()];
        await times(5, async () => expect(await enter(one, 'BBBB-BBBB')).to.equal(400));
        expect([await enter(one, code), await enter(other, code)]).to.equal([429, 200]);
    });

    it('rule 23: 20 wrong user codes are allowed per address', async () => {

        const { signedIn, enter, code } = await atDevicePage();
        const last = await signedIn();
        await times(4, async () => {

            const user = await signedIn();
            await times(5, async () => expect(await enter(user, 'BBBB-BBBB')).to.equal(400));
        });
        expect(await enter(last, code)).to.equal(429);
    });

    it('rule 23: entry of a user code needs a signed-in user and a CSRF token', async () => {

        const { send, signedIn, code } = await atDevicePage();
        expect((await send('/oauth2/device', { user_code: code }, null)).payload).to.not.include('name="decision"');
        expect((await send('/oauth2/device', { user_code: code, username: 'alice', password: 'right' }, null)).payload).to.not.include('name="decision"');
        const user = await signedIn();
        const page = await user.send({ method: 'POST', url: '/oauth2/device', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: `user_code=${code}` });
        expect(page.payload).to.not.include('name="decision"');
        const foreign = await user.send({ method: 'POST', url: '/oauth2/device', headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'cross-site' }, payload: `user_code=${code}` });
        expect(foreign.statusCode).to.equal(403);
    });

    it('rule 23: polling is measured per device code, and up to 1 second early is not slow_down', async () => {

        const { send, clock } = await authenticating();
        const start = async () => String((await send('/oauth2/device_authorization', {}, 'tv')).body.device_code);
        const [one, other] = [await start(), await start()];
        const poll = async (code: string) => (await send('/oauth2/token', { grant_type: deviceCodeType, device_code: code }, 'tv')).body.error;
        expect([await poll(one), await poll(other)]).to.equal(['authorization_pending', 'authorization_pending']);
        clock.advance(4);
        expect(await poll(one)).to.equal('authorization_pending');
        clock.advance(3.999);
        expect([await poll(one), await poll(other)]).to.equal(['slow_down', 'authorization_pending']);
    });

    it('rule 23: the address is the socket\'s, whatever a header says, unless its proxy is named', async () => {

        const { enter } = await signingIn();
        await times(10, async (i) => expect(await enter('alice', 'guess', { headers: { 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}` } })).to.equal(400));
        expect(await enter('alice', 'right', { headers: { 'x-forwarded-for': '198.51.100.99' } })).to.equal(429);
    });

    it('rule 23: behind a trusted proxy it is the rightmost forwarded address that is not trusted', async () => {

        const { enter } = await signingIn((hub) => hub.setTrustedProxies(['10.0.0.0/8']));
        const behind = (forwarded: string) => ({ remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': forwarded } });
        await times(10, async (i) => expect(await enter('alice', 'guess', behind(`198.51.100.${i}, 203.0.113.9, 10.0.0.2`))).to.equal(400));
        expect([await enter('alice', 'right', behind('203.0.113.9')), await enter('alice', 'right', behind('203.0.113.9, 203.0.113.10')), await enter('alice', 'right', { remoteAddress: '203.0.113.10' })]).to.equal([429, 303, 303]);
    });

    it('rule 23: the error of a limit goes to nobody by redirect', async () => {

        const { signIn } = await authenticating((hub) => hub.setRateLimit(({ kind }) => kind !== 'signIn'));
        const page = await signIn();
        expect([page.statusCode, outcomeOf(page)]).to.equal([429, 'page']);
    });
});
