import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Issuers } from '../../lib/flows/issuer';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const counting = () => {

    let made = 0;
    const issuers = new Issuers();
    return { issuers, ...issuers.issuing(async ({ sub }: { readonly sub: string }) => `token ${++made} of ${sub}`) };
};

describe('Issuers', () => {

    it('serialise what is due and answer null for what is not, without serialising anything', async () => {

        const { issuer } = counting();
        const [due, notDue]: [string, string | null] = [await issuer.issue({ sub: 'alice' }), await issuer.issue(null)];
        expect([due, notDue]).to.equal(['token 1 of alice', null]);
        expect(await issuer.issue({ sub: 'bob' })).to.equal('token 2 of bob');
    });

    it('know what was issued last, be it still on its way, and issue the default only where nothing was', async () => {

        const { issuer, issued, latest } = counting();
        expect(latest()).to.be.undefined();
        expect(await issued(null)).to.be.null();
        const begun = issuer.issue({ sub: 'alice' });
        expect(await issued({ sub: 'default' })).to.equal('token 1 of alice');
        expect(await latest()).to.equal(await begun);
        expect(await counting().issued({ sub: 'default' })).to.equal('token 1 of default');
    });

    it('reject with what serialising rejects with, which was not issued', async () => {

        const { issuer, issued } = new Issuers().issuing(async ({ sub }: { readonly sub: string }): Promise<string> => (sub === 'mallory' ? Promise.reject(new Error('No key')) : `token of ${sub}`));
        await issuer.issue({ sub: 'alice' });
        await expect(issuer.issue({ sub: 'mallory' })).to.reject('No key');
        expect(await issued({ sub: 'default' })).to.equal('token of alice');
    });

    it('attack: throw once they are closed, for nothing too; what they had begun is done by then', async () => {

        const { issuers, issuer } = counting();
        let isDone = false;
        void issuer.issue({ sub: 'alice' }).then(() => {

            isDone = true;
        });
        await issuers.close();
        await Promise.resolve();
        expect(isDone).to.be.true();
        await expect(issuer.issue({ sub: 'alice' })).to.reject(Error, /kept and called after its handler had returned/);
        await expect(issuer.issue(null)).to.reject(Error, /kept and called/);
    });
});
