import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { FirstAlone } from '../../lib/flows/first-alone';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A promise that ends when told to. */
const held = () => {

    let end = (): void => {};
    let fail = (_err: Error): void => {};
    const promise = new Promise<void>((resolve, reject) => {

        [end, fail] = [resolve, reject];
    });
    return { promise, end, fail };
};

/** What began, in its order, and calls that wait for what holds the first one. */
const bench = () => {

    const turns = new FirstAlone();
    const began: string[] = [];
    const call = (name: string, wait: Promise<void> = Promise.resolve(), what: readonly (string | undefined)[] = ['code']) => turns.run(what, async (isFirst) => {

        began.push(`${name}${isFirst ? '' : ' later'}`);
        await wait;
        return name;
    });
    return { began, call };
};

const settled = () => new Promise((done) => {

    setImmediate(done);
});

describe('FirstAlone', () => {

    it('lets those that come meanwhile wait for the first, then all at once', async () => {

        const { began, call } = bench();
        const [first, others] = [held(), held()];
        const answers = ['a', 'b', 'c'].map((name) => call(name, name === 'a' ? first.promise : others.promise));
        await settled();
        expect(began).to.equal(['a']);
        first.end();
        await settled();
        expect(began).to.equal(['a', 'b later', 'c later']);
        others.end();
        expect(await Promise.all(answers)).to.equal(['a', 'b', 'c']);
    });

    it('lets others go on when the first fails, and tells them nothing of it', async () => {

        const { call } = bench();
        const first = held();
        const failing = call('a', first.promise);
        const others = [call('b'), call('c')];
        first.fail(new Error('away'));
        await expect(failing).to.reject('away');
        expect(await Promise.all(others)).to.equal(['b', 'c']);
    });

    it('waits for nothing else: not for another code, not once the first is over, and not for those that waited', async () => {

        const { began, call } = bench();
        const [first, other] = [held(), held()];
        const answers = [call('a', first.promise), call('b', other.promise)];
        expect(await call('c', undefined, ['code', 'x'])).to.equal('c');
        expect(await call('d', undefined, ['code', undefined])).to.equal('d');
        first.end();
        await settled();
        expect(await call('e')).to.equal('e');
        expect(await call('f')).to.equal('f');
        expect(began).to.equal(['a', 'c', 'd', 'b later', 'e', 'f']);
        other.end();
        await Promise.all(answers);
    });
});
