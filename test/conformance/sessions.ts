import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startCertification, type RunningCertification } from '../fixture/certification';
import { plans, runModule, type Module } from '../fixture/conformance-module';
import type { Outcome } from '../fixture/outside-browser';
import { longState } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

const kindsOf = ({ seen }: Outcome): readonly string[] => seen.map(({ kind }) => kind);

for (const plan of plans) {
    describe(`${plan.title}: sessions`, { timeout: 30_000 }, () => {

        let op: RunningCertification;
        before(async () => {

            op = await startCertification();
        });
        after(() => op.stop());

        const module = (name: string, body: (module: Module) => Promise<unknown>): void => void it(name, () => runModule(op, plan, body));

        module('oidcc-prompt-login', async ({ rp, client1: client, browser }) => {

            const first = await rp.signIn(browser, {}, { client });
            op.advance(2);
            const second = await rp.signIn(browser, { prompt: 'login' }, { client });
            expect(kindsOf(second.outcome)).to.equal(['sign-in']);                              // What the screenshot shows; nobody agrees twice
            expect(Number(second.claims.auth_time)).to.be.above(Number(first.claims.auth_time));
            expect(second.claims.sub).to.equal(first.claims.sub);
        });

        module('oidcc-prompt-none-not-logged-in', async ({ rp, client1, browser }) => {

            const { sent, parameters } = rp.request(client1, { prompt: 'none', state: longState() });
            const outcome = await rp.visit(browser, parameters);
            expect(rp.errorOf(outcome, sent)).to.equal('login_required');
            expect(outcome.seen).to.equal([]);
        });

        module('oidcc-prompt-none-logged-in', async ({ rp, client1: client, browser }) => {

            const first = await rp.signIn(browser, { state: longState() }, { client });
            op.advance(2);
            const second = await rp.signIn(browser, { prompt: 'none', state: longState() }, { client });
            expect(kindsOf(second.outcome)).to.equal([]);
            expect([second.claims.sub, second.claims.auth_time]).to.equal([first.claims.sub, first.claims.auth_time]);
            expect(second.claims.auth_time).to.be.a.number();
        });

        module('oidcc-max-age-1', async ({ rp, client1: client, browser }) => {

            const first = await rp.signIn(browser, {}, { client });
            op.advance(2);
            const second = await rp.signIn(browser, { max_age: '1' }, { client });
            expect(kindsOf(second.outcome)).to.equal(['sign-in']);
            expect(Number(second.claims.auth_time)).to.be.above(Number(first.claims.auth_time));
            expect(rp.now() - Number(second.claims.auth_time)).to.be.below(60);
        });

        module('oidcc-max-age-10000', async ({ rp, client1: client, browser }) => {

            const first = await rp.signIn(browser, { max_age: '15000' }, { client });
            op.advance(2);
            const second = await rp.signIn(browser, { max_age: '10000' }, { client });
            expect(kindsOf(second.outcome)).to.equal([]);
            expect(first.claims.auth_time).to.be.a.number();
            expect(second.claims.auth_time).to.equal(first.claims.auth_time);
        });

        module('oidcc-id-token-hint', async ({ rp, client1: client, browser }) => {

            const first = await rp.signIn(browser, { state: longState() }, { client });
            const second = await rp.signIn(browser, { prompt: 'none', id_token_hint: first.idToken, state: longState() }, { client });
            expect(kindsOf(second.outcome)).to.equal([]);
            expect([second.claims.sub, second.claims.auth_time]).to.equal([first.claims.sub, first.claims.auth_time]);
        });
    });
}
