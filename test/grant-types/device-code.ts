import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { OAuth2Error } from '../../lib';
import { deviceCode, proveDeviceCode } from '../../lib/grant-types/device-code';
import { approveDevice, denyDevice, findDevice, newDeviceCodes, openDevice } from '../../lib/grant-types/device-state';
import type { ProofRequest } from '../../lib/grant-types/proof';
import { Form } from '../../lib/protocol/form';
import { newTokenValue } from '../../lib/protocol/token-value';
import { epoch } from '../fixture/clock';
import { grantBench, many, nothingStaged, placeOf } from '../fixture/grants';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

describe('The grant type urn:ietf:params:oauth:grant-type:device_code', () => {

    it('reads the device code', () => {

        expect(deviceCode.type).to.equal('urn:ietf:params:oauth:grant-type:device_code');
        expect(deviceCode.read(Form.from({ device_code: 'd', other: 'x' }))).to.equal({ deviceCode: 'd' });
    });

    it('needs its device_code, once', () => {

        for (const form of [{}, { device_code: '' }, { device_code: ['a', 'b'] }]) {
            expect(() => deviceCode.read(Form.from(form))).to.throw(OAuth2Error, /^The parameter 'device_code'/);
        }
    });
});

/** A device that waits for alice, and what it and she do. */
const openedDevice = async () => {

    const bench = grantBench();
    const { store, clock, request } = bench;
    const codes = newDeviceCodes();
    const digest = (code: string) => [{ secret: 'name', data: `digest of ${code}` }];
    const now = clock.now();
    const state = { clientId: 'app', flow: 'login', scopes: ['read'], resources: ['https://api.example.com'], issuedAt: now, expiresAt: now + 600_000, interval: 5, data: { own: 1 } };
    const { deviceCode: value, userCode } = await openDevice(store, codes, state, digest);
    const place = placeOf(value);
    const waiting = async () => {

        const device = await findDevice(store, userCode, digest, clock.now());
        if (device === null) {
            throw new Error('No device waits');
        }

        return device;
    };

    const approve = async () => await approveDevice(store, await waiting(), { subject: 'alice', authTime: 7, acr: 'gold', amr: ['pwd'] }, clock.now());
    const deny = async () => await denyDevice(store, await waiting());
    const prove = async (changes: Partial<ProofRequest> = {}, code = value) => await proveDeviceCode({ deviceCode: code }, request(changes));
    /** What a poll hears: the code of the refusal, and its reason where it tells more; `tokens` for a proof. */
    const poll = async (changes: Partial<ProofRequest> = {}, code = value) => {

        const refused = await refusal(() => prove(changes, code));
        return refused === null ? 'tokens' : refused.code === 'invalid_grant' ? refused.reason : refused.code;
    };

    const interval = async () => (await store.get('device_code', place.key))?.value.interval;
    return { ...bench, value, place, approve, deny, prove, poll, interval };
};

