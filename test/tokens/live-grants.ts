import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { newGrantId, newTokenValue } from '../../lib/protocol/token-value';
import { exchangeRecord } from '../../lib/stores/exchange';
import { grantRecord } from '../../lib/stores/grant';
import { defaultWindowMs, LiveGrants, opaqueClaims } from '../../lib/tokens/live-grants';
import { epoch } from '../fixture/clock';
import { aliceGrant, grantBench, placeOf } from '../fixture/grants';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A grant with an opaque token, and how often the store was asked for what. */
const liveBench = async (windowMs: number | null) => {

    const { store, clock } = grantBench();
    const id = newGrantId();
    const token = newTokenValue('access_token', id);
    const record = { ...placeOf(token), value: { sub: 'alice', aud: ['a'] }, expiresAt: epoch + 60_000 };
    await store.openGrant(grantRecord(aliceGrant(id), epoch + 3_600_000), [record]);
    const asked: string[] = [];
    const counting = {
        findGrant: async (grantId: string) => {

            asked.push('grant');
            return await store.findGrant(grantId);
        },
        findToken: async (address: Parameters<typeof store.findToken>[0]) => {

            asked.push('token');
            return await store.findToken(address);
        }
    };
    return { store, clock, id, token, asked, counting, grants: new LiveGrants({ store: counting, clock: clock.now, windowMs }) };
};

