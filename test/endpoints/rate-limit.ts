import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { Request } from '@hapi/hapi';

import { TrustedProxies } from '../../lib/endpoints/client-address';
import { checkRateLimit, type RateLimitAttempt, type RateLimitHook, type RateLimits, type RateLimitsOptions } from '../../lib/endpoints/rate-limit';
import type { Attempt } from '../../lib/protocol/attempt';
import { Secrets } from '../../lib/protocol/secrets';
import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';
import { quietServer } from '../fixture/flows';
import { rateLimits } from '../fixture/limits';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const tooMany = { code: 'temporarily_unavailable', reason: 'too_many_failures' };

const requestFrom = async (remoteAddress: string, headers: Readonly<Record<string, string>> = {}): Promise<Request> => (await quietServer().inject({ url: '/', remoteAddress, headers })).request;

const bench = (options: Partial<RateLimitsOptions> = {}) => {

    const clock = testClock();
    return { clock, limits: rateLimits({ clock: clock.now, ...options }) };
};

/** How many failures are answered as such. */
const failuresOf = async (attempt: () => Attempt, most = 200): Promise<number> => {

    for (let i = 0; i < most; ++i) {
        if (await refusal(() => attempt().begin()) !== null) {
            return i;
        }

        await attempt().failed();
    }

    return most;
};

/** One after the other, again and again. */
const eachOf = (requests: Request[]): Request => {

    const [request] = requests.splice(0, 1);
    if (request === undefined) {
        throw new Error('There are no requests');
    }

    requests.push(request);
    return request;
};

