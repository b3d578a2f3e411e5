import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { AuthorizationServerBuilder, MemoryStore, type RegistrationContext, type RegistrationPolicy } from '../../lib';
import { assertionType, signed } from '../fixture/assertion';
import { epoch } from '../fixture/clock';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { codeVerifier } from '../fixture/flows';
import { basic, provision } from '../fixture/provision';
import { deviceCodeType, login, redirectUri } from '../fixture/registered-server';
import { document, registrationServer, request } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const day = 86_400;
const withPolicy = (policy: RegistrationPolicy) => registrationServer((route) => route.allow('open').setPolicy(policy));

describe('A server with registration', () => {

    it('signs users in for a client that registered itself, by each of its methods', async () => {

        const { registered, authorize, internet, clock, server } = await registrationServer();
        internet.set('https://client.example/keys', () => document({ keys: [publicHalf(clientKeys.es256)] }));
        const assertion = async (id: string, header: { alg: string }, key: object | string) => ({
            client_assertion_type: assertionType,
            client_assertion: await signed(header, { iss: id, sub: id, aud: server.oauth2.issuer, exp: clock.now() / 1000 + 60, jti: 'once' }, key)
        });
        const methods: Readonly<Record<string, readonly [object, (id: string, secret: string) => object | Promise<object>]>> = {
            client_secret_basic: [{}, () => ({})],
            client_secret_post: [{}, (id, secret) => ({ client_id: id, client_secret: secret })],
            client_secret_jwt: [{ token_endpoint_auth_signing_alg: 'HS512' }, (id, secret) => assertion(id, { alg: 'HS512' }, secret)],
            private_key_jwt: [{ jwks_uri: 'https://client.example/keys' }, (id) => assertion(id, { alg: 'ES256' }, clientKeys.es256)],
            none: [{}, (id) => ({ client_id: id })]
        };
        for (const [method, [metadata, credential]] of Object.entries(methods)) {
            const { id, secret } = await registered({ token_endpoint_auth_method: method, ...metadata });
            const { location } = await authorize({ client_id: id, scope: 'openid email' });
            const code = new URL(location).searchParams.get('code') ?? '';
            const { statusCode, payload } = await server.inject({
                method: 'POST', url: '/oauth2/token',
                headers: { 'content-type': 'application/x-www-form-urlencoded', ...method === 'client_secret_basic' ? { authorization: basic(id, secret) } : {} },
                payload: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: codeVerifier, ...await credential(id, secret) }).toString()
            });
            expect(statusCode, `${method}: ${payload}`).to.equal(200);
        }
    });

    it('answers 503 while the keys of a client cannot be fetched, and 401 for a signature that is wrong', async () => {

        const { registered, post, internet, clock, server } = await registrationServer();
        const { id } = await registered({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://client.example/keys' });
        let jti = 0;
        const ask = async (key: object) => await post('/oauth2/token', {
            grant_type: 'authorization_code', code: 'x', client_assertion_type: assertionType,
            client_assertion: await signed({ alg: 'ES256' }, { iss: id, sub: id, aud: server.oauth2.issuer, exp: clock.now() / 1000 + 60, jti: String(++jti) }, key)
        });
        const away = await ask(clientKeys.es256);
        expect([away.statusCode, away.body.error]).to.equal([503, 'temporarily_unavailable']);
        internet.set('https://client.example/keys', () => document({ keys: [publicHalf(clientKeys.es256)] }));
        clock.advance(60);
        expect((await ask(clientKeys.otherEs256)).body.error).to.equal('invalid_client');
        expect((await ask(clientKeys.es256)).body.error).to.equal('invalid_grant');             // The client is proven, only the code is none
    });

    it('serves jwks_uri of the operator\'s clients too', async () => {

        const metadata = { client_id: 'robot', token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://robot.example/keys', grant_types: ['client_credentials'] } as const;
        const { post, internet, clock, server } = await registrationServer(undefined, (hub) => hub.setClients([metadata]));
        internet.set('https://robot.example/keys', () => document({ keys: [publicHalf(clientKeys.es256)] }));
        const { body } = await post('/oauth2/token', {
            grant_type: 'client_credentials', scope: 'notes:read', client_assertion_type: assertionType,
            client_assertion: await signed({ alg: 'ES256' }, { iss: 'robot', sub: 'robot', aud: server.oauth2.issuer, exp: clock.now() / 1000 + 60, jti: '1' }, clientKeys.es256)
        });
        expect(body.scope).to.equal('notes:read');
    });

    it('has a client\'s sector list its redirect URIs', async () => {

        const { register, internet } = await registrationServer();
        const url = 'https://client.example/sector';
        for (const [answer, description] of [
            [() => document(['https://other.example/cb']), 'sector_identifier_uri does not list every one of the redirect_uris (OpenID Connect Registration section 5)'],
            [() => document({ redirectUri }), 'sector_identifier_uri does not list every one of the redirect_uris (OpenID Connect Registration section 5)'],
            [() => document([redirectUri], 302), 'sector_identifier_uri cannot be fetched from here'],
            [() => document('<html>'), 'sector_identifier_uri cannot be fetched from here']
        ] as const) {
            internet.set(url, answer);
            expect((await register({ ...request, sector_identifier_uri: url })).body).to.equal({ error: 'invalid_client_metadata', error_description: description });
        }

        internet.set(url, () => document([redirectUri, 'https://more.example/cb']));
        expect((await register({ ...request, sector_identifier_uri: url })).body.sector_identifier_uri).to.equal(url);
        const device = { token_endpoint_auth_method: 'none', grant_types: [deviceCodeType], sector_identifier_uri: url };
        expect((await register(device)).statusCode).to.equal(201);
    });

    it('forgets a client that nobody used for 90 days, and writes at most once a day that one is used', async () => {

        const { registered, post, clock, server } = await registrationServer();
        const { store } = server.plugins['hapi-oauth2-flows'].authorizationServer;
        const { id, secret } = await registered();
        const idle = await registered();
        const use = () => post('/oauth2/introspect', { token: 'x' }, { authorization: basic(id, secret) });
        const versions = async () => (await store.get('client', id))?.version;
        const first = await versions();
        clock.advance(day);
        await use();
        expect(await versions()).to.equal(first);
        clock.advance(1);
        await Promise.all([use(), use()]);
        const second = await versions();
        expect(second).to.not.equal(first);
        clock.advance(day);
        await use();
        expect(await versions()).to.equal(second);
        clock.advance(89 * day);
        expect((await use()).statusCode).to.equal(401);
        expect(await store.get('client', idle.id)).to.be.null();
    });

    it('keeps a client in use for as long as that is, and one that the policy vouched for without', async () => {

        const { registered, post, clock } = await withPolicy(({ metadata }) => ({ verified: metadata.client_name === 'known' }));
        const [used, known] = [await registered(), await registered({ client_name: 'known' })];
        for (let i = 0; i < 24; ++i) {
            clock.advance(30 * day);
            expect((await post('/oauth2/introspect', { token: 'x' }, { authorization: basic(used.id, used.secret) })).statusCode).to.equal(200);
        }

        expect((await post('/oauth2/introspect', { token: 'x' }, { authorization: basic(known.id, known.secret) })).statusCode).to.equal(200);
    });

    it('takes an initial access token once, for an hour, unless it was made otherwise', async () => {

        const { server, register, clock } = await registrationServer((route) => route.allow('initial-access-token'));
        const { registration } = server.oauth2;
        const status = async (token: string) => (await register(request, token)).statusCode;
        const once = await registration.createInitialAccessToken();
        expect(once).to.match(/^[\w-]{43}$/);
        expect((await register({ ...request, redirect_uris: [] }, once)).statusCode).to.equal(400);          // A mistake costs nothing
        expect([await status(once), await status(once)]).to.equal([201, 401]);
        const late = await registration.createInitialAccessToken();
        clock.advance(3600);
        expect(await status(late)).to.equal(401);
        const many = await registration.createInitialAccessToken({ ttl: 7200, uses: 2 });
        clock.advance(7199);
        expect([await status(many), await status(many), await status(many)]).to.equal([201, 201, 401]);
        for (const options of [{ ttl: 0 }, { ttl: 0.5 }, { ttl: NaN }, { ttl: 31_536_001 }]) {
            await expect(registration.createInitialAccessToken(options)).to.reject('createInitialAccessToken() takes a ttl of 1 to 31536000 seconds, which is a year');
        }

        for (const uses of [0, -1, 1.5, Infinity]) {
            await expect(registration.createInitialAccessToken({ uses })).to.reject('createInitialAccessToken() takes uses: a whole number of clients, 1 or more');
        }

        const open = await registrationServer();
        await expect(open.server.oauth2.registration.createInitialAccessToken()).to.reject(/^No registration needs an initial access token: call registrationRoute/);
    });

    it('needs no clients of the operator\'s', async () => {

        const { server } = await provision([login()], (hub) => hub.registrationRoute((route) => route.allow('open')).authenticateUser(() => null));
        const { statusCode } = await server.inject({ method: 'POST', url: '/oauth2/register', payload: request });
        expect(statusCode).to.equal(201);
    });

    it('refuses a path that is taken', async () => {

        await expect(registrationServer((route) => route.allow('open').setPath('/oauth2/introspect'))).to.reject(/registrationRoute\(\(route\) => route.setPath\(...\)\)|introspectionRoute/);
    });

    it('gives a client another id where one is taken, also by the operator\'s', async () => {

        const { registered } = await registrationServer();
        const ids = new Set((await Promise.all(Array.from({ length: 50 }, () => registered()))).map(({ id }) => id));
        expect(ids.size).to.equal(50);
    });
});

describe('A policy', () => {

    it('gets what a client says, who it is, and what its initial access token says', async () => {

        const seen: RegistrationContext[] = [];
        const { server, register, registered, call } = await registrationServer((route) => route.allow('initial-access-token').setPolicy((ctx) => {

            seen.push(ctx);
            return undefined;
        }));
        const initial = await server.oauth2.registration.createInitialAccessToken({ data: { team: 'blue' } });
        expect((await register({ grant_types: ['client_credentials'] }, initial)).statusCode).to.equal(400);
        const { id, token, uri } = await registered({}, initial);
        await call('PUT', uri, { ...request, client_id: id, client_name: 'Renamed' }, token);
        expect(seen.map(({ metadata, client, data }) => [metadata.grant_types, metadata.client_name, client?.id, data])).to.equal([
            [['client_credentials'], undefined, undefined, { team: 'blue' }],
            [['authorization_code'], 'Stranger', undefined, { team: 'blue' }],
            [['authorization_code'], 'Renamed', id, { team: 'blue' }]
        ]);
        expect(seen[0]?.clock()).to.equal(epoch);
        expect(seen[0]?.metadata).to.not.include(['client_id', 'client_secret']);
    });

    it('refuses', async () => {

        const answers: readonly [RegistrationPolicy, number, object][] = [
            [() => null, 400, { error: 'invalid_client_metadata', error_description: 'The registration was not accepted' }],
            [() => ({ error: 'access_denied', error_description: 'Not you' }), 400, { error: 'access_denied', error_description: 'Not you' }],
            [({ error }) => {

                throw error('invalid_redirect_uri', 'Not there');
            }, 400, { error: 'invalid_redirect_uri', error_description: 'Not there' }],
            [() => Promise.reject(new Error('the database password is x')), 500, { error: 'server_error', error_description: 'The server could not answer this request' }],
            [() => ({ error: 'nonsense' }), 500, { error: 'server_error' }],
            // @ts-expect-error as plain JavaScript may answer
            [() => 'yes', 500, { error: 'server_error' }]
        ];
        for (const [policy, statusCode, body] of answers) {
            const { register, server } = await withPolicy(policy);
            const reply = await register();
            expect({ statusCode: reply.statusCode, body: reply.body }).to.equal({ statusCode, body });
            expect((await server.plugins['hapi-oauth2-flows'].authorizationServer.store.list('client')).items).to.be.empty();
        }
    });

    it('changes what is registered, and allows more where it says so', async () => {

        const more = { grant_types: ['authorization_code', 'client_credentials'], scope: 'admin' };
        const changing = await withPolicy(({ metadata }) => ({ metadata: { ...metadata, client_name: 'Checked' } }));
        expect((await changing.register()).body.client_name).to.equal('Checked');
        expect((await changing.register({ ...request, ...more })).body.error).to.equal('invalid_client_metadata');        // What it passes on is not what it allows

        const allowing = await withPolicy(() => ({ allow: { grantTypes: ['client_credentials'], scopes: ['admin'] }, verified: true }));
        const { id, secret } = await allowing.registered(more);
        const { body } = await allowing.post('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic(id, secret) });
        expect(body.scope).to.equal('admin');

        const forgetful = await withPolicy(({ metadata: { scope: _scope, ...metadata } }) => ({ metadata }));             // A client of the operator's that has no scope may ask for any
        expect((await forgetful.register()).body.scope).to.equal((await changing.register()).body.scope);

        for (const grantTypes of [undefined, ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], ['authorization_code', 'refresh_token']]) {
            const { redirect_uris: redirectUris } = request;
            const terse = await withPolicy(() => ({ metadata: { redirect_uris: redirectUris, grant_types: grantTypes, response_types: undefined } }));          // RFC 7591 section 2 has a default for all else
            expect((await terse.register()).body).to.include({
                grant_types: grantTypes ?? ['authorization_code'], response_types: grantTypes?.includes('authorization_code') === false ? [] : ['code'], token_endpoint_auth_method: 'client_secret_basic'
            });
        }

        const trusting = await withPolicy(({ metadata }) => ({ metadata: { ...metadata, consent: 'none' }, verified: true }));
        const client = await trusting.registered();
        const found = await trusting.server.plugins['hapi-oauth2-flows'].authorizationServer.findClient(client.id);
        expect(found?.unverified).to.be.undefined();
        expect(found?.metadata.consent).to.equal('none');
    });
});

describe('A policy that vouches for a client', () => {

    it('vouches for it as it is now: a change that it does not vouch for makes it unverified again', async () => {

        const { registered, call, server } = await withPolicy(({ metadata }) => ({ verified: metadata.client_name !== 'Impostor' }));
        const { id, uri, token } = await registered();
        const unverified = async () => (await server.plugins['hapi-oauth2-flows'].authorizationServer.findClient(id))?.unverified;
        const change = async (name: string) => (await call('PUT', uri, { ...request, client_id: id, client_name: name }, token)).statusCode;
        expect([await unverified(), await change('Renamed'), await unverified()]).to.equal([undefined, 200, undefined]);
        expect([await change('Impostor'), await unverified()]).to.equal([200, true]);
        expect([await change('Renamed'), await unverified()]).to.equal([200, undefined]);
    });
});

describe('registrationRoute()', () => {

    it('is for who registers a client, and closed once the hub is registered', async () => {

        // @ts-expect-error as plain JavaScript may call it
        expect(() => AuthorizationServerBuilder.create().registrationRoute((route) => route.allow('everybody'))).to.throw(TypeError, 'registrationRoute((route) => route.allow(...)) takes \'open\' or \'initial-access-token\'');
        const hub = AuthorizationServerBuilder.create().setStore(new MemoryStore({ clock: Date.now }));
        let kept: { setPolicy: (policy: RegistrationPolicy) => unknown; allow: (access: 'open') => unknown } | undefined;
        hub.registrationRoute((route) => {

            kept = route;
        });
        await Hapi.server().register(hub);
        expect(() => kept?.allow('open')).to.throw('The AuthorizationServerBuilder is registered: call allow() before server.register()');
        expect(() => kept?.setPolicy(() => null)).to.throw(/call setPolicy\(\) before/);
        expect(() => hub.setFetch(() => Promise.reject(new Error('never')))).to.throw(/call setFetch\(\) before/);
        expect(() => hub.allowPrivateAddresses([])).to.throw(/call allowPrivateAddresses\(\) before/);
        expect(() => hub.registrationRoute(() => undefined)).to.throw(/call registrationRoute\(\) before/);
    });

    it('warns of private addresses that clients may name, and refuses what is no address', async () => {

        const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
        await Hapi.server().register(AuthorizationServerBuilder.create().allowPrivateAddresses(['127.0.0.1', '10.1.0.0/16']));
        expect((await warned).message).to.startWith('URLs of clients may lead to 127.0.0.1, 10.1.0.0/16');
        expect(() => AuthorizationServerBuilder.create().allowPrivateAddresses(['localhost'])).to.throw(/^allowPrivateAddresses\(\) takes addresses/);
    });
});
