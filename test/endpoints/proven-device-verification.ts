import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import type { FinalizeVerificationContext, VerificationPageContext } from '../../lib/endpoints/device-verification';
import { OwnSignIn, userOfCredentials } from '../../lib/endpoints/own-sign-in';
import { approveDevice, denyDevice, findDevice } from '../../lib/grant-types/device-state';
import { numberOn } from '../fixture/authorization';
import { epoch } from '../fixture/clock';
import { authenticateUser, deviceServer, ticketOf } from '../fixture/device-server';
import { injectedBrowser } from '../fixture/injected-browser';
import { form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const alice = { username: 'alice', password: 'correct' };
const wrong = 'The code, the username or the password is wrong';
const waitsNoMore = 'Your device waits no more';

describe('The verification page of devices that the framework keeps', () => {

    it('asks for the code, with the one of the link filled in and still to be sent', async () => {

        const { server, start, poll } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const empty = await server.inject('/device');
        expect(empty.statusCode).to.equal(200);
        expect(empty.payload).to.include('name="user_code" value=""').and.include('name="username"').and.include('name="password"').and.match(/action="\/device\?csrf=[\w-]{43}"/);
        const { payload, headers } = await server.inject(`/device?user_code=${userCode}`);
        expect(payload).to.include(`name="user_code" value="${userCode}"`);
        expect(headers).to.include({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
        expect(await poll(deviceCode)).to.equal('authorization_pending');
    });

    it('shows client, scopes and code before it connects the device, and opens the grant then', async () => {

        const { post, start, prove, poll, clock } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start({ scope: 'play other' });
        clock.advance(7);
        const asked = await post({ user_code: userCode, ...alice });
        expect(asked.statusCode).to.equal(200);
        expect(asked.headers['content-security-policy']).to.match(/^default-src 'none'/);
        expect(asked.payload).to.include('<strong>The TV</strong>').and.include('<li>Play &quot;videos&quot; &amp; music</li>').and.include('<li>other</li>')
            .and.include('Does your device show this code?').and.include(`<code>${userCode}</code>`);
        expect(await poll(deviceCode)).to.equal('authorization_pending');

        const connected = await post({ user_code: userCode, ticket: ticketOf(asked.payload), decision: 'allow' });
        expect(connected.statusCode).to.equal(200);
        expect(connected.headers['content-security-policy']).to.match(/^default-src 'none'/);
        expect(connected.payload).to.include('Your device is connected');
        const { grant } = await prove(deviceCode);
        expect(grant).to.include({ subject: 'alice', clientId: 'tv', flow: 'device', acr: 'urn:example:one', amr: ['pwd'], authTime: epoch / 1000 + 7, scopes: ['play', 'other'], resources: ['https://api.example.com'] });
    });

    it('tells the device that the user said no, or anything but yes', async () => {

        const { post, start, poll, ticketFor } = deviceServer();
        for (const decision of ['deny', 'Allow', '']) {
            const { device_code: deviceCode, user_code: userCode } = await start();
            const { statusCode, payload } = await post({ user_code: userCode, ticket: await ticketFor(userCode), decision });
            expect(statusCode).to.equal(200);
            expect(payload).to.include('Your device was not connected');
            expect(await poll(deviceCode)).to.equal('access_denied');
        }
    });

    it('reads a code in any case, with and without dashes and spaces', async () => {

        const { post, start } = deviceServer();
        const { user_code: userCode } = await start();
        for (const entered of [userCode.toLowerCase(), userCode.replace('-', ''), ` ${userCode.split('').join(' ')} `, userCode.replace('-', '\u2013')]) {
            const { statusCode, payload } = await post({ user_code: entered, ...alice });
            expect(statusCode, entered).to.equal(200);
            expect(payload).to.include(`<code>${userCode}</code>`).and.include(`name="user_code" value="${userCode}"`);
        }
    });

    it('says the same for a wrong code, a wrong password and a form that is not filled in', async () => {

        const { post, start, logged } = deviceServer();
        const { user_code: userCode } = await start();
        logged.length = 0;
        const pages = await Promise.all([
            post({ user_code: userCode, username: 'alice', password: 'wrong' }),
            post({ user_code: userCode, username: 'mallory', password: 'correct' }),
            post({ user_code: userCode, username: 'alice' }),
            post({ user_code: userCode, password: 'correct' }),
            post({ user_code: 'BBBB-BBBB', ...alice }),
            post({ ...alice }),
            post('')
        ]);
        const said = new Set(pages.map(({ statusCode, payload }) => `${statusCode} ${payload.replace(/name="user_code" value="[^"]*"/, '').replace(/csrf=[\w-]{43}/, '').replaceAll(' autofocus', '')}`));
        expect(said.size).to.equal(1);
        expect([...said][0]).to.match(/^400 /).and.include(wrong).and.not.include('name="ticket"');

        // The log knows which it was, and nothing of what was entered
        const reasons = ['wrong_credentials', 'wrong_credentials', 'entry_incomplete', 'entry_incomplete', 'user_code_unknown', 'entry_incomplete', 'entry_incomplete'];
        expect(logged).to.have.length(7).and.only.include(reasons.map((reason) => ({ reason, error: 'access_denied', client_id: undefined })));
        expect(logged.map((data): unknown => Reflect.get(Object(data), 'reason')).sort()).to.equal(reasons.sort());
    });

    it('tells who has not signed in nothing about a code: the store is not even asked', async () => {

        const { post, start, store } = deviceServer();
        const { user_code: userCode } = await start();
        const asked: string[] = [];
        const get = store.get.bind(store);
        store.get = (kind, key) => {

            asked.push(kind);
            return get(kind, key);
        };

        await post({ user_code: userCode, username: 'alice', password: 'wrong' });
        await post({ user_code: userCode, decision: 'allow' });
        await post({ user_code: userCode, decision: 'allow', ticket: 'guessed.ticket' });
        expect(asked).to.equal([]);
        await post({ user_code: userCode, ...alice });
        expect(asked).to.equal(['user_code', 'device_code']);
    });

    it('takes hostile codes for wrong ones, and shows them as text', async () => {

        const { server, post, start } = deviceServer();
        await start();
        for (const userCode of ['"><script>alert(1)</script>', '__proto__', 'constructor', '\0', 'BCDF-GHJK\u212A', '-', 'B'.repeat(10_000), '%', '../../etc/passwd', '*', 'BCDFGHJA']) {
            const { statusCode, payload } = await post({ user_code: userCode, ...alice }, { remoteAddress: `192.0.2.${userCode.length % 250}` });
            expect(statusCode, userCode).to.equal(400);
            expect(payload).to.include(wrong).and.not.include('<script>');
            const shown = await server.inject(`/device?user_code=${encodeURIComponent(userCode)}`);
            expect(shown.statusCode).to.equal(200);
            expect(shown.payload).to.not.include('<script>');
        }

        for (const repeated of ['user_code=a&user_code=b&username=alice&password=correct', 'user_code=a&username=alice&username=b&password=correct']) {
            expect((await post(repeated)).statusCode).to.equal(400);
        }

        expect((await server.inject('/device?user_code=a&user_code=b')).statusCode).to.equal(400);
    });

    it('shows the name of a client as text, and its id where it has no name', async () => {

        const { post, start } = deviceServer();
        const { payload } = await post({ user_code: (await start({ client_id: 'evil' })).user_code, ...alice });
        expect(payload).to.include('<strong>&lt;script&gt;').and.not.include('<script');
        const nameless = await post({ user_code: (await start({ client_id: 'nameless', scope: '' })).user_code, ...alice });
        expect(nameless.payload).to.include('<strong>nameless</strong> would like to be connected on a device').and.not.include('<ul>');
    });

    it('refuses a form of another site, at every step', async () => {

        const { post, start, poll, ticketFor } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const ticket = await ticketFor(userCode);
        for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
            for (const entry of [{ user_code: userCode, ...alice }, { user_code: userCode, ticket, decision: 'allow' }]) {
                const { statusCode, payload } = await post(entry, { headers });
                expect(statusCode).to.equal(403);
                expect(payload).to.not.include('name="ticket"');
            }
        }

        expect(await poll(deviceCode)).to.equal('authorization_pending');
    });

    it('refuses a user who is called like the client', async () => {

        const { post, start, poll } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const { statusCode, payload } = await post({ user_code: userCode, username: 'tv', password: 'correct' });
        expect(statusCode).to.equal(400);
        expect(payload).to.include('access_denied').and.not.include('name="ticket"');
        expect(await poll(deviceCode)).to.equal('authorization_pending');
    });

    it('says in the log that nobody can sign in without authenticateUser()', async () => {

        const { server, post, logged } = deviceServer({ page: { authenticateUser: () => undefined } });
        const { statusCode, payload } = await server.inject('/device');
        expect(statusCode).to.equal(500);
        expect(payload).to.not.include('authenticateUser');
        expect((await post({ user_code: 'BCDF-GHJK', ...alice })).statusCode).to.equal(500);
        const reference = /<code>([2-9A-Z]{8})<\/code>/.exec(payload)?.[1];
        expect(logged).to.include({ reason: 'no_authenticate_user', error: 'server_error', client_id: undefined, reference });
    });
});

describe('The ticket of a verification page', () => {

    it('decides about the device that it was made for, and no other', async () => {

        const { post, start, poll, ticketFor, logged } = deviceServer();
        const mine = await start();
        const other = await start();
        const ticket = await ticketFor(mine.user_code);
        logged.length = 0;
        const { statusCode, payload } = await post({ user_code: other.user_code, ticket, decision: 'allow' });
        expect(logged).to.equal([{ reason: 'device_form_expired', error: 'invalid_request', client_id: undefined }]);
        expect(statusCode).to.equal(400);
        expect(payload).to.include('The page was open for too long: sign in again').and.include(`value="${other.user_code}"`);
        expect(await poll(other.device_code)).to.equal('authorization_pending');
        expect(await poll(mine.device_code)).to.equal('authorization_pending');
    });

    it('is of no use for another device that has got the same code meanwhile', async () => {

        const { post, start, poll, ticketFor, store } = deviceServer({ authorization: { issueCode: async (given) => ({ ...given, codes: { ...given.codes, userCode: 'BCDF-GHJK' }, data: {}, response: {} }) } });
        await start();
        const ticket = await ticketFor('BCDF-GHJK');
        const [named] = (await store.list('user_code')).items;
        await store.delete('user_code', named?.key ?? '');
        const other = await start();
        expect(other.user_code).to.equal('BCDF-GHJK');
        const { statusCode, payload } = await post({ user_code: 'BCDF-GHJK', ticket, decision: 'allow' });
        expect(statusCode).to.equal(400);
        expect(payload).to.include(waitsNoMore);
        expect(await poll(other.device_code)).to.equal('authorization_pending');
    });

    it('is refused when it is altered, missing, sent twice or of another server', async () => {

        const { post, start, poll, ticketFor } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const ticket = await ticketFor(userCode);
        const [secret = '', data = ''] = ticket.split('.');
        const another = deviceServer();
        const foreign = await another.ticketFor((await another.start()).user_code);
        for (const entry of ['', 'x', '.', `${secret}.`, `${secret}.AAAA`, `${secret}.${data.slice(0, -2)}`, `x${ticket}`, `${secret}.${data.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`, foreign]) {
            const { statusCode, payload } = await post({ user_code: userCode, ticket: entry, decision: 'allow' });
            expect(statusCode, entry).to.equal(400);
            expect(payload).to.include('sign in again');
        }

        expect((await post({ ticket, decision: 'allow' })).statusCode).to.equal(400);
        expect((await post(`user_code=${userCode}&ticket=${ticket}&ticket=${ticket}&decision=allow`)).statusCode).to.equal(400);
        expect((await post(`user_code=${userCode}&ticket=${ticket}&decision=deny&decision=allow`)).statusCode).to.equal(400);
        expect(await poll(deviceCode)).to.equal('authorization_pending');
    });

    it('is of no use on another path, or under another issuer', async () => {

        const first = deviceServer();
        const { user_code: userCode } = await first.start();
        const ticket = await first.ticketFor(userCode);
        for (const page of [{ path: '/other' }, { issuer: () => 'https://another.example.com' }]) {
            const { server } = deviceServer({ page: { ...page, secrets: first.secrets } });
            const url = 'path' in page ? page.path : '/device';
            const { payload } = await server.inject({
                method: 'POST', url,
                headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
                payload: new URLSearchParams({ user_code: userCode, ticket, decision: 'allow' }).toString()
            });
            expect(payload).to.include('sign in again');
        }
    });

    it('lives for 10 minutes', async () => {

        const { post, start, ticketFor, clock } = deviceServer({ authorization: { issueCode: async (given) => ({ ...given, expiresAt: given.expiresAt + 900_000, data: {}, response: {} }) } });
        const { user_code: userCode } = await start();
        const ticket = await ticketFor(userCode);
        clock.advance(600);
        expect((await post({ user_code: userCode, ticket, decision: 'allow' })).payload).to.include('sign in again');
        const fresh = await ticketFor(userCode);
        clock.advance(599);
        expect((await post({ user_code: userCode, ticket: fresh, decision: 'allow' })).payload).to.include('Your device is connected');
    });
});

describe('A device that waits no more', () => {

    it('is decided about once', async () => {

        const { post, start, ticketFor, prove, poll } = deviceServer();
        const decisions = [['allow', 'allow'], ['allow', 'deny'], ['deny', 'allow'], ['deny', 'deny']] as const;
        for (const [first, second] of decisions) {
            const { device_code: deviceCode, user_code: userCode } = await start();
            const ticket = await ticketFor(userCode);
            expect((await post({ user_code: userCode, ticket, decision: first })).statusCode).to.equal(200);
            const { statusCode, payload } = await post({ user_code: userCode, ticket, decision: second });
            expect(statusCode).to.equal(first === second ? 200 : 400);
            expect(payload).to.include(first !== second ? waitsNoMore : first === 'allow' ? 'Your device is connected' : 'Your device was not connected');
            if (first === 'allow') {
                expect((await prove(deviceCode)).grant.subject).to.equal('alice');
            }
            else {
                expect(await poll(deviceCode)).to.equal('access_denied');
            }

            const again = await post({ user_code: userCode, ...alice });
            expect(again.statusCode).to.equal(400);
            expect(again.payload).to.include(wrong);
        }
    });

    it('attack: is not connected by who denied it and goes back, nor said to be to who did not connect it', async () => {

        const { post, start, ticketFor, store, poll, prove, logged } = deviceServer();
        const denied = await start();
        const [first, second] = [await ticketFor(denied.user_code), await ticketFor(denied.user_code)];
        await post({ user_code: denied.user_code, ticket: first, decision: 'deny' });
        for (const ticket of [first, second]) {
            logged.length = 0;
            const gone = await post({ user_code: denied.user_code, ticket, decision: 'allow' });
            expect(gone.payload).to.include(waitsNoMore);
            expect(numberOn(gone)).to.exist();
            expect(logged).to.equal([{ reason: 'device_gone', error: 'invalid_request', client_id: undefined, reference: numberOn(gone) }]);
        }

        expect(await poll(denied.device_code)).to.equal('access_denied');

        const connected = await start();
        const [ofAlice, ofAnother] = [await ticketFor(connected.user_code), await ticketFor(connected.user_code, 'bob')];
        await post({ user_code: connected.user_code, ticket: ofAlice, decision: 'allow' });
        expect((await post({ user_code: connected.user_code, ticket: ofAnother, decision: 'allow' })).payload).to.include(waitsNoMore);
        const { grant } = await prove(connected.device_code);
        expect(grant.subject).to.equal('alice');
        await store.revokeGrant(grant.id);
        expect((await post({ user_code: connected.user_code, ticket: ofAlice, decision: 'allow' })).payload).to.include(waitsNoMore);
    });

    it('is gone where somebody decides at the same moment', async () => {

        const { post, start, ticketFor, store, secrets, clock, poll } = deviceServer();
        const digest = (userCode: string) => secrets.digests('user-code', userCode);
        for (const decision of ['allow', 'deny']) {
            const { device_code: deviceCode, user_code: userCode } = await start();
            const ticket = await ticketFor(userCode);
            const device = await findDevice(store, userCode, digest, clock.now());
            const replace = store.replace.bind(store);
            store.replace = async (record, version) => {

                store.replace = replace;
                if (device !== null) {
                    await (decision === 'allow' ? denyDevice(store, device) : approveDevice(store, device, { subject: 'bob', authTime: 1, acr: null, amr: [] }, clock.now()));
                }

                return replace(record, version);
            };

            const { statusCode, payload } = await post({ user_code: userCode, ticket, decision });
            expect(statusCode).to.equal(400);
            expect(payload).to.include(waitsNoMore);
            expect(await poll(deviceCode)).to.equal(decision === 'allow' ? 'access_denied' : null);
        }
    });

    it('is one whose code has expired', async () => {

        const { post, start, ticketFor, clock, poll } = deviceServer();
        const { device_code: deviceCode, user_code: userCode } = await start();
        clock.advance(300);
        const ticket = await ticketFor(userCode);
        clock.advance(300);
        expect((await post({ user_code: userCode, ...alice })).payload).to.include(wrong);
        const { statusCode, payload } = await post({ user_code: userCode, ticket, decision: 'allow' });
        expect(statusCode).to.equal(400);
        expect(payload).to.include(waitsNoMore);
        expect(await poll(deviceCode)).to.equal('expired_token');
    });

    it('is one whose client is no longer registered', async () => {

        const { post, start } = deviceServer({ page: { findClient: async () => null } });
        const { statusCode, payload } = await post({ user_code: (await start()).user_code, ...alice });
        expect(statusCode).to.equal(400);
        expect(payload).to.include(waitsNoMore).and.not.include('name="ticket"');
    });
});

describe('Wrong entries on a verification page', () => {

    const fail = async (post: ReturnType<typeof deviceServer>['post'], times: number, entry: Readonly<Record<string, string>>, remoteAddress?: string) => {

        const statuses: number[] = [];
        for (let i = 0; i < times; ++i) {
            statuses.push((await post({ user_code: 'BBBB-BBBB', ...alice, ...entry }, remoteAddress === undefined ? {} : { remoteAddress })).statusCode);
        }

        return new Set(statuses);
    };

    it('are 20 for an address, also for the right code then, and forgotten after 10 minutes', async () => {

        const { post, start, clock, logged } = deviceServer();
        expect(await fail(post, 20, {})).to.equal(new Set([400]));
        const { user_code: userCode } = await start();
        const { statusCode, headers, payload } = await post({ user_code: userCode, ...alice });
        expect(statusCode).to.equal(429);
        expect(headers['retry-after']).to.equal('600');
        expect(headers['content-type']).to.equal('text/html; charset=utf-8');
        expect(payload).to.include('temporarily_unavailable').and.include('too many wrong entries').and.not.include('name="ticket"');
        expect(logged.at(-1)).to.include({ reason: 'too_many_failures', error: 'temporarily_unavailable', client_id: undefined });
        expect((await post({ user_code: userCode, ...alice }, { remoteAddress: '192.0.2.2' })).statusCode).to.equal(200);
        clock.advance(599);
        expect((await post({ user_code: (await start()).user_code, ...alice })).statusCode).to.equal(429);
        clock.advance(1);
        expect((await post({ user_code: (await start()).user_code, ...alice })).statusCode).to.equal(200);
    });

    it('are counted by the socket\'s address, whatever a header says', async () => {

        const { post } = deviceServer();
        await fail(post, 20, {});
        expect((await post({ user_code: 'BBBB-BBBB', ...alice }, { headers: { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9' } })).statusCode).to.equal(429);
    });

    /** What is answered to entries that all wait for their password to be verified before the first of them is answered. */
    const allAtOnce = async (wrongEntry: Readonly<Record<string, string>>) => {

        const most = 50;
        const waiting: (() => void)[] = [];
        const { post, start } = deviceServer({
            page: {
                authenticateUser: () => async (...call) => {

                    await new Promise<void>((resolve) => {

                        waiting.push(resolve);
                        if (waiting.length === most) {
                            waiting.forEach((go) => go());
                        }
                    });
                    return authenticateUser(...call);
                }
            }
        });
        const right = { user_code: (await start()).user_code, ...alice };
        const pages = await Promise.all(Array.from({ length: most }, (_value, i) => post(i === most - 1 ? right : { ...right, ...wrongEntry })));
        return { statuses: pages.slice(0, -1).map(({ statusCode }) => statusCode), last: pages.at(-1) };
    };

    it('of codes are refused when they come all at once, and so is the right one among them', async () => {

        const { statuses, last } = await allAtOnce({ user_code: 'BBBB-BBBB' });
        expect(statuses.filter((status) => status === 400)).to.have.length(20);
        expect(statuses.filter((status) => status === 429)).to.have.length(29);
        expect(last?.statusCode).to.equal(429);
        expect(last?.payload).to.not.include('name="ticket"');
    });

    it('of passwords are refused when they come all at once, and so is the right one among them', async () => {

        const { statuses, last } = await allAtOnce({ password: 'wrong' });
        expect(statuses.filter((status) => status === 400)).to.have.length(10);
        expect(statuses.filter((status) => status === 429)).to.have.length(39);
        expect(last?.statusCode).to.equal(429);
        expect(last?.payload).to.not.include('name="ticket"');
    });

    it('are not what succeeds, and not a form that is not filled in', async () => {

        const { post, start } = deviceServer();
        const { user_code: userCode } = await start();
        for (let i = 0; i < 25; ++i) {
            expect((await post({ user_code: userCode, ...alice })).statusCode).to.equal(200);
            expect((await post({ user_code: userCode })).statusCode).to.equal(400);
        }

        expect((await post({ user_code: userCode, ...alice })).statusCode).to.equal(200);
    });

    it('are 10 of a password for one name and address: no password is tried then', async () => {

        let tried = 0;
        const { post, start, clock } = deviceServer({
            page: {
                authenticateUser: () => (...call) => {

                    ++tried;
                    return authenticateUser(...call);
                }
            }
        });
        expect(await fail(post, 10, { password: 'wrong' })).to.equal(new Set([400]));
        const { user_code: userCode } = await start();
        expect(tried).to.equal(10);
        expect((await post({ user_code: userCode, ...alice })).statusCode).to.equal(429);
        expect(tried).to.equal(10);
        expect((await post({ user_code: userCode, ...alice }, { remoteAddress: '192.0.2.2' })).statusCode).to.equal(200);
        expect((await post({ user_code: userCode, username: 'bob', password: 'x' })).statusCode).to.equal(400);
        clock.advance(600);
        expect((await post({ user_code: (await start()).user_code, ...alice })).statusCode).to.equal(200);
    });

    it('of passwords for many names are those of their address', async () => {

        const { post } = deviceServer();
        for (let i = 0; i < 20; ++i) {
            expect((await post({ user_code: 'BBBB-BBBB', username: `user${i}`, password: 'Summer2030' })).statusCode).to.equal(400);
        }

        expect((await post({ user_code: 'BBBB-BBBB', username: 'user20', password: 'Summer2030' })).statusCode).to.equal(429);
    });

    it('do not lock the decision of a user who has signed in', async () => {

        const { post, start, ticketFor } = deviceServer();
        const { user_code: userCode } = await start();
        const ticket = await ticketFor(userCode);
        await fail(post, 20, {});
        expect((await post({ user_code: userCode, ticket, decision: 'allow' })).statusCode).to.equal(200);
    });
});

describe('The verification page with a session', () => {

    /** A page, and a browser in which Alice has signed in there. */
    const signedIn = async (settings: Parameters<typeof deviceServer>[0] = {}) => {

        const built = deviceServer(settings);
        const browser = injectedBrowser(built.server);
        await built.post({ user_code: (await built.start()).user_code, ...alice }, { browser });
        return { ...built, browser, session: browser.jar.get('oauth2-session') };
    };

    it('begins one with the right password and the right code, and asks for the code alone from then on', async () => {

        const { post, start, browser, session, prove } = await signedIn();
        expect(session).to.match(/^[\w-]+\.[\w-]+$/);
        const page = await browser.open('/device');
        expect(page.payload).to.include('name="user_code"').and.not.include('name="username"').and.not.include('name="password"');
        const { device_code: deviceCode, user_code: userCode } = await start();
        const asked = await post({ user_code: userCode }, { browser });
        await post({ user_code: userCode, ticket: ticketOf(asked.payload), decision: 'allow' }, { browser });
        expect((await prove(deviceCode)).grant.subject).to.equal('alice');
        const wrongCode = await post({ user_code: 'BBBB-BBBB' }, { browser });
        expect([wrongCode.statusCode, wrongCode.payload.includes('password')]).to.equal([400, false]);
        expect(browser.jar.get('oauth2-session')).to.equal(session);
    });

    it('goes by the name and the password that were entered, whoever has signed in', async () => {

        const { post, start, browser, session, prove } = await signedIn({ page: { authenticateUser: () => ({ username }) => ({ subject: username }) } });
        const { device_code: deviceCode, user_code: userCode } = await start();
        const asked = await post({ user_code: userCode, username: 'bob', password: 'x' }, { browser });
        expect(browser.jar.get('oauth2-session')).to.not.equal(session);
        await post({ user_code: userCode, ticket: ticketOf(asked.payload), decision: 'allow' }, { browser });
        expect((await prove(deviceCode)).grant.subject).to.equal('bob');
    });

    it('names whom the device will act for and where, and lets somebody else sign in with the same code', async () => {

        const { start, browser, prove } = await signedIn();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const asked = await browser.submit(await browser.open(`/device?user_code=${userCode}`), {});
        expect(asked.payload).to.include('You are signed in as <strong>alice</strong>.').and.include('<p>This applies to <strong>api.example.com</strong>.</p>');
        const signIn = await browser.submit(asked, { change_account: '1' });
        expect(signIn.statusCode).to.equal(200);
        expect(signIn.payload).to.include(`name="user_code" value="${userCode}"`).and.include('name="password"').and.not.include('name="decision"');
        const failed = await browser.submit(signIn, { username: 'bob', password: 'wrong' });
        expect([failed.statusCode, failed.payload.includes(wrong), failed.payload.includes('name="password"')]).to.equal([400, true, true]);
        const askedBob = await browser.submit(failed, { username: 'bob', password: 'correct' });
        expect(askedBob.payload).to.include('You are signed in as <strong>bob</strong>.');
        await browser.submit(askedBob, { decision: 'allow' });
        expect((await prove(deviceCode)).grant.subject).to.equal('bob');
    });

    it('sends who would be somebody else to the app\'s own page, and offers it to nobody whom a session of the app names', async () => {

        let settings: ConstructorParameters<typeof OwnSignIn>[0] = {};
        const { server, start, browser } = await signedIn({ page: { ownSignIn: () => new OwnSignIn(settings) } });
        settings = { loginUrl: '/login' };
        const { user_code: userCode } = await start();
        const asked = await browser.submit(await browser.open('/device'), { user_code: userCode });
        const elsewhere = new URL((await browser.submit(asked, { change_account: '1' })).url, 'http://localhost');
        expect([elsewhere.pathname, elsewhere.searchParams.get('return_to')]).to.equal(['/login', `https://auth.example.com/device?user_code=${userCode}`]);
        server.auth.scheme('theirs', () => ({ authenticate: (_request, h) => h.authenticated({ credentials: { subject: 'carol' } }) }));
        server.auth.strategy('theirs', 'theirs');
        settings = { loginUrl: '/login', strategy: { name: 'theirs', user: userOfCredentials, endSession: () => Promise.resolve() } };
        const ofCarol = await browser.submit(await browser.open('/device'), { user_code: userCode });
        expect(ofCarol.payload).to.include('You are signed in as <strong>carol</strong>.').and.not.include('change_account');
    });

    it('attack: a right password with a wrong code sets no session cookie, so that it tells nothing of the password', async () => {

        const { server, post, start } = deviceServer();
        const { user_code: userCode } = await start();
        for (const entry of [{ user_code: 'BBBB-BBBB', ...alice }, { user_code: '', ...alice }, { ...alice }, { user_code: userCode, ...alice, password: 'wrong' }]) {
            const browser = injectedBrowser(server);
            const { headers } = await post(entry, { browser });
            expect([headers['set-cookie'] ?? []].flat().map((cookie) => cookie.replace(/=.*/, ''))).to.equal(['oauth2-browser']);
            expect([...browser.jar.keys()]).to.equal(['oauth2-browser']);
        }

        const browser = injectedBrowser(server);
        await post({ user_code: userCode, ...alice }, { browser });
        expect([...browser.jar.keys()]).to.only.include(['oauth2-browser', 'oauth2-session']);
    });

    it('attack: takes no form whose token is missing, forged, or of another browser or page', async () => {

        const { server, start, post, poll, browser, session, ticketFor, logged } = await signedIn();
        const { device_code: deviceCode, user_code: userCode } = await start();
        const csrfOf = (html: string) => /csrf=([\w-]{43})/.exec(html)?.[1] ?? 'none';
        const mallory = injectedBrowser(server);
        const ofMallory = csrfOf((await mallory.open('/device')).payload);
        const own = csrfOf((await browser.open('/device')).payload);
        const ticket = await ticketFor(userCode, 'alice');
        expect(ofMallory).to.not.equal(own);
        for (const search of ['', '?csrf=', `?csrf=${ofMallory}`, `?csrf=${'A'.repeat(43)}`, `?csrf=${own.slice(1)}`, `?csrf=${own}A`, `?csrf=${ofMallory}&csrf=${own}`]) {
            for (const entry of [{ user_code: userCode }, { user_code: userCode, ticket, decision: 'allow' }, { user_code: userCode, username: 'tv', password: 'correct' }]) {
                logged.length = 0;
                const { statusCode, payload } = await browser.send(form(`/device${search}`, entry, { 'sec-fetch-site': 'same-origin' }));
                expect(statusCode, search).to.equal(400);
                expect(logged).to.equal([{ reason: 'form_of_another_browser', error: 'invalid_request', client_id: undefined }]);
                expect(payload).to.include('The page was open for too long').and.not.include('name="ticket"');
            }
        }

        expect(browser.jar.get('oauth2-session')).to.equal(session);
        const stranger = await server.inject(form(`/device?csrf=${own}`, { user_code: userCode, ...alice }));       // Without the cookie that the token belongs to
        expect([stranger.statusCode, stranger.payload.includes('name="ticket"')]).to.equal([400, false]);
        expect(await poll(deviceCode)).to.equal('authorization_pending');
        expect(ticketOf((await post({ user_code: userCode }, { browser })).payload)).to.not.startWith('no ticket');
    });

    it('attack: five wrong codes are all that one session may try, from whatever address and after whatever sign-in', async () => {

        const { server, post, start, browser, clock } = await signedIn();
        const from = (i: number) => ({ browser, remoteAddress: `192.0.2.${i}` });
        for (let i = 10; i < 15; ++i) {
            expect((await post({ user_code: 'BBBB-BBBB' }, from(i))).statusCode).to.equal(400);
        }

        const { user_code: userCode } = await start();
        for (const entry of [{ user_code: userCode }, { user_code: userCode, ...alice }, { user_code: 'BBBB-BBBB' }]) {
            const { statusCode, payload } = await post(entry, from(20));
            expect([statusCode, payload.includes('name="ticket"')]).to.equal([429, false]);
        }

        const another = injectedBrowser(server);
        expect((await post({ user_code: userCode, ...alice }, { browser: another, remoteAddress: '192.0.2.20' })).statusCode).to.equal(200);
        clock.advance(600);
        expect((await post({ user_code: (await start()).user_code }, from(20))).statusCode).to.equal(200);
    });

    it('counts no form that leaves the code out, and none of somebody who is nobody', async () => {

        const { post, start, browser } = await signedIn();
        for (let i = 0; i < 7; ++i) {
            expect((await post({ user_code: '' }, { browser })).statusCode).to.equal(400);
        }

        expect((await post({ user_code: (await start()).user_code }, { browser })).statusCode).to.equal(200);
    });

    it('takes who signed in on the app\'s own page, tries no password there, and sends all others to that page', async () => {

        let tried = 0;
        let settings: ConstructorParameters<typeof OwnSignIn>[0] = {};
        let authenticate: typeof authenticateUser | undefined = (...call) => {

            ++tried;
            return authenticateUser(...call);
        };

        const { server, post, start, browser } = await signedIn({ page: { ownSignIn: () => new OwnSignIn(settings), authenticateUser: () => authenticate } });
        settings = { loginUrl: '/login' };
        authenticate = undefined;                               // Such an app need not know passwords
        expect((await browser.open('/device')).payload).to.include('name="user_code"').and.not.include('name="password"');
        const { user_code: userCode } = await start();
        const asked = await post({ user_code: userCode, username: 'tv', password: 'correct' }, { browser });
        expect([asked.statusCode, ticketOf(asked.payload).startsWith('no ticket'), tried]).to.equal([200, false, 1]);
        const { statusCode, headers } = await server.inject(`/device?user_code=${userCode}`);
        expect(statusCode).to.equal(303);
        const location = new URL(String(headers.location), 'http://localhost');
        expect([location.pathname, location.searchParams.get('return_to')]).to.equal(['/login', `https://auth.example.com/device?user_code=${userCode}`]);
        expect(location.searchParams.get('interaction')).to.match(/^[\w-]{43}$/);
    });
});

describe('A verification page of the app\'s own', () => {

    it('is shown at first and after a wrong entry, and ends as the app says', async () => {

        const shown: VerificationPageContext[] = [];
        const ended: FinalizeVerificationContext[] = [];
        const { server, post, start, ticketFor, poll } = deviceServer({
            page: {
                usernameField: 'mail',
                passwordField: 'word',
                renderGet: (ctx, _request, h) => {

                    shown.push(ctx);
                    return h.response(`<form method="post" action="${ctx.action}">own form</form>`).code(ctx.statusCode);
                },
                finalize: (ctx, _request, h) => {

                    ended.push(ctx);
                    return h.redirect('/welcome');
                }
            }
        });
        const { device_code: deviceCode, user_code: userCode } = await start();
        expect((await server.inject(`/device?user_code=${userCode}`)).payload).to.contain('own form');
        const { statusCode, payload } = await post({ user_code: userCode, ...alice });
        expect([statusCode, payload.includes('own form')]).to.equal([400, true]);
        const common = { action: 'of this browser', userCode, usernameField: 'mail', passwordField: 'word' };
        const ok = { ...common, statusCode: 200, errorMessage: undefined };
        expect(shown.map((ctx) => ({ ...ctx, action: ctx.action.replace(/^\/device\?csrf=[\w-]{43}$/, 'of this browser') }))).to.equal([ok, { ...ok, userCode: undefined }, { ...common, statusCode: 400, errorMessage: wrong }]);

        const ticket = ticketOf((await post({ user_code: userCode, mail: 'alice', word: 'correct' })).payload);
        const { headers } = await post({ user_code: userCode, ticket, decision: 'allow' });
        expect(headers.location).to.equal('/welcome');
        expect(await poll(deviceCode)).to.equal(null);
        expect(ended).to.equal([{ authorizationResult: { type: 'allow' }, userCode }]);
        expect(await ticketFor(userCode)).to.startWith('no ticket');
        const second = await start();
        const denied = ticketOf((await post({ user_code: second.user_code, mail: 'alice', word: 'correct' })).payload);
        await post({ user_code: second.user_code, ticket: denied, decision: 'deny' });
        expect(ended[1]).to.equal({ authorizationResult: { type: 'deny' }, userCode: second.user_code });
    });
});
