import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { checkCodeChallenge, verifyCodeVerifier } from '../../lib/protocol/pkce';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** RFC 7636, appendix B. */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url');

describe('verifyCodeVerifier()', () => {

    it('accepts the example of RFC 7636 appendix B', () => {

        expect(verifyCodeVerifier(verifier, challenge)).to.be.true();
    });

    it('rule 12: refuses a wrong verifier', () => {

        expect(verifyCodeVerifier(verifier.replace(/k$/, 'l'), challenge)).to.be.false();
        expect(verifyCodeVerifier(verifier, challenge.replace(/^E/, 'e'))).to.be.false();
    });

    it('rule 4: refuses when either is missing', () => {

        expect(verifyCodeVerifier(undefined, challenge)).to.be.false();
        expect(verifyCodeVerifier(verifier, undefined)).to.be.false();
        expect(verifyCodeVerifier()).to.be.false();
        expect(verifyCodeVerifier('', '')).to.be.false();
    });

    it('never compares in the plain', () => {

        expect(verifyCodeVerifier(verifier, verifier)).to.be.false();
        expect(verifyCodeVerifier(challenge, challenge)).to.be.false();
    });

    it('takes verifiers of 43 to 128 unreserved characters only (RFC 7636 §4.1)', () => {

        for (const text of ['a'.repeat(43), 'a'.repeat(128), '-._~'.repeat(11)]) {
            expect(verifyCodeVerifier(text, hashOf(text)), text).to.be.true();
        }

        for (const text of ['a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(43)}+`, `${'a'.repeat(43)}\n`, `${'ä'.repeat(43)}`]) {
            expect(verifyCodeVerifier(text, hashOf(text)), text).to.be.false();
        }
    });
});

describe('checkCodeChallenge()', () => {

    it('accepts S256', () => {

        expect(checkCodeChallenge(challenge, 'S256', true)).to.equal({ codeChallenge: challenge, codeChallengeMethod: 'S256' });
    });

    it('rule 12: refuses none where it is required', async () => {

        expect(await refusal(() => checkCodeChallenge(undefined, undefined, true))).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
        expect(checkCodeChallenge(undefined, undefined, false)).to.equal({ codeChallenge: undefined, codeChallengeMethod: undefined });
    });

    it('refuses a method without a challenge, required or not', async () => {

        expect(await refusal(() => checkCodeChallenge(undefined, 'S256', false))).to.equal({ code: 'invalid_request', reason: 'pkce_missing' });
    });

    it('rule 12: refuses plain, also as the default that a missing method stands for', async () => {

        for (const method of ['plain', undefined, 's256', 'S512']) {
            for (const required of [true, false]) {
                expect(await refusal(() => checkCodeChallenge(challenge, method, required))).to.equal({ code: 'invalid_request', reason: 'pkce_method' });
            }
        }
    });

    it('rule 12: refuses what is no SHA-256 digest', async () => {

        for (const text of [challenge.slice(1), `${challenge}x`, `${challenge}=`, challenge.replace('-', '+'), 'x']) {
            expect(await refusal(() => checkCodeChallenge(text, 'S256', false))).to.equal({ code: 'invalid_request', reason: 'pkce_malformed' });
        }
    });
});