describe('The limits', () => {

    it('are these, when nothing is said', async () => {

        const request = await requestFrom('192.0.2.1');
        const expected: readonly (readonly [(limits: RateLimits, i: number) => Attempt, number, number])[] = [
            [(limits) => limits.signIn(request, 'ada'), 10, 600],
            [(limits, i) => limits.signIn(request, `user${i}`), 50, 600],
            [(limits) => limits.clientSecret(request, 'web'), 20, 600],
            [(limits) => limits.refresh(request, 'web'), 100, 60],
            [(limits) => limits.userCode(request), 20, 600],
            [(limits) => limits.userCode(request, 'session'), 5, 600]
        ];
        for (const [attempt, failures, seconds] of expected) {
            const { clock, limits } = bench();
            let i = 0;
            expect(await failuresOf(() => attempt(limits, ++i))).to.equal(failures);
            clock.advance(seconds - 1);
            expect(await refusal(() => attempt(limits, ++i).begin())).to.equal(tooMany);
            clock.advance(1);
            expect(await refusal(() => attempt(limits, ++i).begin())).to.be.null();
        }
    });

    it('are each what they are set to, or none', async () => {

        const request = await requestFrom('192.0.2.1');
        const { limits } = bench({ setting: { signIn: { failures: 3, seconds: 5 }, signInFromAddress: undefined, clientSecret: false, refresh: { failures: 1, seconds: 1 }, userCodeInSession: false } });
        expect(await failuresOf(() => limits.signIn(request, 'ada'))).to.equal(3);
        expect(await failuresOf(() => limits.clientSecret(request, 'web'))).to.equal(200);
        expect(await failuresOf(() => limits.refresh(request, 'web'))).to.equal(1);
        expect(await failuresOf(() => limits.userCode(request, 'session'))).to.equal(20);
    });

    it('are off when they are switched off', async () => {

        const request = await requestFrom('192.0.2.1');
        const { limits } = bench({ setting: false });
        for (const attempt of [() => limits.signIn(request, 'ada'), () => limits.clientSecret(request, 'web'), () => limits.refresh(request, 'web'), () => limits.userCode(request, 'session')]) {
            expect(await failuresOf(attempt)).to.equal(200);
            expect(await refusal(() => attempt().succeeded())).to.be.null();
        }
    });

    it('are of one name or client at one address, and count no success', async () => {

        const [here, there, next] = [await requestFrom('192.0.2.1'), await requestFrom('192.0.2.2'), await requestFrom('2001:db8::1')];
        const { limits } = bench();
        for (let i = 0; i < 100; ++i) {
            await limits.signIn(here, 'ada').begin();
            await limits.signIn(here, 'ada').succeeded();
        }

        expect(await failuresOf(() => limits.signIn(here, 'ada'))).to.equal(10);
        expect(await refusal(() => limits.signIn(here, 'ada').succeeded())).to.equal(tooMany);
        expect(await refusal(() => limits.signIn(here, 'bob').begin())).to.be.null();
        expect(await failuresOf(() => limits.signIn(there, 'ada'))).to.equal(10);
        expect(await failuresOf(() => limits.clientSecret(next, 'web'))).to.equal(20);
        expect(await refusal(() => limits.refresh(next, 'web').begin())).to.be.null();
        expect(await refusal(() => limits.clientSecret(next, 'other').begin())).to.be.null();
        expect(await refusal(() => limits.clientSecret(here, 'web').begin())).to.be.null();
    });

    it('take all of an IPv6 network for one address', async () => {

        const { limits } = bench();
        let host = 0;
        const requests = await Promise.all(Array.from({ length: 30 }, () => requestFrom(`2001:db8:1:2::${(++host).toString(16)}`)));
        expect(await failuresOf(() => limits.userCode(eachOf(requests)))).to.equal(20);
        expect(await refusal(async () => limits.userCode(await requestFrom('2001:db8:1:3::1')).begin())).to.be.null();
    });

    it('know the address behind a trusted proxy', async () => {

        const { limits } = bench({ proxies: new TrustedProxies(['10.0.0.0/8']) });
        const from = (client: string, proxy = '10.0.0.1') => requestFrom(proxy, { 'x-forwarded-for': client });
        const requests = await Promise.all(Array.from({ length: 25 }, (_value, i) => from(`${i}.1.1.1, 203.0.113.9`, `10.0.0.${i}`)));
        expect(await failuresOf(() => limits.userCode(eachOf(requests)))).to.equal(20);
        expect(await refusal(async () => limits.userCode(await from('203.0.113.8')).begin())).to.be.null();
        expect(limits.addressOf(await from('203.0.113.8'))).to.equal('203.0.113.8');
        expect(limits.addressOf(await from('203.0.113.8', '192.0.2.1'))).to.equal('192.0.2.1');
    });

    it('take the spellings of a name for one', async () => {

        const request = await requestFrom('192.0.2.1');
        const { limits } = bench();
        const spellings = ['Ada', ' ada', 'ADA ', '\uff41da', 'ada'];
        let i = 0;
        expect(await failuresOf(() => limits.signIn(request, spellings[++i % spellings.length] ?? ''))).to.equal(10);
    });

    it('keep short names of what they count, in which nothing stands', async () => {

        const keys: string[] = [];
        const clock = testClock();
        const memory = new MemoryStore({ clock: clock.now });
        const store = {
            count: (key: string, windowMs: number) => {

                keys.push(key);
                return memory.count(key, windowMs);
            },
            counted: (key: string) => memory.counted(key)
        };
        const request = await requestFrom('192.0.2.1');
        const secrets = Secrets.generate();
        const limits = rateLimits({ clock: clock.now, store, secrets });
        await limits.signIn(request, 'ada'.repeat(1_000_000)).failed();
        await limits.signIn(request, '').failed();
        await limits.clientSecret(request, 'web').failed();
        await limits.refresh(request, 'web').failed();
        await limits.userCode(request, 'session').failed();
        expect(keys).to.have.length(8);
        expect(new Set(keys).size).to.equal(7);                 // The address is one
        for (const key of keys) {
            expect(key).to.match(/^(signIn|signInFromAddress|clientSecret|refresh|userCode|userCodeInSession):[\w-]{43}$/);
        }

        await rateLimits({ clock: clock.now, store, secrets: Secrets.generate() }).clientSecret(request, 'web').failed();
        expect(keys.slice(0, -1)).to.not.include(keys.at(-1));  // Nobody without the secret can look up whom they count
        await rateLimits({ clock: clock.now, store, secrets }).clientSecret(request, 'web').failed();
        expect(keys.slice(0, -1)).to.include(keys.at(-1));
    });
});

