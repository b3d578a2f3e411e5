import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch } from '../fixture/clock';
import { aliceGrant, grantBench } from '../fixture/grants';
import { descentFrom, endExchange, exchangeIn, exchangeLives, exchangeRecord, findExchange, flowOf, heldGrant, type Exchange } from '../../lib/stores/exchange';
import { grantRecord } from '../../lib/stores/grant';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const exchange: Exchange = { id: 'e', clientId: 'shop', flow: 'exchange', scopes: ['read'], resources: ['https://shop.example.com'], act: { sub: 'shop' }, mayAct: { sub: 'stock' }, ancestors: [], lastsUntil: epoch + 50_000 };

const bench = async () => {

    const { store, clock } = grantBench();
    const grant = aliceGrant('g'.repeat(22));
    await store.openGrant(grantRecord(grant, clock.now() + 60_000), [exchangeRecord(grant.id, exchange, clock.now() + 30_000)]);
    return { store, clock, grant };
};

describe('An exchange', () => {

    it('is found while it and its grant live', async () => {

        const { store, clock, grant } = await bench();
        const found = await findExchange(store, grant.id, 'e');
        expect(found?.exchange).to.equal(exchange);
        expect(found?.grant).to.include({ id: grant.id, clientId: 'app' });
        expect(await findExchange(store, grant.id, 'other')).to.be.null();
        clock.advance(30);
        expect(await findExchange(store, grant.id, 'e')).to.be.null();
    });

    it('ends once, and spares its grant', async () => {

        const { store, grant } = await bench();
        expect(await endExchange(store, grant.id, 'e')).to.be.true();
        expect(await endExchange(store, grant.id, 'e')).to.be.false();
        expect(await findExchange(store, grant.id, 'e')).to.be.null();
        expect(await store.findGrant(grant.id)).to.not.be.null();
    });

    it('is dead once one that it came from was ended, however far up, and as long as it could live', async () => {

        for (const ended of ['e', 'f']) {
            const { store, clock, grant } = await bench();
            const next = { ...exchange, id: 'f', ...descentFrom(exchange, 9e15) };
            const last = { ...exchange, id: 'l', ...descentFrom(next, 9e15) };
            expect(last).to.include({ ancestors: ['e', 'f'], lastsUntil: exchange.lastsUntil });
            await store.addTokens(grant.id, [exchangeRecord(grant.id, next, clock.now() + 20_000), exchangeRecord(grant.id, last, clock.now() + 90_000)]);
            expect([await exchangeLives(store, grant.id, last), await findExchange(store, grant.id, 'l')]).to.include(true).and.not.include(null);
            expect(await endExchange(store, grant.id, ended)).to.be.true();
            for (const seconds of [0, 29, 20.999]) {            // The record of the one that was ended would be gone after 20 or 30
                clock.advance(seconds);
                expect([await exchangeLives(store, grant.id, last), await findExchange(store, grant.id, 'l')]).to.equal([false, null]);
                expect(await exchangeLives(store, grant.id, exchange)).to.equal(ended === 'f' && seconds !== 20.999);
            }
        }
    });

    it('outlives one that it came from and that just expired, but not what may come of that', async () => {

        const { store, clock, grant } = await bench();
        const next = { ...exchange, id: 'f', ...descentFrom(exchange, 9e15) };
        await store.addTokens(grant.id, [exchangeRecord(grant.id, next, clock.now() + 90_000)]);
        clock.advance(30);
        expect(await endExchange(store, grant.id, 'e')).to.be.false();
        expect(await exchangeLives(store, grant.id, exchange)).to.be.false();
        clock.advance(19.999);
        expect([await exchangeLives(store, grant.id, next), await findExchange(store, grant.id, 'f')]).to.include(true).and.not.include(null);
        clock.advance(0.001);
        expect([await exchangeLives(store, grant.id, next), await findExchange(store, grant.id, 'f')]).to.equal([false, null]);
    });

    it('is dead where one that it came from is a client\'s that is gone', async () => {

        const { store, grant } = await bench();
        const next = { ...exchange, id: 'f', ...descentFrom(exchange, 9e15) };
        await store.addTokens(grant.id, [exchangeRecord(grant.id, next, 9e15)]);
        const withoutFirst: Pick<typeof store, 'findToken'> = {
            findToken: async (address) => {

                const found = await store.findToken(address);
                return found && { ...found, grant: address.key === 'e' ? null : found.grant };
            }
        };
        expect([await exchangeLives(withoutFirst, grant.id, next), await findExchange(withoutFirst, grant.id, 'f')]).to.equal([false, null]);
    });

    it('is ended by one of several at once', async () => {

        const { store, grant } = await bench();
        const answers = await Promise.all(Array.from({ length: 20 }, () => endExchange(store, grant.id, 'e')));
        expect(answers.filter((ended) => ended)).to.have.length(1);
        expect(await endExchange(store, grant.id, 'unknown')).to.be.false();
    });

    it('dies with its grant', async () => {

        const { store, grant } = await bench();
        await store.revokeGrant(grant.id);
        expect(await findExchange(store, grant.id, 'e')).to.be.null();
        expect(await findExchange({ findToken: async () => ({ value: { ...exchange }, version: 1, expiresAt: 9e15, used: false, grant: null }) }, grant.id, 'e')).to.be.null();
    });

    it('is refused if it is not what was written', async () => {

        const { store, grant } = await bench();
        await store.addTokens(grant.id, [{ kind: 'exchange', grantId: grant.id, key: 'broken', value: {}, expiresAt: 9e15 }]);
        await expect(findExchange(store, grant.id, 'broken')).to.reject('The store answered a exchange whose id is not what was written');
        expect(() => exchangeIn({ exchange: 'e' })).to.throw();
    });

    it('is in the record of a token that came from it', () => {

        expect(exchangeIn({ exchange: { ...exchange } })).to.equal(exchange);
        expect(exchangeIn({ data: {} })).to.be.null();
    });
});

describe('heldGrant()', () => {

    it('is no more than what the exchange gave, or the grant itself', () => {

        const grant = aliceGrant('g');
        expect(heldGrant(grant, null)).to.equal(grant);
        expect(heldGrant(grant, exchange)).to.equal({ ...grant, clientId: 'shop', flow: 'exchange', scopes: ['read'], resources: ['https://shop.example.com'] });
    });
});

describe('flowOf()', () => {

    it('is the flow of the exchange, else of the grant', () => {

        const found = { version: 1, expiresAt: 9e15, used: false };
        const grant = grantRecord(aliceGrant('g'), 9e15);
        expect(flowOf({ ...found, value: { exchange: { ...exchange } }, grant })).to.equal('exchange');
        expect(flowOf({ ...found, value: {}, grant })).to.equal('login');
        expect(flowOf({ ...found, value: {}, grant: null })).to.be.undefined();
        expect(flowOf(null)).to.be.undefined();
    });
});
