import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { issuer } from '../../lib/flows/issuer';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('issuer()', () => {

    it('serialises what is due and answers null for what is not, without serialising anything', async () => {

        const serialised: unknown[] = [];
        const tokens = issuer(async (data: { readonly sub: string }) => {

            serialised.push(data);
            return `token of ${data.sub}`;
        });
        const [due, notDue]: [string, string | null] = [await tokens.issue({ sub: 'alice' }), await tokens.issue(null)];
        expect([due, notDue]).to.equal(['token of alice', null]);
        expect(serialised).to.equal([{ sub: 'alice' }]);
    });

    it('rejects with what serialising rejects with', async () => {

        const tokens = issuer(async (_data: object): Promise<string> => Promise.reject(new Error('No key')));
        await expect(tokens.issue({})).to.reject('No key');
    });
});
