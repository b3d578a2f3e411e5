import type Hapi from '@hapi/hapi';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { devices, machines, people, quietServer, table, users } from '../fixture/flows';
import { basic, form, provision } from '../fixture/provision';
import { refusalOf } from '../fixture/refusal';
import { staticKeys } from '../fixture/static-keys';
import { AuthorizationServerBuilder, BearerToken, OAuth2ClientCredentialsBuilder, type OAuth2TokenResponse, type TokenType } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Plugin = Hapi.Plugin<void>;

const authorization = basic('machine', 'secret');

const tokenAt = async (server: Hapi.Server, url: string, headers: Readonly<Record<string, string>> = {}) => {

    const { statusCode, result } = await server.inject<{ access_token?: string }>(form(url, { grant_type: 'client_credentials' }, { authorization, ...headers }));
    return { statusCode, token: result?.access_token ?? '' };
};

const openedBy = async (server: Hapi.Server, url: string, token: string) => (await server.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode;

describe('A flow as a plugin', () => {

    it('registers alone, without a hub', async () => {

        const server = quietServer();
        await server.register(machines());

        expect((await tokenAt(server, '/oauth2/token')).statusCode).to.equal(200);
        expect(Object.keys(server.registrations)).to.equal(['oauth2-client-credentials', 'hapi-oauth2-flows']);
    });

    it('registers in an array, and as a plugin with a prefix behind a hub', async () => {

        const server = quietServer();
        await server.register([AuthorizationServerBuilder.create().setJwksKeyStore(staticKeys()), users()]);
        await server.register({ plugin: machines(), routes: { prefix: '/v1' } });

        expect((await tokenAt(server, '/v1/oauth2/token')).statusCode).to.equal(200);
        expect((await tokenAt(server, '/oauth2/token')).statusCode).to.equal(400);
    });

    it('registers on virtual hosts, each with its own route', async () => {

        const { server } = await provision([]);
        await server.register(machines().strategyName('one'), { routes: { prefix: '/auth', vhost: 'one.example.com' } });
        await server.register(machines().strategyName('two'), { routes: { prefix: '/auth', vhost: ['two.example.com', 'three.example.com'] } });

        expect((await tokenAt(server, '/auth/oauth2/token', { host: 'one.example.com' })).statusCode).to.equal(200);
        expect((await tokenAt(server, '/auth/oauth2/token', { host: 'three.example.com' })).statusCode).to.equal(200);
        expect((await tokenAt(server, '/auth/oauth2/token', { host: 'four.example.com' })).statusCode).to.equal(404);
    });

    it('registers one builder on two servers, whose tokens do not open each other', async () => {

        const flow = machines();
        const [one, two] = [quietServer(), quietServer()];
        for (const server of [one, two]) {
            await server.register(flow);
            server.route({ method: 'GET', path: '/reports', options: { auth: flow.name }, handler: () => 'ok' });
        }

        const { token } = await tokenAt(one, '/oauth2/token');
        expect(await openedBy(one, '/reports', token)).to.equal(200);
        expect(await openedBy(two, '/reports', token)).to.equal(401);
    });

    it('registers beside others at once, and shares one hub with them', async () => {

        const server = quietServer();
        await Promise.all([server.register(machines()), server.register(users()), server.register(devices())]);

        expect(server.table().filter(({ path }) => path === '/oauth2/keys')).to.have.length(2);
        expect(Object.keys(server.registrations)).to.only.include(['hapi-oauth2-flows', 'oauth2-client-credentials', 'oauth2-authorization-code', 'oauth2-device-authorization']);
        const { result } = await server.inject<{ grant_types_supported: string[] }>('/.well-known/oauth-authorization-server');
        expect([...result?.grant_types_supported ?? []].sort()).to.equal(['authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code']);
    });

    it('is refused behind a prefix without a hub, saying why and what to do, and leaves no route', async () => {

        const server = quietServer();
        await expect(server.register(machines(), { routes: { prefix: '/v1' } })).to.reject(Error, 'The authorization server cannot live behind the prefix /v1, since its metadata belongs to the server\'s root: register the AuthorizationServerBuilder first, without a prefix; flows may have one');
        expect(table(server)).to.equal([]);
    });

    it('shares a token route with the flows of the same path, and has its own under another path', async () => {

        const { server } = await provision([machines(), users(), machines('/v2/token').strategyName('second')]);

        expect(server.table().filter(({ path }) => path === '/oauth2/token').map(({ method }) => method).sort()).to.equal(['*', 'post']);
        expect((await tokenAt(server, '/oauth2/token')).statusCode).to.equal(200);
        expect((await tokenAt(server, '/v2/token')).statusCode).to.equal(200);
    });

    it('is served at the prefix itself when its path is /', async () => {

        const { server } = await provision([]);
        await server.register({ plugin: machines('/'), routes: { prefix: '/token' } });

        expect((await tokenAt(server, '/token')).statusCode).to.equal(200);
        const { result } = await server.inject<{ token_endpoint: string }>('/.well-known/oauth-authorization-server');
        expect(result?.token_endpoint).to.equal('http://localhost/token');
    });

    it('opens its own strategy and the one of all flows, but not that of another flow (rule 24)', async () => {

        const { server } = await provision([machines().strategyName('one'), machines('/two').strategyName('two')]);
        for (const strategy of ['one', 'two', 'oauth2']) {
            server.route({ method: 'GET', path: `/for-${strategy}`, options: { auth: strategy }, handler: () => 'ok' });
        }

        const { token } = await tokenAt(server, '/oauth2/token');
        expect(await openedBy(server, '/for-one', token)).to.equal(200);
        expect(await openedBy(server, '/for-oauth2', token)).to.equal(200);
        expect(await openedBy(server, '/for-two', token)).to.equal(401);
    });

    it('lets a route name several strategies, whichever comes first', async () => {

        const { server } = await provision([machines().strategyName('one'), machines('/two').strategyName('two')]);
        server.route({ method: 'GET', path: '/both', options: { auth: { strategies: ['one', 'two'] } }, handler: () => 'ok' });
        server.route({ method: 'GET', path: '/all', options: { auth: { strategies: ['one', 'oauth2'] } }, handler: () => 'ok' });

        const { token } = await tokenAt(server, '/two');
        expect(await openedBy(server, '/both', token)).to.equal(200);
        expect(await openedBy(server, '/all', token)).to.equal(200);
        expect(await openedBy(server, '/both', `${token}x`)).to.equal(401);
    });

    it('signs with the algorithm it was given, and for the time it was given', async () => {

        const { server } = await provision([machines().setAccessTokenAlgorithm('EdDSA')]);

        const { token } = await tokenAt(server, '/oauth2/token');
        const [header = '', payload = ''] = token.split('.');
        expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.include({ alg: 'EdDSA', typ: 'at+jwt' });
        const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        expect(exp - iat).to.equal(600);
    });

    it('keeps its words for documentation', () => {

        const flow = machines().setDescription('Partners').setScopes({ 'reports:read': 'Read reports' });

        expect(flow.description).to.equal('Partners');
        expect(flow.scopes).to.equal({ 'reports:read': 'Read reports' });
    });

    it('hands every access token to validate, and believes it', async () => {

        const seen: unknown[] = [];
        const flow = machines().useAccessTokenJwks(true).validate((_request, { token, jwtAccessTokenPayload }) => {

            seen.push([token, jwtAccessTokenPayload?.client_id]);
            return { isValid: jwtAccessTokenPayload?.client_id === 'machine' };
        });
        const { server } = await provision([flow]);
        server.route({ method: 'GET', path: '/reports', options: { auth: flow.name }, handler: () => 'ok' });

        const { token } = await tokenAt(server, '/oauth2/token');
        expect(await openedBy(server, '/reports', token)).to.equal(200);
        expect(seen).to.equal([[token, 'machine']]);
        expect(await openedBy(server, '/reports', 'opaque')).to.equal(401);
        expect(seen).to.have.length(1);
    });

    it('advertises what its token type needs, and answers with its name', async () => {

        const tokenType: TokenType = { name: 'Sealed', metadata: { seal_required: true }, bind: () => undefined, verify: () => undefined };
        const { server } = await provision([machines().setTokenType(tokenType)]);

        const { result } = await server.inject<{ token_type: string }>(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization }));
        expect(result?.token_type).to.equal('Sealed');
        expect((await server.inject('/.well-known/oauth-authorization-server')).result).to.include({ seal_required: true });
    });
});