describe('proveDeviceCode()', () => {

    it('answers the grant, what was presented and what the request is for, once the user has agreed', async () => {

        const { approve, prove, clock, value, place } = await openedDevice();
        clock.advance(30.5);
        expect(await approve()).to.be.true();
        const { settle: _settle, abandon: _abandon, ...proof } = await prove({ narrow: () => ({ audience: ['x'], scopes: [] }) });
        const grant = {
            id: place.grantId, clientId: 'app', subject: 'alice', scopes: ['read'], resources: ['https://api.example.com'],
            authTime: 7, acr: 'gold', amr: ['pwd'], claims: null, sessionId: null, sid: null, flow: 'login', createdAt: epoch / 1000 + 30, data: { own: 1 }
        };
        expect(proof).to.equal({
            grant, nonce: null, lineage: null, target: { audience: ['x'], scopes: [] },
            presented: { type: 'device_code', value, grant, subject: 'alice', active: true, issuedAt: epoch / 1000, expiresAt: epoch / 1000 + 600 }
        });
    });

    it('stores what was issued with the grant, which then lives as long', async () => {

        const { approve, prove, store, clock, place: { grantId } } = await openedDevice();
        await approve();
        clock.advance(30);
        const { settle } = await prove();
        const token = { kind: 'refresh_token', grantId, key: 'k', value: {}, expiresAt: epoch + 9e6 };
        expect(await settle({ tokens: [token], expiresAt: epoch + 9e6, reply: {} })).to.be.true();
        clock.advance(8969);
        expect(await store.findToken(token)).to.not.be.null();
        expect(await store.findGrant(grantId)).to.include({ usedAt: epoch + 30_000 });
        await store.revokeGrant(grantId);
        expect(await refusal(() => settle(nothingStaged))).to.equal({ code: 'invalid_grant', reason: 'grant_revoked' });
    });

    it('ends the grant of a request that failed later on', async () => {

        const { approve, prove, store, place: { grantId } } = await openedDevice();
        await approve();
        await (await prove()).abandon();
        expect(await store.findGrant(grantId)).to.be.null();
    });

    it('refuses a text that is no device code, one that was never issued, and another kind of token', async () => {

        const { poll, place, value, store } = await openedDevice();
        const code = newTokenValue('authorization_code', place.grantId);
        await store.put({ kind: 'device_code', key: placeOf(code).key, value: {}, expiresAt: epoch + 1000 });
        for (const text of ['', 'd', `${value}A`, code, newTokenValue('device_code', place.grantId)]) {
            expect(await poll({}, text)).to.equal('device_code_unknown');
        }
    });

    it('rule 31: another client and another flow learn nothing, and use nothing up', async () => {

        const { poll, approve, clock, interval } = await openedDevice();
        for (const decided of [async () => {}, approve]) {
            await decided();
            for (const wish of [{ clientId: 'evil' }, { flow: 'other' }]) {
                expect(await poll(wish)).to.equal('device_code_of_another_client');
            }
        }

        expect(await interval()).to.equal(5);
        clock.advance(601);
        expect(await poll({ clientId: 'evil' })).to.equal('device_code_of_another_client');
    });

    it('is pending until the user has decided, however late', async () => {

        const { poll, approve, clock } = await openedDevice();
        for (let i = 0; i < 10; ++i) {
            expect(await poll()).to.equal('authorization_pending');
            clock.advance(5);
        }

        await approve();
        expect(await poll()).to.equal('tokens');
    });

    it('rule 23: a second early is in time, more is not', async () => {

        const { poll, clock, interval } = await openedDevice();
        await poll();
        clock.advance(4);
        expect(await poll()).to.equal('authorization_pending');
        clock.advance(3.999);
        expect(await poll()).to.equal('slow_down');
        expect(await interval()).to.equal(10);
    });

    it('the interval grows by five seconds with each early poll, and is remembered', async () => {

        const { poll, prove, clock, interval } = await openedDevice();
        await poll();
        await expect(prove()).to.reject(OAuth2Error, 'Poll at most every 10 seconds');
        clock.advance(5);
        await expect(prove()).to.reject(OAuth2Error, 'Poll at most every 15 seconds');       // 10 now, counted from the early poll
        clock.advance(13.999);
        expect(await poll()).to.equal('slow_down');
        clock.advance(19);
        expect(await poll()).to.equal('authorization_pending');
        expect(await interval()).to.equal(20);
    });

    it('does not ask somebody to slow down who gets the tokens', async () => {

        const { poll, approve } = await openedDevice();
        await poll();
        await approve();
        expect(await poll()).to.equal('tokens');
    });

    it('of 200 polls at once one is in time', async () => {

        const { poll, interval } = await openedDevice();
        const answers = await Promise.all(Array.from({ length: many }, () => poll()));
        expect(answers.filter((answer) => answer === 'authorization_pending')).to.have.length(1);
        expect(answers.filter((answer) => answer === 'slow_down')).to.have.length(many - 1);
        expect(await interval()).to.equal(5);
    });

    it('is not to blame for a user who decides while it polls', async () => {

        for (const decision of ['approve', 'deny', 'forget'] as const) {
            const { poll, store, place, ...device } = await openedDevice();
            const decide = { approve: device.approve, deny: device.deny, forget: () => store.delete('device_code', place.key) }[decision];
            const replace = store.replace.bind(store);
            store.replace = async (record, version) => {

                store.replace = replace;
                await decide();
                return await replace(record, version);
            };

            expect(await poll()).to.equal('authorization_pending');
            expect(await poll()).to.equal({ approve: 'tokens', deny: 'access_denied', forget: 'device_code_unknown' }[decision]);
        }
    });

    it('rule 31: an expired code is expired_token for ten minutes more, approved or not', async () => {

        for (const isApproved of [true, false]) {
            const { poll, approve, clock } = await openedDevice();
            if (isApproved) {
                await approve();
            }

            clock.advance(600);
            expect(await poll()).to.equal('expired_token');
            expect(await poll()).to.equal('expired_token');
            clock.advance(599.999);
            expect(await poll()).to.equal('expired_token');
            clock.advance(0.001);
            expect(await poll()).to.equal('device_code_unknown');
        }
    });

    it('is good until its last moment', async () => {

        const { poll, approve, clock } = await openedDevice();
        clock.advance(599.999);
        expect(await poll()).to.equal('authorization_pending');
        await approve();
        expect(await poll()).to.equal('tokens');
    });

    it('rule 31: a denied code is access_denied, also when asked again and when it has expired', async () => {

        const { poll, deny, clock } = await openedDevice();
        expect(await deny()).to.be.true();
        expect(await poll()).to.equal('access_denied');
        expect(await poll()).to.equal('access_denied');
        clock.advance(700);
        expect(await poll()).to.equal('access_denied');
    });

    it('rule 31: a used code is invalid_grant, also when it has expired; its grant lives', async () => {

        const { poll, approve, clock, store, place, reports } = await openedDevice();
        await approve();
        expect(await poll()).to.equal('tokens');
        expect(await poll()).to.equal('device_code_used_or_revoked');
        clock.advance(700);
        expect(await poll()).to.equal('device_code_used_or_revoked');
        expect(await store.findGrant(place.grantId)).to.not.be.null();
        expect(reports).to.equal([]);
    });

    it('is dead with its grant', async () => {

        const { poll, approve, store, place, prove } = await openedDevice();
        await approve();
        const narrow = () => {

            void store.revokeGrant(place.grantId);          // In memory, done when it is called
            return { audience: [], scopes: [] };
        };

        expect(await refusal(() => prove({ narrow }))).to.equal({ code: 'invalid_grant', reason: 'device_code_used_or_revoked' });
        expect(await poll()).to.equal('device_code_used_or_revoked');
        store.findToken = async () => ({ value: {}, version: 1, expiresAt: Infinity, used: false, grant: null });
        expect(await poll()).to.equal('device_code_used_or_revoked');
    });

    it('is not used up by a request for what was not granted', async () => {

        const { poll, approve } = await openedDevice();
        await approve();
        const narrow = () => {

            throw new OAuth2Error('invalid_scope', 'Too much');
        };

        expect(await poll({ narrow })).to.equal('invalid_scope');
        expect(await poll()).to.equal('tokens');
    });

    it('of 200 requests at once exactly one has a proof, and the grant lives', async () => {

        const { poll, approve, store, place } = await openedDevice();
        await approve();
        const answers = await Promise.all(Array.from({ length: many }, () => poll()));
        expect(answers.filter((answer) => answer === 'tokens')).to.have.length(1);
        expect(answers.filter((answer) => answer === 'device_code_used_or_revoked')).to.have.length(many - 1);
        expect(await store.findGrant(place.grantId)).to.not.be.null();
    });
});
