import { Boom, badImplementation, badRequest } from '@hapi/boom';
import { expect } from '@hapi/code';
import type Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { machines, people, quietServer } from '../fixture/flows';
import { basic, form, provision } from '../fixture/provision';
import { OAuth2AuthorizationCodeBuilder, OAuth2ClientCredentialsBuilder, OAuth2Error } from '../../lib';
import { refuseBody } from '../../lib/endpoints/error-reply';
import { isFailure } from '../../lib/error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const authorization = basic('machine', 'secret');
const good = form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization });

/** A server with a token endpoint, prepared before or after its flows. */
const server = async ({ before = () => undefined, after = () => undefined, flow = machines() }: { before?: (app: Hapi.Server) => unknown; after?: (app: Hapi.Server) => unknown; flow?: OAuth2ClientCredentialsBuilder } = {}) => {

    const app = quietServer();
    before(app);
    await app.register(flow);
    after(app);
    return app;
};

const throwing = (error: Error) => OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.generateToken(() => {

    throw error;
}));

const thrownBy = (event: 'onPreAuth' | 'onCredentials' | 'onPostAuth' | 'onPreHandler' | 'onPostHandler', error: Error) => (app: Hapi.Server) => app.ext(event, ({ path }, h) => {

    if (path.startsWith('/oauth2')) {
        throw error;
    }

    return h.continue;
});

