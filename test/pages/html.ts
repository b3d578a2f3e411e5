import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Html, fill, html } from '../../lib/pages/html';
import { attack } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('html', () => {

    it('escapes what it is given, and leaves what it made itself', () => {

        expect(String(html`<p title="${'a"b'}">${'<b>'}${html`<i>${'&'}</i>`}</p>`)).to.equal('<p title="a&quot;b">&lt;b&gt;<i>&amp;</i></p>');
        expect(String(html`${attack}`)).to.equal('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#x27;&#x60;');
    });

    it('takes lists, in lists, and nothing for undefined', () => {

        expect(String(html`${['<', html`<br>`, ['>', undefined]]}|${undefined}|`)).to.equal('&lt;<br>&gt;||');
    });

    it('leaves other alphabets readable, and pairs of surrogates whole', () => {

        expect(String(html`${'Žlutý 🐎 שלום'}`)).to.equal('Žlutý 🐎 שלום');
    });

    it('does not take an object that looks like HTML for it', () => {

        const fake = JSON.parse('{"text":"<script>"}') as string;
        expect(() => String(html`${fake}`)).to.throw();
        expect(String(Html.trusted('<b>'))).to.equal('<b>');
    });
});

describe('fill()', () => {

    it('fills places by name, escapes the text around them, and leaves places that nobody fills', () => {

        expect(String(fill('<{a}> {b} {toString} {', { a: '"', b: html`<br>` }))).to.equal('&lt;&quot;&gt; <br> {toString} {');
    });

    it('fills nothing into what was filled in', () => {

        expect(String(fill('{a}{b}', { a: '{b}', b: 'x' }))).to.equal('{b}x');
    });
});
