import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Form } from '../../lib/protocol/form';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('Form', () => {

    const form = Form.from({ one: 'a', empty: '', two: ['a', 'b'], empties: ['', ''], same: ['a', 'a'], odd: 7, mixed: ['', 'a', 7, 'b'] });

    it('reads one value, and takes an empty one for absent', () => {

        expect(form.get('one')).to.equal('a');
        expect(form.get('empty')).to.be.undefined();
        expect(form.get('absent')).to.be.undefined();
        expect(form.get('odd')).to.be.undefined();
    });

    it('rule 27: refuses a parameter that was sent twice, even when the values are empty or the same', async () => {

        for (const name of ['two', 'same', 'empties']) {
            expect(await refusal(() => form.get(name))).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
            expect(await refusal(() => form.require(name))).to.equal({ code: 'invalid_request', reason: 'repeated_parameter' });
        }
    });

    it('requires a value', async () => {

        expect(form.require('one')).to.equal('a');
        expect(await refusal(() => form.require('empty'))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
        expect(await refusal(() => form.require('absent'))).to.equal({ code: 'invalid_request', reason: 'missing_parameter' });
    });

    it('reads all values of a parameter that may repeat', () => {

        expect(form.all('two')).to.equal(['a', 'b']);
        expect(form.all('one')).to.equal(['a']);
        expect(form.all('mixed')).to.equal(['a', 'b']);
        expect(form.all('empties')).to.equal([]);
        expect(form.all('absent')).to.equal([]);
    });

    it('tells what was sent at all', () => {

        expect(form.has('empty')).to.be.true();
        expect(form.has('two')).to.be.true();
        expect(form.has('absent')).to.be.false();
    });

    it('gives the first value for a log', () => {

        expect(form.first('two')).to.equal('a');
        expect(form.first('empty')).to.be.undefined();
        expect(form.first('absent')).to.be.undefined();
    });

    it('is not fooled by names that every object has', () => {

        const inherited = Form.from(Object.assign(Object.create({ admin: 'yes' }), { a: 'b' }));
        for (const name of ['toString', 'constructor', '__proto__', 'admin']) {
            expect(inherited.has(name)).to.be.false();
            expect(inherited.get(name)).to.be.undefined();
            expect(inherited.all(name)).to.equal([]);
        }

        expect(Form.from(JSON.parse('{"__proto__":"x"}')).get('__proto__')).to.equal('x');
    });

    it('is empty for what is no form', () => {

        for (const parsed of [null, undefined, 'client_id=a', 7]) {
            expect(Form.from(parsed).search).to.equal('?');
            expect(Form.from(parsed).has('client_id')).to.be.false();
        }
    });

    it('does not change with what it was made from', () => {

        const parsed = { a: 'b' };
        const copy = Form.from(parsed);
        parsed.a = 'c';
        expect(copy.get('a')).to.equal('b');
    });

    it('becomes a query again, repeated and empty parameters included', () => {

        expect(Form.from({ a: 'b c&d', e: ['f', ''], g: '' }).search).to.equal('?a=b+c%26d&e=f&e=&g=');
    });

    it('is read from that query as it was', () => {

        for (const parsed of [{}, { a: 'b c&d', e: ['f', ''], g: '' }, { a: 'ü ☃\r\n%00+' }, JSON.parse('{"__proto__":"x"}')]) {
            const { search } = Form.from(parsed);
            expect(Form.fromSearch(search).search).to.equal(search);
        }

        const form = Form.fromSearch('?a=1&a=2&b=+%2B&c=');
        expect([form.all('a'), form.get('b'), form.get('c'), form.has('c'), form.has('d')]).to.equal([['1', '2'], ' +', undefined, true, false]);
        expect(() => form.get('a')).to.throw(Error, /more than once/);
        expect(Form.fromSearch('').search).to.equal('?');
    });
});
