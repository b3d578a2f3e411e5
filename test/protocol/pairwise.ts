import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { isPairwiseSalt, pairwiseSubject } from '../../lib/protocol/pairwise';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const salt = 's'.repeat(32);

describe('A pairwise subject (OpenID Connect Core §8.1)', () => {

    it('is the same each time, in each version of this package', () => {

        expect(pairwiseSubject(salt, 'app.example.com', 'alice')).to.equal(pairwiseSubject(salt, 'app.example.com', 'alice'));
        expect(pairwiseSubject(salt, 'app.example.com', 'alice')).to.equal('eyepMghtsvutVTIfXCptnKYhR2XorvU5ei6Z2rDMF9w');
    });

    it('is another one for another sector, user or salt, and no two of them can be mixed up', () => {

        const subjects = [
            pairwiseSubject(salt, 'app.example.com', 'alice'), pairwiseSubject(salt, 'other.example.com', 'alice'), pairwiseSubject(salt, 'app.example.com', 'bob'),
            pairwiseSubject('t'.repeat(32), 'app.example.com', 'alice'), pairwiseSubject(salt, 'a', 'b"c'), pairwiseSubject(salt, 'a"b', 'c'), pairwiseSubject(salt, 'a","b', 'c'), pairwiseSubject(salt, 'a', 'b","c')
        ];
        expect(new Set(subjects).size).to.equal(subjects.length);
        for (const subject of subjects) {
            expect(subject).to.match(/^[\w-]{43}$/);
        }
    });

    it('needs a salt that nobody can guess', () => {

        expect([salt, 's'.repeat(31), '', null, undefined, 32, Array(40).fill('x')].map(isPairwiseSalt)).to.equal([true, false, false, false, false, false, false]);
    });
});
