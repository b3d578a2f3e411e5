import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { alert, hiddenFields, invalid, layout } from '../../lib/pages/layout';
import { html } from '../../lib/pages/html';
import { hashOf } from '../../lib/pages/theme';
import { look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('layout()', () => {

    it('escapes its title, and leaves its body, which is HTML', () => {

        const { html: page } = layout(look(), { title: '<script>"&', body: html`<p>body</p>` });
        expect(page).to.startWith('<!doctype html>').and.to.contain('<p>body</p>').and.to.not.contain('<script>');
        expect(page.match(/&lt;script&gt;&quot;&amp;/g)).to.have.length(2);
    });

    it('says in its title that something went wrong, and whose page it is', () => {

        expect(layout({ ...look('de'), productName: 'Acme' }, { title: 'Anmelden', body: '', isProblem: true }).html).to.contain('<title>Fehler: Anmelden – Acme</title>').and.contain('<header><p>Acme</p></header>').and.contain('<h1>Anmelden</h1>');
        expect(layout(look(), { title: 'a', body: '' }).html).to.contain('<title>a</title>').and.not.contain('<header');
    });

    it('says how its language is written', () => {

        expect(layout({ ...look(), locale: 'ar', dir: 'rtl' }, { title: 'a', body: '', isWide: true }).html).to.contain('<html lang="ar" dir="rtl">').and.contain('<main class="wide">');
    });

    it('rule 29: allows the style of the page by its hash, what it names, and nothing else: no form-action', () => {

        const { html: page, policy } = layout(look(), { title: 't', body: '' });
        const [, style = ''] = /<style>([^]*)<\/style>/.exec(page) ?? [];
        expect(style).to.not.be.empty();
        expect(policy.split('; ')).to.equal(["default-src 'none'", `style-src '${hashOf(style)}'`, "base-uri 'none'", "frame-ancestors 'none'"]);
        expect(layout(look(), { title: 't', body: '', hasImages: true, script: 'sha256-x' }).policy.split('; ').slice(2, 4)).to.equal(["img-src 'self'", "script-src 'sha256-x'"]);
    });
});

describe('The parts of a form', () => {

    it('announce a message as text, and nothing for none', () => {

        expect(String(alert('<b>no</b>'))).to.equal('<p id="problem" role="alert">&lt;b&gt;no&lt;/b&gt;</p>\n');
        expect(String(alert(undefined))).to.equal('');
    });

    it('tie a field to its message and its hint', () => {

        expect(String(invalid(undefined))).to.equal('');
        expect(String(invalid('no'))).to.equal(' aria-invalid="true" aria-describedby="problem"');
        expect(String(invalid('no', 'hint'))).to.equal(' aria-invalid="true" aria-describedby="problem hint"');
        expect(String(invalid(undefined, 'hint'))).to.equal(' aria-describedby="hint"');
    });

    it('carry what is not seen', () => {

        expect(String(hiddenFields([{ name: 'a"', value: '<' }, { name: 'b', value: '' }]))).to.equal('<input type="hidden" name="a&quot;" value="&lt;">\n<input type="hidden" name="b" value="">\n');
    });
});
