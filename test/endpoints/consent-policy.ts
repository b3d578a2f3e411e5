import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { consentNeed, type ConsentPolicy } from '../../lib/endpoints/consent-policy';
import { redirectUri } from '../fixture/flows';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const asked = { responseType: 'code', state: undefined, scope: '', nonce: undefined, resource: [], codeChallenge: undefined, codeChallengeMethod: undefined, clientId: 'c' } as const;

const need = (policy: ConsentPolicy, metadata: object = {}, to = redirectUri, prompts: readonly string[] = []) =>
    consentNeed({ client: { id: 'c', metadata: { client_id: 'c', ...metadata } }, authorization: { ...asked, redirectUri: to }, prompts }, policy);

describe('consentNeed()', () => {

    it('follows the policy', () => {

        expect([need('explicit'), need('implicit'), need('none')]).to.equal(['unless_remembered', 'unless_remembered', 'never']);
        const own = { first_party: true };
        expect([need('explicit', own), need('implicit', own), need('none', own)]).to.equal(['unless_remembered', 'implied', 'never']);
        expect(need('implicit', { first_party: false })).to.equal('unless_remembered');
    });

    it('is always, whatever the policy, where the client wants it or another program could pose as it (RFC 8252 §8.6)', () => {

        const open = { token_endpoint_auth_method: 'none', first_party: true };
        for (const policy of ['explicit', 'implicit', 'none'] as const) {
            expect(need(policy, { first_party: true }, redirectUri, ['login', 'consent'])).to.equal('always');
            for (const to of ['http://127.0.0.1:1/cb', 'http://[::1]/cb', 'http://localhost/cb', 'com.example.app:/cb']) {
                expect(need(policy, open, to)).to.equal('always');
                expect(need(policy, { ...open, consent: 'none' }, to)).to.not.equal('always');
                expect(need(policy, {}, to)).to.not.equal('always');
            }

            expect(need(policy, open)).to.not.equal('always');
        }
    });
});
