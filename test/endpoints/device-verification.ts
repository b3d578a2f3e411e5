import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { form, provision } from '../fixture/provision';
import { OAuth2DeviceAuthorizationBuilder, type OAuth2Error, type DeviceAuthorizationRoute, type FinalizeVerificationContext, type UserCodeContext, type UserCodeResult, type VerificationPageContext, type VerifyUserCode } from '../../lib';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const path = '/oauth2/device';
const entry = { user_code: 'bcdf ghjk', username: 'alice', password: 'correct' };

const server = async (verifyUserCode: VerifyUserCode, configure: (route: DeviceAuthorizationRoute) => unknown = () => undefined) => {

    const flow = OAuth2DeviceAuthorizationBuilder.create()
        .authorizationRoute((route) => configure(route.generateCode(() => null).verifyUserCode(verifyUserCode)))
        .tokenRoute((route) => route.generateToken(() => null));
    return (await provision([flow])).server;
};

const never = (): never => {

    throw new Error('verifyUserCode() must not run');
};

describe('The verification page', () => {

    it('asks for the code and for the user', async () => {

        const app = await server(never);
        const { statusCode, payload } = await app.inject(path);
        expect(statusCode).to.equal(200);
        expect(payload).to.include('<h1>Connect a device</h1>').and.include('name="user_code" value=""').and.include('name="username"').and.include('name="password"');
        expect(payload.replaceAll('&#x2f;', '/')).to.include(`<form method="post" action="${path}">`);
        expect(payload).to.not.include('role="alert"');
    });

    it('shows the code that came with the link, for the user to confirm, and asks nobody', async () => {

        const app = await server(never);
        expect((await app.inject(`${path}?user_code=BCDF`)).payload).to.include('value="BCDF"');
        expect((await app.inject(`${path}?user_code=A&user_code=B`)).statusCode).to.equal(400);
    });

    it('escapes the code', async () => {

        const app = await server(() => null);
        const attack = '"><script>alert(1)</script>';
        for (const { payload } of [await app.inject(`${path}?user_code=${encodeURIComponent(attack)}`), await app.inject(form(path, { ...entry, user_code: attack }))]) {
            expect(payload).to.include('user_code').and.not.include('<script').and.not.include('"><s');
        }
    });

    it('hands the handler what the user entered', async () => {

        const seen: UserCodeContext[] = [];
        const app = await server((ctx) => {

            seen.push(ctx);
            return { type: 'allow' };
        });
        await app.inject(form(path, entry));
        await app.inject(form(path, { user_code: 'X' }));
        expect(seen).to.equal([{ userCode: 'bcdf ghjk', username: 'alice', password: 'correct' }, { userCode: 'X', username: undefined, password: undefined }]);
    });

    it('says how it ended', async () => {

        const ends = async (result: UserCodeResult) => await (await server(() => result)).inject(form(path, entry));

        const allowed = await ends({ type: 'allow' });
        expect(allowed.statusCode).to.equal(200);
        expect(allowed.payload).to.include('<h1>Your device is connected</h1>');
        const denied = await ends({ type: 'deny' });
        expect(denied.statusCode).to.equal(200);
        expect(denied.payload).to.include('<h1>Your device was not connected</h1>');
        for (const { headers } of [allowed, denied]) {
            expect(String(headers['content-security-policy'])).to.match(/^default-src 'none'/);
        }

        const next = await ends({ type: 'continue' });
        expect(next.statusCode).to.equal(303);
        expect(next.headers.location).to.equal(path);
    });

    it('shows the form again for a null result, with the code but not the password', async () => {

        const app = await server(() => null);
        const events: unknown[] = [];
        app.events.on({ name: 'request', channels: 'app' }, (_request, { tags, data }) => events.push([tags, data]));
        const { statusCode, payload } = await app.inject(form(path, { ...entry, password: 'very-secret' }));
        expect(events).to.equal([[['oauth', 'refused'], { reason: 'wrong_device_entry', error: 'access_denied', client_id: undefined }]]);
        expect(statusCode).to.equal(400);
        expect(payload).to.include('<p id="problem" role="alert">The code, the username or the password is wrong</p>').and.include('bcdf').and.not.include('very-secret');
    });

    it('is a page that says a code is missing', async () => {

        const app = await server(never);
        const { statusCode, payload, headers } = await app.inject(form(path, { username: 'alice' }));
        expect(statusCode).to.equal(400);
        expect(headers['content-type']).to.match(/^text\/html/);
        expect(payload).to.include('<code>invalid_request</code>');
    });

    it('is a 500 page, with a word for the log, when the handler returns nonsense or throws', async () => {

        for (const result of [undefined, true, 'allow', {}, { type: 'code', value: 'x' }]) {
            const app = await server(() => result as UserCodeResult);
            const logged: unknown[] = [];
            app.events.on({ name: 'request', channels: ['error'] }, (_request, { error }) => logged.push(error));
            const { statusCode, payload } = await app.inject(form(path, entry));
            expect(statusCode, JSON.stringify(result)).to.equal(500);
            expect(payload).to.include('<code>server_error</code>');
            expect(String((logged[0] as OAuth2Error).cause)).to.include('verifyUserCode() returned no result');
        }

        const app = await server(() => {

            throw new Error('hunter2');
        });
        const { statusCode, payload } = await app.inject(form(path, entry));
        expect(statusCode).to.equal(500);
        expect(payload).to.include('<code>server_error</code>').and.not.include('hunter2');
    });

    it('refuses a form of another site', async () => {

        const app = await server(never);
        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example.com' }]) {
            expect((await app.inject(form(path, entry, headers))).statusCode).to.equal(403);
        }
    });

    it('uses the app\'s fields, path and pages', async () => {

        const seen: VerificationPageContext[] = [];
        const app = await server(() => null, (route) => route.setVerificationPath('/activate').setUsernameField('email').setPasswordField('pin').setGETResponseRenderer((ctx, _request, h) => {

            seen.push(ctx);
            return h.response('mine').code(ctx.statusCode);
        }));

        expect((await app.inject('/activate?user_code=A')).payload).to.equal('mine');
        expect((await app.inject(form('/activate', entry))).statusCode).to.equal(400);
        expect(seen).to.equal([
            { action: '/activate', userCode: 'A', usernameField: 'email', passwordField: 'pin', statusCode: 200, errorMessage: undefined },
            { action: '/activate', userCode: 'bcdf ghjk', usernameField: 'email', passwordField: 'pin', statusCode: 400, errorMessage: 'The code, the username or the password is wrong' }
        ]);
        expect((await app.inject(path)).statusCode).to.equal(404);
    });

    it('lets the app replace only the page after a wrong entry', async () => {

        const app = await server(() => null, (route) => route.setPOSTErrorRenderer(({ userCode }) => `again: ${userCode ?? ''}`));

        expect((await app.inject(path)).payload).to.include('<form');
        expect((await app.inject(form(path, entry))).payload).to.equal('again: bcdf ghjk');
    });

    it('lets the app end a step', async () => {

        const seen: FinalizeVerificationContext[] = [];
        const app = await server(() => ({ type: 'continue', value: 7 }), (route) => route.finalizeAuthorization((ctx, _request, h) => {

            seen.push(ctx);
            return h.redirect('/somewhere');
        }));

        const { statusCode, headers } = await app.inject(form(path, entry));
        expect(statusCode).to.equal(303);
        expect(headers.location).to.equal('/somewhere');
        expect(seen).to.equal([{ authorizationResult: { type: 'continue', value: 7 }, userCode: 'bcdf ghjk' }]);
    });

    it('is not there without verifyUserCode()', async () => {

        const flow = OAuth2DeviceAuthorizationBuilder.create().authorizationRoute((route) => route.generateCode(() => null)).tokenRoute((route) => route.generateToken(() => null));
        const { server: app } = await provision([flow]);
        expect((await app.inject(path)).statusCode).to.equal(404);
    });
});
