import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkTheme, hashOf, styleOf, type Theme } from '../../lib/pages/theme';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const refused = (theme: unknown) => {

    try {
        checkTheme({ ...Object(theme) } as Theme);
    }
    catch (err) {
        return err instanceof Error ? err.message : '';
    }

    return 'nothing was refused';
};

describe('checkTheme()', () => {

    it('takes none, and a whole one', () => {

        checkTheme({});
        checkTheme({ accent: '#ABC', background: '#fff', surface: '#ffffff', text: '#000', muted: '#333', border: '#555', error: '#900', radius: '0', font: '"Inter", \'Noto Sans\', Segoe UI, sans-serif', productName: '</style>', dark: { accent: '#ffcc00', text: undefined } });
        checkTheme({ radius: '0.25rem', accent: undefined, dark: undefined });
    });

    it('refuses whatever could leave its declaration, or the style element', () => {

        const hostile = ['#fff;}body{display:none', '#ffffff</style><script>', 'red', 'url(https://evil.example.com)', 'var(--x)', '#ffff', '#gggggg', '', ' #fff', '#fff ', '#fff\n', 7, null, {}, ['#fff'], 'rgb(0,0,0)', '\\23 fff'];
        for (const value of hostile) {
            for (const name of ['accent', 'background', 'surface', 'text', 'muted', 'border', 'error']) {
                expect(refused({ [name]: value }), `${name} ${JSON.stringify(value)}`).to.startWith(`setTheme({ ${name}: `).and.to.endWith('a colour is #rgb or #rrggbb');
            }

            expect(refused({ dark: { accent: value } })).to.startWith('setTheme({ dark.accent: ');
        }

        for (const radius of ['8', '8px;', '8px}', '-1px', '1e3px', 'calc(1px)', '9999px', '8px</style>', '', 8, null]) {
            expect(refused({ radius }), String(radius)).to.endWith('radius is a CSS length such as 8px or 0.5rem');
        }

        for (const font of ['Arial;', 'Arial}', '</style>', '"Arial', 'url(x)', 'Arial,', ',', '', '"a\\"', 'a\nb', '-', 7, null]) {
            expect(refused({ font }), String(font)).to.contain('font is font families');
        }

        expect(refused({ productName: 7 })).to.equal('setTheme(): productName is a text');
    });

    it('takes no time over a font that nearly is one', () => {

        expect(refused({ font: `${'a '.repeat(20_000)};` })).to.contain('font is font families');
        expect(refused({ font: `${'a-'.repeat(20_000)};` })).to.contain('font is font families');
    });

    it('names what there is not, and says what there is', () => {

        expect(refused({ colour: '#fff', dark: { radius: '1px' } })).to.equal('setTheme(): there is no colour, dark.radius. A theme has accent, background, surface, text, muted, border, error, dark, radius, font, productName; dark has colours only');
    });

    it('refuses colours that people cannot tell apart, by day and by night', () => {

        expect(refused({ muted: '#ccc' })).to.equal('setTheme(): muted #ccc on surface #ffffff has a contrast of 1.6, and people need 4.5 (WCAG 2.2). Choose colours that are further apart');
        expect(refused({ text: '#777777' })).to.contain('text #777777 on surface #ffffff has a contrast of 4.5, and');
        expect(refused({ text: '#767676', background: '#ffffff' })).to.equal('nothing was refused');
        expect(refused({ background: '#000' })).to.contain('text #1b1c20 on background #000');
        expect(refused({ error: '#ff8888' })).to.contain('error #ff8888 on surface');
        expect(refused({ border: '#ddd' })).to.contain('has a contrast of 1.4, and people need 3 ');
        expect(refused({ dark: { text: '#333333' } })).to.contain('dark.text #333333 on dark.surface');
    });
});

describe('styleOf()', () => {

    it('sets variables by day and by night; any accent has a text that can be read on it', () => {

        const { css } = styleOf({ accent: '#ffcc00', radius: '3px', font: '"Inter"' });
        expect(css).to.startWith(':root{color-scheme:light dark;--oauth2-radius:3px;--oauth2-font:"Inter";--oauth2-accent:#ffcc00;').and.contain('--oauth2-accent-text:#000000');
        const [, night = ''] = css.split('@media (prefers-color-scheme:dark)');
        expect(night).to.startWith('{:root{--oauth2-accent:#ffcc00;').and.contain('--oauth2-surface:#1c1f25');
        expect(styleOf({}).css).to.contain('--oauth2-accent:#0b57d0').and.contain('--oauth2-accent-text:#ffffff');
        expect(styleOf({ accent: '#ffcc00', dark: { accent: '#00f' } }).css).to.contain('--oauth2-accent:#00f');
    });

    it('hashes as a Content-Security-Policy does', () => {

        const { css, hash } = styleOf({});
        expect(hash).to.equal(`sha256-${createHash('sha256').update(css).digest('base64')}`);
        expect(hashOf('x')).to.not.equal(hash);
    });

    it('loads nothing, and stands still for people who want that', () => {

        expect(styleOf({}).css).to.not.match(/@import|url\(|expression|<|animation/i);
        expect(styleOf({}).css).to.contain('prefers-reduced-motion:reduce').and.contain(':focus-visible{outline').and.contain('min-height:2.75rem');
    });
});
