import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Consents } from '../../lib/sessions/consent';
import { MemoryStore } from '../../lib/stores/memory';
import { testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const ada = { subject: 'ada', clientId: 'web' };
const of = (scopes: readonly string[], resources: readonly string[] = ['https://a.example']) => ({ scopes, resources });

const bench = () => {

    const { now, advance } = testClock();
    const store = new MemoryStore({ clock: now });
    return { consents: new Consents({ store, clock: now }), store, advance, now };
};

describe('A consent', () => {

    it('covers what was agreed to and no more', async () => {

        const { consents } = bench();
        expect(await consents.covers(ada, of([]))).to.be.false();
        await consents.remember(ada, of(['read', 'write'], ['https://a.example']));
        for (const wanted of [of([]), of(['read']), of(['write', 'read'], ['https://a.example'])]) {
            expect(await consents.covers(ada, wanted)).to.be.true();
        }

        for (const wanted of [of(['admin']), of(['read', 'admin']), of(['READ']), of(['read'], ['https://b.example']), of([], ['https://a.example', 'https://b.example']), of([], [])]) {
            expect(await consents.covers(ada, wanted)).to.be.false();
        }
    });

    it('grows with what else was agreed to', async () => {

        const { consents, store } = bench();
        await consents.remember(ada, of(['read'], ['https://a.example']));
        await consents.remember(ada, of(['write', 'read'], ['https://b.example']));
        expect(await consents.covers(ada, of(['read'], ['https://a.example', 'https://b.example']))).to.be.true();
        expect(await consents.covers(ada, of(['write']))).to.be.false();         // Of the other resource
        await consents.remember(ada, of(['write']));
        expect(await consents.covers(ada, of(['read', 'write'], ['https://a.example', 'https://b.example']))).to.be.true();
        const agreed = [{ resource: 'https://a.example', scopes: ['read', 'write'] }, { resource: 'https://b.example', scopes: ['write', 'read'] }];
        expect((await store.list('consent', null, 10)).items[0]?.value).to.include({ subject: 'ada', clientId: 'web', agreed });
    });

    it('is of one user and one client, whatever is in their names', async () => {

        const { consents } = bench();
        await consents.remember(ada, of(['read']));
        for (const other of [{ subject: 'bob', clientId: 'web' }, { subject: 'ada', clientId: 'spa' }, { subject: 'web', clientId: 'ada' }, { subject: 'ada","web', clientId: '' }, { subject: 'adaweb', clientId: '' }]) {
            expect(await consents.covers(other, of([])), JSON.stringify(other)).to.be.false();
        }
    });

    it('is forgotten on request, and when it was not given again for a year', async () => {

        const { consents, advance } = bench();
        await consents.remember(ada, of(['read']));
        await consents.forget(ada);
        expect(await consents.covers(ada, of([]))).to.be.false();
        await consents.forget(ada);

        await consents.remember(ada, of(['read']));
        advance(365 * 86_400 - 1);
        expect(await consents.covers(ada, of(['read']))).to.be.true();
        await consents.remember(ada, of(['write']));
        advance(365 * 86_400 - 1);
        expect(await consents.covers(ada, of(['read', 'write']))).to.be.true();
        advance(1);
        expect(await consents.covers(ada, of([]))).to.be.false();
    });

    it('brings nothing back that somebody withdraws at the same moment', async () => {

        const { store, consents, now } = bench();
        await consents.remember(ada, of(['read']));
        let isFirst = true;
        const racing = new Consents({ clock: now, store: {
            get: async (kind, key) => {

                const found = await store.get(kind, key);
                if (isFirst) {
                    isFirst = false;
                    await consents.forget(ada);
                }

                return found;
            },
            putIfAbsent: (record) => store.putIfAbsent(record), replace: (record, version) => store.replace(record, version), delete: (kind, key) => store.delete(kind, key)
        } });
        await racing.remember(ada, of(['write']));
        expect([await consents.covers(ada, of(['write'])), await consents.covers(ada, of(['read']))]).to.equal([true, false]);
    });

    it('loses nothing to others who agree at the same moment, and is asked for again rather than tried for ever', async () => {

        const { store, consents, now } = bench();
        await Promise.all(['read', 'write'].map((scope) => consents.remember(ada, of([scope]))));
        expect(await consents.covers(ada, of(['read', 'write']))).to.be.true();
        let tries = 0;
        const losing = new Consents({ clock: now, store: {
            get: (kind, key) => store.get(kind, key), putIfAbsent: (record) => store.putIfAbsent(record), delete: (kind, key) => store.delete(kind, key),
            replace: async () => await Promise.resolve(++tries < 0)
        } });
        await losing.remember(ada, of(['admin']));
        expect([tries, await consents.covers(ada, of(['admin']))]).to.equal([3, false]);
    });

    it('is none where the store answers nonsense', async () => {

        const { consents, store } = bench();
        await consents.remember(ada, of(['read']));
        const [record] = (await store.list('consent', null, 10)).items;
        await store.put({ kind: 'consent', key: record?.key ?? '', value: { agreed: [{ resource: 'https://a.example', scopes: '*' }] }, expiresAt: Infinity });
        await expect(consents.covers(ada, of([]))).to.reject('The store answered a consent whose scopes is not what was written');
    });
});
