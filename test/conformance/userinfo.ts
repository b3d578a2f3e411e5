import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { startCertification, type RunningCertification } from '../fixture/certification';
import { plans, runModule, type Module } from '../fixture/conformance-module';
import type { Json } from '../fixture/relying-party';

const lab = Lab.script();
const { describe, it, before, after } = lab;
export { lab };

/** The claims of each scope (OpenID Connect Core §5.4). */
const claimsOf = {
    profile: ['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
    email: ['email', 'email_verified'],
    address: ['address'],
    phone: ['phone_number', 'phone_number_verified']
};

/** Each claim is of the kind that it has to be. */
const assertKinds = (told: Json): void => {

    for (const [name, value] of Object.entries(told)) {
        const kind: string = typeof value;
        expect(kind, name).to.equal(name.endsWith('_verified') ? 'boolean' : { updated_at: 'number', address: 'object' }[name] ?? 'string');
    }

    expect(told.birthdate ?? '1815').to.match(/^\d{4}(?:-\d{2}-\d{2})?$/);
    expect(Object.values({ ...Object(told.address) }).every((line) => typeof line === 'string' && line !== '')).to.be.true();
};

for (const plan of plans) {
    describe(`${plan.title}: UserInfo`, { timeout: 30_000 }, () => {

        let op: RunningCertification;
        before(async () => {

            op = await startCertification();
        });
        after(() => op.stop());

        const module = (name: string, body: (module: Module) => Promise<unknown>): void => void it(name, () => runModule(op, plan, body));

        module('oidcc-userinfo-get', async ({ rp, client1: client, browser }) => {

            expect(await rp.toldOf(await rp.signIn(browser, {}, { client }))).to.equal({ sub: 'user-1' });
        });

        module('oidcc-userinfo-post-header', async ({ rp, client1: client, browser }) => {

            expect(await rp.toldOf(await rp.signIn(browser, {}, { client }), 'post-header')).to.equal({ sub: 'user-1' });
        });

        module('oidcc-userinfo-post-body', async ({ rp, client1: client, browser }) => {

            expect(await rp.toldOf(await rp.signIn(browser, {}, { client }), 'post-body')).to.equal({ sub: 'user-1' });
        });

        const scopeModule = async ({ rp, client1: client, browser }: Module, asked: readonly (keyof typeof claimsOf)[]): Promise<void> => {

            expect(rp.metadata.scopes_supported).to.include(['openid', ...asked]);                      // Else the module is skipped
            const told = await rp.toldOf(await rp.signIn(browser, { scope: ['openid', ...asked].join(' ') }, { client }));
            expect(Object.keys(told).sort()).to.equal(['sub', ...asked.flatMap((scope) => claimsOf[scope])].sort());
            expect(rp.metadata.claims_supported).to.include(Object.keys(told));
            assertKinds(told);
        };

        module('oidcc-scope-profile', (run) => scopeModule(run, ['profile']));
        module('oidcc-scope-email', (run) => scopeModule(run, ['email']));
        module('oidcc-scope-address', (run) => scopeModule(run, ['address']));
        module('oidcc-scope-phone', (run) => scopeModule(run, ['phone']));
        module('oidcc-scope-all', (run) => scopeModule(run, ['profile', 'email', 'address', 'phone']));

        module('oidcc-claims-essential', async ({ rp, client1: client, browser }) => {

            const signedIn = await rp.signIn(browser, { claims: '{"userinfo":{"name":{"essential":true}}}' }, { client });          // No name in the ID token
            expect(await rp.toldOf(signedIn)).to.equal({ sub: 'user-1', name: 'Ada Lovelace' });
        });
    });
}
