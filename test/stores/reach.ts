import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { notFound } from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientSecretJwt, MemoryStore, OAuth2Error } from '../../lib';
import { withinReach } from '../../lib/stores/reach';
import { assertionType, issuer, signed } from '../fixture/assertion';
import { testClock } from '../fixture/clock';
import { machines } from '../fixture/flows';
import { form, provision } from '../fixture/provision';
import { address, answers, calls, storeFunctions, storeThat } from '../fixture/store-calls';
import { testTimers } from '../fixture/timers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const secret = 's'.repeat(32);

describe('withinReach()', () => {

    it('leaves a MemoryStore as it is, and no other', () => {

        const store = new MemoryStore({ clock: testClock().now });
        expect(withinReach(store)).to.shallow.equal(store);
        const other = new (class extends MemoryStore {})({ clock: testClock().now });
        expect(withinReach(other)).to.not.shallow.equal(other);
    });

    it('says whether a store is in the process, as far as the store says it', () => {

        const store = new (class extends MemoryStore {})({ clock: testClock().now });
        expect(withinReach(store).isInProcess).to.be.true();
        expect(withinReach(storeThat(() => null)).isInProcess).to.be.false();
    });

    it('refuses a time that is none', () => {

        for (const ms of [0, -1, NaN, Infinity, 2 ** 31]) {
            expect(() => withinReach(storeThat(() => null), { timeoutMs: ms })).to.throw(TypeError, /hang forever/);
            expect(() => withinReach(storeThat(() => null), { initializeTimeoutMs: ms })).to.throw(TypeError);
        }
    });

    for (const name of storeFunctions) {
        it(`passes on what ${name}() is called with, and what it answers`, async () => {

            const direct: unknown[] = [];
            await calls[name](storeThat((...call) => direct.push(call)));
            const { timer, waiting } = testTimers();
            for (const answer of answers[name]) {
                const passed: unknown[] = [];
                const store = withinReach(storeThat(async (...call) => {

                    passed.push(call);
                    return answer;
                }), { timer });
                expect(await calls[name](store)).to.shallow.equal(answer);
                expect(passed).to.equal(direct);
            }

            expect(waiting.size).to.equal(0);
        });

        it(`gives ${name}() up in time, and never calls it twice`, async () => {

            const { timer, waiting, expire } = testTimers();
            let called = 0;
            const store = withinReach(storeThat(() => {

                ++called;
                return new Promise(() => {});
            }), { timer });
            const call = calls[name](store);
            expect([...waiting.values()]).to.equal([2500]);
            expire();
            const err = await expect(call).to.reject(OAuth2Error, 'Try again later');
            expect(err).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable' });
            expect(err.output).to.include({ statusCode: 503 });
            expect(err.output.headers).to.include({ 'retry-after': '5' });
            expect(err.cause).to.be.an.error(`The store did not answer ${name}() within 2500 ms`);
            expect(called).to.equal(1);
            expect(waiting.size).to.equal(0);
        });

        it(`answers 503 where ${name}() does not reach its engine, and lets other errors pass`, async () => {

            const { timer, waiting } = testTimers();
            const away = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
            const err = await expect(calls[name](withinReach(storeThat(async () => { throw away; }), { timer }))).to.reject(OAuth2Error, 'Try again later');
            expect(err).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable' });
            expect(err.cause).to.shallow.equal(away);
            expect(JSON.stringify(err.output)).to.not.include('10.0.0.1');

            const other = new Error('relation "oauth2.grants" does not exist');
            expect(await expect(calls[name](withinReach(storeThat(() => { throw other; }), { timer }))).to.reject()).to.shallow.equal(other);
            expect(waiting.size).to.equal(0);
        });
    }

    it('waits as long as it is told', () => {

        const { timer, waiting } = testTimers();
        const store = withinReach(storeThat(() => new Promise(() => {})), { timer, timeoutMs: 1000, initializeTimeoutMs: 2000 });
        void store.get('kind', 'key');
        void store.initialize();
        expect([...waiting.values()]).to.equal([1000, 2000]);
    });

    it('lets what comes too late pass unheard', async () => {

        const { timer, expire } = testTimers();
        const late: (() => void)[] = [];
        const store = withinReach(storeThat(() => new Promise((_resolve, reject) => { late.push(() => reject(new Error('too late'))); })), { timer });
        const call = store.get('kind', 'key');
        expire();
        await expect(call).to.reject(OAuth2Error);
        const unhandled: unknown[] = [];
        const listen = (err: unknown) => unhandled.push(err);
        process.on('unhandledRejection', listen);
        late.forEach((reject) => reject());
        await new Promise((resolve) => { setImmediate(resolve); });
        process.off('unhandledRejection', listen);
        expect(unhandled).to.equal([]);
    });

    it('is itself again as soon as the engine is', async () => {

        const { timer, expire } = testTimers();
        let away = true;
        const store = withinReach(storeThat(() => away ? new Promise(() => {}) : Promise.resolve('ok')), { timer });
        const call = store.consume(address);
        expire();
        await expect(call).to.reject(OAuth2Error);
        away = false;
        expect(await store.consume(address)).to.equal('ok');
    });

    it('passes an OAuth2Error of the store, and makes a failure of a Boom, which would reach the client', async () => {

        const busy = new OAuth2Error('temporarily_unavailable', 'Tomorrow', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
        expect(await expect(withinReach(storeThat(() => { throw busy; })).get('a', 'b')).to.reject()).to.shallow.equal(busy);

        const boom = notFound('no row in 10.0.0.1');
        const err = await expect(withinReach(storeThat(() => { throw boom; })).get('a', 'b')).to.reject(Error, 'The store threw a Boom');
        expect(err.cause).to.shallow.equal(boom);
    });

    it('gives initialize() a minute, and says then what to look at', async () => {

        const { timer, waiting, expire } = testTimers();
        const starting = withinReach(storeThat(() => new Promise(() => {})), { timer }).initialize();
        expect([...waiting.values()]).to.equal([60_000]);
        expire();
        await expect(starting).to.reject(Error, 'The store was not ready after 60000 ms: is its engine there, and does its client have a connection?');

        const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        expect(await expect(withinReach(storeThat(async () => { throw refused; })).initialize()).to.reject()).to.shallow.equal(refused);
        await withinReach(storeThat(async () => undefined)).initialize();
    });

    it('clears the timers of the process, and keeps none alive with them', () => {

        const script = (answer: string) => `
            const { withinReach } = require(${JSON.stringify(join(__dirname, '../../dist/stores/reach.js'))});
            const settings = { timeoutMs: 3_600_000 };
            withinReach({ get: () => ${answer} }, settings).get('kind', 'key').then(() => console.log(process.getActiveResourcesInfo().includes('Timeout')));`;
        const run = (answer: string) => execFileSync(process.execPath, ['-e', script(answer)], { encoding: 'utf8' });
        expect(run('Promise.resolve(null)')).to.equal('false\n');
        expect(run('new Promise(() => {})')).to.equal('');
    });

    it('gives up by the timers of the process', async () => {

        await expect(withinReach(storeThat(() => new Promise(() => {})), { timeoutMs: 1 }).get('a', 'b')).to.reject(OAuth2Error);
    });
});

describe('An authorization server whose store', () => {

    /** Asks for a token with a fresh assertion, of which the store remembers the `jti`. */
    const asking = async (putIfAbsent: () => Promise<boolean>) => {

        const clock = testClock();
        const store = new (class extends MemoryStore { override putIfAbsent = putIfAbsent; })({ clock: clock.now });
        const { server } = await provision([machines().addClientAuthenticationMethod(new ClientSecretJwt().getClientSecret(() => secret))], (hub) => hub.setIssuer(issuer).allowDevelopmentDefaults().setStore(store));
        const logged: unknown[] = [];
        server.events.on({ name: 'request', channels: 'internal' }, (_request, { error }) => logged.push(error));
        const now = clock.now() / 1000;
        const claims = { iss: 'm', sub: 'm', aud: issuer, exp: now + 60, iat: now };
        const ask = async (jti: string) => await server.inject(form('/oauth2/token', {
            grant_type: 'client_credentials', client_assertion_type: assertionType, client_assertion: await signed({ alg: 'HS256' }, { ...claims, jti }, secret)
        }));
        return { ask, logged };
    };

    it('is out of reach answers 503 with Retry-After, logs the cause and sends none of it, and goes on when the store is back', async () => {

        const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' });
        let away = true;
        const { ask, logged } = await asking(async () => {

            if (away) {
                throw cause;
            }

            return true;
        });
        for (const jti of ['one', 'two']) {
            const { statusCode, headers, payload } = await ask(jti);
            expect(statusCode).to.equal(503);
            expect(headers).to.include({ 'retry-after': '5', 'cache-control': 'no-store' });
            expect(JSON.parse(payload)).to.equal({ error: 'temporarily_unavailable', error_description: 'Try again later' });
        }

        expect(logged.some((err) => err instanceof OAuth2Error && err.reason === 'store_unreachable' && err.cause === cause)).to.be.true();
        away = false;
        expect((await ask('three')).statusCode).to.equal(200);
    });

    it('answers nonsense gives no token', async () => {

        for (const answer of [undefined, 'no', 1, {}]) {
            const { ask } = await asking(async () => Object(answer) as boolean);
            const { statusCode, payload } = await ask('one');
            expect(statusCode).to.equal(500);
            expect(JSON.parse(payload)).to.equal({ error: 'server_error', error_description: 'The server could not answer this request' });
        }
    });
});