describe('An error reply', () => {

    it('is a Boom for the app\'s own onPreResponse, whenever that was added', async () => {

        for (const when of ['before', 'after']) {
            const seen: unknown[] = [];
            const ext = (app: Hapi.Server) => app.ext('onPreResponse', ({ response }, h) => {

                seen.push(isFailure(response) && [response.isBoom, response.output.statusCode, Reflect.get(response.output.payload, 'error'), response instanceof OAuth2Error]);
                return h.continue;
            });
            const app = await server({ [when]: ext });
            await app.inject(form('/oauth2/token', { grant_type: 'password' }));
            expect(seen, when).to.equal([[true, 400, 'unsupported_grant_type', true]]);
        }
    });

    it('may be replaced by the app, before and after it was made', async () => {

        for (const when of ['before', 'after']) {
            const app = await server({
                [when]: (hapi: Hapi.Server) => hapi.ext('onPreResponse', ({ response }, h) => (isFailure(response) ? h.response({ mine: true }).code(418) : h.continue))
            });
            const { statusCode, result } = await app.inject(form('/oauth2/token', { grant_type: 'password' }));
            expect(statusCode, when).to.equal(418);
            expect(result, when).to.equal({ mine: true });
        }
    });

    it('is made for whatever an extension of the app throws on the route', async () => {

        const limited = new Boom('10.0.0.7 is too fast', { statusCode: 429 });
        limited.output.headers['retry-after'] = 30;
        const errors: readonly (readonly [Error, number, object, string | undefined])[] = [
            [limited, 429, { error: 'temporarily_unavailable', error_description: 'Try again later' }, '30'],
            [new Boom('redis is down', { statusCode: 503 }), 503, { error: 'temporarily_unavailable', error_description: 'Try again later' }, '5'],
            [new Error('hunter2'), 500, { error: 'server_error', error_description: 'The server could not answer this request' }, undefined],
            [badImplementation('hunter2'), 500, { error: 'server_error', error_description: 'The server could not answer this request' }, undefined],
            [badRequest('hunter2'), 400, { error: 'invalid_request' }, undefined]
        ];
        for (const event of ['onPreAuth', 'onPostAuth', 'onPreHandler', 'onPostHandler'] as const) {
            for (const [error, status, body, retryAfter] of errors) {
                const app = await server({ after: thrownBy(event, error) });
                const { statusCode, result, headers, payload } = await app.inject(good);
                expect(statusCode, `${event} ${error.message}`).to.equal(status);
                expect(result).to.equal(body);
                expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': 'application/json; charset=utf-8' });
                expect(headers['retry-after']).to.equal(retryAfter);
                expect(payload).to.not.include('hunter2').and.not.include('10.0.0.7');
            }
        }
    });

    it('is a page where the route is a page', async () => {

        const limited = new Boom('too fast', { statusCode: 429 });
        limited.output.headers['retry-after'] = 30;
        const { server: app } = await provision([people()]);
        thrownBy('onPreHandler', limited)(app);
        const { statusCode, headers, payload } = await app.inject('/oauth2/authorize');
        expect(statusCode).to.equal(429);
        expect(headers).to.include({ 'retry-after': '30', 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
        expect(payload).to.include('<code>temporarily_unavailable</code>');
    });

    it('keeps the error itself for hapi\'s log', async () => {

        const error = new Error('hunter2');
        const app = await server({ flow: throwing(error) });
        const logged: unknown[] = [];
        app.events.on({ name: 'request', channels: ['error'] }, (_request, { error: what, tags }) => logged.push([what, tags]));
        const { payload } = await app.inject(good);
        expect(payload).to.not.include('hunter2');
        expect(logged).to.have.length(1);
        const [[logging, tags]] = logged as [[unknown, unknown]];
        expect(logging).to.shallow.equal(error);
        expect(tags).to.equal(['internal', 'error']);
    });

    it('is in the request log with reason, code and client, and never a secret', async () => {

        const app = await server({ flow: throwing(new OAuth2Error('invalid_client', 'Client authentication failed', { reason: 'client_locked' })) });
        const logged: unknown[] = [];
        app.events.on({ name: 'request', channels: ['app'] }, (_request, { tags, data }) => logged.push([tags, data]));
        const { payload } = await app.inject(form('/oauth2/token', { grant_type: 'client_credentials', client_id: 'm', client_secret: 'hunter2' }));
        await app.inject(form('/oauth2/token?client_id=q', 'x=1'));
        await app.inject(form('/oauth2/token', 'client_id=a&client_id=b'));
        await app.inject('/oauth2/token');
        await app.inject(form('/oauth2/token', 'x=1', { authorization: basic('b:c', 'hunter2').replace('%3A', '') }));
        const assertion = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
        for (const claims of [{ sub: 's' }, { sub: 7 }, null]) {
            await app.inject(form('/oauth2/token', { client_assertion: assertion(claims) }));
        }

        expect(logged.map((entry) => JSON.stringify(entry)).join()).to.not.include('hunter2');
        expect(logged.splice(4).map((entry) => (entry as [unknown, { client_id: unknown }])[1].client_id)).to.equal(['b:c', 's', undefined, undefined]);
        expect(logged).to.equal([
            [['oauth', 'refused'], { reason: 'client_locked', error: 'invalid_client', client_id: 'm' }],
            [['oauth', 'refused'], { reason: 'missing_parameter', error: 'invalid_request', client_id: 'q' }],
            [['oauth', 'refused'], { reason: 'missing_parameter', error: 'invalid_request', client_id: 'a' }],
            [['oauth', 'refused'], { reason: 'wrong_method', error: 'invalid_request', client_id: undefined }]
        ]);
        expect(payload).to.not.include('client_locked');
        expect(JSON.stringify(logged)).to.not.include('hunter2');
    });

    it('challenges for Basic only where the client tried the header', async () => {

        const app = await server({ flow: throwing(new OAuth2Error('invalid_client')) });
        expect((await app.inject(good)).headers['www-authenticate']).to.equal('Basic realm="OAuth 2.0", charset="UTF-8"');
        expect((await app.inject(form('/oauth2/token', { grant_type: 'client_credentials', client_id: 'm', client_secret: 's' }))).headers['www-authenticate']).to.be.undefined();
        const other = await server({ flow: throwing(new OAuth2Error('invalid_grant')) });
        expect((await other.inject(good)).headers['www-authenticate']).to.be.undefined();
    });

    it('keeps no trace of one request for the next, though the app throws one error object twice', async () => {

        const app = await server({ flow: throwing(new OAuth2Error('invalid_client')) });
        await app.inject(good);
        expect((await app.inject(form('/oauth2/token', { grant_type: 'client_credentials', client_id: 'm', client_secret: 's' }))).headers['www-authenticate']).to.be.undefined();
    });

    it('keeps no trace of a page that showed the same error object', async () => {

        const shared = new OAuth2Error('invalid_request', 'Not here');
        const login = OAuth2AuthorizationCodeBuilder.create()
            .authorizationRoute((route) => route.setGETResponseRenderer(() => { throw shared; }).generateCode(() => null))
            .tokenRoute((route) => route.generateToken(() => { throw shared; }));
        const { server: app } = await provision([login]);
        const page = await app.inject(`/oauth2/authorize?response_type=code&client_id=c&redirect_uri=https%3A%2F%2Fapp.example.com%2F&code_challenge_method=S256&code_challenge=${'a'.repeat(43)}`);
        expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
        const reply = await app.inject(form('/oauth2/token', { grant_type: 'authorization_code', code: 'c', client_id: 'c' }));
        expect(reply.result).to.equal({ error: 'invalid_request', error_description: 'Not here' });
        expect(reply.headers['content-security-policy']).to.be.undefined();
    });

    it('carries the headers of the refusal', async () => {

        const app = await server({ flow: throwing(new OAuth2Error('use_dpop_nonce', undefined, { headers: { 'dpop-nonce': 'n' }, statusCode: 401 })) });
        const { statusCode, headers } = await app.inject(good);
        expect(statusCode).to.equal(401);
        expect(headers['dpop-nonce']).to.equal('n');
    });

    it('is for our routes only', async () => {

        const app = await server();
        app.route({ method: 'GET', path: '/mine', handler: () => { throw new Error('mine'); } });
        expect((await app.inject('/mine')).result).to.include({ error: 'Internal Server Error' });
        expect((await app.inject('/nowhere')).result).to.include({ error: 'Not Found' });
    });

    it('takes a body for unusable whatever the reason, or without one', () => {

        for (const err of [undefined, new Error('no Boom'), badRequest('malformed')]) {
            expect(() => Reflect.apply(refuseBody, undefined, [undefined, undefined, err])).to.throw(OAuth2Error, 'The request body must be application/x-www-form-urlencoded');
        }
    });

    it('comes for a handler that takes longer than the route may', async () => {

        const flow = OAuth2ClientCredentialsBuilder.create().tokenRoute((route) => route.setOptions({ timeout: { server: 1 } }).generateToken(() => new Promise(() => undefined)));
        const { statusCode, result } = await (await server({ flow })).inject(good);
        expect(statusCode).to.equal(503);
        expect(result).to.include({ error: 'temporarily_unavailable' });
    });
});