describe('LiveGrants', () => {

    it('asks the store whether a grant lives, at most once in a window', async () => {

        const { grants, store, clock, id, asked } = await liveBench(2000);
        expect(await grants.lives(id)).to.be.true();
        await store.revokeGrant(id);
        clock.advance(1.999);
        expect(await grants.lives(id)).to.be.true();
        expect(asked).to.equal(['grant']);
        clock.advance(0.001);
        expect(await grants.lives(id)).to.be.false();
        expect(await grants.lives(id)).to.be.false();
        expect(asked).to.equal(['grant', 'grant']);
    });

    it('measures the window from the question that was asked, not from the last one that was answered', async () => {

        const { grants, store, clock, id } = await liveBench(2000);
        await grants.lives(id);
        clock.advance(1.5);
        await grants.lives(id);
        await store.revokeGrant(id);
        clock.advance(0.5);
        expect(await grants.lives(id)).to.be.false();
    });

    it('believes nothing from a time to come: a clock that was set back asks again', async () => {

        const { grants, store, clock, id } = await liveBench(2000);
        await grants.lives(id);
        await store.revokeGrant(id);
        clock.advance(-1);
        expect(await grants.lives(id)).to.be.false();
    });

    it('asks each time with a window of 0', async () => {

        const { grants, store, id, token, asked } = await liveBench(0);
        expect([await grants.lives(id), await grants.claimsOf(token)]).to.equal([true, { sub: 'alice', aud: ['a'] }]);
        await store.revokeGrant(id);
        expect([await grants.lives(id), await grants.claimsOf(token)]).to.equal([false, null]);
        expect(asked).to.equal(['grant', 'token', 'grant', 'token']);
    });

    it('without a window takes signed tokens at their word, and believes what it is told of opaque ones for five seconds', async () => {

        const { grants, store, clock, id, token, asked } = await liveBench(null);
        expect(await grants.lives('no such grant')).to.be.true();
        expect(asked).to.equal([]);
        expect(await grants.claimsOf(token)).to.equal({ sub: 'alice', aud: ['a'] });
        await store.revokeGrant(id);
        clock.advance(4.999);
        expect(await grants.claimsOf(token)).to.not.be.null();
        clock.advance(0.001);
        expect(await grants.claimsOf(token)).to.be.null();
        expect(defaultWindowMs).to.equal(5000);
    });

    it('answers the claims of an opaque token, at most one question in a window', async () => {

        const { grants, token, clock, asked } = await liveBench(2000);
        await grants.claimsOf(token);
        clock.advance(1.999);
        expect(await grants.claimsOf(token)).to.equal({ sub: 'alice', aud: ['a'] });
        expect(asked).to.equal(['token']);
        clock.advance(0.001);
        await grants.claimsOf(token);
        expect(asked).to.equal(['token', 'token']);
    });

    it('keeps apart what is asked about a grant and about a token', async () => {

        const { grants, token, asked } = await liveBench(2000);
        expect(await grants.lives(placeOf(token).key)).to.be.false();
        expect(await grants.claimsOf(token)).to.not.be.null();
        expect(asked).to.equal(['grant', 'token']);
    });

    it('asks about an exchange, and with it about its grant, at most once in a window', async () => {

        const { grants, store, clock, id, asked } = await liveBench(2000);
        const exchange = { id: 'x', clientId: 'gateway', flow: 'exchange', scopes: [], resources: [], act: null, mayAct: null, ancestors: [], lastsUntil: epoch + 60_000 };
        await store.addTokens(id, [exchangeRecord(id, exchange, epoch + 60_000)]);
        expect([await grants.lives(id, 'x'), await grants.lives(id, 'x'), await grants.lives(id, 'y')]).to.equal([true, true, false]);
        expect(asked).to.equal(['token', 'token']);
        await store.revokeGrant(id);
        clock.advance(2);
        expect(await grants.lives(id, 'x')).to.be.false();
    });

    it('shares one question among callers of one moment', async () => {

        const { grants, id, asked } = await liveBench(2000);
        expect(await Promise.all([grants.lives(id), grants.lives(id), grants.lives(id)])).to.equal([true, true, true]);
        expect(asked).to.equal(['grant']);
    });

    it('does not let one request change the claims of the next', async () => {

        const { grants, token } = await liveBench(2000);
        const claims: Record<string, unknown> = { ...await grants.claimsOf(token) };
        (claims.aud as string[]).push('admin');
        expect(await grants.claimsOf(token)).to.equal({ sub: 'alice', aud: ['a'] });
    });

    it('does not ask about a text that is no access token', async () => {

        const { grants, id, asked } = await liveBench(2000);
        for (const text of ['', 'a', 'a.b.c', newTokenValue('refresh_token', id), newTokenValue('authorization_code', id)]) {
            expect(await grants.claimsOf(text)).to.be.null();
        }

        expect(asked).to.equal([]);
    });

    it('keeps no answer that never came, and tells everybody who waits for it', async () => {

        const { counting, clock, id } = await liveBench(2000);
        let isBroken = true;
        const findGrant = async (grantId: string) => {

            if (isBroken) {
                throw new Error('The store is gone');
            }

            return await counting.findGrant(grantId);
        };

        const grants = new LiveGrants({ store: { ...counting, findGrant }, clock: clock.now, windowMs: 2000 });
        const answers = await Promise.allSettled([grants.lives(id), grants.lives(id)]);
        expect(answers.map(({ status }) => status)).to.equal(['rejected', 'rejected']);
        isBroken = false;
        expect(await grants.lives(id)).to.be.true();
    });

    it('keeps ten thousand answers: the oldest question makes room, one that was asked again is young', async () => {

        const { grants, clock, id, asked } = await liveBench(2000);
        await grants.lives(id);
        await grants.lives('second');
        for (let i = 2; i < 10_000; ++i) {
            await grants.lives(`${i}`);
        }

        asked.length = 0;
        await grants.lives(id);
        expect(asked).to.equal([]);                         // Ten thousand fit
        clock.advance(2);
        await grants.lives(id);                             // Asked again
        await grants.lives('new');                          // Pushes the second out
        expect(asked).to.equal(['grant', 'grant']);
        clock.advance(-2);
        await grants.lives('2');
        expect(asked).to.have.length(2);
        await grants.lives('second');
        expect(asked).to.have.length(3);
        clock.advance(2);
        await grants.lives(id);
        expect(asked).to.have.length(3);
    });
});

describe('opaqueClaims()', () => {

    it('answers the claims now, and nothing once token or grant is dead', async () => {

        const { store, clock, id, token } = await liveBench(null);
        expect(await opaqueClaims(store, token)).to.equal({ sub: 'alice', aud: ['a'] });
        expect(await opaqueClaims({ findToken: async () => ({ value: {}, version: 1, expiresAt: Infinity, used: false, grant: null }) }, token)).to.be.null();
        clock.advance(60);
        expect(await opaqueClaims(store, token)).to.be.null();

        const other = await liveBench(null);
        await other.store.revokeGrant(other.id);
        expect(await opaqueClaims(other.store, other.token)).to.be.null();
        expect(await opaqueClaims(store, newTokenValue('access_token', id))).to.be.null();
    });

    it('takes no other kind of token for an access token', async () => {

        const { store, id } = await liveBench(null);
        const code = newTokenValue('authorization_code', id);
        await store.addTokens(id, [{ ...placeOf(code), value: { sub: 'alice' }, expiresAt: epoch + 60_000 }]);
        for (const text of ['', code, `a${code.slice(1)}`]) {
            expect(await opaqueClaims(store, text)).to.be.null();
        }
    });
});
