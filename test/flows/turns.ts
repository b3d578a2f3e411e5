import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Turns, type Sharing } from '../../lib/flows/turns';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

interface Running {
    readonly resolve: () => void;
    readonly reject: (err: Error) => void;
}

/** Requests that end when told to; what has begun and ended, in its order. */
const bench = () => {

    const timers = new Set<() => void>();
    const turns = new Turns((expire, ms) => {

        expect(ms).to.equal(5000);
        timers.add(expire);
        return () => {

            timers.delete(expire);
        };
    });
    const told: string[] = [];
    const running = new Map<string, Running>();
    const request = (name: string, presented: readonly (string | undefined)[] = ['code', undefined], sharing?: Sharing<string>) => turns.take(presented, async (hasWaited) => {

        told.push(hasWaited ? `${name} later` : name);
        await new Promise<void>((resolve, reject) => {

            running.set(name, { resolve, reject });
        });
        return name;
    }, sharing);

    /** Ends what runs under a name, and lets the others hear of it. */
    const end = async (name: string, err?: Error) => {

        const ending = running.get(name);
        if (err === undefined) {
            ending?.resolve();
        }
        else {
            ending?.reject(err);
        }

        await settled();
    };

    /** The time of those that are alone is over. */
    const expire = async () => {

        for (const timer of [...timers]) {
            timer();
        }

        await settled();
    };

    return { request, end, expire, timers, now: () => told.splice(0) };
};

const settled = () => new Promise((done) => {

    setImmediate(done);
});

/** Wants what may be shared. */
const sharing = (wish = 'a wish', others: Partial<Sharing<string>> = {}): Sharing<string> => ({ wish: () => wish, keep: (reply) => `reply of ${reply}`, give: async (kept) => kept, ...others });

