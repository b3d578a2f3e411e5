import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2ClientCredentialsBuilder, type AccessTokenInput, type AuthorizationServerBuilder } from '../../lib';
import { signAccessToken } from '../../lib/tokens/access-token';
import { testClock } from '../fixture/clock';
import { machines } from '../fixture/flows';
import { claimsOf, headerOf } from '../fixture/jwt';
import { foreignStore } from '../fixture/level-2';
import { basic, form, provision } from '../fixture/provision';
import { device, login, redirectUri, registeredServer, webAuthorization } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const strategies = ['oauth2', 'oidc-authorization-code', 'oauth2-client-credentials'] as const;

const clients = [
    { client_id: 'web', client_secret: 'web-secret', redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token', 'client_credentials'], scope: 'openid email offline_access' }
];

/** A server of users and machines with a route for each strategy; `asked` is what validate of the users' flow was given. */
const everyStrategy = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const asked: AccessTokenInput[] = [];
    const answer = { isValid: true };
    const people = login().validate((_request, input) => {

        asked.push(input);
        return answer;
    });
    const bench = await registeredServer([people, OAuth2ClientCredentialsBuilder.create()], (hub) => configure(hub.setClients(clients)));
    for (const strategy of strategies) {
        bench.server.route({ method: 'GET', path: `/${strategy}`, options: { auth: strategy }, handler: () => 'ok' });
    }

    const status = async (token: unknown, strategy: (typeof strategies)[number] = 'oauth2') => (await bench.server.inject({ url: `/${strategy}`, headers: { authorization: `Bearer ${String(token)}` } })).statusCode;
    const opened = async (token: unknown) => {

        const open = await Promise.all(strategies.map(async (strategy) => ({ strategy, code: await status(token, strategy) })));
        return open.filter(({ code }) => code === 200).map(({ strategy }) => strategy);
    };

    const person = async () => (await bench.redeem((await bench.authorize()).location)).body;
    const machine = async () => (await bench.post('/oauth2/token', { grant_type: 'client_credentials', scope: 'email' }, webAuthorization)).body;
    const refresh = async (token: unknown) => await bench.post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(token) }, webAuthorization);
    const introspect = async (token: unknown) => (await bench.post('/oauth2/introspect', { token: String(token) }, webAuthorization)).body.active;
    const authorizationServer = bench.server.plugins['hapi-oauth2-flows'].authorizationServer;
    return { ...bench, asked, answer, status, opened, person, machine, refresh, introspect, authorizationServer };
};

/** The same on a store that is not in the process, with a revocation window. */
const farStore = async (window: number | false) => {

    const { now, advance } = testClock();
    const { store } = foreignStore(now);
    return { ...await everyStrategy((hub) => hub.setClock(now).setStore(store).setRevocationWindow(window)), store, advance };
};

