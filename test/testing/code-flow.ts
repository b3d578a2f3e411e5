import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error, OIDCAuthorizationCodeBuilder } from '../../lib';
import { FlowError, runCodeFlow } from '../../lib/testing';
import { codeVerifier, devices, people, redirectUri as level1Uri, users } from '../fixture/flows';
import { provision } from '../fixture/provision';
import { login, redirectUri, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const alice = { clientId: 'web', username: 'alice', password: 'right' };

/** What a flow ended with that did not end with tokens. */
const endOf = async (run: Promise<unknown>): Promise<FlowError> => {

    const err: unknown = await expect(run).to.reject(FlowError);
    return err instanceof FlowError ? err : new FlowError('None', { step: 'page', statusCode: 0, payload: '' });
};

describe('runCodeFlow()', () => {

    it('signs in, agrees and redeems, as the client of the record', async () => {

        const { server } = await registeredServer([login()]);
        const tokens = await runCodeFlow(server, { ...alice, scope: ['openid', 'email', 'offline_access'] });
        expect(tokens.scope).to.equal(['openid', 'email', 'offline_access']);
        expect(tokens.idTokenClaims).to.include({ sub: 'alice', aud: 'web', iss: 'http://localhost' }).and.to.include('nonce');
        expect(tokens.reply).to.include({ access_token: tokens.accessToken, refresh_token: tokens.refreshToken, id_token: tokens.idToken });
        expect(tokens.headers).to.equal({ authorization: `Bearer ${tokens.accessToken}` });
        expect(tokens.callback).to.include({ iss: 'http://localhost' }).and.to.include(['code', 'state']);
        expect(await server.oauth2.tokens.verify(tokens.accessToken)).to.include({ sub: 'alice', client_id: 'web' });
    });

    it('finds the user signed in when it comes with the cookies of an earlier run', async () => {

        const { server } = await registeredServer([login()]);
        const { jar } = await runCodeFlow(server, { ...alice, scope: 'openid' });
        const again = await runCodeFlow(server, { clientId: 'other', scope: 'openid', jar: new Map(jar) });
        expect(again.idTokenClaims).to.include({ sub: 'alice', aud: 'other' });
        await expect(runCodeFlow(server, { clientId: 'other', scope: 'openid', username: 'alice' })).to.reject(/asks who is there/);
        await expect(runCodeFlow(server, { clientId: 'other', scope: 'openid' })).to.reject(FlowError, /^\/oauth2\/authorize.* asks who is there: give username and password: 200 Sign in/);
    });

    it('chooses between accounts', async () => {

        const { server } = await registeredServer([login()]);
        const { jar } = await runCodeFlow(server, { ...alice, scope: 'openid' });
        const choose = async (account?: string) => (await runCodeFlow(server, { clientId: 'web', scope: 'openid', parameters: { prompt: 'select_account' }, jar, account })).idTokenClaims?.sub;
        await runCodeFlow(server, { ...alice, username: 'bob', scope: 'openid', parameters: { prompt: 'login' }, jar });
        expect(await choose('alice')).to.equal('alice');
        expect(await choose('bob')).to.equal('bob');
        expect(await choose()).to.match(/^(alice|bob)$/);
        await expect(choose('eve')).to.reject(/ offers only '(alice|bob)', '(alice|bob)': 200 Choose an account/);
    });

    for (const mode of ['query', 'fragment', 'form_post']) {
        it(`takes the answer by ${mode}`, async () => {

            const { server } = await registeredServer([login()]);
            const tokens = await runCodeFlow(server, { ...alice, scope: 'openid', parameters: { response_mode: mode } });
            expect(tokens.idTokenClaims?.sub).to.equal('alice');
        });
    }

    it('sends what it is told instead of its own', async () => {

        const { server } = await registeredServer([login()]);
        const { callback, idTokenClaims } = await runCodeFlow(server, { ...alice, scope: 'openid', parameters: { state: 'mine', nonce: 'once' } });
        expect(callback.state).to.equal('mine');
        expect(idTokenClaims?.nonce).to.equal('once');
        expect((await endOf(runCodeFlow(server, { ...alice, parameters: { code_challenge: undefined, code_challenge_method: undefined } }))).code).to.equal('invalid_request');
    });

    it('says how it ended without tokens', async () => {

        const { server } = await registeredServer([login()]);
        expect({ ...await endOf(runCodeFlow(server, { ...alice, scope: 'openid', decision: 'deny' })) }).to.include({ name: 'FlowError', step: 'authorization', statusCode: 303, code: 'access_denied', description: 'The user denied the request' });
        expect(await endOf(runCodeFlow(server, { ...alice, scope: 'unknown' }))).to.include({ step: 'authorization', code: 'invalid_scope' });

        const wrong = await endOf(runCodeFlow(server, { ...alice, password: 'wrong', scope: 'openid' }));
        expect(wrong).to.include({ step: 'page', statusCode: 400, code: undefined });
        expect(wrong.message).to.match(/^\/oauth2\/authorize\/interaction\S* shows an error: 400 .*Sign in/).and.to.not.contain('<');
        expect(await endOf(runCodeFlow(server, { ...alice, redirectUri: 'https://evil.example.com/' }))).to.include({ step: 'page', statusCode: 400 });

        const secret = await endOf(runCodeFlow(server, { ...alice, clientSecret: 'another', scope: 'openid' }));
        expect(secret).to.include({ step: 'token', statusCode: 401, code: 'invalid_client' });
        expect(secret.message).to.startWith('/oauth2/token refused the client \'web\': 401 {"error":"invalid_client"');
    });

    it('runs where the handlers prove', async () => {

        const { server } = await provision([people(), devices()]);
        const spa = { clientId: 'spa', redirectUri: level1Uri, username: 'ada', password: 'correct' };
        expect((await runCodeFlow(server, spa)).idTokenClaims?.sub).to.equal('alice');
        const oauth = await provision([users(), people().strategyName('login').authorizationRoute((route) => route.setPath('/login/authorize')).tokenRoute((route) => route.setPath('/login/token'))]);
        expect(await runCodeFlow(oauth.server, spa)).to.include({ refreshToken: undefined, idToken: undefined, idTokenClaims: undefined, scope: [] });
    });

    it('fills in pages of the app as it is told', async () => {

        const asked: string[] = [];
        const { server } = await registeredServer([login()], (hub) => hub.setLoginUrl('/welcome'));
        server.route([
            { method: 'GET', path: '/welcome', handler: () => '<form method="post"><input name="pin"><button>Go</button></form>' },
            { method: 'POST', path: '/welcome', handler: async ({ oauth2, payload }) => (Object(payload).pin === '1234' ? await oauth2.login({ subject: 'alice' }) : 'Who is there?') }
        ]);
        const answer = ({ url, payload }: { readonly url: string; readonly payload: string }) => {

            asked.push(url);
            return payload.includes('name="pin"') ? { pin: '1234' } : undefined;
        };

        expect((await runCodeFlow(server, { clientId: 'web', scope: 'openid', answer })).idTokenClaims?.sub).to.equal('alice');
        expect(asked).to.have.length(2);
        const lost = await endOf(runCodeFlow(server, { clientId: 'web', scope: 'openid' }));
        expect(lost.message).to.match(/^\/welcome\S* ends the flow before the client is told anything: 200 Who is there\?/);
    });

    it('fills in a name and a password wherever they are asked for', async () => {

        const { server } = await registeredServer([login()], (hub) => hub.setLoginUrl('/welcome'));
        server.route([
            { method: 'GET', path: '/welcome', handler: () => '<form method="post"><input name="email"><input type="password" name="secret"><input type="submit" value="Go"></form>' },
            {
                method: 'POST', path: '/welcome', handler: async ({ oauth2, payload }) =>
                    (Object(payload).email === undefined ? await oauth2.login({ subject: String(Object(payload).secret) }) : `<form method="post"><p>${String(Object(payload).email)}?</p><input type="password" name="secret"></form>`)
            }
        ]);
        expect((await runCodeFlow(server, { ...alice, scope: 'openid' })).idTokenClaims?.sub).to.equal('right');
    });

    it('goes neither away nor in circles', async () => {

        const { server } = await registeredServer([login()], (hub) => hub.setLoginUrl('https://login.example.com/'));
        expect((await endOf(runCodeFlow(server, { ...alice, scope: 'openid' }))).message).to.match(/^\/oauth2\/authorize\S* leads to https:\/\/login\.example\.com\//);

        const circle = await registeredServer([login()], (hub) => hub.setLoginUrl('/welcome'));
        circle.server.route({ method: ['GET', 'POST'], path: '/welcome', handler: () => '<form method="post" action="/welcome"><input name="on" type="hidden" value="and on"></form>' });
        expect((await endOf(runCodeFlow(circle.server, { ...alice, scope: 'openid' }))).message).to.startWith('/welcome is page number 20, and none was the last: 200');
    });

    it('says what it needs to know', async () => {

        const { server } = await provision([users()]);
        await expect(runCodeFlow(server, { clientId: 'spa' })).to.reject('The client \'spa\' has no redirect URI: give redirectUri');
        await expect(runCodeFlow((await provision([devices()])).server, { clientId: 'spa' })).to.reject('No flow of this server has an authorization endpoint: there is \'oauth2-device-authorization\'');
        await expect(runCodeFlow((await registeredServer([login()])).server, { clientId: 'nobody' })).to.reject('No client \'nobody\' is registered');
    });

    it('believes no answer that a client must not believe', async () => {

        for (const [name, pattern] of [['state', /its state is 'planted'/], ['iss', /its iss 'planted'/]] as const) {
            const { server } = await registeredServer([login()]);
            server.ext('onPreResponse', ({ response }, h) => {

                if (!('isBoom' in response) && String(response.headers.location).startsWith(redirectUri)) {
                    response.headers.location = String(response.headers.location).replace(new RegExp(`${name}=[^&]*`), `${name}=planted`);
                }

                return h.continue;
            });
            await expect(runCodeFlow(server, { ...alice, scope: 'openid' })).to.reject(pattern);
        }

        const forgetful = await provision([OIDCAuthorizationCodeBuilder.create()
            .authorizationRoute((route) => route.generateCode(() => ({ type: 'code', value: 'c' })))
            .tokenRoute((route) => route.generateToken(async ({ createIdToken, clientId, code, codeVerifier: sent }) => {

                if (code !== 'c' || sent === undefined || sent === codeVerifier) {
                    throw new OAuth2Error('invalid_grant', 'No');
                }

                return { access_token: 'a', id_token: clientId === 'spa' ? (await createIdToken({ sub: 'ada' })).token : 'garbage' };
            }))]);
        const run = { clientId: 'spa', redirectUri, username: 'ada', password: 'any' };
        await expect(runCodeFlow(forgetful.server, { ...run, scope: 'openid' })).to.reject('The client would not believe this ID token: its nonce is \'undefined\'');
        await expect(runCodeFlow(forgetful.server, { ...run, clientId: 'other', scope: 'openid' })).to.reject('The client would not believe this ID token: its nonce is \'undefined\'');
        expect((await runCodeFlow(forgetful.server, { ...run, scope: 'openid', parameters: { nonce: undefined } })).accessToken).to.equal('a');
    });
});