describe('A contradiction rejects server.register() and leaves no route behind:', () => {

    /** What registering this after others says. */
    const refusal = async (flow: Plugin, others: readonly Plugin[] = [], configure?: (hub: AuthorizationServerBuilder) => unknown, prepare: (server: Hapi.Server) => void = () => undefined) => {

        const { server } = await provision(others, configure);
        prepare(server);
        return await refusalOf(server, flow);
    };

    const bare = () => OAuth2ClientCredentialsBuilder.create();
    const reply = () => ({ access_token: 'a' });

    it('the same grant type twice at one path', async () => {

        expect(await refusal(machines().strategyName('second'), [machines()]))
            .to.equal('Flow \'second\' and flow \'oauth2-client-credentials\' both serve grant_type \'client_credentials\' at /oauth2/token: give one of them another path with setPath()');
    });

    it('two flows of one name', async () => {

        expect(await refusal(machines('/two'), [machines()]))
            .to.equal('Two flows are called \'oauth2-client-credentials\': Flow \'oauth2-client-credentials\' is registered already, so give the other one a name of its own with strategyName()');
    });

    it('no handler', async () => {

        expect(await refusal(bare()))
            .to.equal('Flow \'oauth2-client-credentials\' has no handler for its tokenRoute(), and nothing can be issued without one where no clients are registered: put the AuthorizationServerBuilder with setClients() first in server.register([...]), or call tokenRoute((route) => route.generateToken(...))');
    });

    it('issueTokens, which needs level 2', async () => {

        expect(await refusal(bare().tokenRoute((route) => route.issueTokens(reply)))).to.match(/^Flow 'oauth2-client-credentials' has issueTokens\(\) in tokenRoute\(\).*verify them yourself in tokenRoute\(\(route\) => route\.generateToken\(\.\.\.\)\)$/);
    });

    it('both handlers', async () => {

        expect(await refusal(bare().tokenRoute((route) => route.generateToken(reply).issueTokens(reply))))
            .to.equal('Flow \'oauth2-client-credentials\' has both generateToken() and issueTokens() in tokenRoute(): either your handler proves or the framework does, so keep one of them');
    });

    it('a path that the app has taken', async () => {

        const taken = (path: string, method: 'GET' | 'POST' | '*' = 'POST') => (server: Hapi.Server) => server.route({ method, path, handler: () => 'mine' });

        expect(await refusal(machines(), [], undefined, taken('/oauth2/token')))
            .to.equal('Flow \'oauth2-client-credentials\' cannot serve POST /oauth2/token: the app has a route there. Choose another path with setPath(), or move that route');
        expect(await refusal(machines(), [], undefined, taken('/oauth2/token', '*'))).to.include('cannot serve GET /oauth2/token: the app has a route there');
        expect(await refusal(users(), [], undefined, taken('/oauth2/authorize', 'GET'))).to.include('cannot serve GET /oauth2/authorize: the app has a route there');
        expect(await refusal(users(), [], undefined, taken('/oauth2/authorize'))).to.include('cannot serve POST /oauth2/authorize: the app has a route there');
        expect(await refusal(devices(), [], undefined, taken('/oauth2/device_authorization'))).to.include('POST /oauth2/device_authorization');
        expect(await refusal(devices(), [], undefined, taken('/oauth2/device'))).to.include('POST /oauth2/device: the app has a route there. Choose another path with setVerificationPath(), or move');
        expect(await refusal(machines(), [], undefined, taken('/oauth2/keys', 'GET'))).to.include('with its keys, cannot serve GET /oauth2/keys: the app has a route there. Choose another path with jwksRoute(');
        expect(await refusal(machines(), [], undefined, taken('/.well-known/oauth-authorization-server', 'GET'))).to.include('with the server\'s metadata, cannot serve GET /.well-known/oauth-authorization-server');
        expect(await refusal(people(), [], undefined, taken('/.well-known/openid-configuration', 'GET'))).to.include('GET /.well-known/openid-configuration: the app has a route there');
    });

    it('a path that another flow has taken', async () => {

        const second = users().strategyName('second').tokenRoute((route) => route.setPath('/second/token'));
        expect(await refusal(second, [users()]))
            .to.equal('Flow \'second\' cannot serve GET /oauth2/authorize: the plugin \'oauth2-authorization-code\' has a route there. Choose another path with setPath(), or move that route');
        expect(await refusal(machines('/oauth2/keys'), [users()])).to.include('cannot serve GET /oauth2/keys: the plugin \'hapi-oauth2-flows\' has a route there');
    });

    it('two endpoints of its own at one path', async () => {

        const twice = 'serves two endpoints at /oauth2/token: give one of them another path with setPath()';
        expect(await refusal(users().authorizationRoute((route) => route.setPath('/oauth2/token')))).to.equal(`Flow 'oauth2-authorization-code' ${twice}`);
        expect(await refusal(devices().authorizationRoute((route) => route.setVerificationPath('/oauth2/token')))).to.equal(`Flow 'oauth2-device-authorization' ${twice}`);
        expect(await refusal(machines().jwksRoute((route) => route.setPath('/oauth2/token')))).to.equal(`Flow 'oauth2-client-credentials' ${twice}`);
    });

    it('a strategy name that the app uses', async () => {

        const message = await refusal(machines().strategyName('session'), [], undefined, (server) => {

            server.auth.scheme('mine', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: {} }) }));
            server.auth.strategy('session', 'mine');
        });
        expect(message).to.equal('Flow \'session\' cannot have the auth strategy \'session\', because there is one of that name already: choose another with strategyName()');
    });

    it('settings of the server in which two differ', async () => {

        const both = (call: string) => `Flow 'oauth2-client-credentials' and Flow 'second' differ in ${call}, which is one setting of the whole server: call it once, on the AuthorizationServerBuilder`;
        const second = () => machines('/two').strategyName('second');
        const withHub = (hub: AuthorizationServerBuilder) => hub.setPublicKeyExpiry(7200);
        const [own, other] = [staticKeys(), staticKeys()];
        const server = async (first: ReturnType<typeof machines>, flow: ReturnType<typeof machines>) => {

            const app = quietServer();
            await app.register(first);
            return await refusalOf(app, flow);
        };

        expect(await server(machines().setJwksKeyStore(own), second().setJwksKeyStore(other))).to.equal(both('setJwksKeyStore()'));
        expect(await server(machines().setPublicKeyExpiry(3600), second().setPublicKeyExpiry(3601))).to.equal(both('setPublicKeyExpiry()'));
        expect(await server(machines().setJwksRotatorOptions({ intervalMs: 1000 }), second().setJwksRotatorOptions({ intervalMs: 2000 }))).to.equal(both('setJwksRotatorOptions()'));
        expect(await server(machines().jwksRoute((route) => route.setPath('/a')), second().jwksRoute((route) => route.setPath('/b')))).to.equal(both('jwksRoute()'));
        expect(await refusal(machines().setPublicKeyExpiry(3600), [], withHub)).to.include('The AuthorizationServerBuilder and Flow \'oauth2-client-credentials\' differ in setPublicKeyExpiry()');
        expect(await refusal(second().jwksRoute((route) => route.setPath('/b')), [machines()]))
            .to.equal('Flow \'oauth2-client-credentials\' and flow \'second\' share one key set, which is served at /oauth2/keys already: call jwksRoute() on the AuthorizationServerBuilder');
    });

    it('a member of the metadata in which two differ', async () => {

        const second = people().strategyName('second').additionalConfiguration({ claims_supported: ['sub'] });
        expect(await refusal(second, [people().additionalConfiguration({ claims_supported: ['sub', 'email'] })]))
            .to.equal('Flow \'oidc-authorization-code\' and Flow \'second\' differ in additionalConfiguration({ claims_supported }), which is one setting of the whole server: call it once, on the AuthorizationServerBuilder');
    });

    it('keys that go before the tokens they signed', async () => {

        const sentence = 'Flow \'oauth2-client-credentials\' signs tokens that live 600 seconds, but setPublicKeyExpiry() lets a replaced key go after 599: raise it, or lower setTokenTTL()';
        expect(await refusal(machines().setPublicKeyExpiry(599))).to.equal(sentence);
        expect(await refusal(machines('/two').strategyName('second').setTokenTTL(60).setPublicKeyExpiry(599), [machines()])).to.equal(sentence);
        expect(await refusal(people().setTokenTTL(60).setPublicKeyExpiry(599))).to.include('live 3600 seconds');
    });

    it('a setter that is called after registration', async () => {

        const flow = machines();
        await provision([flow]);
        const late = (setter: string) => `Flow 'oauth2-client-credentials' is registered: call ${setter}() before server.register()`;
        const calls: Readonly<Record<string, () => unknown>> = {
            setTokenTTL: () => flow.setTokenTTL(1),
            setDescription: () => flow.setDescription(''),
            setScopes: () => flow.setScopes({}),
            setTokenType: () => flow.setTokenType(new BearerToken()),
            setAccessTokenAlgorithm: () => flow.setAccessTokenAlgorithm('ES256'),
            setIdTokenAlgorithm: () => flow.setIdTokenAlgorithm('ES256'),
            addClientAuthenticationMethod: () => flow.addClientAuthenticationMethod('client_secret_basic'),
            strategyName: () => flow.strategyName('late'),
            tokenRoute: () => flow.tokenRoute(() => undefined),
            validate: () => flow.validate(() => ({ isValid: false })),
            useAccessTokenJwks: () => flow.useAccessTokenJwks(true)
        };
        for (const [setter, call] of Object.entries(calls)) {
            expect(call, setter).to.throw(late(setter));
        }
    });
});

describe('A flow has setters that', () => {

    it('return the flow itself', () => {

        const flow = machines();
        const response: (token: string) => OAuth2TokenResponse | null = () => null;
        expect(flow.setTokenTTL(1).setDescription('').setScopes({}).setTokenType(new BearerToken()).setAccessTokenAlgorithm('ES256').setIdTokenAlgorithm('ES256')
            .addClientAuthenticationMethod('client_secret_basic').strategyName('x').tokenRoute((route) => route.generateToken(() => response(''))).validate(() => ({ isValid: true })).useAccessTokenJwks(true)).to.shallow.equal(flow);
    });
});
