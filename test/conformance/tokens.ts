import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startCertification, type RunningCertification, type SuiteClient } from '../fixture/certification';
import { plans, runModule, type Module } from '../fixture/conformance-module';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

for (const plan of plans) {
    describe(`${plan.title}: codes and refresh tokens`, { timeout: 30_000 }, () => {

        let op: RunningCertification;
        before(async () => {

            op = await startCertification();
        });
        after(() => op.stop());

        const module = (name: string, body: (module: Module) => Promise<unknown>): void => void it(name, () => runModule(op, plan, body));

        module('oidcc-codereuse', async ({ rp, client1: client, browser }) => {

            const { code } = await rp.signIn(browser, {}, { client });
            expect(rp.tokenError(await rp.redeem(client, code))).to.equal('invalid_grant');
        });

        module('oidcc-codereuse-30seconds', async ({ rp, client1: client, browser }) => {

            const signedIn = await rp.signIn(browser, {}, { client });
            op.advance(30);
            await rp.toldOf(signedIn);
            expect(rp.tokenError(await rp.redeem(client, signedIn.code))).to.equal('invalid_grant');
            expect((await rp.userinfo(signedIn.accessToken)).status).to.equal(401);
        });

        /** Signs in for access without the user, and refreshes. */
        const refreshed = async ({ rp, browser }: Module, client: SuiteClient, scope: string | undefined): Promise<string> => {

            const { reply, claims, outcome } = await rp.signIn(browser, { scope: 'openid offline_access', prompt: 'consent' }, { client });
            expect(outcome.seen.map(({ kind }) => kind)).to.include('consent');
            expect(reply.refresh_token).to.be.a.string();
            op.advance(2);
            const again = rp.tokenReply(await rp.token(client, { grant_type: 'refresh_token', refresh_token: String(reply.refresh_token), scope }));
            expect(again.token_type).to.equal('Bearer');
            const accessToken = String(again.access_token);
            const anew = await rp.idToken(String(again.id_token), { client, nonce: undefined }, { accessToken });          // It answers no request, so it has no nonce (OpenID Connect Core §12.2)
            expect([anew.iss, anew.sub, anew.aud, anew.azp, anew.auth_time]).to.equal([claims.iss, claims.sub, claims.aud, claims.azp, claims.auth_time]);
            expect(Number(anew.iat)).to.be.above(Number(claims.iat));
            await rp.toldOf({ accessToken, claims });
            return String(again.refresh_token);
        };

        module('oidcc-refresh-token', async (run) => {

            const { rp, client1, client2 } = run;
            expect(rp.metadata.grant_types_supported).to.include('refresh_token');
            expect(rp.metadata.scopes_supported).to.include('offline_access');
            await refreshed(run, client1, 'openid offline_access');
            const second = await refreshed(run, client2, undefined);
            expect(rp.tokenError(await rp.token(client1, { grant_type: 'refresh_token', refresh_token: second }))).to.equal('invalid_grant');
        });
    });
}
