import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryKeyStore, OAuth2Error, type JwksKeyStore } from '../../lib';
import { reachedKeys } from '../../lib/authorization-server/reached-keys';
import { machines } from '../fixture/flows';
import { staticKey } from '../fixture/key-bench';
import { basic, form, provision } from '../fixture/provision';
import { testTimers } from '../fixture/timers';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const key = staticKey('access_token');
const calls: Readonly<Record<keyof JwksKeyStore, (store: JwksKeyStore) => unknown>> = {
    list: (store) => store.list(),
    putIfAbsent: (store) => store.putIfAbsent(key),
    put: (store) => store.put(key),
    delete: (store) => store.delete(key.id)
};

/** A key store whose functions all do this. */
const storeThat = (run: () => Promise<never>): JwksKeyStore => ({ list: run, putIfAbsent: run, put: run, delete: run });

describe('reachedKeys()', () => {

    it('is the server\'s own store, untouched, where no other was set', () => {

        const own = new MemoryKeyStore();
        expect(reachedKeys(undefined, own)).to.shallow.equal(own);
    });

    it('passes every call on to the store that was set, and never asks the own one', async () => {

        const own = storeThat(() => Promise.reject(new Error('the own one was asked')));
        const store = reachedKeys(new MemoryKeyStore(), own);
        expect(await store.putIfAbsent(key)).to.be.true();
        expect(await store.putIfAbsent(key)).to.be.false();
        await store.put({ ...key, generation: 7 });
        expect((await store.list()).map(({ generation }) => generation)).to.equal([7]);
        await store.delete(key.id);
        expect(await store.list()).to.equal([]);
    });

    for (const [name, call] of Object.entries(calls)) {
        it(`gives ${name}() up after 2.5 seconds, and answers 503 where the store is away`, async () => {

            const { timer, waiting, expire } = testTimers();
            const hanging = Promise.resolve(call(reachedKeys(storeThat(() => new Promise(() => {})), new MemoryKeyStore(), timer)));
            expect([...waiting.values()]).to.equal([2500]);
            expire();
            const late = await expect(hanging).to.reject(OAuth2Error);
            expect(late.cause).to.be.an.error(`The key store did not answer ${name}() within 2500 ms`);

            const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
            const away = Promise.resolve(call(reachedKeys(storeThat(() => Promise.reject(cause)), new MemoryKeyStore(), timer)));
            expect(await expect(away).to.reject(OAuth2Error)).to.include({ code: 'temporarily_unavailable', reason: 'store_unreachable', cause });
        });
    }
});

describe('A server whose own key store is away before there is a key', () => {

    it('answers 503 with Retry-After, and goes on when the store is back', async () => {

        const keys = new MemoryKeyStore();
        let isAway = true;
        const away: JwksKeyStore = { putIfAbsent: (record) => keys.putIfAbsent(record), put: (record) => keys.put(record), delete: (id) => keys.delete(id), list: () => (isAway ? Promise.reject(Object.assign(new Error('connect ETIMEDOUT 10.0.0.1'), { code: 'ETIMEDOUT' })) : keys.list()) };
        const { server } = await provision([machines()], (hub) => hub.setJwksKeyStore(away), false);
        const ask = async () => await server.inject(form('/oauth2/token', { grant_type: 'client_credentials' }, { authorization: basic('m', 's') }));
        const { statusCode, headers, payload } = await ask();
        expect(statusCode).to.equal(503);
        expect(headers).to.include({ 'retry-after': '5' });
        expect(JSON.parse(payload)).to.equal({ error: 'temporarily_unavailable', error_description: 'Try again later' });

        isAway = false;
        expect((await ask()).statusCode).to.equal(200);
    });
});
