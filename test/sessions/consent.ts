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
    return { consents: new Consents({ store, clock: now }), store, advance };
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

    it('is none where the store answers nonsense', async () => {

        const { consents, store } = bench();
        await consents.remember(ada, of(['read']));
        const [record] = (await store.list('consent', null, 10)).items;
        await store.put({ kind: 'consent', key: record?.key ?? '', value: { agreed: [{ resource: 'https://a.example', scopes: '*' }] }, expiresAt: Infinity });
        await expect(consents.covers(ada, of([]))).to.reject('The store answered a consent whose scopes is not what was written');
    });
});
