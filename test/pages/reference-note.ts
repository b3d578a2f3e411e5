import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { referenceNote } from '../../lib/pages/reference-note';
import { attack, attacksShown, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('referenceNote()', () => {

    it('has the number in every language, as text', () => {

        const notes = ['en', 'fr', 'de', 'es'].map((locale) => String(referenceNote('BCDF2345', look(locale).texts)));
        expect(new Set(notes).size).to.equal(4);
        for (const note of notes) {
            expect(note).to.contain('<strong><code>BCDF2345</code></strong>').and.not.contain('{');
        }

        expect(attacksShown(String(referenceNote(attack, look().texts)))).to.equal(1);
    });
});
