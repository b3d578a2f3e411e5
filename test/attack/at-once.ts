import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore, type AuthorizationServerBuilder, type Confirmation, type Store, type TokenTypeRequest } from '../../lib';
import { testClock } from '../fixture/clock';
import { foreignStore } from '../fixture/level-2';
import { pooledStore } from '../fixture/pooled-store';
import { basic } from '../fixture/provision';
import { device, deviceCodeType, login } from '../fixture/registered-server';
import { ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const granted = [200, undefined];
const invalidGrant = [400, 'invalid_grant'];
const outcome = ({ statusCode, body }: { readonly statusCode: number; readonly body: Readonly<Record<string, unknown>> }) => [statusCode, body.error];

/** How often each answer was given. */
const counted = (replies: readonly Parameters<typeof outcome>[0][]) => {

    const counts: Record<string, number> = {};
    for (const reply of replies) {
        const name = outcome(reply).join(' ').trim();
        counts[name] = (counts[name] ?? 0) + 1;
    }

    return counts;
};

const atOnce = async <T>(howMany: number, run: () => Promise<T>): Promise<T[]> => await Promise.all(Array.from({ length: howMany }, run));

/** What waits until it is opened. */
const gate = () => {

    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {

        open = resolve;
    });
    return { opened, open };
};

/** A server whose store a test has made: `replaced` is what becomes of the calls of one function from when it is told to. */
const onStore = async (name = '', replaced: (own: () => Promise<unknown>, index: number) => Promise<unknown> = (own) => own()) => {

    const { now, advance } = testClock();
    let index = -Infinity;
    const { store, calls } = foreignStore(now, { [name]: (own) => replaced(async () => await (own as () => Promise<unknown>)(), index++) });
    const bench = await ruleServer({ configure: (hub) => hub.setClock(now).setStore(store).setRevocationWindow(0) });
    const begin = () => {

        index = 0;
        calls.length = 0;
    };

    return { ...bench, advance, calls, begin };
};

/** A server of which the first handlers to run, from when it is told to, wait until they may go on. */
const onHandlers = async (flow = login()) => {

    const held = gate();
    let index = -Infinity;
    const bench = await ruleServer({ flows: [flow], configure: (hub) => hub.onTokens(async () => {

        await (index++ === 0 ? held.opened : undefined);
    }) });
    const begin = () => {

        index = 0;
    };

    return { ...bench, begin, held };
};

/** A server whose refreshes ask a handler: the first, from when it is told to, waits until it may go on, and fails then if an error is given. */
const onRefreshes = async (flow = login(), configure: (hub: AuthorizationServerBuilder) => unknown = () => {}, failure?: Error) => {

    const held = gate();
    let [arrivals, begun] = [0, false];
    let runs = 0;
    const bench = await ruleServer({ configure, flows: [device(), flow.refreshTokenRoute((route) => route.issueTokens(async ({ defaultResponse }) => {

        if (begun && ++runs === 1) {
            await held.opened;
            if (failure !== undefined) {
                throw failure;
            }
        }

        return await defaultResponse();
    }))] });
    bench.server.ext('onPreHandler', (_request, h) => {

        arrivals += Number(begun);
        return h.continue;
    });

    /** Waits until so many requests have reached the endpoint, and got as far as they can. */
    const arrived = async (howMany: number) => {

        for (let i = 0; i < 3 || arrivals < howMany; ++i) {
            await new Promise((done) => {

                setImmediate(done);
            });
        }
    };

    const begin = () => {

        begun = true;
    };

    return { ...bench, begin, held, arrived, runs: () => runs, grants: async () => await grantsOf(bench) };
};

/** A device whose user has agreed. */
const approvedDevice = async ({ send, enterUserCode, advance }: Awaited<ReturnType<typeof onStore>>) => {

    const { body } = await send('/oauth2/device_authorization', {}, 'tv');
    await (await enterUserCode(body.user_code)).decide('allow');
    advance(5);
    return async () => await send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(body.device_code) }, 'tv');
};

const grantsOf = async ({ server }: Pick<Awaited<ReturnType<typeof ruleServer>>, 'server'>) => (await server.oauth2.grants.list({ subject: 'alice' })).items.length;

