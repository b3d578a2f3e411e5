import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { authorizationCode } from '../../lib/grant-types/authorization-code';
import { Form } from '../../lib/protocol/form';
import { codeChallenge, codeVerifier } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type authorization_code', () => {

    it('reads the code, the verifier and the redirect URI', () => {

        expect(authorizationCode.type).to.equal('authorization_code');
        expect(authorizationCode.read(Form.from({ code: 'c', code_verifier: 'v', redirect_uri: 'https://app.example.com', other: 'x' }))).to.include({ code: 'c', codeVerifier: 'v', redirectUri: 'https://app.example.com' });
        expect(authorizationCode.read(Form.from({ code: 'c' }))).to.include({ codeVerifier: undefined, redirectUri: undefined });
        expect(() => authorizationCode.read(Form.from({ code: 'c', code_verifier: ['a', 'b'] }))).to.throw(OAuth2Error);
    });

    it('gives the check of a verifier, which may be destructured', () => {

        const { verifyCodeVerifier } = authorizationCode.read(Form.from({ code: 'c' }));
        expect(verifyCodeVerifier(codeVerifier, codeChallenge)).to.be.true();
        expect(verifyCodeVerifier(codeVerifier, codeVerifier)).to.be.false();
        expect(verifyCodeVerifier(undefined, codeChallenge)).to.be.false();
        expect(verifyCodeVerifier(codeVerifier)).to.be.false();
    });

    it('needs its code, once', () => {

        for (const form of [{}, { code: '' }, { code: ['a', 'b'] }]) {
            expect(() => authorizationCode.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'code'/);
        }
    });
});
