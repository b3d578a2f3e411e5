import { runInNewContext } from 'node:vm';

import Inert from '@hapi/inert';
import Vision from '@hapi/vision';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import HapiSwagger from 'hapi-swagger';

import { OAuth2ClientCredentialsBuilder, oauth2Swagger } from '../../lib';
import { quietServer } from '../fixture/flows';
import { problemsOf } from '../fixture/openapi';
import { provision } from '../fixture/provision';
import { clients, login } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Options = Parameters<typeof oauth2Swagger<HapiSwagger.RegisterOptions>>[1];

/** An app with swagger, its document and its page. */
const documented = async (options?: Options) => {

    const { server } = await provision([login(), OAuth2ClientCredentialsBuilder.create().setScopes({ write: 'Write' })], (hub) => hub.setIssuer('http://localhost:3000').authenticateUser(() => null).setClients([...clients, { client_id: 'm', client_secret: 's', grant_types: ['client_credentials'] }]));
    await server.register([{ plugin: Inert }, { plugin: Vision }, { plugin: oauth2Swagger(HapiSwagger, options) }]);
    const route = (path: string, auth: string | object | false, plugins = {}) => server.route({ method: 'GET', path, options: { tags: ['api'], auth, plugins }, handler: () => null });
    route('/mine', { strategy: 'oauth2', access: { scope: ['email'] } });
    route('/written', 'oauth2-client-credentials', { 'hapi-swagger': { order: 1 } });
    route('/said', 'oauth2', { 'hapi-swagger': { security: [{ own: [] }] } });
    route('/hidden', 'oauth2', { 'hapi-swagger': false });
    route('/open', false);
    server.route({ method: 'GET', path: '/plain', handler: () => null });
    await server.initialize();
    const get = async (url: string) => (await server.inject(url)).payload;
    return { server, page: () => get('/documentation'), document: async () => Object(JSON.parse(await get('/openapi.json'))) };
};

describe('oauth2Swagger()', () => {

    it('says in the document which scopes a route wants, and what gives them', async () => {

        const { document } = await documented();
        const { openapi, paths, components: { securitySchemes } } = await document();
        expect(openapi).to.equal('3.0.0');
        expect(Object.keys(securitySchemes)).to.equal(['oidc-authorization-code', 'oauth2-client-credentials', 'OAuth2Client']);
        expect(securitySchemes['oidc-authorization-code'].flows.authorizationCode).to.include({ authorizationUrl: 'http://localhost:3000/oauth2/authorize', tokenUrl: 'http://localhost:3000/oauth2/token' });
        expect(paths['/mine'].get.security).to.equal([{ 'oidc-authorization-code': ['email'] }]);
        expect(paths['/written'].get.security).to.equal([{ 'oauth2-client-credentials': [] }]);
        expect(paths['/said'].get.security).to.equal([{ own: [] }]);
        expect(paths['/open'].get.security).to.be.undefined();
    });

    it('describes the endpoints, in a valid document, unless it is told not to', async () => {

        const whole = await (await documented()).document();
        expect(whole.paths['/oauth2/token'].post.summary).to.equal('Token endpoint');
        expect(Object.keys(whole.paths)).to.include(['/oauth2/introspect', '/oauth2/revoke', '/oauth2/userinfo', '/oauth2/logout', '/oauth2/keys', '/.well-known/openid-configuration']);
        expect(whole.paths['/oauth2/userinfo'].get.security).to.equal([{ 'oidc-authorization-code': ['openid'] }]);
        expect(Object.keys(whole.components.schemas)).to.include(['OAuth2TokenResponse', 'OAuth2Error']);
        expect(await problemsOf(whole)).to.equal([]);
        const routes = await (await documented({ describeEndpoints: false })).document();
        expect(Object.keys(routes.paths)).to.not.include('/oauth2/token').and.to.include('/mine');
        expect(Object.keys(routes.components.securitySchemes)).to.equal(['oidc-authorization-code', 'oauth2-client-credentials']);
        expect(await problemsOf(routes)).to.equal([]);
    });

    it('makes Swagger UI a client', async () => {

        const { page } = await documented({ clientId: 'demo</script>', scopes: ['openid'], options: { info: { title: 'An app' }, uiCompleteScript: 'window.done = true;', uiOptions: { filter: true } } });
        const html = await page();
        expect(html).to.contain('window.ui.initOAuth({"clientId":"demo\\u003c/script>","scopes":["openid"],"usePkceWithAuthorizationCodeGrant":true});').and.to.contain('window.done = true;');
        expect(html).to.contain('"oauth2RedirectUrl":"http://localhost:3000/swaggerui/oauth2-redirect.html"').and.to.contain('"filter":true').and.to.contain('<title>An app</title>');
        expect(await (await documented()).page()).to.contain('window.ui.initOAuth({"scopes":[],"usePkceWithAuthorizationCodeGrant":true});');
    });

    it('sends no cookies where a wrong secret would make browsers ask for a name and a password, and leaves every other request as it is', async () => {

        const { page } = await documented();
        const [, script = ''] = /(window\.ui\.getConfigs\(\)\.requestInterceptor = .*)/.exec(await page()) ?? [];
        const configs: { requestInterceptor?: (request: object) => object } = {};
        runInNewContext(script, { window: { ui: { getConfigs: () => configs } }, location: { href: 'http://localhost:3000/documentation' }, URL });
        const sent = (url: string) => ({ ...configs.requestInterceptor?.({ url, headers: { a: 'b' } }) });
        for (const path of ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']) {
            expect(sent(`http://localhost:3000${path}?query=1`)).to.equal({ url: `http://localhost:3000${path}?query=1`, headers: { a: 'b' }, credentials: 'omit' });
            expect(sent(path)).to.include({ credentials: 'omit' });
        }

        for (const url of ['http://localhost:3000/mine', '/mine', '/oauth2/authorize', '/oauth2/userinfo', '/mine?of=/oauth2/token']) {
            expect(sent(url)).to.equal({ url, headers: { a: 'b' } });
        }
    });

    it('leaves the files of Swagger UI as they are', async () => {

        const { server } = await documented();
        expect((await server.inject('/swaggerui/oauth2-redirect.html')).statusCode).to.equal(200);
        expect((await server.inject('/swaggerui/nothing.html')).statusCode).to.equal(404);
        expect((await server.inject('/swaggerui/oauth2-redirect.js')).payload).to.contain('window.opener?.swaggerUIRedirectOauth2');
        expect((await server.inject({ url: '/openapi.json', headers: { accept: 'text/html' } })).statusCode).to.equal(200);
    });

    it('leaves other routes alone, and a script that is there already', async () => {

        const { server } = await provision([login()], (hub) => hub.setClients(clients).authenticateUser(() => null));
        server.route({ method: 'GET', path: '/swaggerui/oauth2-redirect.js', handler: () => 'mine' });
        await server.register([{ plugin: Inert }, { plugin: Vision }, { plugin: oauth2Swagger(HapiSwagger) }]);
        await server.initialize();
        expect((await server.inject('/swaggerui/oauth2-redirect.js')).payload).to.equal('mine');
    });

    it('comes after the flows', async () => {

        const said = 'oauth2Swagger() has nothing to describe yet: register it after the flows';
        await expect(quietServer().register({ plugin: oauth2Swagger(HapiSwagger) })).to.reject(said);
        await expect((await provision([])).server.register({ plugin: oauth2Swagger(HapiSwagger) })).to.reject(said);
    });
});
