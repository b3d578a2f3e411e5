import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { cookieHeader, keepCookies, open, submit, type Jar, type Page } from '../fixture/browser';
import { startCrowded, type CrowdedServer, type SignInBy } from '../fixture/crowded-server';
import { codeChallenge, codeVerifier } from '../fixture/flows';
import { call, encodeForm, getWith, post } from '../fixture/http';
import { press, signInAndDecide } from '../fixture/level-2-example';
import { basic } from '../fixture/provision';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const secret = 'web-secret-of-32-random-letters';
const web = { authorization: basic('web', secret) };

const authorizeUrl = ({ url, callback }: CrowdedServer, changes: Readonly<Record<string, string>> = {}) => `${url}/oauth2/authorize?${encodeForm({
    response_type: 'code', client_id: 'web', redirect_uri: callback, scope: 'openid offline_access reports:read', state: 'x', prompt: 'consent', code_challenge: codeChallenge, code_challenge_method: 'S256', ...changes
})}`;

const ada = { username: 'ada', password: 'lovelace' };

/** Goes to the consent page, in each of the ways users sign in. */
const toConsent: Readonly<Record<SignInBy, (server: CrowdedServer, jar: Jar) => Promise<Page>>> = {
    form: async (server, jar) => await submit(await open(authorizeUrl(server), jar), ada),
    page: async (server, jar) => await submit(await open(authorizeUrl(server), jar), ada),
    session: async (server, jar) => await submit(await open(authorizeUrl(server), jar), ada),
    bell: async (server, jar) => {

        const { headers } = await open(authorizeUrl(server), jar);
        return await open(await signInAndDecide(headers.get('location') ?? ''), jar);
    }
};

const subjects: Readonly<Record<SignInBy, string>> = { form: 'user-ada', page: 'user-ada', session: 'user-ada', bell: 'upstream-employee-7' };

/** Signs in, redeems, refreshes; answers every secret there was. */
const walk = async (server: CrowdedServer, by: SignInBy, jar: Jar = new Map()) => {

    const consent = await toConsent[by](server, jar);
    expect(consent.html, consent.url).to.contain('Report reader');
    const code = new URL((await press(consent, 'allow')).headers.get('location') ?? '').searchParams.get('code') ?? '';
    const token = (parameters: Readonly<Record<string, string>>) => post(`${server.url}/oauth2/token`, parameters, web);
    const first = await token({ grant_type: 'authorization_code', code, redirect_uri: server.callback, code_verifier: codeVerifier });
    expect(first.status, first.text).to.equal(200);
    const second = await token({ grant_type: 'refresh_token', refresh_token: String(first.json.refresh_token) });
    expect(second.status, second.text).to.equal(200);
    const reports = await getWith(`${server.url}/reports`, String(second.json.access_token));
    expect([reports.status, reports.json]).to.equal([200, { user: subjects[by], client: 'web' }]);
    const tokens = [first, second].flatMap(({ json }) => [json.access_token, json.refresh_token, json.id_token].filter((value) => value !== undefined).map(String));
    return { jar, tokens, secrets: [code, codeVerifier, secret, ada.password, ...tokens, ...jar.values()] };
};

describe('beside what else the hapi family has', { timeout: 60_000 }, () => {

    for (const by of ['form', 'page', 'session', 'bell'] as const) {
        describe(`users who sign in by ${by}`, { timeout: 60_000 }, () => {

            let server: CrowdedServer;
            before({ timeout: 60_000 }, async () => {

                server = await startCrowded(by);
            });
            after(() => server.stop());

            it('get their tokens, which open a route', async () => {

                await walk(server, by);
            });

            it('leave no secret in what hapi-pino writes', async () => {

                const { secrets } = await walk(server, by);
                await call(`${server.url}/reports`, { headers: { authorization: `Bearer ${secrets[0]}` } });
                await post(`${server.url}/oauth2/token`, { grant_type: 'client_credentials' }, { authorization: basic('web', 'a wrong secret of some client') });
                expect(server.log).to.contain('/oauth2/token').and.to.contain('client_secret_wrong').and.to.contain('issued');
                const found = [...secrets, 'a wrong secret of some client', basic('web', secret).slice(6)].filter((one) => server.log.includes(one) || server.log.includes(encodeURIComponent(one)));
                expect(found).to.equal([]);
            });
        });
    }

    describe('one server', { timeout: 60_000 }, () => {

        let server: CrowdedServer;
        before({ timeout: 60_000 }, async () => {

            server = await startCrowded('session');
        });
        after(() => server.stop());

        const withJar = async (path: string, jar: Jar, init: RequestInit = {}) => {

            const reply = await call(server.url + path, { ...init, headers: { ...cookieHeader(jar), ...init.headers } });
            keepCookies(jar, reply.headers.getSetCookie());
            return reply;
        };

        it('keeps the cookies of all apart', async () => {

            const { jar } = await walk(server, 'session');
            expect([...jar.keys()].sort()).to.equal(['crumb', 'oauth2-browser', 'oauth2-session', 'session', 'sid']);
            expect((await withJar('/yar', jar)).json).to.equal({ visits: 1, greeting: ['Welcome, ada'] });
        });

        it('takes either its own session or an access token at one route', async () => {

            const { jar, tokens: [token = ''] } = await walk(server, 'session');
            expect((await withJar('/both', jar)).json).to.equal({ by: 'session' });
            expect((await getWith(`${server.url}/both`, token)).json).to.equal({ by: 'oauth2' });
            expect((await call(`${server.url}/both`)).status).to.equal(401);
        });

        it('has crumb refuse the app\'s forms without its token, and none of ours', async () => {

            const jar: Jar = new Map();
            const login = await open(`${server.url}/login`, jar);
            const forged = await submit({ ...login, form: { action: login.form?.action ?? '', fields: { ...login.form?.fields, crumb: 'forged' } } }, ada);
            expect(forged.status).to.equal(403);
            const { json } = await post(`${server.url}/oauth2/device_authorization`, { client_id: 'tv' });
            expect(json.user_code).to.be.a.string();
            const { status } = await post(`${server.url}/oauth2/token`, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'tv', device_code: String(json.device_code) });
            expect(status).to.equal(400);
        });

        it('has forms of the app that stay good while pages and endpoints of ours are visited', async () => {

            const jar: Jar = new Map();
            const login = await open(`${server.url}/login`, jar);
            const { headers } = login;
            expect(headers.getSetCookie().join()).to.contain('crumb=');
            for (const path of ['/oauth2/device', '/oauth2/authorize?client_id=nobody', '/.well-known/openid-configuration', '/oauth2/keys', '/oauth2/userinfo']) {
                const { headers: ours } = await withJar(path, jar, { headers: { accept: 'text/html' } });
                expect([path, ours.getSetCookie().filter((one) => one.startsWith('crumb='))]).to.equal([path, []]);
            }

            await withJar('/oauth2/token', jar, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }), headers: web });
            expect((await submit(login, { ...ada, return_to: '/yar' })).html).to.contain('Welcome, ada');
        });

        it('serves files and takes what programs post with a token', async () => {

            const { tokens: [token = ''] } = await walk(server, 'session');
            expect((await call(`${server.url}/file`)).text).to.contain('MIT');
            expect((await call(`${server.url}/reports`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).json).to.equal({ written: true });
        });
    });

    it('finds what hapi-pino writes of responses if it is not told to leave it out', { timeout: 60_000 }, async () => {

        const server = await startCrowded('form', ['req.headers.authorization']);
        const { secrets: [code = ''] } = await walk(server, 'form').finally(() => server.stop());
        expect(server.log).to.contain(code);
    });
});