describe('A function in place of the limits', () => {

    it('is told what is tried, before and after a failure', async () => {

        const told: (RateLimitAttempt & { readonly path: string })[] = [];
        const { limits } = bench({
            proxies: new TrustedProxies(['10.0.0.1']),
            setting: (attempt, { path }) => {

                told.push({ ...attempt, path });
                return true;
            }
        });
        const request = await requestFrom('10.0.0.1', { 'x-forwarded-for': '2001:db8::1' });
        const at = { address: '2001:db8:0:0:0:0:0:1', path: '/' };
        for (const [attempt, expected] of [
            [limits.signIn(request, 'Ada'), { kind: 'signIn', username: 'Ada' }],
            [limits.clientSecret(request, 'web'), { kind: 'clientSecret', clientId: 'web' }],
            [limits.refresh(request, 'web'), { kind: 'refresh', clientId: 'web' }],
            [limits.userCode(request, 'session'), { kind: 'userCode' }]
        ] as const) {
            await attempt.begin();
            await attempt.succeeded();
            expect(told.splice(0)).to.equal([{ ...expected, ...at, phase: 'before' }]);
            await attempt.begin();
            await attempt.failed();
            expect(told.splice(0)).to.equal([{ ...expected, ...at, phase: 'before' }, { ...expected, ...at, phase: 'failed' }]);
        }
    });

    it('decides, and says when to try again', async () => {

        const request = await requestFrom('192.0.2.1');
        const answered = async (answer: unknown) => {

            const { limits } = bench({ setting: (() => answer) as RateLimitHook });
            try {
                await limits.signIn(request, 'ada').begin();
                return null;
            }
            catch (err) {
                return Reflect.get(Reflect.get(Object(err), 'made') as object, 'headers') as unknown;
            }
        };

        expect(await answered(true)).to.be.null();
        expect(await answered(Promise.resolve(true))).to.be.null();
        expect(await answered(false)).to.equal({ 'retry-after': '60' });
        expect(await answered({ retryAfter: 0.2 })).to.equal({ 'retry-after': '1' });
        expect(await answered(Promise.resolve({ retryAfter: 300 }))).to.equal({ 'retry-after': '300' });
    });

    it('lets nobody through whom it says nothing about', async () => {

        const request = await requestFrom('192.0.2.1');
        for (const answer of [undefined, null, 'yes', 1, {}, { retryAfter: '5' }, { retryAfter: 0 }, { retryAfter: -1 }, { retryAfter: Infinity }, { retryAfter: Number.NaN }]) {
            const { limits } = bench({ setting: (() => answer) as RateLimitHook });
            expect(await refusal(() => limits.signIn(request, 'ada').begin()), JSON.stringify(answer)).to.equal({ code: 'server_error', reason: 'handler_returned_nonsense' });
        }

        const { limits } = bench({
            setting: () => {

                throw new Error('The engine is away');
            }
        });
        await expect(limits.signIn(request, 'ada').begin()).to.reject('The engine is away');
    });
});

describe('checkRateLimit()', () => {

    it('takes what can be meant', () => {

        for (const setting of [false, {}, () => true, { signIn: false }, { signIn: { failures: 1, seconds: 1 }, refresh: { failures: 1e6, seconds: 86_400 }, userCode: undefined }]) {
            expect(() => checkRateLimit(setting)).to.not.throw();
        }
    });

    it('refuses everything else with a sentence', () => {

        for (const setting of [true, null, undefined, 10, 'off', []]) {
            expect(() => checkRateLimit(setting)).to.throw('setRateLimit() takes false for no limits, an object such as { signIn: { failures: 10, seconds: 600 } }, or a function that decides itself');
        }

        for (const name of ['login', 'constructor', '__proto__', 'toString']) {
            expect(() => checkRateLimit(JSON.parse(`{ "${name}": {} }`)), name)
                .to.throw(`setRateLimit(): there is no limit '${name}', there are signIn, signInFromAddress, clientSecret, refresh, userCode, userCodeInSession, interaction, registration`);
        }

        for (const limit of [true, null, 10, [], {}, { failures: 10 }, { seconds: 10 }, { failures: 0, seconds: 10 }, { failures: 1.5, seconds: 10 }, { failures: 10, seconds: 0 }, { failures: 10, seconds: 86_401 }, { failures: 10, seconds: 600_000 }, { failures: '10', seconds: 10 }, { failures: 10, seconds: '10' }, { failures: 10, seconds: 10, perAddress: true }]) {
            expect(() => checkRateLimit({ signIn: limit }), JSON.stringify(limit)).to.throw('setRateLimit(): signIn is false or { failures, seconds }, both whole numbers from 1, and seconds at most 86400');
        }
    });
});
