import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { chooseLocale, directionOf } from '../../lib/pages/locale';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const available = [{ locale: 'en' }, { locale: 'fr' }, { locale: 'de' }, { locale: 'pt-BR' }, { locale: 'zh-Hant-TW' }] as const;
const choose = (uiLocales?: string, acceptLanguage?: string) => chooseLocale<{ readonly locale: string }>(available, uiLocales, acceptLanguage).locale;

describe('chooseLocale()', () => {

    it('takes ui_locales in the order that is wanted, before what the browser says', () => {

        expect(choose('de fr', 'fr')).to.equal('de');
        expect(choose('xx fr', 'de')).to.equal('fr');
        expect(choose('fr-CA', 'de')).to.equal('fr');
        expect(choose('xx yy', 'de')).to.equal('de');
    });

    it('takes Accept-Language by quality, and in order where that is the same', () => {

        expect(choose(undefined, 'de;q=0.5, fr;q=0.8, en;q=0.1')).to.equal('fr');
        expect(choose(undefined, 'de, fr')).to.equal('de');
        expect(choose(undefined, 'fr ; q=0.3 , de ;Q=0.4')).to.equal('de');
        expect(choose(undefined, 'fr;q=0, xx')).to.equal('en');
        expect(choose(undefined, '*')).to.equal('en');
    });

    it('takes a language from elsewhere for the language, in any case', () => {

        expect(choose('FR-be')).to.equal('fr');
        expect(choose('pt')).to.equal('pt-BR');
        expect(choose('pt-PT')).to.equal('pt-BR');
        expect(choose('zh-hant-tw')).to.equal('zh-Hant-TW');
    });

    it('is the first for whoever wants none of them', () => {

        expect(choose()).to.equal('en');
        expect(choose('', '')).to.equal('en');
        expect(choose('it ja', 'ko, xx;q=0.3')).to.equal('en');
    });

    it('takes anything, and no time', () => {

        const hostile = [
            ';q=1', 'fr;q=', 'fr;q=2', 'fr;q=1;q=1', 'fr;q=0.5e9', 'fr;q=-1', 'fr;level=1', ',,,,', '\0', '__proto__', 'constructor', '-', '----', '../../etc/passwd', '<script>', '\ud800', `${'a-'.repeat(50_000)}fr`, 'x,'.repeat(50_000)
        ];
        for (const header of hostile) {
            expect(choose(header, header), header.slice(0, 20)).to.equal('en');
        }

        expect(choose(undefined, `${'xx,'.repeat(19)}fr`)).to.equal('fr');
        expect(choose(undefined, `${'xx,'.repeat(20)}fr`)).to.equal('en');
        expect(choose(`${'xx '.repeat(20)}fr`)).to.equal('en');
        expect(choose(undefined, `${' '.repeat(1000)}fr`)).to.equal('en');
    });
});

describe('directionOf()', () => {

    it('knows who writes from right to left', () => {

        expect(['en', 'de', 'ar', 'he-IL', 'fa', 'az', 'az-Arab', 'ur-Latn', 'yi-Hebr'].map(directionOf)).to.equal(['ltr', 'ltr', 'rtl', 'rtl', 'rtl', 'ltr', 'rtl', 'ltr', 'rtl']);
    });
});
