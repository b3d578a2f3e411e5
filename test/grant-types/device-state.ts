import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { approveDevice, decidedBy, denyDevice, deviceStateOf, findDevice, newDeviceCodes, openDevice, type WaitingDevice } from '../../lib/grant-types/device-state';
import { Secrets } from '../../lib/protocol/secrets';
import { readUserCode } from '../../lib/protocol/user-code';
import { grantOf } from '../../lib/stores/grant';
import { epoch } from '../fixture/clock';
import { grantBench, many, placeOf } from '../fixture/grants';
import { refusal } from '../fixture/oauth-error';

const lab = Lab.script();
const { describe, it } = lab;
export { lab };

const [older, newer] = ['o'.repeat(32), 'n'.repeat(32)];
const digestUnder = (...secrets: readonly string[]) => {

    const all = new Secrets(secrets);
    return (code: string) => all.digests('user-code', code);
};

const digest = digestUnder(older);
const expiresAt = epoch + 600_000;
const request = { clientId: 'app', flow: 'login', scopes: ['read'], resources: ['https://api.example.com'], issuedAt: epoch, expiresAt, interval: 5, data: { own: 1 } };
const alice = { subject: 'alice', authTime: 7, acr: 'gold', amr: ['pwd'] };
const bob = { ...alice, subject: 'bob' };

/** A device that waits, and what its user does. */
const openedDevice = async () => {

    const { store, clock } = grantBench();
    const { deviceCode, userCode } = await openDevice(store, newDeviceCodes(), request, digest);
    const place = placeOf(deviceCode);
    const find = async (entered = userCode, how = digest) => await findDevice(store, entered, how, clock.now());
    const device = async (): Promise<WaitingDevice> => {

        const found = await find();
        if (found === null) {
            throw new Error('No device waits');
        }

        return found;
    };

    const status = async () => (await store.get('device_code', place.key))?.value.status;
    const owner = async () => (await store.findGrant(place.grantId))?.subject ?? null;
    /** Something happens once, just before the next decision is written. */
    const justBefore = (happens: () => Promise<unknown>) => {

        const replace = store.replace.bind(store);
        store.replace = async (record, version) => {

            store.replace = replace;
            await happens();
            return await replace(record, version);
        };
    };

    return { store, clock, deviceCode, userCode, place, find, device, status, owner, justBefore };
};

