import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { SigningKeys } from '../../lib/keys/signing-keys';
import { readIdTokenHint } from '../../lib/tokens/id-token';
import { signLogoutToken } from '../../lib/tokens/logout-token';
import { epoch } from '../fixture/clock';
import { claimsOf, headerOf } from '../fixture/jwt';
import { staticKeys } from '../fixture/static-keys';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const issuer = 'https://auth.example.com';

describe('signLogoutToken()', () => {

    it('signs what OpenID Connect Back-Channel Logout §2.4 asks for, and no nonce', async () => {

        const keys = new SigningKeys({ store: staticKeys, clock: () => epoch, policy: () => ({ intervalMs: 1e10, leadMs: 1, retentionMs: 1 }) });
        const issue = { issuer, clientId: 'web', alg: 'RS256', now: epoch + 999, sub: 'alice', sid: 'one' };
        const token = await signLogoutToken(keys, issue);
        const { jti, ...claims } = claimsOf(token);
        expect(headerOf(token)).to.include({ alg: 'RS256', typ: 'logout+jwt' });
        expect(claims).to.equal({ iss: issuer, aud: 'web', iat: epoch / 1000, exp: epoch / 1000 + 120, sub: 'alice', sid: 'one', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
        expect(claimsOf(await signLogoutToken(keys, issue)).jti).to.not.equal(jti);
        expect(await readIdTokenHint(keys, token, issuer)).to.be.null();
        expect(await keys.verify('id_token', 'logout+jwt', token)).to.include({ sub: 'alice' });
    });
});
