import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { epoch, testClock } from '../fixture/clock';
import { MemoryGrants } from '../../lib/stores/memory-grants';
import type { GrantRecord, TokenRecord } from '../../lib/stores/store';

export const lab = Lab.script();
const { describe, it } = lab;

const minute = 60_000;

const setUp = () => {

    const clock = testClock();
    return { clock, grants: new MemoryGrants(clock.now) };
};

const grantOf = (id: string, expiresAt = epoch + minute): GrantRecord => ({ id, clientId: 'client', subject: 'subject', sessionId: null, expiresAt, value: {} });
const tokenOf = (key: string, expiresAt = epoch + 60 * minute, grantId = 'grant'): TokenRecord => ({ kind: 'code', grantId, key, value: {}, expiresAt });

describe('MemoryGrants', () => {

    it('moves a grant in the order of expiry when it is to live longer, and only then', () => {

        const { clock, grants } = setUp();
        expect(grants.open(grantOf('grant'), [tokenOf('a')])).to.be.true();
        expect(grants.addTokens('grant', [], epoch + 3 * minute)).to.be.true();
        expect(grants.addTokens('grant', [], epoch + 2 * minute)).to.be.true();
        expect(grants.addTokens('grant', [], NaN)).to.be.true();
        clock.advance(179.999);
        expect([grants.forget(100), grants.find('grant')?.expiresAt]).to.equal([0, epoch + 3 * minute]);
        expect(grants.rotate({ token: tokenOf('a'), version: 1, value: {}, expiresAt: epoch + 60 * minute, tokens: [], grantExpiresAt: epoch + 4 * minute })).to.equal('ok');
        clock.advance(0.001);
        expect([grants.forget(100), grants.find('grant')?.expiresAt]).to.equal([0, epoch + 4 * minute]);
        clock.advance(60);
        expect([grants.forget(100), grants.find('grant'), grants.size]).to.equal([2, undefined, 0]);
    });

    it('remembers the latest use of a grant, and nothing of what is no time', () => {

        const { grants } = setUp();
        grants.open(grantOf('grant'), [tokenOf('a')]);
        const used = (usedAt?: number) => {

            grants.addTokens('grant', [], undefined, usedAt);
            return grants.find('grant')?.record.usedAt;
        };

        expect([used(), used(NaN), used(5), used(4), used(), used(6)]).to.equal([undefined, undefined, 5, 5, 5, 6]);
        grants.rotate({ token: tokenOf('a'), version: 1, value: {}, expiresAt: epoch, tokens: [], usedAt: 7 });
        expect(grants.find('grant')?.record.usedAt).to.equal(7);
    });

    it('changes nothing of a grant when a token of another one comes with it', () => {

        const { grants } = setUp();
        const stranger = tokenOf('b', epoch + minute, 'other');
        grants.open(grantOf('grant'), [tokenOf('a')]);
        const { size } = grants;
        expect(() => grants.addTokens('grant', [tokenOf('c'), stranger], epoch + 9 * minute)).to.throw('Tokens are written with their own grant only');
        expect(() => grants.rotate({ token: tokenOf('a'), version: 1, value: {}, expiresAt: epoch, tokens: [stranger] })).to.throw('Tokens are written with their own grant only');
        expect(() => grants.open(grantOf('late'), [stranger])).to.throw('Tokens are written with their own grant only');
        expect([grants.size, grants.find('grant')?.expiresAt, grants.findToken(tokenOf('a'))?.used, grants.find('late')]).to.equal([size, epoch + minute, false, undefined]);
    });

    it('forgets a revoked grant at once but for its id, and that when the grant would have expired', () => {

        const { clock, grants } = setUp();
        grants.open(grantOf('grant'), [tokenOf('a'), tokenOf('b')]);
        expect([grants.revoke('grant'), grants.revoke('grant'), grants.revoke('nothing')]).to.equal([true, false, false]);
        expect([grants.forget(1), grants.forget(100), grants.size]).to.equal([1, 1, 1]);
        expect([grants.open(grantOf('grant'), []), grants.addTokens('grant', [], epoch + 9 * minute)]).to.equal([false, false]);
        clock.advance(60);
        expect([grants.forget(100), grants.size, grants.open(grantOf('grant', epoch + 2 * minute), [])]).to.equal([1, 0, true]);
        expect(grants.findToken(tokenOf('a'))).to.be.undefined();
    });

    it('forgets no more at a time than it is told: grants, ids and tokens together', () => {

        const { clock, grants } = setUp();
        for (let i = 0; i < 30; ++i) {
            const id = `grant ${i}`;
            grants.open(grantOf(id), [tokenOf('a', epoch + minute, id), tokenOf('b', epoch + 60 * minute, id)]);
            void (i % 3 || grants.revoke(id));
        }

        clock.advance(60);
        const counts: number[] = [];
        do {
            counts.push(grants.forget(7));
        } while (counts.at(-1) !== 0);

        expect(Math.max(...counts)).to.equal(7);
        expect([counts.reduce((sum, count) => sum + count), grants.size]).to.equal([20 + 10 + 60, 0]);
    });

    it('forgets the tokens of dead grants before more grants die, so that what is dead stays little', () => {

        const { clock, grants } = setUp();
        for (let i = 0; i < 8; ++i) {
            grants.open({ ...grantOf(`grant-${i}`), clientId: `client-${i}`, subject: null }, [tokenOf('a', epoch + 60 * minute, `grant-${i}`)]);
        }

        clock.advance(60);
        const { size } = grants;
        const sizes = Array.from({ length: 5 }, () => [grants.forget(4), size - grants.size]);         // A grant takes one more for its client
        expect(sizes).to.equal([[4, 8], [4, 12], [4, 20], [4, 24], [0, 24]]);
    });

    it('keeps one string for the name that many grants of a client share', () => {

        const { grants } = setUp();
        grants.open(grantOf('a'), []);
        grants.open(grantOf('b'), []);
        expect(grants.page('clientId', 'client', null, 10).items.map(({ id, clientId }) => [id, clientId])).to.equal([['a', 'client'], ['b', 'client']]);
        expect(grants.size).to.equal(2 + 2);
    });
});
