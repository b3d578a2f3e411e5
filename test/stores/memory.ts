import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch, testClock } from '../fixture/clock';
import { storeContract } from '../../lib/store-contract';
import { MemoryStore } from '../../lib/stores/memory';
import type { GrantRecord, TokenRecord } from '../../lib/stores/store';

export const lab = Lab.script();
const { describe, it } = lab;

const hour = 60 * 60 * 1000;

const setUp = () => {

    const clock = testClock();
    return { clock, store: new MemoryStore({ clock: clock.now }) };
};

const grantOf = (id: string, changes: Partial<GrantRecord> = {}): GrantRecord => ({ id, clientId: 'c', subject: 's', sessionId: 'sid', expiresAt: epoch + hour, value: {}, ...changes });

const tokensOf = (grantId: string, count: number): TokenRecord[] => Array.from({ length: count }, (_, index) => ({ kind: 'refresh_token', grantId, key: `key ${index}`, value: { index }, expiresAt: epoch + hour }));

/** Calls that do nothing but give the store occasion to forget. */
const idle = async (store: MemoryStore, calls: number) => {

    for (let i = 0; i < calls; ++i) {
        await store.delete('nothing', 'nothing');
    }
};

describe('MemoryStore', () => {

    for (const { name, needs, run } of storeContract.filter(({ needs }) => needs === undefined)) {
        it(`keeps its contract: ${name}`, async () => {

            expect(needs).to.be.undefined();
            const { clock, store } = setUp();
            await run({ store, others: [store], now: clock.now, advance: (ms) => clock.advance(ms / 1000) });
        });
    }

    it('forgets by itself what has expired, of every sort, a little with each call', async () => {

        const { clock, store } = setUp();
        for (let i = 0; i < 20; ++i) {
            await store.openGrant(grantOf(`grant ${i}`, { subject: `s ${i}`, sessionId: null }), tokensOf(`grant ${i}`, 2));
            await store.put({ kind: `kind ${i}`, key: 'k', value: {}, expiresAt: epoch + hour });
            await store.count(`counter ${i}`, hour);
            await store.lease(`lease ${i}`, 'a', hour);
        }

        const full = store.size;
        expect(full).to.equal(20 * (1 + 2 + 1) + 1 + 20 * 2 + 20 * 2);         // Grants, tokens and subjects, one client; records and kinds; the rest
        clock.advance(3600);
        await idle(store, 1);
        expect(store.size).to.be.below(full).and.to.be.above(full / 2);
        await idle(store, 20);
        expect(store.size).to.equal(0);
    });

    it('forgets a revoked grant, its tokens and its places in the indexes, long before they expire, but for its id', async () => {

        const { clock, store } = setUp();
        await store.openGrant(grantOf('other'), tokensOf('other', 1));
        const { size } = store;
        await store.openGrant(grantOf('grant'), tokensOf('grant', 100));
        await store.revokeGrant('grant');
        await idle(store, 1);
        expect(store.size).to.be.above(size);
        await idle(store, 20);
        expect(store.size).to.equal(size + 1);
        clock.advance(3600);
        await idle(store, 1);
        expect(store.size).to.equal(0);
    });

    it('forgets revoked grants that have no tokens, or none any more', async () => {

        const { clock, store } = setUp();
        for (let i = 0; i < 20; ++i) {
            await store.openGrant(grantOf(`grant ${i}`), tokensOf(`grant ${i}`, i % 2).map((token) => ({ ...token, expiresAt: epoch + 60_000 })));
        }

        clock.advance(60);
        await idle(store, 3);
        for (let i = 0; i < 20; ++i) {
            await store.revokeGrant(`grant ${i}`);
        }

        await idle(store, 20);
        expect(store.size).to.equal(20);
        clock.advance(3600);
        expect([await store.sweep(), await store.sweep(), store.size]).to.equal([20, 0, 0]);
    });

    it('keeps what never expires', async () => {

        const { clock, store } = setUp();
        const [token] = tokensOf('grant', 1);
        await store.put({ kind: 'k', key: 'k', value: {}, expiresAt: Infinity });
        await store.openGrant(grantOf('grant'), token ? [{ ...token, expiresAt: Infinity }] : []);
        await store.addTokens('grant', [], Infinity);
        clock.advance(1e9);
        await idle(store, 10);
        expect((await store.get('k', 'k'))?.expiresAt).to.equal(Infinity);
        const found = token && await store.findToken(token);
        expect([found?.expiresAt, found?.grant?.expiresAt]).to.equal([Infinity, Infinity]);
    });

    it('does not grow when a record is put off again and again', async () => {

        const { store } = setUp();
        for (let i = 0; i < 100; ++i) {
            await store.put({ kind: 'session', key: 'k', value: { i }, expiresAt: epoch + hour + i * 60_000 });
        }

        expect(store.size).to.equal(2);
    });

    it('finds, uses, replaces and forgets tokens of a grant that has many', async () => {

        const { store } = setUp();
        const tokens = tokensOf('grant', 100);
        await store.openGrant(grantOf('grant'), tokens.slice(0, 10));
        await store.addTokens('grant', tokens.slice(10));
        const keys = await Promise.all(tokens.map(async (token) => (await store.findToken(token))?.value.index));
        expect(keys).to.equal(tokens.map((_, index) => index));

        const [first, last] = [tokens[0], tokens[99]];
        for (const token of [first, last]) {
            if (token) {
                expect(await store.consume(token)).to.equal('ok');
                expect(await store.addTokens('grant', [{ ...token, value: { again: true } }])).to.be.true();
                expect((await store.findToken(token))?.value).to.equal(token.value);
                expect(await store.consume(token)).to.equal('used');
            }
        }

        expect(store.size).to.equal(1 + 3 + 100);
    });

    for (const count of [3, 40]) {
        it(`keeps one token of an address, however often it is added to a grant that has ${count}, before and after it expired`, async () => {

            const { clock, store } = setUp();
            const tokens = tokensOf('grant', count);
            const again = tokens.map((token) => ({ ...token, value: { again: true }, expiresAt: epoch + 2 * hour }));
            const values = async () => (await Promise.all(tokens.map((token) => store.findToken(token)))).map((token) => token?.value);
            await store.openGrant(grantOf('grant', { expiresAt: epoch + 3 * hour }), [...tokens, ...again]);
            await store.addTokens('grant', again);
            expect(await values()).to.equal(tokens.map(({ value }) => value));
            expect(store.size).to.equal(1 + 3 + count);

            clock.advance(3600);
            await store.addTokens('grant', again);
            expect(await values()).to.equal(again.map(({ value }) => value));
            expect(store.size).to.equal(1 + 3 + count);
        });
    }

    it('does not open a grant again that has expired and is not forgotten', async () => {

        const { clock, store } = setUp();
        await store.openGrant(grantOf('grant', { expiresAt: epoch + 1 }), tokensOf('grant', 1));
        clock.advance(0.001);
        expect(await store.openGrant(grantOf('grant'), [])).to.be.false();
        clock.advance(60);
        expect(await store.openGrant(grantOf('grant'), [])).to.be.true();
        expect(await Promise.all(tokensOf('grant', 1).map((token) => store.findToken(token)))).to.equal([null]);
    });

    it('gives a record that was deleted and put again another version', async () => {

        const { store } = setUp();
        const record = { kind: 'k', key: 'k', value: {}, expiresAt: epoch + hour };
        await store.put(record);
        const before = await store.get('k', 'k');
        await store.delete('k', 'k');
        await store.put(record);
        expect(await store.replace(record, before?.version ?? NaN)).to.be.false();
    });

    it('changes nothing when a value cannot be stored', async () => {

        const { store } = setUp();
        const [token, next] = tokensOf('grant', 2);
        if (!token || !next) {
            throw new Error('No tokens');
        }

        const unstorable = { big: 1n };
        await store.openGrant(grantOf('grant'), [token]);
        const rotation = { token, version: 1, value: {}, expiresAt: epoch + hour, tokens: [next] };
        await expect(store.rotate({ ...rotation, tokens: [next, { ...next, value: unstorable }] })).to.reject(TypeError);
        await expect(store.rotate({ ...rotation, value: unstorable })).to.reject(TypeError);
        await expect(store.addTokens('grant', [next, { ...next, value: unstorable }])).to.reject(TypeError);
        await expect(store.openGrant(grantOf('late'), [{ ...next, value: unstorable }])).to.reject(TypeError);
        expect(await store.findToken(next)).to.be.null();
        expect(await store.findGrant('late')).to.be.null();
        expect(await store.rotate(rotation)).to.equal('ok');
    });

    it('lists nothing that has expired, forgotten or not', async () => {

        const { clock, store } = setUp();
        await store.openGrant(grantOf('grant', { expiresAt: epoch + 1000 }), tokensOf('grant', 1));
        await store.openGrant(grantOf('other'), []);
        await store.put({ kind: 'k', key: 'k', value: {}, expiresAt: epoch + 1000 });
        clock.advance(1);
        expect((await store.listGrants('subject', 's')).items.map(({ id }) => id)).to.equal(['other']);
        expect(await store.list('k')).to.equal({ items: [], cursor: null });
        expect(store.size).to.equal(2 + 1 + 3 + 2);
    });

    it('takes the cursor of another kind for a place in time', async () => {

        const { store } = setUp();
        for (const [kind, key] of ['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => [...name])) {
            await store.put({ kind: String(kind), key: String(key), value: {}, expiresAt: epoch + hour });
        }

        const { cursor } = await store.list('a', null, 1);
        expect((await store.list('b', cursor)).items.map(({ key }) => key)).to.equal(['1', '2']);
        expect((await store.list('a', cursor)).items.map(({ key }) => key)).to.equal(['2', '3']);
    });

    it('goes on with a listing after the grant it stopped at was revoked, and lists nothing for the cursor of another listing', async () => {

        const { store } = setUp();
        for (let i = 0; i < 5; ++i) {
            await store.openGrant(grantOf(`grant ${i}`), []);
        }

        await store.openGrant(grantOf('stranger', { clientId: 'other', subject: 'other' }), []);
        const { cursor } = await store.listGrants('subject', 's', null, 2);
        await store.revokeGrant('grant 1');
        const { items, cursor: end } = await store.listGrants('subject', 's', cursor, 3);
        expect(items.map(({ id }) => id)).to.equal(['grant 2', 'grant 3', 'grant 4']);
        expect(end).to.be.null();
        expect((await store.listGrants('clientId', 'other', cursor, 2)).items.map(({ id }) => id)).to.equal(['stranger']);
        await store.revokeGrant('grant 3');
        await store.revokeGrant('grant 4');
        expect(await store.listGrants('subject', 's', '5:grant 4')).to.equal({ items: [], cursor: null });
        expect(await store.listGrants('subject', 's', 'no cursor')).to.equal({ items: [], cursor: null });
    });
});
