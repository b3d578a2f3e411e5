import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import type { ResponseToolkit } from '@hapi/hapi';

import type { AuthenticateUser } from '../../lib';
import { withFormAcr } from '../../lib/authorization-server/form-acr';
import { authenticatedUser } from '../../lib/endpoints/authenticate-user';
import { quietServer } from '../fixture/flows';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const credentials = { username: 'ada', password: 'lovelace', acrValues: [], parameters: {} };

describe('withFormAcr()', () => {

    const ask = async (authenticate: AuthenticateUser) => await authenticatedUser(withFormAcr(authenticate, () => 'urn:form'), credentials, (await quietServer().inject('/')).request, {} as ResponseToolkit);

    it('says what a password is worth where the handler does not, and changes nothing else', async () => {

        expect(await ask(() => 's')).to.equal({ subject: 's', name: 'ada', acr: 'urn:form', amr: [] });
        expect(await ask(async () => ({ subject: 's', name: 'Ada', amr: ['pwd'], acr: null }))).to.equal({ subject: 's', name: 'Ada', acr: 'urn:form', amr: ['pwd'] });
        expect(await ask(() => ({ subject: 's', acr: 'urn:two-factors' }))).to.equal({ subject: 's', name: 'ada', acr: 'urn:two-factors', amr: [] });
        expect(await ask(() => null)).to.be.null();
    });

    it('makes no user of what is none', async () => {

        for (const nonsense of [undefined, false, 5, [], {}, { subject: 's', acr: '' }, { subject: 's', acr: 5 }]) {
            expect(await refusal(async () => await ask((() => nonsense) as AuthenticateUser)), JSON.stringify(nonsense)).to.equal({ code: 'server_error', reason: 'handler_returned_nonsense' });
        }

        await expect(ask(() => {

            throw new Error('The directory is away');
        })).to.reject('The directory is away');
    });
});
