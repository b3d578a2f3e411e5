import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2ErrorCode } from '../../lib/error';
import { errorReasons, errorSentences } from '../fixture/error-sources';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'errors.md'), 'utf8');

describe('docs/errors.md', () => {

    it('has each sentence that the library throws, sends or logs, word for word', () => {

        const sentences = errorSentences();
        expect(sentences.size).to.be.above(350);
        for (const known of ['No clients are registered: call setClients() on the AuthorizationServerBuilder', 'Client authentication failed', 'is not a URL', 'setIssuer(\'…\'): the issuer …. Give the URL that clients know the server by']) {
            expect(sentences.has(known), known).to.be.true();
        }

        // A new sentence needs a row there, with cause and cure; what is no error is told apart in the fixture
        expect([...sentences].filter(([words]) => !page.includes(`\`${words}\``))).to.equal([]);
    });

    it('has each reason that the log may say', () => {

        const reasons = errorReasons();
        expect(reasons.size).to.be.above(110);
        for (const known of ['code_reused', 'refresh_token_of_another_key', 'unknown_client', 'client_authentication_method_not_registered', 'id_token_hint_of_another_client', 'too_many_failures', 'user_code_unknown']) {
            expect(reasons.has(known), known).to.be.true();
        }

        const spelled = [...reasons].flatMap(([reason, path]) => (reason.startsWith('…') ? ['subject_token', 'actor_token'].map((parameter) => [reason.replace('…', parameter), path]) : [[reason, path]]));
        expect(spelled.filter(([reason]) => !page.includes(`\`${String(reason)}\``))).to.equal([]);
    });

    it('has each error code', () => {

        expect(Object.values(OAuth2ErrorCode).filter((code) => !page.includes(`\`${code}\``))).to.equal([]);
    });
});
