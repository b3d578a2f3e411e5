import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startCertification, client1, client2, type RunningCertification } from '../fixture/certification';
import { RelyingParty } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

describe('the rules of every module', () => {

    let op: RunningCertification;
    before(async () => {

        op = await startCertification();
    });
    after(() => op.stop());

    it('rule 1: x', async () => {

        const rp = await RelyingParty.start(op);
        console.log(rp.metadata);
        const b = op.browser();
        const s = await rp.signIn(b);
        console.log(s.outcome.seen.map(({ kind }) => kind), s.reply, s.claims);
        const fp = await RelyingParty.start(op, 'form_post');
        const t = await fp.signIn(op.browser(), { scope: 'openid email profile phone address' }, { client: client2, post: true });
        console.log(t.outcome.callback, await fp.toldOf(t));
    });
});
