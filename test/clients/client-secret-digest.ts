import { createHash } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { clientSecretDigest } from '../../lib';
import { digestProblem } from '../../lib/clients/client-secret-digest';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('clientSecretDigest()', () => {

    it('is SHA-256 in base64url, of the octets in UTF-8', () => {

        for (const secret of ['x'.repeat(32), 'a secret of thirty-two octets!!!', 'ü'.repeat(32)]) {
            expect(clientSecretDigest(secret)).to.equal(createHash('sha256').update(secret).digest('base64url')).and.to.have.length(43);
        }
    });

    it('refuses what somebody could find by trying, and never says it', () => {

        for (const secret of ['', 'x'.repeat(31), 'correct horse battery staple', undefined, null, 12_345, ['x'.repeat(32)], Buffer.alloc(32)]) {
            // @ts-expect-error as plain JavaScript may call it
            expect(() => clientSecretDigest(secret)).to.throw('clientSecretDigest() takes a secret of 32 characters or more, which nobody can find by trying: make one with randomBytes(32).toString(\'base64url\')');
        }
    });
});

describe('digestProblem()', () => {

    it('finds nothing wrong with a digest', () => {

        for (let i = 0; i < 64; ++i) {
            expect(digestProblem(clientSecretDigest(`${i}`.padStart(32, 'x')))).to.be.undefined();
        }
    });

    it('finds what no secret has as its digest', () => {

        const octets = createHash('sha256').update('x'.repeat(32));
        const good = octets.copy().digest('base64url');
        for (const digest of [octets.copy().digest('hex'), octets.copy().digest('base64'), `${good}=`, good.slice(1), `${good.slice(0, 42)}B`, `${good.slice(0, 42)}_`, `+${good.slice(1)}`, ` ${good.slice(1)}`, `${good}\n`, '$2b$10$abcdefghijklmnopqrstuv', 'secret', '']) {
            expect(digestProblem(digest), digest).to.equal('has to be SHA-256 of the secret in 43 characters of base64url: make it with clientSecretDigest(secret)');
        }

        expect(digestProblem(createHash('sha256').digest('base64url'))).to.equal('is the digest of an empty text, often of an environment variable that is not set');
    });
});
