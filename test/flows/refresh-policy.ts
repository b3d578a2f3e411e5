import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { defaultRefreshPolicy, refreshPolicy, type RefreshSettings } from '../../lib/flows/refresh-policy';
import { OAuth2AuthorizationCodeBuilder, OAuth2DeviceAuthorizationBuilder, OIDCAuthorizationCodeBuilder } from '../../lib';
import { devices, people, quietServer, users } from '../fixture/flows';
import { proving } from '../fixture/level-2';
import { refusalOf } from '../fixture/refusal';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const day = 86_400;
const owner = 'Flow \'login\'';

/** What plain JavaScript may hand to a setter. */
const anything = <T>(value: unknown) => value as T;

const policyOf = (settings: RefreshSettings, tokenTtl = 3600) => refreshPolicy(owner, settings, tokenTtl);

describe('refreshPolicy()', () => {

    it('rule 5: is 14 days idle, 90 days in all, 10 seconds of grace and rotation for all where nothing is said', () => {

        expect(policyOf({})).to.equal({ idle: 14 * day, absolute: 90 * day, grace: 10, rotation: 'always' });
        expect(policyOf({ lifetime: {} })).to.equal(defaultRefreshPolicy);
    });

    it('takes what was said, up to its limits', () => {

        const settings = { lifetime: { idle: 3650 * day, absolute: 3650 * day }, grace: 60, rotation: 'public' } as const;
        expect(policyOf(settings)).to.equal({ idle: 3650 * day, absolute: 3650 * day, grace: 60, rotation: 'public' });
        expect(policyOf({ lifetime: { idle: 1, absolute: 1 }, grace: 0 })).to.equal({ idle: 1, absolute: 1, grace: 0, rotation: 'always' });
        expect(policyOf({ lifetime: { idle: 90 * day } })).to.include({ idle: 90 * day, absolute: 90 * day });
    });

    it('does not let a token be idle for longer by default than it was told to live', () => {

        expect(policyOf({ lifetime: { absolute: 600 } })).to.include({ idle: 600, absolute: 600 });
        expect(policyOf({ lifetime: { absolute: 20 * day } })).to.include({ idle: 14 * day, absolute: 20 * day });
    });

    it('refuses lifetimes that cannot be meant, saying what to change', () => {

        expect(() => policyOf({ lifetime: anything(3600) })).to.throw(`${owner} has setRefreshTokenTTL(3600): give it { idle, absolute }, in seconds`);
        for (const wrong of [0, -1, 1.5, NaN, Infinity, '600', null]) {
            expect(() => policyOf({ lifetime: { absolute: anything(wrong), idle: 1 } })).to.throw(`${owner} has refresh tokens with absolute ${String(wrong)}: give setRefreshTokenTTL() whole numbers of seconds above 0`);
            expect(() => policyOf({ lifetime: { idle: anything(wrong) } })).to.throw(`${owner} has refresh tokens with idle ${String(wrong)}: give setRefreshTokenTTL() whole numbers of seconds above 0`);
        }

        const milliseconds = 90 * day * 1000;
        expect(() => policyOf({ lifetime: { absolute: milliseconds } })).to.throw(`${owner} has refresh tokens with absolute ${milliseconds}, which is more than ten years: setRefreshTokenTTL() takes seconds, not milliseconds`);
        expect(() => policyOf({ lifetime: { idle: 3650 * day + 1 } })).to.throw(`${owner} has refresh tokens with idle ${3650 * day + 1}, which is more than ten years: setRefreshTokenTTL() takes seconds, not milliseconds`);
        expect(() => policyOf({ lifetime: { idle: 2, absolute: 1 } })).to.throw(`${owner} has refresh tokens that may be idle for 2 seconds and live for 1: give setRefreshTokenTTL() an idle that is not longer than absolute`);
    });

    it('refuses grace periods that cannot be meant', () => {

        for (const wrong of [-1, 0.5, NaN, '10', null]) {
            expect(() => policyOf({ grace: anything(wrong) })).to.throw(`${owner} has a grace period of ${String(wrong)}: give setRefreshGracePeriod() a whole number of seconds from 0 to 60`);
        }

        expect(() => policyOf({ grace: 61 })).to.throw(`${owner} has a grace period of 61 seconds, in which a stolen token would pass for a retry: give setRefreshGracePeriod() 60 at most, in seconds, not milliseconds`);
    });

    it('refuses rotations that do not exist: a public client\'s token is always replaced', () => {

        for (const wrong of ['never', 'confidential', false, null]) {
            expect(() => policyOf({ rotation: anything(wrong) })).to.throw(`${owner} has setRefreshTokenRotation('${String(wrong)}'): give it 'always' or 'public', since a public client's refresh token is always replaced (RFC 9700 §4.14)`);
        }
    });

    it('refuses an idle life that is shorter than what a kept token brings: the two end together', () => {

        const lifetime = { idle: 3599 };
        expect(() => policyOf({ lifetime, rotation: 'public' })).to.throw(`${owner} has refresh tokens that are not replaced and may be idle for 3599 seconds, while the tokens they bring live 3600: with setRefreshTokenRotation('public') raise idle in setRefreshTokenTTL(), or lower setTokenTTL()`);
        expect(policyOf({ lifetime, rotation: 'always' })).to.include(lifetime);
        expect(policyOf({ lifetime: { idle: 3600 }, rotation: 'public' })).to.include({ idle: 3600 });
    });
});

