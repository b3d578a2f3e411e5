import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { looksOf } from '../../lib/pages/look';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('looksOf()', () => {

    it('is one for each language, English first, all with one style', () => {

        const looks = looksOf({ ar: { allow: 'سماح' } }, { productName: 'Acme' });
        expect(looks.map(({ locale, dir }) => `${locale} ${dir}`)).to.equal(['en ltr', 'fr ltr', 'de ltr', 'es ltr', 'ar rtl']);
        expect(new Set(looks.map(({ style }) => style)).size).to.equal(1);
        expect(looks.every(({ productName }) => productName === 'Acme')).to.be.true();
    });

    it('refuses a theme and texts that cannot be meant', () => {

        expect(() => looksOf({}, { accent: '#fff}' })).to.throw(/^setTheme/);
        expect(() => looksOf({ '?': {} }, {})).to.throw(/^setTexts/);
    });
});
