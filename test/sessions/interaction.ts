import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Interactions, type Interaction } from '../../lib/sessions/interaction';
import { MemoryStore } from '../../lib/stores/memory';
import { epoch, testClock } from '../fixture/clock';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const asked = { path: '/authorize', search: '?client_id=web&state=the-state-of-web', next: '/authorize/interaction' };
const identified = { subject: 'ada', signedIn: true, isChosen: false };

const bench = () => {

    const { now, advance } = testClock();
    const store = new MemoryStore({ clock: now });
    const interactions = new Interactions({ store, clock: now });
    const find = async (ref: string, browser = 'browser'): Promise<Interaction> => {

        const found = await interactions.find(ref, browser);
        if (found === null) {
            throw new Error('There is no such interaction');
        }

        return found;
    };

    return { interactions, store, advance, find };
};

describe('An interaction', () => {

    it('is what came in, found by its reference in its own browser alone', async () => {

        const { interactions } = bench();
        const ref = await interactions.open(asked, 'browser');
        expect(ref).to.match(/^[\w-]{43}$/);
        expect(await interactions.find(ref, 'browser')).to.equal({ ...asked, ref, version: 2, startedAt: epoch, identified: null, state: 'open', reply: null });
        expect(await interactions.find(ref, 'another browser')).to.be.null();
        expect(await interactions.find(ref, '')).to.be.null();
        expect(await interactions.find('x', 'browser')).to.be.null();
        expect([await interactions.isKnown(ref), await interactions.isKnown('x')]).to.equal([true, false]);
        expect(await interactions.open(asked, 'browser')).to.not.equal(ref);
    });

    it('tells who reads the store neither its reference and browser nor the request and its answer', async () => {

        const { interactions, store, find } = bench();
        const ref = await interactions.open(asked, 'browser');
        await interactions.finish(await find(ref), 'browser', 'code=the-code');
        const text = JSON.stringify((await store.list('interaction', null, 10)).items);
        for (const secret of [ref, '"browser":"browser"', 'the-state-of-web', 'the-code']) {
            expect(text).to.not.contain(secret);
        }
    });

    it('knows who the user is, by the last note; of two at one moment one is told to look again', async () => {

        const { interactions, find } = bench();
        const ref = await interactions.open(asked, 'browser');
        const stale = await find(ref);
        expect(await interactions.identify(stale, 'browser', identified)).to.be.true();
        expect(await interactions.identify(stale, 'browser', { ...identified, subject: 'bob' })).to.be.false();
        expect((await find(ref)).identified).to.equal(identified);
        expect(await interactions.identify(await find(ref), 'browser', { subject: 'bob', signedIn: false, isChosen: true })).to.be.true();
        expect((await find(ref)).identified).to.equal({ subject: 'bob', signedIn: false, isChosen: true });
        expect(await interactions.finish(stale, 'browser', 'x')).to.be.false();
    });

    it('is answered once, and says the answer again for a minute', async () => {

        const { interactions, find, advance } = bench();
        const ref = await interactions.open(asked, 'browser');
        const open = await find(ref);
        expect(interactions.repeated(open)).to.be.null();
        expect(await interactions.finish(open, 'browser', 'first')).to.be.true();
        expect(await interactions.finish(open, 'browser', 'second')).to.be.false();
        advance(59.999);
        const answered = await find(ref);
        expect([answered.state, interactions.repeated(answered)]).to.equal(['answered', 'first']);
        advance(0.001);
        const late = await find(ref);
        expect([late.state, interactions.repeated(late), late.reply]).to.equal(['answered', null, null]);
        expect(await interactions.find(ref, 'another browser')).to.be.null();
    });

    it('is open for an hour, known to have expired for an hour more, and then gone', async () => {

        const { interactions, find, advance } = bench();
        const ref = await interactions.open(asked, 'browser');
        advance(3599.999);
        expect((await find(ref)).state).to.equal('open');
        await interactions.identify(await find(ref), 'browser', identified);     // Begins no new hour
        advance(0.001);
        expect(await find(ref)).to.include({ state: 'expired', search: asked.search });
        advance(3600 - 0.001);
        expect((await find(ref)).state).to.equal('expired');
        advance(0.001);
        expect([await interactions.find(ref, 'browser'), await interactions.isKnown(ref)]).to.equal([null, false]);
    });

    it('is none where the store answers nonsense, or the request of another one', async () => {

        const { interactions, store } = bench();
        const [ref, other] = [await interactions.open(asked, 'browser'), await interactions.open({ ...asked, search: '?client_id=evil' }, 'browser')];
        const { items } = await store.list('interaction', null, 10);
        expect(other).to.be.a.string();
        for (const { key, value } of items) {
            const strange = items.find((item) => item.key !== key)?.value.search ?? null;
            await store.put({ kind: 'interaction', key, value: { ...value, search: strange }, expiresAt: Infinity });
        }

        await expect(interactions.find(ref, 'browser')).to.reject('The store answered an interaction whose request is not what was written');
        for (const { key, value } of items) {
            await store.put({ kind: 'interaction', key, value: { ...value, identified: { subject: 'ada' } }, expiresAt: Infinity });
        }

        await expect(interactions.find(ref, 'browser')).to.reject('The store answered a interaction whose signedIn is not what was written');
    });
});
