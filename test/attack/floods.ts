import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, type AuthorizationServerBuilder, type RateLimitAttempt, type Store } from '../../lib';
import { stepOf } from '../fixture/authorization';
import { testClock } from '../fixture/clock';
import { injectedBrowser } from '../fixture/injected-browser';
import { basic, form } from '../fixture/provision';
import { clients, device, deviceCodeType, login, registeredServer } from '../fixture/registered-server';
import { registrationServer } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const [stranger, school] = ['192.0.2.1', '198.51.100.7'];

/** A server whose store can be looked into. */
const bench = async (configure: (hub: AuthorizationServerBuilder) => unknown = () => undefined) => {

    const clock = testClock();
    const store: Store = new MemoryStore({ clock: clock.now });
    const built = await registeredServer([login(), device()], (hub) => {

        hub.setStore(store).setClock(clock.now);
        configure(hub);
    });
    const kept = async (kind: string) => (await store.list(kind, null, 10_000)).items;

    /** Opens a page in a browser of its own. */
    const open = async (url: string, remoteAddress: string) => await injectedBrowser(built.server).send({ url, remoteAddress });
    return { ...built, clock, kept, open };
};

describe('a stranger who sends request after request', { timeout: 120_000 }, () => {

    it('fills the store with 500 requests that wait for their user in five minutes, and nobody elsewhere notices', async () => {

        const { server, open, kept, authorizeUrl, clock, events } = await bench((hub) => hub.setConsent('none'));
        const known = injectedBrowser(server);
        await known.submit(await known.send({ url: authorizeUrl(), remoteAddress: stranger }), { username: 'alice', password: 'right' });
        const statuses: number[] = [];
        for (let i = 0; i < 1000; ++i) {
            statuses.push((await open(authorizeUrl({ state: `state-${i}` }), stranger)).statusCode);
        }

        expect([statuses.filter((status) => status === 200).length, statuses.filter((status) => status === 429).length]).to.equal([499, 501]);
        expect(await kept('interaction')).to.have.length(500);
        const refused = await open(authorizeUrl(), stranger);
        expect([refused.statusCode, refused.headers['retry-after'], refused.headers['cache-control'], refused.headers.location]).to.equal([429, '300', 'no-store', undefined]);
        expect(refused.payload).to.contain('Too many requests came from the same network: try again in 5 minutes').and.contain('temporarily_unavailable');
        expect(refused.headers['set-cookie']).to.be.undefined();
        expect(events.filter(({ tags }) => tags.includes('refused')).at(-1)?.data).to.include({ reason: 'too_many_requests', error: 'temporarily_unavailable' });
        expect(stepOf(await open(authorizeUrl(), school))).to.equal('sign-in');
        expect(stepOf(await known.send({ url: authorizeUrl({ prompt: 'login' }), remoteAddress: stranger }))).to.equal('sign-in');       // Somebody has signed in here
        expect(stepOf(await known.send({ url: authorizeUrl(), remoteAddress: stranger }))).to.equal('code');
        expect(stepOf(await open(authorizeUrl({ prompt: 'none' }), stranger))).to.equal('login_required');      // Nothing waits, nothing is kept
        clock.advance(300);
        expect(stepOf(await open(authorizeUrl(), stranger))).to.equal('sign-in');
    });

    it('does not get round it with cookies that are not ours, nor by changing addresses within a network', async () => {

        const { server, kept, authorizeUrl } = await bench((hub) => hub.setRateLimit({ interaction: { requests: 5, seconds: 60 } }));
        for (let i = 0; i < 20; ++i) {
            const browser = injectedBrowser(server, new Map([['oauth2-session', `made-up-${i}`], ['oauth2-browser', `${'a'.repeat(42)}${i % 10}.`]]));
            await browser.send({ url: authorizeUrl(), remoteAddress: `2001:db8:0:1::${i}`, headers: { 'x-forwarded-for': `10.0.0.${i}` } });
        }

        expect(await kept('interaction')).to.have.length(5);
    });

    it('nor at the other places where something waits: posted requests, devices, the account page', async () => {

        const { open, server, kept, authorizeUrl, clock } = await bench((hub) => hub.setLoginUrl('/login').setRateLimit({ interaction: { requests: 5, seconds: 60 } }));
        const post = async (url: string, parameters: Readonly<Record<string, string>>) => (await server.inject({ ...form(url, parameters), remoteAddress: stranger })).statusCode;
        const parameters = Object.fromEntries(new URL(authorizeUrl(), 'http://localhost').searchParams);
        const places: readonly (() => Promise<number>)[] = [
            async () => await post('/oauth2/authorize', parameters),
            async () => await post('/oauth2/logout', { state: 'a' }),
            async () => (await open('/oauth2/device', stranger)).statusCode,
            async () => (await post('/oauth2/device_authorization', { client_id: 'tv', scope: 'email' }) === 200 ? 303 : 429),
            async () => (await open('/oauth2/account', stranger)).statusCode,
            async () => (await open(authorizeUrl(), stranger)).statusCode
        ];
        for (const place of places) {
            const statuses: number[] = [];
            for (let i = 0; i < 7; ++i) {
                statuses.push(await place());
            }

            expect(statuses).to.equal([303, 303, 303, 303, 303, 429, 429]);
            clock.advance(60);
        }

        expect(await kept('interaction')).to.have.length(15);
    });

    it('is no device whose client has a secret: who knows it is no stranger', async () => {

        const box = { client_id: 'box', client_secret: 'box-secret', grant_types: [deviceCodeType], scope: 'email' };
        const { server } = await bench((hub) => hub.setClients([...clients, box]).setRateLimit({ interaction: { requests: 2, seconds: 60 } }));
        const send = async (parameters: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) => (await server.inject(form('/oauth2/device_authorization', { scope: 'email', ...parameters }, headers))).statusCode;
        const statuses: number[] = [];
        for (let i = 0; i < 3; ++i) {
            statuses.push(await send({ client_id: 'tv' }), await send({}, { authorization: basic('box', 'box-secret') }));
        }

        expect(statuses).to.equal([200, 200, 200, 200, 429, 200]);
    });

    it('keeps no request that is larger than a URL may be, however it is sent', async () => {

        const { server, authorizeUrl, kept } = await bench();
        const parameters = { ...Object.fromEntries(new URL(authorizeUrl(), 'http://localhost').searchParams), more: 'a'.repeat(20_000) };
        expect((await server.inject(form('/oauth2/authorize', parameters))).statusCode).to.equal(413);
        const posted = await injectedBrowser(server, new Map([['oauth2-session', 'made-up']])).send(form('/oauth2/authorize', parameters));
        expect(stepOf(posted)).to.equal('invalid_request');
        expect([...await kept('posted_request'), ...await kept('interaction')]).to.be.empty();
    });

    it('is asked about where the app decides itself, once, and is refused by it', async () => {

        const asked: RateLimitAttempt[] = [];
        const { open, kept, authorizeUrl } = await bench((hub) => hub.setRateLimit((attempt) => {

            asked.push(attempt);
            return asked.length === 1 ? true : { retryAfter: 7 };
        }));
        expect((await open(authorizeUrl(), stranger)).statusCode).to.equal(200);
        const refused = await open(authorizeUrl(), stranger);
        expect([refused.statusCode, refused.headers['retry-after']]).to.equal([429, '7']);
        expect(refused.payload).to.contain('Too many requests');
        expect(asked).to.equal([{ kind: 'interaction', phase: 'before', address: stranger }, { kind: 'interaction', phase: 'before', address: stranger }]);
        expect(await kept('interaction')).to.have.length(1);
    });

    it('is not limited where the operator says so', async () => {

        for (const limit of [false, { interaction: false, registration: false }] as const) {
            const { open, authorizeUrl } = await bench((hub) => hub.setRateLimit(limit));
            for (let i = 0; i < 501; ++i) {
                expect((await open(authorizeUrl(), stranger)).statusCode).to.equal(200);
            }
        }
    });
});