describe('Strategies: rule 24', () => {

    it('rule 24: a flow\'s strategy accepts only tokens of that flow, refreshed ones included', async () => {

        const { person, machine, refresh, opened } = await everyStrategy();
        const tokens = await person();
        expect(await opened(tokens.access_token)).to.equal(['oauth2', 'oidc-authorization-code']);
        const refreshed = (await refresh(tokens.refresh_token)).body.access_token;
        expect(claimsOf(refreshed).flow).to.equal('oidc-authorization-code');
        expect(await opened(refreshed)).to.equal(['oauth2', 'oidc-authorization-code']);
        expect(await opened((await machine()).access_token)).to.equal(['oauth2', 'oauth2-client-credentials']);
    });

    it('rule 24: oauth2 accepts the tokens of all flows, and of no flow that is not there', async () => {

        const { person, machine, status, authorizationServer, clock } = await everyStrategy();
        expect([await status((await person()).access_token), await status((await machine()).access_token)]).to.equal([200, 200]);
        const { token } = await signAccessToken(authorizationServer.keys, { issuer: 'http://localhost', clientId: 'web', flow: 'gone', alg: 'ES256', ttl: 60, now: clock.now(), confirmation: undefined }, {});
        expect(await status(token)).to.equal(401);
    });

    it('rule 24: the end of a token is looked at on every request', async () => {

        const { person, status, clock } = await everyStrategy();
        const { access_token: token } = await person();
        clock.advance(3599);
        expect(await status(token)).to.equal(200);
        clock.advance(1);
        expect(await status(token)).to.equal(401);
    });

    it('rule 24: the audience is looked at on every request, whichever strategy has seen the token before', async () => {

        const api = 'https://api.example.com';
        const files = 'https://files.example.com';
        const { server, post } = await everyStrategy((hub) => hub.setResources({ [api]: { default: true }, [files]: { strategy: 'files' } }));
        server.route({ method: 'GET', path: '/files', options: { auth: 'files' }, handler: () => 'ok' });
        const { body } = await post('/oauth2/token', { grant_type: 'client_credentials', scope: 'email', resource: files }, webAuthorization);
        const headers = { authorization: `Bearer ${String(body.access_token)}` };
        const codes = [];
        for (const url of ['/files', '/oauth2', '/oauth2-client-credentials', '/files', '/oauth2']) {
            codes.push((await server.inject({ url, headers })).statusCode);
        }

        expect(codes).to.equal([200, 401, 401, 200, 401]);
    });

    it('rule 24: validate runs on every request', async () => {

        const { person, status, asked, answer } = await everyStrategy();
        const { access_token: token } = await person();
        expect(await status(token)).to.equal(200);
        answer.isValid = false;
        expect([await status(token), await status(token, 'oidc-authorization-code')]).to.equal([401, 401]);
        expect(asked).to.have.length(3);
    });

    it('rule 24: jwtAccessTokenPayload is only ever a verified payload', async () => {

        const { person, status, asked } = await everyStrategy();
        const token = String((await person()).access_token);
        expect(await status(token)).to.equal(200);
        expect(asked.map(({ jwtAccessTokenPayload: payload }) => payload?.sub)).to.equal(['alice']);
        const [head = '', , signature = ''] = token.split('.');
        const forged = Buffer.from(JSON.stringify({ ...claimsOf(token), sub: 'admin' })).toString('base64url');
        for (const attack of [`${head}.${forged}.${signature}`, `${head}.${forged}.`, `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${forged}.`, 'opaque']) {
            expect(await status(attack)).to.equal(401);
        }

        expect(asked).to.have.length(1);
    });

    it('rule 24: at level 2 a JWT without a known live grant is refused, however well it is signed', async () => {

        const { person, status, server, authorizationServer, clock } = await everyStrategy();
        const issue = { issuer: 'http://localhost', clientId: 'web', flow: 'oidc-authorization-code', alg: 'ES256', ttl: 60, now: clock.now(), confirmation: undefined };
        const signed = async (grantId?: string) => (await signAccessToken(authorizationServer.keys, { ...issue, grantId }, { sub: 'alice' })).token;
        expect([await status(await signed()), await status(await signed('A'.repeat(22)))]).to.equal([401, 401]);
        const { access_token: token } = await person();
        expect(await status(await signed(String(claimsOf(token).grant_id)))).to.equal(200);
        await server.oauth2.grants.revokeSubject('alice');
        expect([await status(token), await status(await signed(String(claimsOf(token).grant_id)))]).to.equal([401, 401]);
    });

    it('rule 24: useAccessTokenJwks is on by default; switched off and without validate a strategy refuses every token', async () => {

        for (const [flow, expected] of [[machines(), 200], [machines().useAccessTokenJwks(false), 401]] as const) {
            const { server } = await provision([flow]);
            server.route({ method: 'GET', path: '/', options: { auth: 'oauth2-client-credentials' }, handler: () => 'ok' });
            const { payload } = await server.inject(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('m', 's') }));
            const tokens = [String(Object(JSON.parse(payload)).access_token), 'opaque', 'a.b.c'];
            const codes = await Promise.all(tokens.map(async (token) => (await server.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })).statusCode));
            expect(codes).to.equal([expected, 401, 401]);
        }
    });
});

describe('Revocation: rule 25', () => {

    for (const format of ['jwt', 'opaque'] as const) {
        it(`rule 25: a protected route goes on with a revoked ${format} token for the window and no longer`, async () => {

            const { now, advance } = testClock();
            const { store } = foreignStore(now);
            const { machine, status, server } = await everyStrategy((hub) => hub.setClock(now).setStore(store).setRevocationWindow(5).setResources({ 'https://api.example.com': { format } }));
            const { access_token: token } = await machine();
            expect(await status(token)).to.equal(200);
            await server.oauth2.grants.revokeClient('web');
            advance(4.999);
            expect(await status(token)).to.equal(200);
            advance(0.001);
            expect(await status(token)).to.equal(401);
        });
    }

    it('rule 25: introspection reads the grant each time, also while a route still believes in it', async () => {

        const { person, status, introspect, server } = await farStore(5);
        const { access_token: token, refresh_token: refreshToken } = await person();
        expect([await status(token), await introspect(token), await introspect(refreshToken)]).to.equal([200, true, true]);
        await server.oauth2.grants.revokeSubject('alice');
        expect([await status(token), await introspect(token), await introspect(refreshToken)]).to.equal([200, false, false]);
    });

    it('rule 25: the token endpoint reads the grant each time, for refresh tokens and codes', async () => {

        const { person, status, refresh, authorize, redeem, server } = await farStore(5);
        const tokens = await person();
        const { location } = await authorize();
        expect(await status(tokens.access_token)).to.equal(200);
        await server.oauth2.grants.revokeSubject('alice');
        expect([(await refresh(tokens.refresh_token)).body.error, (await redeem(location)).body.error]).to.equal(['invalid_grant', 'invalid_grant']);
    });

    it('rule 25: the revocation endpoint works on the grant itself, whatever a route believes', async () => {

        const { person, status, introspect, post, refresh, advance } = await farStore(5);
        const tokens = await person();
        expect(await status(tokens.access_token)).to.equal(200);
        expect((await post('/oauth2/revoke', { token: String(tokens.access_token) }, webAuthorization)).statusCode).to.equal(200);
        expect([await introspect(tokens.access_token), (await refresh(tokens.refresh_token)).body.error]).to.equal([false, 'invalid_grant']);
        advance(5);
        expect(await status(tokens.access_token)).to.equal(401);
    });

    it('rule 25: with false no route asks about signed tokens, and the endpoints still do', async () => {

        const { person, status, introspect, server, advance } = await farStore(false);
        const { access_token: token } = await person();
        await server.oauth2.grants.revokeSubject('alice');
        advance(60);
        expect([await status(token), await introspect(token)]).to.equal([200, false]);
    });
});