describe('Many who redeem one code at once', () => {

    it('attack: do not burn it, where calls of the store wait for a connection and are given up', async () => {

        const { now } = testClock();
        const store: Store = pooledStore({ clock: now, connections: 1, patience: 40 });
        const added: unknown[] = [];
        const watched = new Proxy(store, { get: (_target, name) => (name === 'addTokens' ? async (...call: Parameters<Store['addTokens']>) => added.push(await store.addTokens(...call)) > 0 : Reflect.get(store, name)) });
        const bench = await ruleServer({ flows: [login().setAccessTokenFormat('opaque')], configure: (hub) => hub.setClock(now).setStore(watched).setRateLimit({ interaction: false }) });
        for (let i = 0; i < 5; ++i) {
            const code = await bench.code({ scope: 'email' });
            const { 200: won, ...others } = counted(await atOnce(60, () => bench.redeem(code)));
            expect([won, Object.keys(others).filter((name) => name !== '400 invalid_grant' && name !== '503 temporarily_unavailable')]).to.equal([1, []]);
            expect(await grantsOf(bench)).to.equal(0);          // It was used twice
        }

        expect(added).to.equal([true, true, true, true, true]);
    });

    it('attack: one gets tokens, and the next ends them: all others only read', async () => {

        const bench = await onStore();
        const code = await bench.code();
        bench.begin();
        const replies = await atOnce(20, () => bench.redeem(code));
        expect(counted(replies)).to.equal({ '200': 1, '400 invalid_grant': 19 });
        expect(bench.calls).to.equal(['findToken', 'consume', 'addTokens', 'findToken', 'revokeGrant', ...Array.from({ length: 18 }, () => 'findToken')]);
        expect(bench.eventsOf('reused')).to.have.length(1);
        const [winner] = replies.filter(({ statusCode }) => statusCode === 200);
        expect([await bench.get(winner?.body.access_token), outcome(await bench.refresh(winner?.body.refresh_token)), await grantsOf(bench)]).to.equal([401, invalidGrant, 0]);
    });

    it('attack: who knows the code and nothing else holds its client up for no moment', async () => {

        const [held, all] = [gate(), gate()];
        const { now } = testClock();
        const store = new MemoryStore({ clock: now });          // Nobody gives its calls up, however long they take
        const bench = await ruleServer({ configure: (hub) => hub.setClock(now).setStore(store) });
        const code = await bench.code();
        const findToken = store.findToken.bind(store);
        let calls = 0;
        store.findToken = async (address) => {

            if (++calls === 6) {
                all.open();
            }

            await (calls <= 6 ? held.opened : undefined);
            return await findToken(address);
        };

        const wrong = [{ code_verifier: 'x'.repeat(43) }, { code_verifier: 'y'.repeat(43) }, { code_verifier: null }, { redirect_uri: 'https://app.example.com/' }];
        const attacks = [...wrong.map((changes) => bench.redeem(code, 'web', changes)), bench.redeem(code, 'other'), bench.redeem(code, 'spa')];
        await all.opened;
        const won = await bench.redeem(code);
        expect(outcome(won)).to.equal(granted);
        held.open();
        expect(counted(await Promise.all(attacks))).to.equal({ '400 invalid_grant': 6 });
        expect([await bench.get(won.body.access_token), await grantsOf(bench)]).to.equal([200, 1]);
    });

    it('do not all fail with the first: the next gets the tokens that it did not get', async () => {

        const away = async (own: () => Promise<unknown>, index: number) => {

            if (index === 0) {
                throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
            }

            return await own();
        };

        const read = await onStore('findToken', away);
        const code = await read.code();
        read.begin();
        expect(counted(await atOnce(20, () => read.redeem(code)))).to.equal({ '200': 1, '400 invalid_grant': 18, '503 temporarily_unavailable': 1 });
        expect(await grantsOf(read)).to.equal(0);

        const written = await onStore('addTokens', away);
        const burnt = await written.code();
        written.begin();
        expect(counted(await atOnce(20, () => written.redeem(burnt)))).to.equal({ '400 invalid_grant': 19, '503 temporarily_unavailable': 1 });
        expect(await grantsOf(written)).to.equal(0);
    });

    it('of different codes wait for nobody', async () => {

        const { code, redeem, begin, held } = await onHandlers();
        const [first, second] = [await code(), await code()];
        begin();
        const waiting = [redeem(first), redeem(first)];
        expect(outcome(await redeem(second))).to.equal(granted);
        held.open();
        expect(counted(await Promise.all(waiting))).to.equal({ '200': 1, '400 invalid_grant': 1 });
    });
});