describe('a stranger who registers client after client', { timeout: 120_000 }, () => {

    const registering = async (...server: Parameters<typeof registrationServer>) => {

        const built = await registrationServer(...server);
        const register = async (remoteAddress: string, metadata: object = {}, token?: string) => {

            const payload = { redirect_uris: ['https://stranger.example.com/cb'], ...metadata };
            const { statusCode, headers, payload: text } = await built.server.inject({ method: 'POST', url: '/oauth2/register', remoteAddress, payload, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
            return { statusCode, headers, body: { ...Object(JSON.parse(text)) } as Record<string, unknown> };
        };

        return { ...built, register };
    };

    it('registers 100 in an hour where everybody may, and nobody elsewhere notices', async () => {

        const { register, clock, call } = await registering();
        const statuses: number[] = [];
        let first: Record<string, unknown> = {};
        for (let i = 0; i < 105; ++i) {
            const { statusCode, body } = await register(stranger);
            statuses.push(statusCode);
            first = i === 0 ? body : first;
        }

        expect([statuses.slice(0, 100).every((status) => status === 201), statuses.slice(100).every((status) => status === 429)]).to.equal([true, true]);
        const { headers, body } = await register(stranger);
        expect([headers['retry-after'], headers['access-control-allow-origin'], body.error]).to.equal(['3600', '*', 'temporarily_unavailable']);
        expect((await register(school)).statusCode).to.equal(201);
        expect((await call('GET', String(first.registration_client_uri), undefined, String(first.registration_access_token))).statusCode).to.equal(200);
        clock.advance(3600);
        expect((await register(stranger)).statusCode).to.equal(201);
    });

    it('cannot make the server ask others for ever either: what is refused counts', async () => {

        const { register, fetched } = await registering((route) => route.allow('open'), (hub) => hub.setRateLimit({ registration: { requests: 3, seconds: 60 } }));
        const metadata = { sector_identifier_uri: 'https://victim.example.com/uris.json' };
        const statuses: number[] = [];
        for (let i = 0; i < 6; ++i) {
            statuses.push((await register(stranger, metadata)).statusCode);
        }

        expect(statuses).to.equal([400, 400, 400, 429, 429, 429]);
        expect(fetched).to.have.length(3);
    });

    it('is not what an initial access token is for: it says itself how many', async () => {

        const { register, server } = await registering((route) => route.allow('initial-access-token'), (hub) => hub.setRateLimit({ registration: { requests: 1, seconds: 60 } }));
        const token = await server.oauth2.registration.createInitialAccessToken({ uses: 3 });
        for (let i = 0; i < 3; ++i) {
            expect((await register(stranger, {}, token)).statusCode).to.equal(201);
        }

        expect((await register(stranger, {}, token)).statusCode).to.equal(401);
    });

    it('is asked about where the app decides itself', async () => {

        const asked: RateLimitAttempt[] = [];
        const { register } = await registering((route) => route.allow('open'), (hub) => hub.setRateLimit((attempt) => {

            asked.push(attempt);
            return false;
        }));
        expect((await register(stranger)).statusCode).to.equal(429);
        expect(asked).to.equal([{ kind: 'registration', phase: 'before', address: stranger }]);
    });
});
