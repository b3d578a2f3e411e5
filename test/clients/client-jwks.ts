import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { ClientJwks } from '../../lib/clients/client-jwks';
import { testClock } from '../fixture/clock';
import { clientKeys, publicHalf } from '../fixture/client-keys';
import { refusal } from '../fixture/oauth-error';
import { document } from '../fixture/registration';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const uri = 'https://client.example/keys';
const one = { ...publicHalf(clientKeys.es256), kid: 'one' };
const two = { ...publicHalf(clientKeys.otherEs256), kid: 'two' };
const unreachable = { code: 'temporarily_unavailable', reason: 'client_keys_unreachable' };

/** A client whose server answers what it is told to. */
const bench = () => {

    const clock = testClock();
    const state: { keys: unknown; asked: number; hold: Promise<void> } = { keys: { keys: [one] }, asked: 0, hold: Promise.resolve() };
    const jwks = new ClientJwks({
        clock: clock.now,
        fetch: async () => {

            state.asked++;
            await state.hold;
            if (state.keys === null) {
                throw new Error('nobody answers');
            }

            return document(state.keys);
        }
    });
    const count = async (kid: string | undefined, client = 'a', at = uri) => (await jwks.keysFor(client, at, { alg: 'ES256', kid })).length;
    return { clock, state, count };
};

describe('The keys that clients publish', () => {

    it('are fetched once, and again after 10 minutes', async () => {

        const { clock, state, count } = bench();
        expect([await count('one'), await count('one'), await count(undefined)]).to.equal([1, 1, 1]);
        expect(state.asked).to.equal(1);
        clock.advance(599);
        await count('one');
        expect(state.asked).to.equal(1);
        clock.advance(1);
        state.keys = { keys: [two] };
        expect(await count('one')).to.equal(0);
        expect(state.asked).to.equal(2);
    });

    it('are fetched for an unknown kid, at most once a minute', async () => {

        const { clock, state, count } = bench();
        await count('one');
        state.keys = { keys: [one, two] };
        expect(await count('two')).to.equal(0);
        clock.advance(60);
        expect(await count('two')).to.equal(1);
        expect(state.asked).to.equal(2);
        for (let i = 0; i < 50; ++i) {
            expect(await count(`made up ${i}`)).to.equal(0);
        }

        expect(state.asked).to.equal(2);
        clock.advance(60);
        await Promise.all(Array.from({ length: 20 }, (_, i) => count(`made up ${i}`)));
        expect(state.asked).to.equal(3);
    });

    it('are fetched once for all requests of one moment', async () => {

        const { state, count } = bench();
        let release = () => {};
        state.hold = new Promise((resolve) => {

            release = resolve;
        });
        const counts = Promise.all([count('one'), count('one'), count('one')]);
        release();
        expect(await counts).to.equal([1, 1, 1]);
        expect(state.asked).to.equal(1);
    });

    it('serve for an hour while there are no new ones, and then not any more', async () => {

        const { clock, state, count } = bench();
        await count('one');
        state.keys = null;
        clock.advance(3599);
        expect(await count('one')).to.equal(1);
        expect(await refusal(() => count('two'))).to.equal(unreachable);           // It could be in the document that cannot be fetched
        clock.advance(1);
        expect(await refusal(() => count('one'))).to.equal(unreachable);
        expect(state.asked).to.equal(2);
        state.keys = { keys: [one] };
        clock.advance(60);
        expect(await count('one')).to.equal(1);
    });

    it('are unavailable where they were never there, and asked for once a minute', async () => {

        const { clock, state, count } = bench();
        for (const keys of [null, 'no JSON', 'null', '"keys"', [], {}, null, { keys: {} }, { keys: Array.from({ length: 101 }, () => one) }, 5]) {
            state.keys = keys;
            expect(await refusal(() => count('one'))).to.equal(unreachable);
            const { asked } = state;
            expect(await refusal(() => count('one'))).to.equal(unreachable);
            expect(state.asked).to.equal(asked);
            clock.advance(60);
        }

        state.keys = { keys: [one] };
        expect(await count('one')).to.equal(1);
    });

    it('are those that can be read, and no secrets', async () => {

        const { state, count } = bench();
        state.keys = { keys: [null, 5, 'x', { kid: 'one' }, { kty: 5 }, { kty: 'oct', k: 'AAAA', kid: 'one' }, one] };
        expect(await count('one')).to.equal(1);
    });

    it('belong to one client and one place', async () => {

        const { state, count } = bench();
        await count('one');
        state.keys = { keys: [two] };
        expect(await count('one', 'b')).to.equal(0);
        expect(await count('one', 'a', `${uri}/moved`)).to.equal(0);
        expect(state.asked).to.equal(3);
    });

    it('are forgotten when there are too many, those first that nobody asked for', async () => {

        const { state, count } = bench();
        await count('one', 'kept');
        await count('one', 'forgotten');
        for (let i = 0; i < 999; ++i) {
            await count('one', 'kept');
            await count('one', `client ${i}`);
        }

        const { asked } = state;
        expect(asked).to.equal(1001);
        await count('one', 'kept');
        expect(state.asked).to.equal(asked);
        await count('one', 'forgotten');
        expect(state.asked).to.equal(asked + 1);
    });
});
