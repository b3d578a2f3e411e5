import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Stored } from '../../lib/stores/stored';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const samples: readonly unknown[] = [undefined, null, 'text', '', 0, 1.5, NaN, true, false, [], ['a'], ['a', 1], {}, { a: 1 }];
const isPlain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (value: unknown) => typeof value === 'number' && !Number.isNaN(value);
const isNone = (value: unknown) => value === undefined || value === null;

type Reader = (stored: Stored, name: string) => unknown;

/** Each reader, and what it takes. */
const readers: Readonly<Record<string, readonly [Reader, (value: unknown) => boolean]>> = {
    text: [(stored, name) => stored.text(name), (value) => typeof value === 'string'],
    textOrNull: [(stored, name) => stored.textOrNull(name), (value) => isNone(value) || typeof value === 'string'],
    number: [(stored, name) => stored.number(name), isNumber],
    numberOrNull: [(stored, name) => stored.numberOrNull(name), (value) => isNone(value) || isNumber(value)],
    flag: [(stored, name) => stored.flag(name), (value) => typeof value === 'boolean'],
    texts: [(stored, name) => stored.texts(name), (value) => Array.isArray(value) && !value.includes(1)],
    object: [(stored, name) => stored.object(name), isPlain],
    objectOrNull: [(stored, name) => stored.objectOrNull(name), (value) => isNone(value) || isPlain(value)]
};

describe('Stored', () => {

    for (const [name, [read, takes]] of Object.entries(readers)) {
        it(`${name}() answers what was written, and throws for anything else`, () => {

            for (const value of samples) {
                const call = () => read(new Stored('thing', { member: value }), 'member');
                if (takes(value)) {
                    expect(call()).to.equal(value ?? null);
                }
                else {
                    expect(call, JSON.stringify(value)).to.throw(Error, 'The store answered a thing whose member is not what was written');
                }
            }
        });
    }

    it('reads nothing from what is no record', () => {

        for (const value of [undefined, null, 'text', 7, ['length'], () => {}]) {
            expect(() => new Stored('thing', value).number('length')).to.throw(Error, 'The store answered a thing whose length is not what was written');
        }
    });

    it('reads own members only', () => {

        expect(() => new Stored('thing', Object.create({ member: 'inherited' })).text('member')).to.throw(Error);
        expect(() => new Stored('thing', {}).object('__proto__')).to.throw(Error);
    });

    it('does not say what the store answered', () => {

        expect(() => new Stored('thing', { member: ['s3cret'] }).text('member')).to.throw(Error, /^[^3]*$/);
    });

    it('reads lists of objects, each in the same way', () => {

        const stored = new Stored('thing', { none: [], two: [{ a: 'x' }, { a: 7 }], mixed: [{}, 'x'], nested: [[]], text: 'x' });
        expect(stored.list('none')).to.equal([]);
        const [one, another] = stored.list('two');
        expect([stored.list('two').length, one?.text('a')]).to.equal([2, 'x']);
        expect(() => another?.text('a')).to.throw(Error, 'The store answered a thing whose a is not what was written');
        for (const name of ['mixed', 'nested', 'text', 'missing']) {
            expect(() => stored.list(name)).to.throw(Error, `The store answered a thing whose ${name} is not what was written`);
        }
    });
});
