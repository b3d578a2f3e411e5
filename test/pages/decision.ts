import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accountNote, decisionButtons } from '../../lib/pages/decision';
import { attack, attacksShown, look } from '../fixture/pages';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('A page that asks for a decision', () => {

    it('names who is signed in, as text', () => {

        expect(String(accountNote('ada', look('fr').texts))).to.equal('Vous êtes connecté en tant que <strong>ada</strong>.');
        expect(attacksShown(String(accountNote(attack, look().texts)))).to.equal(1);
    });

    it('has a button for each answer, the first of them for yes, and lets go who is somebody else', () => {

        const values = (canChangeAccount: boolean) => [...String(decisionButtons(canChangeAccount, look().texts)).matchAll(/<button type="submit" name="(\w+)" value="(\w+)"/g)].map(([, name, value]) => `${String(name)}=${String(value)}`);
        expect(values(false)).to.equal(['decision=allow', 'decision=deny']);
        expect(values(true)).to.equal(['decision=allow', 'decision=deny', 'change_account=1']);
    });
});