describe('Keys: rule 26', () => {

    const day = 86_400;

    /** Servers on one store that keeps their keys. */
    const keyServers = async (count: number) => {

        const { now, advance } = testClock();
        const { store } = foreignStore(now);
        const servers = await Promise.all(Array.from({ length: count }, async () => {

            const { server } = await provision([device()], (hub) => hub.setClock(now).setStore(store).setSecrets(['The-secret-of-these-servers-00001']).setClients([
                { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] }
            ]), false);
            const published = async () => {

                const { result, headers } = await server.inject<{ keys: { kid: string }[] }>('/oauth2/keys');
                return { headers, keys: result?.keys ?? [], kids: (result?.keys ?? []).map(({ kid }) => kid) };
            };

            const { keys } = server.plugins['hapi-oauth2-flows'].authorizationServer;
            const signs = async () => String(headerOf((await keys.sign('access_token', 'ES256', 'at+jwt', {})).token).kid);
            return { server, published, signs, keys };
        }));
        const [first] = servers;
        if (first === undefined) {
            throw new Error('There is no server');
        }

        const kept = async () => (await store.list('signing_key')).items.map(({ value }) => value);
        return { advance, kept, servers, first };
    };

    it('rule 26: the key set may be kept for 300 seconds, and every key has kid, alg and use', async () => {

        const { first } = await keyServers(1);
        const { headers, keys } = await first.published();
        expect(headers['cache-control']).to.equal('public, max-age=300');
        expect(keys).to.have.length(1);
        for (const key of keys) {
            expect(key).to.include({ alg: 'ES256', use: 'sig' }).and.to.include('kid').and.to.not.include('d');
        }
    });

    it('rule 26: at first start one key is made by all processes together, and signs at once', async () => {

        const { servers, kept } = await keyServers(3);
        expect(new Set(await Promise.all(servers.map(({ signs }) => signs()))).size).to.equal(1);
        expect(await kept()).to.have.length(1);
    });

    it('rule 26: a new key signs ten minutes after it was published, and not before', async () => {

        const { first, advance } = await keyServers(1);
        const old = await first.signs();
        await first.server.oauth2.keys.rotate();
        const { kids } = await first.published();
        expect(kids).to.have.length(2).and.to.include(old);
        advance(599);
        expect(await first.signs()).to.equal(old);
        advance(1);
        expect([old, await first.signs()].sort()).to.equal([...kids].sort());
    });

    it('rule 26: other processes re-read the keys after 60 seconds, and at once for an unknown kid', async () => {

        const { servers: [one, other, third], advance } = await keyServers(3);
        await Promise.all([one?.signs(), other?.signs(), third?.signs()]);
        await one?.server.oauth2.keys.rotate();
        advance(59);
        expect((await other?.published())?.kids).to.have.length(1);
        const { token } = await one?.keys.sign('access_token', 'ES256', 'at+jwt', {}) ?? { token: '' };
        expect(await third?.keys.verify('access_token', 'at+jwt', token)).to.equal({});
        const fresh = (await one?.published())?.kids.at(-1);
        const unknown = `${Buffer.from(JSON.stringify({ alg: 'ES256', kid: fresh, typ: 'at+jwt' })).toString('base64url')}.e30.AAAA`;
        expect(await third?.keys.verify('access_token', 'at+jwt', unknown)).to.be.null();
        expect((await third?.published())?.kids).to.include(String(fresh));
        advance(1);
        expect((await other?.published())?.kids).to.include(String(fresh));
    });

    it('rule 26: the private half goes when a key is replaced, the public half when its last token has expired, the record when no session can name it', async () => {

        const { first, advance, kept } = await keyServers(1);
        const old = await first.signs();
        const halves = async () => (await kept()).filter(({ kid }) => kid === old).map(({ sealed }) => sealed !== undefined);
        await first.server.oauth2.keys.rotate();
        expect(await halves()).to.equal([true]);
        advance(661);
        await first.signs();
        expect(await halves()).to.equal([false]);
        advance(3600 - 61);
        expect((await first.published()).kids).to.include(old);
        advance(1);
        expect((await first.published()).kids).to.not.include(old);
        expect(await halves()).to.equal([false]);
        advance(14 * day - 61);
        await first.published();
        expect(await halves()).to.equal([false]);
        advance(122);
        await first.published();
        expect(await halves()).to.equal([]);
    });
});
