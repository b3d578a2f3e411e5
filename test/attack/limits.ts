import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, OAuth2ClientCredentialsBuilder, type AuthorizationServerBuilder, type ClientMetadata, type RateLimitAttempt } from '../../lib';
import { assertionType, signed } from '../fixture/assertion';
import { epoch } from '../fixture/clock';
import { unescapeHtml } from '../fixture/browser';
import { injectedBrowser } from '../fixture/injected-browser';
import { foreignStore } from '../fixture/level-2';
import { basic, form } from '../fixture/provision';
import { clients, device, deviceCodeType, login, redirectUri, registeredServer } from '../fixture/registered-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const hmacSecret = 'a secret of thirty-two octets!!!';
const known: readonly ClientMetadata[] = [
    ...clients,
    { client_id: 'machine', client_secret: 'machine-secret', grant_types: ['client_credentials', deviceCodeType], scope: 'email' },
    { client_id: 'post', client_secret: 'post-secret', token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'], scope: 'email' },
    { client_id: 'hmac', client_secret: hmacSecret, token_endpoint_auth_method: 'client_secret_jwt', grant_types: ['client_credentials'], scope: 'email' },
    { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], scope: 'openid' }
];

interface From {
    readonly remoteAddress?: string;
    readonly headers?: Readonly<Record<string, string>>;
}

/** A server with all flows and clients, and the ways of sending it something from somewhere. */
const attacked = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const built = await registeredServer([login(), device(), OAuth2ClientCredentialsBuilder.create().setScopes({ email: 'Your e-mail address' })], (hub) => configure(hub.setClients(known)));
    const { server } = built;
    const send = async (url: string, parameters: Readonly<Record<string, string>>, { remoteAddress = '192.0.2.1', headers = {} }: From = {}) => {

        const reply = await server.inject({ ...form(url, parameters, headers), remoteAddress });
        return { statusCode: reply.statusCode, headers: reply.headers, payload: reply.payload };
    };

    const token = (authorization: string, from: From = {}) => send('/oauth2/token', { grant_type: 'client_credentials' }, { ...from, headers: { authorization, ...from.headers } });
    /** Sends the form of a page, in a browser of its own. */
    const fillIn = async (url: string, entry: Readonly<Record<string, string>>, { remoteAddress = '192.0.2.1', headers = {} }: From = {}) => {

        const browser = injectedBrowser(server);
        const action = unescapeHtml(/<form method="post" action="([^"]*)"/.exec((await browser.open(url)).payload)?.[1] ?? '');
        return await browser.send({ ...form(action, entry, headers), remoteAddress });
    };

    const signIn = (password: string, from: From = {}, username = 'alice') => fillIn(built.authorizeUrl(), { username, password }, from);
    const enter = (entry: Readonly<Record<string, string>>) => fillIn('/oauth2/device', entry);
    const times = async (count: number, run: () => Promise<{ readonly statusCode: number }>) => {

        const statuses: number[] = [];
        for (let i = 0; i < count; ++i) {
            statuses.push((await run()).statusCode);
        }

        return statuses;
    };

    return { ...built, send, token, signIn, enter, times };
};

const right = basic('machine', 'machine-secret');
const wrong = basic('machine', 'guess');
const all = (statusCode: number, count: number) => Array.from({ length: count }, () => statusCode);
const tooMany = { reason: 'too_many_failures', error: 'temporarily_unavailable' };