describe('A flow with settings of refresh tokens', () => {

    it('is refused at registration where they cannot be meant, naming flow and setter', async () => {

        const refusal = async (flow: Parameters<typeof refusalOf>[1]) => await refusalOf((await proving([])).server, flow);
        expect(await refusal(OAuth2AuthorizationCodeBuilder.create().setRefreshTokenTTL({ absolute: 0 }))).to.match(/^Flow 'oauth2-authorization-code' has .* setRefreshTokenTTL\(\)/);
        expect(await refusal(OAuth2DeviceAuthorizationBuilder.create().setRefreshGracePeriod(10_000))).to.match(/^Flow 'oauth2-device-authorization' has .* setRefreshGracePeriod\(\)/);
        expect(await refusal(OIDCAuthorizationCodeBuilder.create().strategyName('mine').setRefreshTokenRotation(anything('never')))).to.match(/^Flow 'mine' has setRefreshTokenRotation\('never'\)/);
    });

    it('compares with the longest life of its own tokens, the ID token\'s included', async () => {

        const { server } = await proving([]);
        const short = (flow: OAuth2AuthorizationCodeBuilder | OIDCAuthorizationCodeBuilder) => flow.setTokenTTL(600).setRefreshTokenTTL({ idle: 3599 }).setRefreshTokenRotation('public');
        expect(await refusalOf(server, short(OIDCAuthorizationCodeBuilder.create()))).to.match(/while the tokens they bring live 3600/);
        expect(await refusalOf(server, short(OAuth2AuthorizationCodeBuilder.create()).setTokenTTL(3600))).to.match(/while the tokens they bring live 3600/);
        await server.register(short(OAuth2AuthorizationCodeBuilder.create()));
    });

    it('is refused at level 1, where they would do nothing', async () => {

        const sentence = (name: string, setter: string) => `Flow '${name}' has ${setter}(), which is for refresh tokens that the framework keeps, but here your handlers keep them: leave it out, or let the framework prove, with setClients() on the AuthorizationServerBuilder and without generate... handlers`;
        expect(await refusalOf(quietServer(), users().setRefreshTokenTTL({ idle: 60 }).setRefreshGracePeriod(1))).to.equal(sentence('oauth2-authorization-code', 'setRefreshTokenTTL'));
        expect(await refusalOf(quietServer(), devices().setRefreshGracePeriod(10))).to.equal(sentence('oauth2-device-authorization', 'setRefreshGracePeriod'));
        expect(await refusalOf((await proving([])).server, people().setRefreshTokenRotation('always'))).to.equal(sentence('oidc-authorization-code', 'setRefreshTokenRotation'));
    });

    it('is finished when it is registered', async () => {

        const flow = OAuth2AuthorizationCodeBuilder.create();
        await proving([flow]);
        expect(() => flow.setRefreshTokenTTL({})).to.throw(/setRefreshTokenTTL\(\) .*before server.register/);
        expect(() => flow.setRefreshGracePeriod(1)).to.throw(/setRefreshGracePeriod/);
        expect(() => flow.setRefreshTokenRotation('public')).to.throw(/setRefreshTokenRotation/);
    });
});
