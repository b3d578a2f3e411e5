import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { isSigningAlgorithm, signingAlgorithms } from '../../lib/protocol/signing-algorithm';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('isSigningAlgorithm()', () => {

    it('knows asymmetric algorithms only', () => {

        expect(signingAlgorithms.every(isSigningAlgorithm)).to.be.true();
        expect(signingAlgorithms).to.include(['ES256', 'RS256', 'PS256', 'EdDSA']);
        for (const value of ['HS256', 'none', 'es256', '', 'RSA1_5', ['ES256'], null, undefined]) {
            expect(isSigningAlgorithm(value), String(value)).to.be.false();
        }
    });
});