describe('Whoever tries secrets of a client', { timeout: 30_000 }, () => {

    it('is answered 429 at each endpoint after 20 wrong ones, also for the right one, until 10 minutes after the first', async () => {

        const { token, send, times, clock, events } = await attacked();
        expect(await times(20, () => token(wrong))).to.equal(all(401, 20));
        clock.advance(100);
        for (const authorization of [wrong, right]) {
            const { statusCode, headers, payload } = await token(authorization);
            expect(statusCode).to.equal(429);
            expect(headers).to.include({ 'retry-after': '500', 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
            expect(headers['www-authenticate']).to.be.undefined();
            expect(JSON.parse(payload)).to.equal({ error: 'temporarily_unavailable', error_description: 'There were too many wrong entries: try again in 9 minutes' });
            expect(events.at(-1)).to.equal({ tags: ['oauth', 'refused'], data: { ...tooMany, client_id: 'machine' } });
        }

        for (const [url, parameters] of [['/oauth2/introspect', { token: 'x' }], ['/oauth2/revoke', { token: 'x' }], ['/oauth2/device_authorization', { scope: 'email' }]] as const) {
            expect((await send(url, parameters, { headers: { authorization: right } })).statusCode, url).to.equal(429);
        }

        expect((await token(right, { remoteAddress: '192.0.2.2' })).statusCode).to.equal(200);
        expect((await send('/oauth2/token', { grant_type: 'client_credentials', client_id: 'post', client_secret: 'post-secret' })).statusCode).to.equal(200);
        clock.advance(499);
        expect((await token(right)).statusCode).to.equal(429);
        clock.advance(1);
        expect((await token(right)).statusCode).to.equal(200);
    });

    it('finds one counter behind all endpoints and methods', async () => {

        const { token, send, times } = await attacked();
        expect(await times(7, () => token(wrong))).to.equal(all(401, 7));
        expect(await times(7, () => send('/oauth2/introspect', { token: 'x' }, { headers: { authorization: wrong } }))).to.equal(all(401, 7));
        expect(await times(6, () => send('/oauth2/revoke', { token: 'x', client_id: 'machine', client_secret: 'machine-secret' }))).to.equal(all(401, 6));
        expect((await token(right)).statusCode).to.equal(429);
    });

    it('does not learn which clients exist', async () => {

        const { token, times } = await attacked();
        const answers = [];
        for (const id of ['machine', 'nobody', 'spa']) {
            expect(await times(20, () => token(basic(id, 'guess')))).to.equal(all(401, 20));
            const { statusCode, payload, headers } = await token(basic(id, 'guess'));
            answers.push({ statusCode, payload, retryAfter: headers['retry-after'] });
        }

        expect(answers[0]?.statusCode).to.equal(429);
        expect(answers[1]).to.equal(answers[0]);
        expect(answers[2]).to.equal(answers[0]);
    });

    it('gets no further with many requests at once, whatever the store takes for an answer', async () => {

        const waiting: (() => void)[] = [];
        class SlowStore extends MemoryStore {

            override async count(key: string, windowMs: number) {

                await new Promise<void>((resolve) => waiting.push(resolve));
                return await super.count(key, windowMs);
            }
        }

        const { token } = await attacked((hub) => hub.setStore(new SlowStore({ clock: () => epoch })));
        const tries = Array.from({ length: 60 }, (_value, i) => token(i === 50 ? right : wrong));
        const done = Promise.all(tries);
        for (let i = 0; i < 200; ++i) {             // Each has come as far as it gets
            await new Promise((resolve) => setImmediate(resolve));
        }

        expect(waiting.length).to.be.at.least(20);
        expect(waiting.length).to.be.below(60);
        waiting.forEach((answer) => answer());
        const statuses = (await done).map(({ statusCode }) => statusCode);
        expect(statuses[50]).to.equal(429);
        expect(statuses.filter((status) => status === 401)).to.have.length(20);
        expect(statuses.filter((status) => status === 429)).to.have.length(40);
    });

    it('cannot lock a client out elsewhere, nor by naming it without a secret', async () => {

        const { token, send, times } = await attacked();
        await times(30, () => token(wrong, { remoteAddress: '203.0.113.9', headers: { 'x-forwarded-for': '192.0.2.1' } }));
        expect((await token(right)).statusCode).to.equal(200);
        expect(await times(30, () => send('/oauth2/token', { grant_type: 'client_credentials', client_id: 'machine' }))).to.equal(all(401, 30));
        expect((await token(right)).statusCode).to.equal(200);
        expect(await times(30, () => token(basic('machine', '')))).to.equal(all(401, 30));
        expect((await token(right)).statusCode).to.equal(200);
    });

    it('signs as many assertions', async () => {

        const { server, send, times, clock } = await attacked();
        const assertion = async (secret: string) => ({
            grant_type: 'client_credentials', client_assertion_type: assertionType,
            client_assertion: await signed({ alg: 'HS256' }, { iss: 'hmac', sub: 'hmac', aud: server.oauth2.issuer, exp: Math.floor(clock.now() / 1000) + 60, jti: `${Math.random()}` }, secret)
        });
        expect(await times(30, async () => send('/oauth2/token', await assertion(hmacSecret)))).to.equal(all(200, 30));
        expect(await times(20, async () => send('/oauth2/token', await assertion('a guess of the thirty-two octets')))).to.equal(all(401, 20));
        expect((await send('/oauth2/token', await assertion(hmacSecret))).statusCode).to.equal(429);
        expect((await send('/oauth2/token', await assertion(hmacSecret), { remoteAddress: '192.0.2.2' })).statusCode).to.equal(200);
    });

    it('is not answered while failures cannot be counted', async () => {

        const { store } = foreignStore(() => epoch, {
            count: () => {

                throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
            }
        });
        const { token, times } = await attacked((hub) => hub.setStore(store));
        expect(await times(20, () => token(wrong))).to.equal(all(503, 20));
        expect((await token(right)).statusCode).to.equal(429);
    });

    it('is not who is right, however often', async () => {

        const { store, calls } = foreignStore(() => epoch);
        const { token, times } = await attacked((hub) => hub.setStore(store));
        expect(await times(50, () => token(right))).to.equal(all(200, 50));
        expect(calls.filter((name) => name.startsWith('count'))).to.equal([]);
    });
});

describe('Whoever tries passwords', { timeout: 30_000 }, () => {

    it('sees a page with 429 after 10 of one name, at both pages, and the client hears nothing of it', async () => {

        const { enter, signIn, times, clock, events } = await attacked();
        expect(await times(6, () => signIn('guess'))).to.equal(all(400, 6));
        expect(await times(4, () => enter({ user_code: 'BBBB-BBBB', username: 'alice', password: 'guess' }))).to.equal(all(400, 4));
        clock.advance(60);
        for (const password of ['right', 'guess']) {
            const { statusCode, headers, payload } = await signIn(password);
            expect(statusCode).to.equal(429);
            expect(headers).to.include({ 'retry-after': '540', 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
            expect(headers.location).to.be.undefined();
            expect(payload).to.include('too many wrong entries').and.not.include('<form');
            expect(events.at(-1)?.data).to.include(tooMany);
        }

        expect((await enter({ user_code: 'BBBB-BBBB', username: 'alice', password: 'right' })).statusCode).to.equal(429);
        expect((await signIn('right', {}, 'bob')).statusCode).to.equal(303);
        expect((await signIn('right', { remoteAddress: '192.0.2.2' })).statusCode).to.equal(303);
        clock.advance(540);
        expect((await signIn('right')).statusCode).to.equal(303);
    });

    it('has 50 at one address, whatever the names', async () => {

        const { signIn, times } = await attacked();
        let name = 0;
        expect(await times(50, () => signIn('Summer2030', {}, `user${++name}`))).to.equal(all(400, 50));
        expect((await signIn('right')).statusCode).to.equal(429);
        expect((await signIn('right', { remoteAddress: '2001:db8::1' })).statusCode).to.equal(303);
    });

    it('gains nothing by naming other addresses', async () => {

        const { signIn, times } = await attacked((hub) => hub.setTrustedProxies(['10.0.0.0/8']));
        let host = 0;
        const spoofed = () => ({ 'x-forwarded-for': `198.51.100.${++host}`, forwarded: `for=198.51.100.${host}` });
        expect(await times(10, () => signIn('guess', { headers: spoofed() }))).to.equal(all(400, 10));
        expect((await signIn('right', { headers: spoofed() })).statusCode).to.equal(429);

        const behind = (text: string) => ({ remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': text } });
        expect(await times(10, () => signIn('guess', behind(`198.51.100.${++host}, 203.0.113.9`)))).to.equal(all(400, 10));
        expect((await signIn('right', behind('198.51.100.200, 203.0.113.9'))).statusCode).to.equal(429);
        expect((await signIn('right', behind('203.0.113.9, 203.0.113.10'))).statusCode).to.equal(303);

        const network = () => ({ remoteAddress: `2001:db8:1:2::${(++host).toString(16)}` });
        expect(await times(10, () => signIn('guess', network()))).to.equal(all(400, 10));
        expect((await signIn('right', network())).statusCode).to.equal(429);
    });
});

describe('Whoever tries refresh tokens', { timeout: 30_000 }, () => {

    it('is answered 429 after 100 in a minute, of that client and from there', async () => {

        const { send, times, clock, authorize, redeem } = await attacked();
        const { body } = await redeem((await authorize()).location);
        const refresh = (token: string, from: From = {}) => send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: token }, { ...from, headers: { authorization: basic('web', 'web-secret') } });
        expect(await times(100, () => refresh('guess'))).to.equal(all(400, 100));
        clock.advance(20);
        const { statusCode, headers } = await refresh(String(body.refresh_token));
        expect([statusCode, headers['retry-after']]).to.equal([429, '40']);
        expect((await send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: 'guess', client_id: 'tv' })).statusCode).to.equal(400);
        clock.advance(40);
        const fresh = await refresh(String(body.refresh_token));
        expect(fresh.statusCode).to.equal(200);
    });
});

describe('A function in place of the limits', { timeout: 30_000 }, () => {

    it('is asked wherever something is tried, and decides', async () => {

        const told: RateLimitAttempt[] = [];
        const { token, signIn, enter, send } = await attacked((hub) => hub.setRateLimit((attempt) => {

            told.push(attempt);
            return attempt.address === '192.0.2.1' || attempt.kind === 'interaction' || { retryAfter: 7 };
        }));
        expect((await token(wrong)).statusCode).to.equal(401);
        expect((await signIn('right')).statusCode).to.equal(303);
        expect((await enter({ user_code: 'BBBB-BBBB', username: 'alice', password: 'right' })).statusCode).to.equal(400);
        await send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: 'guess', client_id: 'tv' });
        expect(told.map(({ kind, phase, clientId, username }) => `${kind} ${phase} ${clientId ?? username ?? ''}`.trim())).to.equal([
            'clientSecret before machine', 'clientSecret failed machine', 'interaction before', 'signIn before alice', 'userCode before', 'signIn before alice', 'userCode failed', 'refresh before tv', 'refresh failed tv'
        ]);
        const { statusCode, headers } = await token(right, { remoteAddress: '192.0.2.2' });
        expect([statusCode, headers['retry-after']]).to.equal([429, '7']);
    });
});
