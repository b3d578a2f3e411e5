import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OIDCAuthorizationCodeBuilder, type Presented } from '../../lib';
import { proving } from '../fixture/level-2';
import { device, deviceCodeType } from '../fixture/registered-server';
import { ruleServer } from '../fixture/rule-server';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

/** A server of users: what its handlers were told was presented, and why others were refused. */
const bench = async () => {

    const told: { readonly grantType: string; readonly presented: Presented; readonly subject: string }[] = [];
    const flow = OIDCAuthorizationCodeBuilder.create()
        .tokenRoute((route) => route.issueTokens(async ({ grantType, presented, subject, defaultResponse }) => {

            told.push({ grantType, presented, subject });
            return await defaultResponse();
        }))
        .refreshTokenRoute((route) => route.issueTokens(async ({ grantType, presented, subject, refreshTokenIssuer, getDefaultRefreshTokenData, defaultResponse }) => {

            told.push({ grantType, presented, subject });
            expect([refreshTokenIssuer, getDefaultRefreshTokenData()]).to.not.include(null);
            return await defaultResponse();
        }));
    const made = await proving([flow]);
    const reasons: unknown[] = [];
    made.server.events.on({ name: 'request', channels: 'app' }, (_request, { data }) => reasons.push(Object(data).reason));
    return { ...made, told, reasons };
};

describe('What a code or token of a user adds to a context', () => {

    it('is the code or token, resolved, its user, and what issues the next refresh token', async () => {

        const { openCode, openRefresh, redeem, refresh, told } = await bench();
        const [code, token] = [await openCode(), await openRefresh()];
        expect([(await redeem(code.value)).statusCode, (await refresh(token.value)).statusCode]).to.equal([200, 200]);
        expect(told.map(({ grantType, presented, subject }) => [grantType, presented.type, presented.value, presented.grant.id, presented.subject, presented.active, subject])).to.equal([
            ['authorization_code', 'authorization_code', code.value, code.grant.id, 'alice', true, 'alice'],
            ['refresh_token', 'refresh_token', token.value, token.grant.id, 'alice', true, 'alice']
        ]);
    });

    it('has the grant type of a device, too', async () => {

        const { send, enterUserCode, clock } = await ruleServer({ flows: [device().tokenRoute((route) => route.issueTokens(async ({ grantType, presented, defaultResponse }) => ({ ...await defaultResponse(), said: [grantType, presented.type] })))] });
        const { body } = await send('/oauth2/device_authorization', {}, 'tv');
        await (await enterUserCode(body.user_code)).decide('allow');
        clock.advance(5);
        expect((await send('/oauth2/token', { grant_type: deviceCodeType, device_code: String(body.device_code) }, 'tv')).body.said).to.equal([deviceCodeType, 'device_code']);
    });

    it('is refused where nobody signed in, before any handler runs', async () => {

        const { openRefresh, refresh, told, reasons } = await bench();
        const { body } = await refresh((await openRefresh({ subject: null })).value);
        expect(body.error).to.equal('invalid_grant');
        expect([told, reasons]).to.equal([[], ['grant_without_user']]);
    });

    it('rule 17: is refused where the user is called what the client is, whose own token it would pass for (RFC 9700 §4.15)', async () => {

        const { openCode, openRefresh, redeem, refresh, told, reasons } = await bench();
        const answers = [await redeem((await openCode({ subject: 'web' })).value), await refresh((await openRefresh({ subject: 'web' })).value)];
        expect(answers.map(({ body }) => body.error)).to.equal(['invalid_grant', 'invalid_grant']);
        expect([told, reasons]).to.equal([[], ['subject_is_client', 'subject_is_client']]);
    });
});
