import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OIDCAuthorizationCodeBuilder, type AccessTokenFormat } from '../../lib';
import { testClock } from '../fixture/clock';
import { foreignStore, proving, secrets } from '../fixture/level-2';
import { basic, form } from '../fixture/provision';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

type Member = Readonly<Record<string, unknown>>;

/** What a store whose clock stands still answers long after: the token's end has come, or its grant's. */
const lateAnswers: Readonly<Record<string, Readonly<Record<string, (found: Member) => Member | null>>>> = {
    'an expired token': { findToken: (found) => ({ ...found, expiresAt: 1 }) },
    'an expired grant': { findToken: (found) => ({ ...found, grant: { ...Object(found.grant), expiresAt: 1 } }), findGrant: (found) => ({ ...found, expiresAt: 1 }) }
};

describe('A store that answers what has expired', () => {

    for (const format of ['jwt', 'opaque'] satisfies AccessTokenFormat[]) {
        for (const [name, late] of Object.entries(lateAnswers)) {
            it(`is not believed of ${name}, with access tokens of the format ${format}`, async () => {

                let isLate = false;
                const replaced = Object.fromEntries(Object.entries(late).map(([method, change]) => [method, async (own: unknown) => {

                    const found: unknown = await Reflect.apply(own as () => unknown, null, []);
                    return isLate && found !== null ? change({ ...Object(found) }) : found;
                }]));
                const { store } = foreignStore(testClock().now, replaced);
                const { openCode, redeem, refresh, get, server } = await proving([OIDCAuthorizationCodeBuilder.create().setAccessTokenFormat(format)], (hub) => hub.setStore(store).setRevocationWindow(0));
                const [one, two] = [await openCode(), await openCode()];
                const { body } = await redeem(one.value);
                const introspect = async () => (await server.inject(form('/oauth2/introspect', { token: String(body.access_token) }, { authorization: basic('web', secrets.web) }))).payload;
                const userinfo = async () => (await server.inject({ url: '/oauth2/userinfo', headers: { authorization: `Bearer ${String(body.access_token)}` } })).statusCode;
                expect([await get(body.access_token), await userinfo(), JSON.parse(await introspect()).active]).to.equal([200, 200, true]);
                isLate = true;
                expect((await redeem(two.value)).body.error).to.equal('invalid_grant');
                expect((await refresh(body.refresh_token)).body.error).to.equal('invalid_grant');
                const isSigned = format === 'jwt' && name === 'an expired token';           // Its own end is in its claims, not in the store
                expect([await get(body.access_token), await userinfo(), JSON.parse(await introspect()).active]).to.equal(isSigned ? [200, 200, true] : [401, 401, false]);
                isLate = false;
                expect((await redeem(two.value)).statusCode).to.equal(200);
            });
        }
    }
});
