import { expect } from '@hapi/code';
import Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { authorizeQuery, devices, machines, people, quietServer } from '../fixture/flows';
import { sendRaw } from '../fixture/net';
import { basic, form, provision } from '../fixture/provision';
import { OAuth2ClientCredentialsBuilder } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const authorization = basic('machine', 'secret');
const good = form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization });

const closed = (server: Hapi.Server) => {

    server.auth.scheme('closed', () => ({ authenticate: () => { throw new Error('locked'); } }));
    server.auth.strategy('closed', 'closed');
    server.auth.default('closed');
};

describe('An endpoint is an ordinary hapi route', () => {

    it('that answers before it hangs up where a body turns out to be too large only as it comes', async () => {

        const server = Hapi.server({ port: 0, host: 'localhost', debug: false });
        await server.register(machines());
        await server.start();
        const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
        const answer = await sendRaw(server, `POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(16)}0\r\n\r\n`);
        await server.stop({ timeout: 0 });
        expect(answer).to.match(/^HTTP\/1\.1 413 /).and.to.contain('"error":"invalid_request"');
    });

    it('that server.inject() reaches before the server started', async () => {

        const server = quietServer();
        await server.register(machines());
        expect((await server.inject(good)).statusCode).to.equal(200);
    });

    it('with the app\'s tags, description, notes, app and plugins', async () => {

        const options = { tags: ['api'], description: 'Tokens', notes: 'For partners', app: { team: 'auth' }, plugins: { 'hapi-swagger': { order: 1 } } };
        const { server } = await provision([OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setOptions(options).generateToken(() => null))]);
        const expected = { ...options, plugins: { crumb: false, ...options.plugins } };
        expect(server.match('post', '/oauth2/token')?.settings).to.include(expected);
        expect(server.match('get', '/oauth2/token')?.settings).to.include(expected);
    });

    it('that says what it is without them', async () => {

        const { server } = await provision([people(), devices()]);
        const described = server.table().filter(({ method }) => method !== '*').map(({ path, settings: { description } }) => `${path}: ${String(description)}`);
        expect([...new Set(described)].sort()).to.equal([
            '/.well-known/oauth-authorization-server: Authorization server metadata',
            '/.well-known/openid-configuration: Authorization server metadata',
            '/oauth2/authorize: OAuth 2.0 authorization endpoint',
            '/oauth2/device: OAuth 2.0 device verification page',
            '/oauth2/device_authorization: OAuth 2.0 device authorization endpoint',
            '/oauth2/keys: JSON Web Key Set',
            '/oauth2/token: OAuth 2.0 token endpoint'
        ]);
    });

    it('whose protocol options the app cannot take away', async () => {

        const options: object = { auth: 'session', state: { parse: true }, cache: { otherwise: 'public' }, payload: { allow: 'application/json' }, ext: { onPreResponse: { method: () => 'mine' } }, tags: ['api'] };
        const { server } = await provision([OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setOptions(options).generateToken(() => null))]);
        const { statusCode, headers, result } = await server.inject({ ...good, headers: { ...good.headers, cookie: '=odd' } });
        expect(statusCode).to.equal(400);
        expect(headers['cache-control']).to.equal('no-store');
        expect(result).to.include({ error: 'invalid_request' });
    });

    it('that no default auth strategy locks, set before or after', async () => {

        const first = quietServer();
        closed(first);
        await first.register([people(), machines(), devices()]);
        const { server: last } = await provision([people(), machines(), devices()]);
        closed(last);

        for (const server of [first, last]) {
            expect((await server.inject(good)).statusCode).to.equal(200);
            expect((await server.inject(form('/oauth2/device_authorization', 'client_id=tv'))).statusCode).to.equal(200);
            for (const path of ['/oauth2/keys', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', `/oauth2/authorize?${authorizeQuery()}`, '/oauth2/device']) {
                expect((await server.inject(path)).statusCode, path).to.equal(200);
            }

            expect((await server.inject('/oauth2/token')).statusCode).to.equal(405);
        }
    });

    it('that an odd foreign cookie does not close, also when the app wants cookies strictly', async () => {

        const { server } = await provision([people(), machines()]);
        server.state('session', { encoding: 'base64json', strictHeader: true, ignoreErrors: false });
        const cookie = 'session=%%%; =x; a b="c';
        for (const url of [`/oauth2/authorize?${authorizeQuery()}`, '/oauth2/keys']) {
            expect((await server.inject({ url, headers: { cookie } })).statusCode, url).to.equal(200);
        }

        expect((await server.inject({ ...good, headers: { ...good.headers, cookie } })).statusCode).to.equal(200);
        server.route({ method: 'GET', path: '/mine', handler: () => 'ok' });
        expect((await server.inject({ url: '/mine', headers: { cookie } })).statusCode).to.equal(400);
    });

    it('that stores no reply, except documents for five minutes', async () => {

        const { server } = await provision([people(), machines()]);
        expect((await server.inject(good)).headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
        const { headers } = await server.inject('/oauth2/keys');
        expect(headers['cache-control']).to.equal('public, max-age=300');
        expect(headers).to.not.include('pragma');
        expect((await server.inject({ method: 'HEAD', url: '/oauth2/keys' })).statusCode).to.equal(200);
        expect((await server.inject({ method: 'HEAD', url: '/oauth2/token' })).statusCode).to.equal(405);
    });

    it('that does not read a body nobody asked for', async () => {

        const { server } = await provision([people(), machines()]);
        const seen: unknown[] = [];
        server.ext('onPreHandler', ({ payload }, h) => {

            seen.push(typeof payload === 'object' && payload !== null && 'pipe' in payload);
            return h.continue;
        });
        for (const url of ['/oauth2/token', '/oauth2/authorize']) {
            const { statusCode } = await server.inject({ method: 'PUT', url, payload: 'x'.repeat(500_000), headers: { 'content-type': 'application/json' } });
            expect(statusCode).to.equal(405);
        }

        expect(seen).to.equal([true, true]);
    });
});
