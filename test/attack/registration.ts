import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { guardedFetch } from '../../lib/clients/guarded-fetch';
import { MemoryStore } from '../../lib';
import { injectedBrowser } from '../fixture/injected-browser';
import { basic } from '../fixture/provision';
import { deviceCodeType, redirectUri } from '../fixture/registered-server';
import { document, registrationServer, request } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const unverified = 'Nobody has checked who is behind this application';

describe('Whoever registers a client', () => {

    it('cannot have this server ask machines that are not on the internet', async () => {

        const asked: string[] = [];
        const guarded = guardedFetch({
            resolve: (hostname) => Promise.resolve([{ address: '1.1.1.1', family: 4 }, { address: hostname === 'rebind.example' ? '10.0.0.1' : '169.254.169.254', family: 4 }]),
            request: (options) => {

                asked.push(String(options.hostname));
                throw new Error('never');
            }
        });
        const { register } = await registrationServer(undefined, (hub) => {

            hub.setFetch(guarded.fetch);
            Object.defineProperty(hub, 'outbound', { get: () => guarded });
        });
        const hosts = ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '10.0.0.1', '[::ffff:a9fe:a9fe]', '2130706433', 'rebind.example', 'metadata.example'];
        const description = new Set<unknown>();
        for (const host of hosts) {
            for (const member of ['jwks_uri', 'sector_identifier_uri', 'backchannel_logout_uri']) {
                const { statusCode, body } = await register({ ...request, [member]: `https://${host}/x` });
                expect([statusCode, body.error], host).to.equal([400, 'invalid_client_metadata']);
                description.add(body.error_description);
            }
        }

        for (const url of ['http://client.example/', 'file:///etc/passwd', 5, ['https://client.example/'], {}]) {
            expect(String((await register({ ...request, sector_identifier_uri: url })).body.error_description)).to.match(/^sector_identifier_uri (?:has to be an https address|must be a string)$/);
        }

        expect(asked).to.equal([]);
        expect([...description]).to.equal(['jwks_uri cannot be fetched from here', 'sector_identifier_uri cannot be fetched from here', 'backchannel_logout_uri cannot be fetched from here']);       // Nothing tells which machines there are
    });

    it('cannot say of itself what only the operator says', async () => {

        const { registered, server } = await registrationServer();
        const { body, id } = await registered({ consent: 'none', require_pkce: false, resources: ['https://api.example.com'], legacy_assertion_audience: true, unverified: false, verified: true, __proto__: { consent: 'none' } });
        expect(body).to.not.include(['consent', 'require_pkce', 'resources', 'legacy_assertion_audience', 'unverified', 'verified']);
        const client = await server.plugins['hapi-oauth2-flows'].authorizationServer.findClient(id);
        expect(client?.unverified).to.be.true();
        expect(client?.metadata).to.not.include(['consent', 'require_pkce', 'resources', 'legacy_assertion_audience']);
    });

    it('cannot call itself what would push the page aside, or turn it round', async () => {

        const { register } = await registrationServer();
        for (const name of ['x'.repeat(101), 'Bank\nof you', 'a\u0000', '\u202eknaB', '\u2067Bank', '\u2028']) {
            const { statusCode, body } = await register({ ...request, client_name: name });
            expect([statusCode, body]).to.equal([400, { error: 'invalid_client_metadata', error_description: 'client_name is longer than 100 characters, or holds one that cannot be seen' }]);
        }

        for (const name of ['é'.repeat(100), '👩‍💻 शब्द', 'بانک']) {
            expect((await register({ ...request, client_name: name })).body.client_name).to.equal(name);
        }
    });

    it('is always shown as a stranger at consent, also where nobody is asked about other clients', async () => {

        const { registered, authorize, authorizeUrl, post, server } = await registrationServer(undefined, (hub) => hub.setConsent('none'));
        expect((await authorize()).statusCode).to.equal(303);
        const { id } = await registered({ client_name: 'Your <b>bank' });
        const browser = injectedBrowser(server);
        const page = await browser.submit(await browser.open(authorizeUrl({ client_id: id, scope: 'openid' })), { username: 'alice', password: 'right' });
        expect(page.statusCode).to.equal(200);
        expect(page.payload).to.contain(unverified).and.contain('Your &lt;b&gt;bank').and.not.contain('<b>').and.contain('name="decision" value="allow"');

        const tv = await registered({ token_endpoint_auth_method: 'none', grant_types: [deviceCodeType], redirect_uris: undefined });
        const { body } = await post('/oauth2/device_authorization', { client_id: tv.id, scope: 'notes:read' });
        const consent = await browser.submit(await browser.open('/oauth2/device'), { user_code: String(body.user_code) });
        expect(consent.payload).to.contain(unverified);
    });

    it('cannot lead users from here to where it likes before they have signed in', async () => {

        const { registered, authorizeUrl, server, authorize } = await registrationServer();
        const { id } = await registered();
        for (const changes of [{ scope: 'nonsense' }, { response_type: 'token' }, { code_challenge: '' }]) {
            const { statusCode, headers } = await server.inject(authorizeUrl({ client_id: id, ...changes }));
            expect([statusCode, headers.location]).to.equal([400, undefined]);
            expect((await server.inject(authorizeUrl(changes))).statusCode).to.equal(303);
        }

        const silent = await server.inject(authorizeUrl({ client_id: id, scope: 'openid', prompt: 'none' }));
        expect([silent.statusCode, new URL(String(silent.headers.location)).searchParams.get('error')]).to.equal([303, 'login_required']);
        const denied = await authorize({ client_id: id, scope: 'openid' }, 'deny');
        expect([denied.statusCode, new URL(denied.location).searchParams.get('error')]).to.equal([303, 'access_denied']);
    });

    it('cannot get a token of its own, nor a scope that is not open, whatever it asks for later', async () => {

        const { registered, post, authorize } = await registrationServer();
        const { id, secret } = await registered();
        const headers = { authorization: basic(id, secret) };
        expect((await post('/oauth2/token', { grant_type: 'client_credentials' }, headers)).body.error).to.equal('unauthorized_client');
        expect((await post('/oauth2/introspect', { token: 'x' }, headers)).body).to.equal({ active: false });
        expect((await authorize({ client_id: id, scope: 'admin' })).statusCode).to.equal(400);
        const narrow = await registered({ scope: 'openid' });
        expect((await authorize({ client_id: narrow.id, scope: 'notes:read' })).statusCode).to.equal(400);
    });

    it('cannot use an initial access token more often than it says, however many come at once', async () => {

        const { server, register } = await registrationServer((route) => route.allow('initial-access-token'));
        for (const uses of [1, 3]) {
            const token = await server.oauth2.registration.createInitialAccessToken({ uses });
            const replies = await Promise.all(Array.from({ length: 20 }, () => register(request, token)));
            expect(replies.filter(({ statusCode }) => statusCode === 201)).to.have.length(uses);
            expect(replies.filter(({ statusCode }) => statusCode === 401)).to.have.length(20 - uses);
        }
    });

    it('cannot guess a token, nor have this server work without one', async () => {

        const { server, register, fetched, internet } = await registrationServer((route) => route.allow('initial-access-token'));
        internet.set('https://client.example/sector', () => document([redirectUri]));
        const token = await server.oauth2.registration.createInitialAccessToken();
        const guesses = [undefined, '', ' ', 'x', token.slice(0, -1), `${token}x`, token.toUpperCase(), `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, '__proto__', 'a'.repeat(10_000)];
        for (const guess of guesses) {
            const { statusCode, headers, body } = await register({ ...request, sector_identifier_uri: 'https://client.example/sector' }, guess);
            expect([statusCode, body.error], guess).to.equal([401, 'invalid_token']);
            expect(String(headers['www-authenticate'])).to.startWith('Bearer realm="registration"');
        }

        expect(fetched).to.equal([]);
        expect((await register({ ...request, sector_identifier_uri: 'https://client.example/sector' }, token)).statusCode).to.equal(201);
        expect(fetched).to.equal(['https://client.example/sector']);
    });

    it('keeps its tokens and secrets to itself: the store has none of them in clear', async () => {

        const written: string[] = [];
        const clock = Date.UTC(2030, 0, 1);
        const store = new MemoryStore({ clock: () => clock });
        for (const name of ['put', 'putIfAbsent', 'replace'] as const) {
            const own = store[name].bind(store);
            Object.assign(store, { [name]: async (...call: Parameters<typeof own>) => {

                written.push(JSON.stringify(call));
                return await Reflect.apply(own, store, call);
            } });
        }

        const { server, registered, call } = await registrationServer((route) => route.allow('initial-access-token'), (hub) => hub.setStore(store).setSecrets(['s'.repeat(32)]));
        for (const method of ['client_secret_basic', 'client_secret_post', 'client_secret_jwt']) {
            const initial = await server.oauth2.registration.createInitialAccessToken();
            const { id, secret, token, uri } = await registered({ token_endpoint_auth_method: method }, initial);
            await call('PUT', uri, { ...request, client_id: id, client_secret: secret, token_endpoint_auth_method: method }, token);
            expect(written.length).to.be.above(2);
            for (const value of [initial, secret, token]) {
                expect(written.some((text) => text.includes(value)), method).to.be.false();
            }
        }
    });

    it('has nothing left once it is gone', async () => {

        const { registered, call, authorize, redeem, server, post } = await registrationServer();
        const { id, secret, token, uri } = await registered({ grant_types: ['authorization_code', 'refresh_token'] });
        const headers = { authorization: basic(id, secret) };
        const { location } = await authorize({ client_id: id, scope: 'openid offline_access' });
        const tokens = await redeem(location, headers);
        expect(tokens.statusCode).to.equal(200);
        expect((await server.oauth2.grants.list({ clientId: id })).items).to.have.length(1);
        const other = await authorize({ client_id: id, scope: 'openid' });
        expect((await call('DELETE', uri, undefined, token)).statusCode).to.equal(204);
        expect((await server.oauth2.grants.list({ clientId: id })).items).to.be.empty();
        expect((await redeem(other.location, headers)).body.error).to.equal('invalid_client');
        expect((await post('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(tokens.body.refresh_token) }, headers)).body.error).to.equal('invalid_client');
        expect((await authorize({ client_id: id })).statusCode).to.equal(400);
    });
});
