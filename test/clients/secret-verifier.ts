import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { secretVerifier } from '../../lib/clients/secret-verifier';
import { sha256 } from '../../lib/protocol/digest';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const presented = { clientId: 'acme', method: 'client_secret_basic' };

describe('secretVerifier()', () => {

    it('takes the secret in either reading', () => {

        const verify = secretVerifier({ ...presented, clientSecret: 'a b', clientSecretAsSent: 'a+b' });
        expect(verify('a b')).to.be.true();
        expect(verify('a+b')).to.be.true();
        expect(verify('a%20b')).to.be.false();
        expect(secretVerifier({ ...presented, clientSecret: 'a b' })('a b')).to.be.true();
    });

    it('takes nothing for nothing', () => {

        for (const clientSecret of [undefined, '', 'secret']) {
            for (const expected of [undefined, '']) {
                expect(secretVerifier({ ...presented, clientSecret })(expected)).to.be.false();
            }
        }

        expect(secretVerifier({ ...presented, clientSecret: undefined })('secret')).to.be.false();
        expect(secretVerifier({ ...presented, clientSecret: 'undefined' })(undefined)).to.be.false();
    });

    it('takes the secret whose digest is kept, and nothing for what a store made of one', () => {

        const digest = sha256('secret');
        const verify = secretVerifier({ ...presented, clientSecret: 'secret' });
        expect(verify(undefined, digest)).to.be.true();
        for (const broken of ['', digest.slice(1), `${digest}=`, sha256('other'), 'secret']) {
            expect(verify(undefined, broken), broken).to.be.false();
        }

        expect(secretVerifier({ ...presented, clientSecret: digest })(undefined, digest)).to.be.false();           // Whoever reads the store cannot present what is in it
    });
});
