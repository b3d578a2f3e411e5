import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { MemoryStore } from '../../lib';
import { InitialAccessTokens } from '../../lib/clients/initial-access-token';
import { OAuth2Error } from '../../lib/error';
import { testClock } from '../fixture/clock';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const unusable = { code: 'invalid_token', reason: 'initial_access_token_unusable' };

const bench = () => {

    const clock = testClock();
    const store = new MemoryStore({ clock: clock.now });
    return { clock, store, tokens: new InitialAccessTokens(store, clock.now) };
};

describe('InitialAccessTokens', () => {

    it('are used as often as they were made for, also by all at once', async () => {

        for (const uses of [1, 3]) {
            const { tokens } = bench();
            const token = await tokens.create({ uses });
            const outcomes = await Promise.all(Array.from({ length: 5 }, () => refusal(() => tokens.consume(token))));
            expect(outcomes.filter((outcome) => outcome === null)).to.have.length(uses);
            expect(outcomes.filter((outcome) => outcome !== null)).to.equal(Array.from({ length: 5 - uses }, () => unusable));
            expect(await refusal(() => tokens.read(token))).to.equal(unusable);
        }
    });

    it('attack: keep nobody for ever with a store that calls every record changed', async () => {

        const { store, tokens } = bench();
        const token = await tokens.create({ uses: 2 });
        store.replace = () => Promise.resolve(false);
        expect(await refusal(() => tokens.consume(token))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
    });

    it('keep what they were made with from one use to the next, and their end', async () => {

        const { clock, tokens } = bench();
        const token = await tokens.create({ ttl: 60, uses: 3, data: { team: 'blue' } });
        clock.advance(59);
        await tokens.consume(token);
        expect(await tokens.read(token)).to.equal({ team: 'blue' });
        clock.advance(1);
        expect(await refusal(() => tokens.read(token))).to.equal(unusable);
        expect(await refusal(() => tokens.consume(token))).to.equal(unusable);
    });

    it('say nothing of who registers where they were made without it', async () => {

        const { tokens } = bench();
        expect(await tokens.read(await tokens.create({}))).to.equal({});
    });

    it('are in the store as digests only, of which none is a token', async () => {

        const { store, tokens } = bench();
        const token = await tokens.create({ uses: 2 });
        await tokens.consume(token);
        const { items } = await store.list('initial_access_token');
        expect(items).to.have.length(1);
        expect(JSON.stringify(items)).to.not.contain(token);
        expect(await refusal(() => tokens.read(String(items[0]?.key)))).to.equal(unusable);
    });

    it('challenge who presents one that is unknown', async () => {

        const { tokens } = bench();
        for (const token of ['', 'x', '__proto__']) {
            const err = await expect(tokens.read(token)).to.reject(OAuth2Error);
            expect(err.code).to.equal('invalid_token');
            expect(err.output.headers['www-authenticate']).to.equal('Bearer realm="registration", error="invalid_token"');
        }
    });

    it('open nothing where the store answers what was not written', async () => {

        const { clock, store, tokens } = bench();
        const token = await tokens.create({});
        const key = (await store.list('initial_access_token')).items[0]?.key ?? '';
        for (const value of [{}, { v: 1, left: '5', data: {} }, { v: 1, left: NaN, data: {} }, { v: 1, left: 1, data: null }]) {
            await store.put({ kind: 'initial_access_token', key, value, expiresAt: clock.now() + 1000 });
            await expect(tokens.read(token)).to.reject(/^The store answered a registration's initial access token whose (left|data) is not what was written$/);
            await expect(tokens.consume(token)).to.reject(/is not what was written$/);
        }
    });
});