describe('Turns', () => {

    it('lets one go alone, then another one, and all others at once', async () => {

        const { request, end, now } = bench();
        const answers = ['a', 'b', 'c', 'd', 'e'].map((name) => request(name));
        await settled();
        expect(now()).to.equal(['a']);
        await end('a');
        expect(now()).to.equal(['b later']);
        await end('b');
        expect(now()).to.equal(['c later', 'd later', 'e later']);
        for (const name of ['c', 'd', 'e']) {
            await end(name);
        }

        expect(await Promise.all(answers)).to.equal(['a', 'b', 'c', 'd', 'e']);
    });

    it('goes on when one fails, and tells the others nothing of it', async () => {

        const { request, end, now } = bench();
        const first = request('a');
        const others = [request('b'), request('c')];
        const failed = expect(first).to.reject('away');
        await end('a', new Error('away'));
        await failed;
        expect(now()).to.equal(['a', 'b later']);
        await end('b');
        await end('c');
        expect(await Promise.all(others)).to.equal(['b', 'c']);
    });

    it('keeps nothing, and asks for no wish, where nobody waits', async () => {

        const { request, end } = bench();
        const asked: string[] = [];
        const watched: Sharing<string> = {
            wish: () => {

                asked.push('wish');
                return 'a wish';
            },
            keep: (reply) => {

                asked.push('keep');
                return reply;
            },
            give: async (kept) => kept
        };
        const alone = request('a', ['code'], watched);
        await end('a');
        expect(await alone).to.equal('a');
        expect(asked).to.equal([]);
        const [first, second] = [request('b', ['code'], watched), request('c', ['code'], watched)];
        await end('b');
        expect([await first, await second]).to.equal(['b', 'b']);
        expect(asked).to.equal(['keep', 'wish', 'wish']);
    });

    it('lets nobody wait for who presents something else', async () => {

        const { request, end, now } = bench();
        const others = [['code'], ['code', ''], ['', 'code'], ['code', 'verifier'], [undefined, 'code']].map((presented, i) => request(String(i), presented));
        const answers = [request('a'), ...others];
        await settled();
        expect(now()).to.equal(['0', '1', '2', '3', '4', 'a']);
        for (const name of ['0', '1', '2', '3', '4', 'a']) {
            await end(name);
        }

        await Promise.all(answers);
    });

    it('lets nobody wait for more than two, however many come', async () => {

        const { request, end, now } = bench();
        const answers = [request('a'), request('b'), request('c')];
        await end('a');
        answers.push(request('d'));                         // Waits for b, and leads the next
        await end('b');
        expect(now()).to.equal(['a', 'b later', 'c later', 'd later']);
        answers.push(request('e'));                         // Waits for d alone: c is one of many
        await end('d');
        expect(now()).to.equal(['e later']);
        await end('c');
        await end('e');
        await Promise.all(answers);
    });

    it('waits no longer for one that does not end, and not again at the next request', async () => {

        const { request, end, expire, timers, now } = bench();
        const answers = [request('a'), request('b'), request('c')];
        await settled();
        expect(now()).to.equal(['a']);
        await expire();
        expect(now()).to.equal(['b later']);
        await end('a');                                     // Too late to end the turn of b
        expect(now()).to.equal([]);
        answers.push(request('d'));
        await expire();
        expect(now()).to.equal(['c later', 'd later']);
        answers.push(request('e'));
        await end('d');
        expect(now()).to.equal(['e later']);
        for (const name of ['b', 'c', 'e']) {
            await end(name);
        }

        expect(timers.size).to.equal(0);
        answers.push(request('f'));
        await end('f');
        expect(now()).to.equal(['f']);
        expect(await Promise.all(answers)).to.equal(['a', 'b', 'c', 'd', 'e', 'f']);
    });

    it('remembers nothing of those that are over', async () => {

        const { request, end, timers, now } = bench();
        for (const name of ['a', 'b', 'c']) {
            const answer = request(name).catch(() => undefined);
            await end(name, name === 'b' ? new Error('away') : undefined);
            await answer;
        }

        expect([now(), timers.size]).to.equal([['a', 'b', 'c'], 0]);
    });

    it('gives those that want the very same the reply for which they have waited, and lets all others go on', async () => {

        const { request, end, timers, now } = bench();
        const answers = [request('a', ['code'], sharing()), request('b', ['code'], sharing()), request('c', ['code'], sharing('another')), request('d', ['code'])];
        const same = request('e', ['code'], sharing());
        await end('a');
        expect(now()).to.equal(['a', 'c later']);
        const next = request('f', ['code'], sharing('another'));
        await end('c');
        expect(now()).to.equal(['d later']);
        await end('d');
        expect([await Promise.all(answers), await same, await next]).to.equal([['a', 'reply of a', 'c', 'd'], 'reply of a', 'reply of c']);
        expect(timers.size).to.equal(0);
    });

    it('attack: gives no reply to who comes when it is over', async () => {

        const { request, end, now } = bench();
        const first = request('a', ['code'], sharing());
        await end('a');
        const second = request('b', ['code'], sharing());
        expect(now()).to.equal(['a', 'b']);
        await end('b');
        expect([await first, await second]).to.equal(['a', 'b']);
    });

    it('shares nothing that failed, came too late or is not to be kept', async () => {

        const failing = bench();
        const failed = expect(failing.request('a', ['code'], sharing())).to.reject('away');
        const answers = [failing.request('b', ['code'], sharing()), failing.request('c', ['code'], sharing())];
        await failing.end('a', new Error('away'));
        await failed;
        expect(failing.now()).to.equal(['a', 'b later']);
        await failing.end('b');
        expect(await Promise.all(answers)).to.equal(['b', 'reply of b']);

        const late = bench();
        const first = late.request('a', ['code'], sharing());
        const second = late.request('b', ['code'], sharing());
        await late.expire();
        await late.end('a');
        expect(late.now()).to.equal(['a', 'b later']);
        await late.end('b');
        expect([await first, await second]).to.equal(['a', 'b']);

        const own = bench();
        const replies = ['a', 'b'].map((name) => own.request(name, ['code'], sharing('a wish', { keep: () => undefined })));
        await own.end('a');
        expect(own.now()).to.equal(['a', 'b later']);
        await own.end('b');
        expect(await Promise.all(replies)).to.equal(['a', 'b']);
    });

    it('refuses who may not have the reply, and nobody else', async () => {

        const { request, end, now } = bench();
        const first = request('a', ['code'], sharing());
        const refused = expect(request('b', ['code'], sharing('a wish', { give: () => Promise.reject(new Error('too many')) }))).to.reject('too many');
        const third = request('c', ['code'], sharing());
        await end('a');
        await refused;
        expect([now(), await first, await third]).to.equal([['a'], 'a', 'reply of a']);
    });
});
