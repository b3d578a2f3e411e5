import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { Plugin } from '@hapi/hapi';

import { stepOf } from '../fixture/authorization';
import { testClock } from '../fixture/clock';
import { authorizeQuery, machines, quietServer, table, users } from '../fixture/flows';
import { injectedBrowser } from '../fixture/injected-browser';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { login, registeredServer } from '../fixture/registered-server';
import { staticKeys } from '../fixture/static-keys';
import { pluginName } from '../../lib/authorization-server/plugin-name';
import { Form } from '../../lib/protocol/form';
import { AuthorizationServerBuilder, MemoryKeyStore, OAuth2AuthorizationCodeBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hub = () => AuthorizationServerBuilder.create().setJwksKeyStore(staticKeys()).setClock(testClock().now);

/** A key store that outlives the process, as far as anybody can tell. */
const lasting = () => {

    const keys = staticKeys();
    return { list: () => keys.list(), putIfAbsent: keys.putIfAbsent.bind(keys), put: keys.put.bind(keys), delete: keys.delete.bind(keys) };
};

describe('The hub', () => {

    it('is refused after a flow, and a second time, saying what to change', async () => {

        const sentence = 'AuthorizationServerBuilder must be registered once and before the flows: put it first in server.register([...])';
        const server = quietServer();
        await server.register(machines());
        expect(await refusalOf(server, hub())).to.equal(sentence);

        const { server: other } = await provision([]);
        expect(await refusalOf(other, hub())).to.equal(sentence);
    });

    it('is refused behind a prefix', async () => {

        const server = quietServer();
        await expect(server.register(hub(), { routes: { prefix: '/auth' } })).to.reject(Error, /^The authorization server cannot live behind the prefix \/auth/);
        expect(table(server)).to.equal([]);
    });

    it('is refused with null for clients, which must not pass for a server without any', async () => {

        expect(await refusalOf(quietServer(), hub().setClients(JSON.parse('null')))).to.equal('setClients() takes an array of client records, or a ClientStore with get(clientId), such as a Map');
    });

    it('is refused with a revocation window that is none', async () => {

        for (const seconds of [-1, 3601, Number.NaN]) {
            expect(await refusalOf(quietServer(), hub().setRevocationWindow(seconds))).to.equal('setRevocationWindow() takes 0 to 3600 seconds, or false to never ask the store about a signed token');
        }
    });

    it('keeps users signed in as long as it was told: not long without use, and not for ever with it', async () => {

        const life = { idle: 600, absolute: 1500 };
        const { server, authorizeUrl, clock } = await registeredServer([login()], (builder) => builder.setSessionTTL(life).setConsent('none'));
        Object.assign(life, { idle: 6000, absolute: 15_000 });
        const browser = injectedBrowser(server);
        const signedIn = async () => {

            await browser.submit(await browser.open(authorizeUrl({ prompt: 'login' })), { username: 'alice', password: 'right' });
        };

        const answerAfter = async (seconds: number) => {

            clock.advance(seconds);
            return stepOf(await browser.open(authorizeUrl({ prompt: 'none' })));
        };

        await signedIn();
        expect([await answerAfter(599), await answerAfter(600)]).to.equal(['code', 'login_required']);
        await signedIn();
        expect([await answerAfter(599), await answerAfter(599), await answerAfter(301), await answerAfter(1)]).to.equal(['code', 'code', 'code', 'login_required']);
    });

    it('refuses a session that would outlive its own end', async () => {

        expect(await refusalOf(quietServer(), hub().setSessionTTL({ idle: 60, absolute: 59 }))).to.equal('setSessionTTL() takes { idle, absolute } in whole seconds, at most a year, of which idle is not the longer one');
    });

    it('authenticates no client where none are registered', async () => {

        const { server } = await provision([]);
        const shared = server.plugins[pluginName].authorizationServer;
        const context = { form: Form.from('client_id=x'), headers: {}, issuer: 'http://localhost', now: shared.clock(), store: shared.store, tokenEndpoint: 'http://localhost/oauth2/token' };
        const { request } = await server.inject('/');
        await expect(shared.authenticateClient([], context, request)).to.reject('No clients are registered: call setClients() on the AuthorizationServerBuilder');
    });

    it('serves nothing by itself, since there is nothing to advertise', async () => {

        const { server } = await provision([]);
        expect(table(server)).to.equal([]);
        await server.initialize();
        await server.stop();
    });

    it('may be registered on two servers', async () => {

        const shared = hub();
        for (const server of [quietServer(), quietServer()]) {
            await server.register([shared, machines()]);
            expect((await server.inject('/oauth2/keys')).statusCode).to.equal(200);
        }
    });

    it('refuses setters once it is registered', async () => {

        const late = hub();
        await quietServer().register(late);
        const calls: Readonly<Record<string, () => unknown>> = {
            setIssuer: () => late.setIssuer('https://example.com'),
            setClock: () => late.setClock(() => 0),
            setSessionTTL: () => late.setSessionTTL({ idle: 60, absolute: 60 }),
            setCors: () => late.setCors(false),
            requirePkce: () => late.requirePkce('public'),
            allowDevelopmentDefaults: () => late.allowDevelopmentDefaults(),
            strategyName: () => late.strategyName('x'),
            additionalConfiguration: () => late.additionalConfiguration({}),
            setJwksKeyStore: () => late.setJwksKeyStore(new MemoryKeyStore()),
            setPublicKeyExpiry: () => late.setPublicKeyExpiry(1),
            setJwksRotatorOptions: () => late.setJwksRotatorOptions({}),
            jwksRoute: () => late.jwksRoute(() => undefined)
        };
        for (const [setter, call] of Object.entries(calls)) {
            expect(call, setter).to.throw(`The AuthorizationServerBuilder is registered: call ${setter}() before server.register()`);
        }
    });

    it('refuses an issuer that is none, and says what is wrong with it', async () => {

        const issuers: Readonly<Record<string, string>> = {
            'auth.example.com': 'is not a URL',
            'ftp://auth.example.com': 'is neither https nor http',
            'https://auth.example.com/?tenant=1': 'has a query, a fragment or credentials',
            'https://auth.example.com/#': 'has a query, a fragment or credentials',
            'https://user@auth.example.com': 'has a query, a fragment or credentials'
        };
        for (const [issuer, problem] of Object.entries(issuers)) {
            expect(await refusalOf(quietServer(), hub().setIssuer(issuer)), issuer).to.equal(`setIssuer('${issuer}'): the issuer ${problem}. Give the URL that clients know the server by`);
        }
    });

    it('refuses http for an issuer that is not this machine', async () => {

        expect(await refusalOf(quietServer(), hub().setIssuer('http://auth.example.com')))
            .to.equal('setIssuer(\'http://auth.example.com\'): an issuer that is not this machine must be https. Put TLS in front of it, or call allowDevelopmentDefaults()');
        for (const issuer of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
            await quietServer().register([hub().setIssuer(issuer), machines()]);
        }
    });

    it('refuses a clock that counts seconds', async () => {

        expect(await refusalOf(quietServer(), hub().setClock(() => 1_900_000_000))).to.equal('setClock() takes a function that answers milliseconds since the epoch, like Date.now; this one answers seconds');
        expect(await refusalOf(quietServer(), hub().setClock(() => NaN))).to.include('milliseconds since the epoch');
        expect(await refusalOf(quietServer(), hub().setClock(JSON.parse('5')))).to.equal('setClock() takes a function that answers milliseconds since the epoch, like Date.now');
        expect(await refusalOf(quietServer(), hub().requirePkce(JSON.parse('true')))).to.equal('requirePkce(\'true\'): the clients are \'all\' or \'public\'');
    });

    it('refuses a strategy name that the app uses', async () => {

        const server = quietServer();
        server.auth.scheme('mine', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: {} }) }));
        server.auth.strategy('oauth2', 'mine');
        expect(await refusalOf(server, hub())).to.equal('The AuthorizationServerBuilder cannot have the auth strategy \'oauth2\', because there is one of that name already: choose another with strategyName()');
    });

    it('refuses settings that cannot be meant', async () => {

        const settings: Readonly<Record<string, AuthorizationServerBuilder>> = {
            'setPublicKeyExpiry() takes a positive whole number of seconds': hub().setPublicKeyExpiry(0),
            'setJwksRotatorOptions() takes { intervalMs, leadMs } in whole milliseconds, of which leadMs is the smaller (leadMs)': hub().setJwksRotatorOptions({ intervalMs: 1000, leadMs: 1000 }),
            'additionalConfiguration() takes only members that do not say what is served: the server works those out itself (token_endpoint)': hub().additionalConfiguration({ token_endpoint: 'https://elsewhere' })
        };
        for (const [sentence, builder] of Object.entries(settings)) {
            expect(await refusalOf(quietServer(), builder)).to.equal(`The AuthorizationServerBuilder: ${sentence}`);
        }
    });

    it('refuses origins that are no list', async () => {

        for (const cors of ['https://app.example.com', [], ['https://app.example.com', 1], null]) {
            expect(await refusalOf(quietServer(), hub().setCors(cors as string[])), String(cors)).to.equal('setCors() takes false for no origin, or a list of origins such as [\'https://app.example.com\']');
        }
    });

    it('needs a store that keeps keys where the issuer is not this machine', async () => {

        const refusal = async (builder: AuthorizationServerBuilder, flow: Plugin<void> = machines()) => {

            const server = quietServer();
            await server.register(builder);
            return await refusalOf(server, flow);
        };

        const sentence = 'The issuer https://auth.example.com is not this machine, so its signing keys must outlive the process: on the AuthorizationServerBuilder call setStore() with a store that keeps them and setSecrets(), or setJwksKeyStore(), or allowDevelopmentDefaults()';
        const fresh = () => AuthorizationServerBuilder.create().setIssuer('https://auth.example.com');
        expect(await refusal(fresh())).to.equal(sentence);
        expect(await refusal(fresh().setJwksKeyStore(new MemoryKeyStore()))).to.equal(sentence);
        await quietServer().register([fresh().setJwksKeyStore(lasting()), machines()]);
        await quietServer().register([fresh(), machines().setJwksKeyStore(lasting())]);
        await quietServer().register([fresh().allowDevelopmentDefaults(), machines()]);
    });

    it('rule 6: needs secrets of its own where it knows clients and the issuer is not this machine', async () => {

        const hub = () => AuthorizationServerBuilder.create().setIssuer('https://auth.example.com').setJwksKeyStore(lasting())
            .setClients([{ client_id: 'machine', client_secret: 'secret', grant_types: ['client_credentials'] }]);
        const refused = quietServer();
        await refused.register(hub());
        expect(await refusalOf(refused, machines())).to.equal('The issuer https://auth.example.com is not this machine, so what it seals for users and devices must be readable by each of its processes: on the AuthorizationServerBuilder call setSecrets(), or allowDevelopmentDefaults()');
        await quietServer().register([hub().setSecrets(['s'.repeat(32)]), machines()]);
        await quietServer().register([hub().allowDevelopmentDefaults(), machines()]);
    });

    it('warns loudly where development defaults serve an issuer that is not this machine', async () => {

        const warnings: unknown[] = [];
        const emitWarning: unknown = Reflect.get(process, 'emitWarning');
        Reflect.set(process, 'emitWarning', (...given: unknown[]) => warnings.push(given));
        try {
            const remote = await provision([machines()], (builder) => builder.setIssuer('http://auth.example.com').allowDevelopmentDefaults());
            await remote.server.initialize();
            await remote.server.stop();
            const local = await provision([machines()], (builder) => builder.allowDevelopmentDefaults());
            await local.server.initialize();
            await local.server.stop();
        }
        finally {
            Reflect.set(process, 'emitWarning', emitWarning);
        }

        expect(warnings).to.equal([['http://auth.example.com runs on development defaults: whoever reaches it gets tokens that nobody should trust', { code: 'HAPI_OAUTH2_DEVELOPMENT' }]]);
    });

    it('says once at start that the keys are in memory, and nothing where they are kept', async () => {

        const said = async (builder: AuthorizationServerBuilder) => {

            const server = quietServer();
            const events: unknown[] = [];
            server.events.on('log', ({ tags, data }) => events.push([tags, data]));
            await server.register([builder, machines()]);
            await server.initialize();
            await server.stop();
            return events;
        };

        const [first, ...others] = await said(AuthorizationServerBuilder.create());
        expect(first).to.equal([['oauth', 'development'], 'The signing keys live in memory: tokens die with the process']);
        expect(others.map((event) => Reflect.get(Object(event), 0))).to.equal([['oauth', 'rotated']]);
        expect(await said(hub().setJwksKeyStore(lasting()))).to.equal([]);
    });

    it('logs a key store that stops answering, and goes on with the keys at hand', async () => {

        const keys = lasting();
        let isAway = false;
        const away = { ...keys, list: () => (isAway ? Promise.reject(new Error('no route to the key store')) : keys.list()) };
        const clock = testClock();
        const server = quietServer();
        const logged: unknown[] = [];
        server.events.on({ name: 'log', filter: 'keys' }, ({ error }) => logged.push(error instanceof Error && [error.message, String(error.cause)]));
        await server.register([AuthorizationServerBuilder.create().setClock(clock.now).setJwksKeyStore(away), machines()]);
        await server.initialize();
        isAway = true;
        clock.advance(61);
        expect((await server.inject('/oauth2/keys')).statusCode).to.equal(200);
        expect(logged).to.equal([['The key store does not answer: the keys at hand have to do', 'Error: no route to the key store']]);
        await server.stop();
    });

    it('fails the start, not the first request, when the key store does not answer', async () => {

        const server = quietServer();
        await server.register(machines().setJwksKeyStore({ ...lasting(), list: () => Promise.reject(new Error('no route to the key store')) }));
        await expect(server.initialize()).to.reject(Error, 'no route to the key store');
    });

    it('is known as server.oauth2: its issuer, and keys that rotate', async () => {

        const { server, clock } = await provision([machines()], (builder) => builder.setIssuer('http://localhost:8080/tenant'));

        expect(server.oauth2.issuer).to.equal('http://localhost:8080/tenant');
        const kids = async () => (await server.inject<{ keys: { kid: string; alg: string }[] }>('/oauth2/keys')).result?.keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid);
        const before = await kids();
        await server.oauth2.keys.rotate();
        const after = await kids();
        expect(after).to.have.length(2);
        expect(after).to.include(before ?? '');

        const signer = async () => {

            const { result } = await server.inject<{ access_token: string }>(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('m', 's') }));
            const { kid } = JSON.parse(Buffer.from(result?.access_token.split('.')[0] ?? '', 'base64url').toString());
            return kid;
        };

        expect(before).to.include(await signer());
        clock.advance(600);
        expect(before).to.not.include(await signer());
    });

    it('renames the strategy of all flows', async () => {

        const { server } = await provision([machines()], (builder) => builder.strategyName('anybody'));
        server.route({ method: 'GET', path: '/reports', options: { auth: 'anybody' }, handler: () => 'ok' });

        expect(() => server.route({ method: 'GET', path: '/x', options: { auth: 'oauth2' }, handler: () => 'ok' })).to.throw(/Unknown authentication strategy oauth2/);
        expect((await server.inject('/reports')).statusCode).to.equal(401);
    });

    it('names the scope that a route of any of its strategies needs', async () => {

        const flow = machines();
        const { server } = await provision([flow]);
        for (const strategy of ['oauth2', flow.name]) {
            server.route({ method: 'GET', path: `/${strategy}`, options: { auth: { strategy, access: { scope: ['reports:read'] } } }, handler: () => 'ok' });
            const token = await server.inject<{ access_token: string }>(form('/oauth2/token', { grant_type: 'client_credentials', scope: 'other' }, { authorization: basic('m', 's') }));
            const { statusCode, headers } = await server.inject({ url: `/${strategy}`, headers: { authorization: `Bearer ${token.result?.access_token ?? ''}` } });
            expect(statusCode).to.equal(403);
            expect(headers['www-authenticate']).to.equal('Bearer error="insufficient_scope", scope="reports:read"');
        }
    });

    it('lets requests without PKCE reach the handler only with requirePkce(\'public\')', async () => {

        const query = authorizeQuery({ code_challenge: null, code_challenge_method: null });
        const strict = await provision([users()], (builder) => builder.requirePkce('all'));
        expect((await strict.server.inject(`/oauth2/authorize?${query}`)).statusCode).to.equal(400);

        const seen: unknown[] = [];
        const flow = OAuth2AuthorizationCodeBuilder.create()
            .tokenRoute((route) => route.generateToken(() => null))
            .authorizationRoute((route) => route.generateCode(({ codeChallenge }) => {

                seen.push(codeChallenge);
                return { type: 'code', value: 'c' };
            }));
        const { server } = await provision([flow], (builder) => builder.requirePkce('public'));
        expect((await server.inject(form(`/oauth2/authorize?${query}`, {}))).statusCode).to.equal(303);
        expect(seen).to.equal([undefined]);
        expect((await server.inject(`/oauth2/authorize?${authorizeQuery({ code_challenge_method: 'plain' })}`)).statusCode).to.equal(400);
    });

    it('returns itself from every setter', () => {

        const builder = AuthorizationServerBuilder.create();
        expect(builder.setIssuer('https://a').setClock(Date.now).setCors(false).requirePkce('all').allowDevelopmentDefaults().strategyName('s')
            .additionalConfiguration({}).setJwksKeyStore(staticKeys()).setPublicKeyExpiry(1).setJwksRotatorOptions({}).jwksRoute(() => undefined)).to.shallow.equal(builder);
    });
});
