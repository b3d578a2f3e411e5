import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { basic, form, provision } from '../fixture/provision';
import { OAuth2DeviceAuthorizationBuilder, OAuth2Error, type DeviceAuthorizationContext, type DeviceAuthorizationRoute, type DeviceCodeResult, type GenerateDeviceCode } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = '/oauth2/device_authorization';
const codes = { device_code: 'the-device-code', user_code: 'BCDF-GHJK' };

const server = async (generateCode: GenerateDeviceCode, configure: (route: DeviceAuthorizationRoute) => unknown = (route) => route.verifyUserCode(() => null)) => {

    const flow = OAuth2DeviceAuthorizationBuilder.create()
        .setScopes({ play: 'Play videos' })
        .authorizationRoute((route) => configure(route.generateCode(generateCode)))
        .tokenRoute((route) => route.generateToken(() => null));
    const { server: app } = await provision([], (hub) => hub.setIssuer('http://localhost:8080'));
    await app.register({ plugin: flow, routes: { prefix: '/tv' } });
    return app;
};

const answer = async (result: unknown, configure?: (route: DeviceAuthorizationRoute) => unknown) => {

    const app = await server(() => result as DeviceCodeResult, configure);
    const logged: unknown[] = [];
    app.events.on({ name: 'request', channels: ['error'] }, (_request, { error }) => logged.push(error));
    const { statusCode, payload, headers } = await app.inject(form(`/tv${path}`, { client_id: 'tv' }));
    return { statusCode, headers, body: { ...Object(JSON.parse(payload)) } as Record<string, unknown>, logged };
};

describe('The device authorization endpoint', () => {

    it('answers the codes with what else a device needs', async () => {

        const { statusCode, body, headers } = await answer(codes);
        expect(statusCode).to.equal(200);
        expect(headers).to.include({ 'cache-control': 'no-store', pragma: 'no-cache' });
        expect(body).to.equal({
            ...codes,
            verification_uri: 'http://localhost:8080/tv/oauth2/device',
            verification_uri_complete: 'http://localhost:8080/tv/oauth2/device?user_code=BCDF-GHJK',
            expires_in: 600,
            interval: 5
        });
    });

    it('lets the handler say more, and otherwise', async () => {

        const result = { ...codes, user_code: 'a&b', expires_in: 60, interval: 1, verification_uri_complete: 'https://tv.example.com/x', message: 'Hello' };
        expect((await answer(result)).body).to.equal({ ...result, verification_uri: 'http://localhost:8080/tv/oauth2/device' });
        expect((await answer({ ...codes, user_code: 'a&b' })).body.verification_uri_complete).to.equal('http://localhost:8080/tv/oauth2/device?user_code=a%26b');
    });

    it('gives no complete URL for a page of the app\'s own', async () => {

        const { body } = await answer({ ...codes, verification_uri: 'https://tv.example.com/' });
        expect(body).to.equal({ ...codes, verification_uri: 'https://tv.example.com/', expires_in: 600, interval: 5 });
    });

    it('takes a member without a value for one that was left out', async () => {

        const { body } = await answer({ ...codes, expires_in: undefined, interval: null, verification_uri: undefined, message: null });
        expect(body).to.include({ expires_in: 600, interval: 5, verification_uri: 'http://localhost:8080/tv/oauth2/device' });
        expect(body).to.not.include('message');
    });

    it('refuses what the handler refuses', async () => {

        expect(await answer({ error: 'unauthorized_client', error_description: 'No devices' })).to.include({ statusCode: 400, body: { error: 'unauthorized_client', error_description: 'No devices' } });
        expect(await answer({ error: 'invalid_client', error_description: 7 })).to.include({ statusCode: 401, body: { error: 'invalid_client' } });
        expect(await answer(null)).to.include({ statusCode: 400, body: { error: 'invalid_request', error_description: 'The request was not accepted' } });
    });

    it('is a 500 that says to the log what a handler has to return, for anything else', async () => {

        const nonsense = [undefined, 'codes', 7, {}, { device_code: 'd' }, { user_code: 'u' }, { ...codes, device_code: 7 }, { ...codes, verification_uri: 7 }, { ...codes, error: 'no_such_code' }];
        for (const result of nonsense) {
            const { statusCode, body, logged: [error] } = await answer(result);
            expect(statusCode, JSON.stringify(result)).to.equal(500);
            expect(body.error).to.equal('server_error');
            expect(String((error as OAuth2Error).cause)).to.include('return all three, or leave verification_uri out and call verifyUserCode()');
        }

        expect((await answer(codes, () => undefined)).statusCode).to.equal(500);
    });

    it('hands the handler what the device sent, and believes no secret', async () => {

        const seen: (DeviceAuthorizationContext & { readonly right?: boolean; readonly wrong?: boolean; readonly missing?: boolean })[] = [];
        const app = await server((ctx) => {

            seen.push({ ...ctx, right: ctx.verifyClientSecret('secret'), wrong: ctx.verifyClientSecret('other'), missing: ctx.verifyClientSecret() });
            return codes;
        });
        await app.inject(form(`/tv${path}`, 'scope=play&resource=urn:a&resource=urn:b', { authorization: basic('tv', 'secret') }));
        await app.inject(form(`/tv${path}`, 'client_id=tv'));

        expect(seen[0]).to.include({ clientId: 'tv', clientSecret: 'secret', clientAuthenticationMethod: 'client_secret_basic', scope: 'play', resource: ['urn:a', 'urn:b'], right: true, wrong: false, missing: false });
        expect(seen[1]).to.include({ clientId: 'tv', clientSecret: undefined, clientAuthenticationMethod: 'none', scope: undefined, resource: [], right: false, wrong: false, missing: false });
    });

    it('refuses an unknown scope and a client that does not name itself, before the handler runs', async () => {

        const app = await server(() => {

            throw new Error('must not run');
        });
        expect((await app.inject(form(`/tv${path}`, 'client_id=tv&scope=nowhere'))).result).to.include({ error: 'invalid_scope' });
        expect((await app.inject(form(`/tv${path}`, ''))).result).to.include({ error: 'invalid_request' });
        expect((await app.inject(form(`/tv${path}`, 'client_id=tv', { authorization: 'Bearer x' }))).statusCode).to.equal(401);
    });

    it('answers what the handler throws like every endpoint', async () => {

        const throwing = async (error: Error) => {

            const app = await server(() => {

                throw error;
            });
            const { statusCode, payload } = await app.inject(form(`/tv${path}`, 'client_id=tv'));
            return { statusCode, payload };
        };

        expect(await throwing(new Error('hunter2'))).to.equal({ statusCode: 500, payload: '{"error":"server_error","error_description":"The server could not answer this request"}' });
        expect(await throwing(new OAuth2Error('slow_down'))).to.equal({ statusCode: 400, payload: '{"error":"slow_down"}' });
    });

    it('is at its own path, with its own options', async () => {

        const app = await server(() => codes, (route) => route.setPath('/start').setOptions({ tags: ['api'] }));

        expect((await app.inject(form('/tv/start', 'client_id=tv'))).statusCode).to.equal(500);
        expect(app.match('post', '/tv/start')?.settings).to.include({ tags: ['api'], description: 'OAuth 2.0 device authorization endpoint' });
        expect((await app.inject('/tv/start')).statusCode).to.equal(405);
    });
});