describe('Many who poll for one device', () => {

    it('get its tokens once, and leave it alone otherwise', async () => {

        const bench = await onStore();
        const poll = await approvedDevice(bench);
        bench.begin();
        const replies = await atOnce(20, poll);
        expect(counted(replies)).to.equal({ '200': 1, '400 invalid_grant': 19 });
        expect(bench.calls.slice(0, 4)).to.equal(['get', 'findToken', 'consume', 'addTokens']);
        expect(bench.calls.filter((name) => name !== 'get' && name !== 'findToken')).to.equal(['consume', 'addTokens']);
        expect(await bench.get(replies.find(({ statusCode }) => statusCode === 200)?.body.access_token)).to.equal(200);
    });

    it('hear no more while its user decides than those who poll one after the other', async () => {

        const bench = await onStore();
        const { body } = await bench.send('/oauth2/device_authorization', {}, 'tv');
        const replies = await atOnce(4, async () => await bench.send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(body.device_code) }, 'tv'));
        expect(counted(replies)).to.equal({ '400 authorization_pending': 1, '400 slow_down': 3 });
    });
});

describe('Many who refresh with one token', () => {

    it('replace it once, and get the same reply, for which nobody else signs anything', async () => {

        const bench = await onStore();
        const { refresh_token: value } = await bench.tokens();
        bench.begin();
        const replies = await atOnce(20, () => bench.refresh(value));
        expect(counted(replies)).to.equal({ '200': 20 });
        expect(new Set(replies.map(({ body: { access_token: access, refresh_token: refresh } }) => JSON.stringify([access, refresh]))).size).to.equal(1);
        expect(bench.calls).to.equal(['findToken', 'rotate']);  // All others have asked the store for nothing
        expect(bench.eventsOf('rotated')).to.have.length(1);
        expect(outcome(await bench.refresh(replies[0]?.body.refresh_token))).to.equal(granted);
    });

    it('share its reply where the store answers too late for the grace window', async () => {

        const { tokens, refresh, begin, held, runs, arrived, clock, grants } = await onRefreshes();
        const { refresh_token: value } = await tokens();
        begin();
        const racing = Array.from({ length: 5 }, () => refresh(value));
        await arrived(5);
        clock.advance(11);
        held.open();
        const replies = await Promise.all(racing);
        expect([counted(replies), new Set(replies.map(({ payload }) => payload)).size, runs()]).to.equal([{ '200': 5 }, 1, 1]);
        expect([outcome(await refresh(value)), await grants()]).to.equal([invalidGrant, 0]);        // It is over: who comes now is too late
    });

    it('attack: get nobody\'s reply who cannot prove that they are its client, nor who want something else', async () => {

        const { tokens, refresh, send, begin, held, runs, arrived } = await onRefreshes();
        const { refresh_token: value } = await tokens();
        begin();
        const first = refresh(value);
        await arrived(1);
        const thieves = await Promise.all([refresh(value, 'other'), refresh(value, 'spa'), send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(value) }, 'web', { headers: { authorization: basic('web', 'wrong') } })]);
        expect(thieves.map(outcome)).to.equal([invalidGrant, invalidGrant, [401, 'invalid_client']]);
        const others = [{ scope: 'email' }, { scope: 'admin' }, { resource: 'https://evil.example.com' }].map((changes) => refresh(value, 'web', changes));
        const same = [refresh(value), refresh(value)];
        await arrived(9);
        held.open();
        const { body, payload } = await first;
        expect((await Promise.all(same)).map((reply) => reply.payload)).to.equal([payload, payload]);
        const [narrow, ...refused] = await Promise.all(others);
        expect(narrow?.body).to.include({ scope: 'email', refresh_token: body.refresh_token });
        expect(narrow?.body.access_token).to.not.equal(body.access_token);
        expect([refused.map(outcome), runs()]).to.equal([[[400, 'invalid_scope'], [400, 'invalid_target']], 2]);
    });

    it('attack: get nothing with another key, and end the grant as a replaced token does', async () => {

        const bind = ({ headers }: TokenTypeRequest): Confirmation => ({ jkt: typeof headers.key === 'string' ? headers.key : 'own' });
        const { code, redeem, send, begin, held, arrived, grants } = await onRefreshes(login().setTokenType({ name: 'Bound', bind, verify: () => {} }));
        const { refresh_token: value } = (await redeem(await code({ client_id: 'spa', redirect_uri: 'https://spa.example.com/cb' }), 'spa', { redirect_uri: 'https://spa.example.com/cb' })).body;
        expect(value).to.be.a.string();
        begin();
        const refreshWith = async (key: string) => await send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(value) }, 'spa', { headers: { key } });
        const racing = [refreshWith('own'), refreshWith('another'), refreshWith('own')];
        await arrived(3);
        held.open();
        expect([(await Promise.all(racing)).map(outcome), await grants()]).to.equal([[granted, invalidGrant, granted], 0]);
    });

    it('attack: get nothing from a grace window of 0: the second use ends the grant', async () => {

        const { tokens, refresh, begin, held, arrived, grants } = await onRefreshes(login().setRefreshGracePeriod(0));
        const { refresh_token: value } = await tokens();
        begin();
        const racing = Array.from({ length: 4 }, () => refresh(value));
        await arrived(4);
        held.open();
        expect([counted(await Promise.all(racing)), await grants()]).to.equal([{ '200': 1, '400 invalid_grant': 3 }, 0]);
    });

    it('attack: get nothing of a grant that was revoked meanwhile', async () => {

        const { server, tokens, refresh, begin, held, arrived } = await onRefreshes();
        const { refresh_token: value } = await tokens();
        begin();
        const racing = Array.from({ length: 4 }, () => refresh(value));
        await arrived(4);
        await server.oauth2.grants.revokeSubject('alice');
        held.open();
        expect(counted(await Promise.all(racing))).to.equal({ '400 invalid_grant': 4 });
    });

    it('attack: get nothing from an address that has guessed too often', async () => {

        const { tokens, refresh, send, begin, held, arrived } = await onRefreshes(login(), (hub) => hub.setRateLimit({ refresh: { failures: 1, seconds: 60 } }));
        const { refresh_token: value } = await tokens();
        const from = async (token: unknown) => await send('/oauth2/token', { grant_type: 'refresh_token', refresh_token: String(token) }, 'web', { remoteAddress: '192.0.2.1' });
        expect(outcome(await from('guessed'))).to.equal(invalidGrant);
        begin();
        const racing = [refresh(value), from(value), refresh(value)];
        await arrived(3);
        held.open();
        expect((await Promise.all(racing)).map(outcome)).to.equal([granted, [429, 'temporarily_unavailable'], granted]);
    });

    it('do not all fail with the first: the others get the reply of the next', async () => {

        const { tokens, refresh, begin, held, runs, arrived } = await onRefreshes(login(), () => {}, new Error('the pool is drained'));
        const { refresh_token: value } = await tokens();
        begin();
        const racing = Array.from({ length: 5 }, () => refresh(value));
        await arrived(5);
        held.open();
        const [first, ...others] = await Promise.all(racing);
        expect([first?.statusCode, counted(others), new Set(others.map(({ payload }) => payload)).size, runs()]).to.equal([500, { '200': 4 }, 1, 2]);
    });

    it('attack: with one that was replaced long ago end its grant', async () => {

        const bench = await onStore();
        const { refresh_token: value } = await bench.tokens();
        await bench.refresh(value);
        bench.advance(11);
        expect(counted(await atOnce(20, () => bench.refresh(value)))).to.equal({ '400 invalid_grant': 20 });
        expect(await grantsOf(bench)).to.equal(0);
    });

    it('wait for nobody where clients keep their tokens', async () => {

        const { tokens, refresh, begin, held } = await onHandlers(login().setRefreshTokenRotation('public'));
        const { refresh_token: value } = await tokens();
        begin();
        const first = refresh(value);
        expect(outcome(await refresh(value))).to.equal(granted);
        held.open();
        expect(outcome(await first)).to.equal(granted);
    });
});