describe('openDevice()', () => {

    it('stores what the device waits for, ten minutes longer than it lives, and neither code', async () => {

        const { store, clock, place, userCode, deviceCode } = await openedDevice();
        const pending = { ...request, grantId: place.grantId, polledAt: null, status: 'pending' };
        const record = await store.get('device_code', place.key);
        expect(record).to.include({ value: pending, expiresAt: expiresAt + 600_000 });
        const codes = (await store.list('user_code')).items;
        expect(codes).to.have.length(1);
        const [kept] = digest(readUserCode(userCode) ?? '');
        expect(codes[0]).to.include({ key: kept?.data ?? '', value: { deviceKey: place.key, secret: kept?.secret }, expiresAt });
        const dump = JSON.stringify([record, codes]);
        for (const secret of [deviceCode, userCode, userCode.replace('-', '')]) {
            expect(dump).to.not.include(secret);
        }

        clock.advance(600);
        expect((await store.list('user_code')).items).to.equal([]);
        expect(await store.findGrant(place.grantId)).to.be.null();
    });

    it('shows another user code if that one is taken, and leaves the first device alone', async () => {

        const { store, userCode, find, place } = await openedDevice();
        const second = await openDevice(store, { ...newDeviceCodes(), userCode }, request, digest);
        expect(second.userCode).to.match(/^[B-Z]{4}-[B-Z]{4}$/).and.to.not.equal(userCode);
        expect((await find())?.key).to.equal(place.key);
        expect((await find(second.userCode))?.key).to.equal(placeOf(second.deviceCode).key);
    });

    it('writes the device before its user code, so that a code never leads nowhere', async () => {

        const { store } = grantBench();
        store.put = async () => {

            throw new Error('The store is gone');
        };

        await expect(openDevice(store, newDeviceCodes(), request, digest)).to.reject('The store is gone');
        expect((await store.list('user_code')).items).to.equal([]);
    });

    it('attack: does not go on for ever with a store that calls every code taken', async () => {

        const { store } = grantBench();
        store.putIfAbsent = () => Promise.resolve(false);
        expect(await refusal(() => openDevice(store, newDeviceCodes(), request, digest))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
    });

    it('throws for codes that nobody could use', async () => {

        const { store } = grantBench();
        await expect(openDevice(store, { ...newDeviceCodes(), deviceCode: 'mine' }, request, digest)).to.reject(Error, 'A device code was changed on its way into the store');
        await expect(openDevice(store, { ...newDeviceCodes(), userCode: 'AEIO-UAEI' }, request, digest)).to.reject(Error, 'A user code was changed on its way into the store');
        await expect(openDevice(store, newDeviceCodes(), request, () => [])).to.reject(Error, 'A user code was changed on its way into the store');
        expect((await store.list('user_code')).items).to.equal([]);
    });
});

describe('newDeviceCodes()', () => {

    it('makes a device code with a grant id of its own, and a user code', () => {

        const all = Array.from({ length: 20 }, () => newDeviceCodes());
        expect(new Set(all.map(({ deviceCode }) => placeOf(deviceCode).grantId)).size).to.equal(20);
        for (const { deviceCode, userCode } of all) {
            expect(placeOf(deviceCode).kind).to.equal('device_code');
            expect(readUserCode(userCode)).to.not.be.null();
        }
    });
});

describe('deviceStateOf()', () => {

    it('reads each status, and throws for what is no device', () => {

        const value = { ...request, grantId: 'g', polledAt: null, status: 'pending' };
        for (const status of ['pending', 'approved', 'denied'] as const) {
            expect(deviceStateOf({ ...value, status, later: 1 })).to.equal({ ...value, status });
        }

        for (const name of Object.keys(value)) {
            expect(() => deviceStateOf({ ...value, [name]: true })).to.throw(Error, `The store answered a device code whose ${name} is not what was written`);
        }

        expect(() => deviceStateOf({ ...value, status: 'open' })).to.throw(Error, 'The store answered a device code whose status is not what was written');
        expect(() => deviceStateOf({ ...value, expiresAt: NaN })).to.throw(Error);
    });
});

describe('findDevice()', () => {

    it('finds a device by the code as somebody types it', async () => {

        const { find, userCode, place, store } = await openedDevice();
        const found = await find(` ${userCode.toLowerCase().replace('-', ' ')} `);
        expect(found?.key).to.equal(place.key);
        expect(found?.found ?? null).to.equal(await store.get('device_code', place.key));
        expect(found?.state).to.equal({ ...request, grantId: place.grantId, polledAt: null, status: 'pending' });
    });

    it('finds nothing for other texts, and does not ask the store for what is no code', async () => {

        const { find, store, deviceCode } = await openedDevice();
        expect(await find(newDeviceCodes().userCode)).to.be.null();
        store.get = async () => {

            throw new Error('Nobody asked for this');
        };

        for (const text of ['', 'BCDF', 'AEIO-UAEI', deviceCode]) {
            expect(await find(text)).to.be.null();
        }
    });

    it('finds no device that waits no more', async () => {

        for (const end of ['denied', 'approved', 'expired', 'gone'] as const) {
            const { find, device, store, clock, place } = await openedDevice();
            const waiting = await device();
            const ends = {
                denied: () => denyDevice(store, waiting),
                approved: () => approveDevice(store, waiting, alice, clock.now()),
                expired: async () => clock.advance(600),
                gone: () => store.delete('device_code', place.key)
            };
            await ends[end]();
            expect(await find()).to.be.null();
        }
    });

    it('judges the end itself: a store may be slow to forget a code', async () => {

        const { store, userCode } = await openedDevice();
        expect(await findDevice(store, userCode, digest, expiresAt - 1)).to.not.be.null();
        expect(await findDevice(store, userCode, digest, expiresAt)).to.be.null();
    });

    it('finds after a rotation of secrets what was made before it', async () => {

        const { find, store, userCode, place } = await openedDevice();
        const rotated = digestUnder(newer, older);
        expect((await find(userCode, rotated))?.key).to.equal(place.key);
        expect(await find(userCode, digestUnder(newer))).to.be.null();
        const next = await openDevice(store, newDeviceCodes(), request, rotated);
        expect(await find(next.userCode, digestUnder(newer))).to.not.be.null();
        expect(await find(next.userCode)).to.be.null();

        await openDevice(store, { ...newDeviceCodes(), userCode }, request, rotated);       // The same code under the new secret
        const both = await find(userCode, rotated);
        expect(both?.key).to.not.equal(place.key);
        expect(both === null ? null : await denyDevice(store, both)).to.be.true();
        expect((await find(userCode, rotated))?.key).to.equal(place.key);
    });

    it('throws for nonsense from the store', async () => {

        const { find, store, userCode } = await openedDevice();
        const [{ data: key } = { data: '' }] = digest(readUserCode(userCode) ?? '');
        await store.put({ kind: 'user_code', key, value: { deviceKey: 7 }, expiresAt });
        await expect(find()).to.reject(Error, 'The store answered a user code whose deviceKey is not what was written');
    });
});

describe('approveDevice()', () => {

    it('opens the grant that the device code names, for as long as the code is remembered', async () => {

        const { device, store, place, status } = await openedDevice();
        expect(await approveDevice(store, await device(), alice, epoch + 1999)).to.be.true();
        const record = await store.findGrant(place.grantId);
        expect(record?.expiresAt).to.equal(expiresAt + 600_000);
        expect(record === null ? null : grantOf(record)).to.equal({
            id: place.grantId, clientId: 'app', flow: 'login', scopes: ['read'], resources: ['https://api.example.com'], data: { own: 1 }, createdAt: epoch / 1000 + 1, claims: null, sessionId: null, sid: null, ...alice
        });
        expect(await store.findToken(place)).to.include({ value: {}, used: false, expiresAt: expiresAt + 600_000 });
        expect(await status()).to.equal('approved');
    });

    it('takes of who agreed only who that is: the rest was asked for by the device', async () => {

        const { device, store, place } = await openedDevice();
        const session = { ...alice, id: 'mine', clientId: 'evil', flow: 'other', scopes: ['admin'], resources: [], data: {} };
        expect(await approveDevice(store, await device(), session, epoch)).to.be.true();
        const record = await store.findGrant(place.grantId);
        expect(record === null ? null : grantOf(record)).to.include({ clientId: 'app', flow: 'login', scopes: ['read'], data: { own: 1 } });
    });

    it('of two users who agree the first one stays', async () => {

        const { device, store, owner, status } = await openedDevice();
        const waiting = await device();
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.true();
        expect(await approveDevice(store, waiting, bob, epoch)).to.be.false();
        expect(await owner()).to.equal('alice');
        expect(await status()).to.equal('approved');
        expect(await store.findToken({ ...waiting.state, kind: 'device_code', key: waiting.key })).to.include({ used: false });
    });

    it('of two users at once exactly one is told that it worked, and owns the grant', async () => {

        const { device, store, owner, status } = await openedDevice();
        const waiting = await device();
        const users = Array.from({ length: many }, (_none, i) => `user-${i}`);
        const answers = await Promise.all(users.map((subject) => approveDevice(store, waiting, { ...alice, subject }, epoch)));
        expect(answers.filter((answer) => answer)).to.have.length(1);
        expect(await owner()).to.equal(users[answers.indexOf(true)] ?? 'nobody');
        expect(await status()).to.equal('approved');
    });

    it('says yes to the same user again', async () => {

        const { device, store, owner } = await openedDevice();
        const waiting = await device();
        expect(await Promise.all([approveDevice(store, waiting, alice, epoch), approveDevice(store, waiting, alice, epoch)])).to.equal([true, true]);
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.true();
        expect(await owner()).to.equal('alice');
    });

    it('carries on where a process died between the grant and the decision', async () => {

        const { device, store, status, owner } = await openedDevice();
        const waiting = await device();
        const replace = store.replace.bind(store);
        store.replace = async () => {

            throw new Error('The process died');
        };

        await expect(approveDevice(store, waiting, alice, epoch)).to.reject('The process died');
        store.replace = replace;
        expect(await status()).to.equal('pending');
        expect(await approveDevice(store, await device(), bob, epoch)).to.be.false();
        expect(await approveDevice(store, await device(), alice, epoch)).to.be.true();
        expect([await status(), await owner()]).to.equal(['approved', 'alice']);
    });

    it('says no, and leaves no grant, if somebody has denied it meanwhile', async () => {

        const { device, store, owner, status, justBefore } = await openedDevice();
        const waiting = await device();
        justBefore(() => denyDevice(store, waiting));
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.false();
        expect([await status(), await owner()]).to.equal(['denied', null]);
    });

    it('says no, and leaves no grant, if the device is gone', async () => {

        const { device, store, owner, place, justBefore } = await openedDevice();
        const waiting = await device();
        justBefore(() => store.delete('device_code', place.key));
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.false();
        expect(await owner()).to.be.null();
    });

    it('says no once the grant was revoked, and opens it for nobody again', async () => {

        const { device, store, owner, place } = await openedDevice();
        const waiting = await device();
        await approveDevice(store, waiting, alice, epoch);
        await store.revokeGrant(place.grantId);
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.false();
        expect(await owner()).to.be.null();
    });

    it('is not lost to a device that polls meanwhile, whose poll is not lost either', async () => {

        const { device, store, status, place, justBefore } = await openedDevice();
        const waiting = await device();
        const polled = { ...waiting.found.value, polledAt: epoch + 1, interval: 10 };
        justBefore(() => store.replace({ kind: 'device_code', key: place.key, value: polled, expiresAt: waiting.found.expiresAt }, waiting.found.version));
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.true();
        expect(await status()).to.equal('approved');
        expect(await store.get('device_code', place.key)).to.include({ value: { ...polled, status: 'approved' }, expiresAt: expiresAt + 600_000 });
    });
});

describe('denyDevice()', () => {

    it('attack: does not go on for ever, nor does a yes, with a store that calls every record changed', async () => {

        const { device, store, status, owner } = await openedDevice();
        const waiting = await device();
        store.replace = () => Promise.resolve(false);
        expect(await refusal(() => denyDevice(store, waiting))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
        expect(await refusal(() => approveDevice(store, waiting, alice, epoch))).to.equal({ code: 'temporarily_unavailable', reason: 'lost_every_race' });
        expect([await status(), await owner()]).to.equal(['pending', 'alice']);
    });

    it('tells the device, once, and opens no grant', async () => {

        const { device, store, status, owner } = await openedDevice();
        const waiting = await device();
        expect(await denyDevice(store, waiting)).to.be.true();
        expect(await denyDevice(store, waiting)).to.be.false();
        expect([await status(), await owner()]).to.equal(['denied', null]);
        expect(await approveDevice(store, waiting, alice, epoch)).to.be.false();
        expect([await status(), await owner()]).to.equal(['denied', null]);
    });

    it('does not take back what a user has agreed to', async () => {

        const { device, store, status, owner } = await openedDevice();
        const waiting = await device();
        await approveDevice(store, waiting, alice, epoch);
        expect(await denyDevice(store, waiting)).to.be.false();
        expect([await status(), await owner()]).to.equal(['approved', 'alice']);
    });

    it('of yes and no at once one wins, and no grant outlives a no', async () => {

        for (const isNoFirst of [true, false]) {
            const { device, store, status, owner } = await openedDevice();
            const waiting = await device();
            const yes = () => approveDevice(store, waiting, alice, epoch);
            const no = () => denyDevice(store, waiting);
            const answers = await Promise.all(isNoFirst ? [no(), yes()] : [yes(), no()]);
            expect(answers.filter((answer) => answer)).to.have.length(1);
            expect(await owner()).to.equal(await status() === 'approved' ? 'alice' : null);
        }
    });
});

describe('decidedBy()', () => {

    it('is what the user has decided, whatever somebody else has, as long as it holds', async () => {

        const [waiting, connected, denied] = [await openedDevice(), await openedDevice(), await openedDevice()];
        expect(await decidedBy(waiting.store, waiting.place.key, 'alice')).to.be.null();
        expect(await decidedBy(waiting.store, 'no device', 'alice')).to.be.null();

        await approveDevice(connected.store, await connected.device(), alice, epoch);
        expect(await decidedBy(connected.store, connected.place.key, 'alice')).to.equal('approved');
        expect(await decidedBy(connected.store, connected.place.key, 'bob')).to.be.null();
        await connected.store.revokeGrant(connected.place.grantId);
        expect(await decidedBy(connected.store, connected.place.key, 'alice')).to.be.null();

        await denyDevice(denied.store, await denied.device());
        expect(await decidedBy(denied.store, denied.place.key, 'alice')).to.equal('denied');
    });
});
