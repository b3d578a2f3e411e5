import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { alert, contentSecurityPolicy, layout } from '../../lib/pages/layout';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('layout()', () => {

    it('escapes its title, and leaves its body, which is HTML', () => {

        const page = layout('<script>"&', '<p>body</p>');
        expect(page).to.startWith('<!doctype html>').and.to.contain('<p>body</p>').and.to.not.contain('<script>');
        expect(page.match(/&lt;script&gt;&quot;&amp;/g)).to.have.length(2);
    });

    it('loads and runs nothing', () => {

        expect(layout('t', '')).to.not.match(/<script|<link|<img|<iframe|@import|url\(|\son\w+=|src=|style=/i);
    });
});

describe('contentSecurityPolicy', () => {

    it('rule 29: allows the style of the page by its hash, and nothing else', () => {

        const [, style = ''] = /<style>([^]*)<\/style>/.exec(layout('t', '')) ?? [];
        expect(style).to.not.be.empty();
        const hash = createHash('sha256').update(style).digest('base64');
        expect(contentSecurityPolicy.split('; ')).to.equal(["default-src 'none'", `style-src 'sha256-${hash}'`, "base-uri 'none'", "frame-ancestors 'none'"]);
    });

    it('rule 29: has no form-action, which would stop the redirect after the form', () => {

        expect(contentSecurityPolicy).to.not.contain('form-action');
    });
});

describe('alert()', () => {

    it('announces a message as text, and nothing for none', () => {

        expect(alert('<b>no</b>')).to.equal('<p role="alert">&lt;b&gt;no&lt;&#x2f;b&gt;</p>\n');
        expect(alert(undefined)).to.equal('');
    });
});
