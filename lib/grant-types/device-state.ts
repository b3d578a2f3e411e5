import type { Digest } from '../protocol/secrets';
import { newGrantId, newTokenValue, readTokenValue } from '../protocol/token-value';
import { newUserCode, readUserCode } from '../protocol/user-code';
import { contended } from '../stores/contended';
import { grantRecord, type Grant } from '../stores/grant';
import type { FoundRecord, PlainRecord, Store, StoredValue } from '../stores/store';
import { Stored } from '../stores/stored';

/** The kind of a device's records: of what it waits for, and of what it may redeem. */
export const deviceKind = 'device_code';

/** The kind of a record that leads from a user code to its device. */
export const userCodeKind = 'user_code';

/** How long a device code is remembered after its life, so that the device learns why (RFC 8628 §3.5). */
const traceMs = 10 * 60 * 1000;

/** What a device waits for. Times are milliseconds since the epoch. */
export interface DeviceState {
    readonly grantId: string;
    readonly clientId: string;
    readonly flow: string;
    readonly scopes: readonly string[];
    readonly resources: readonly string[];
    readonly issuedAt: number;
    readonly expiresAt: number;
    /** Seconds between polls. */
    readonly interval: number;
    readonly polledAt: number | null;
    readonly status: 'pending' | 'approved' | 'denied';
    /** What a handler of the project has put there. */
    readonly data: StoredValue;
}

/** What a device waits for, from its record; throws if the record is none. */
export const deviceStateOf = (value: StoredValue): DeviceState => {

    const stored = new Stored('device code', value);
    const status = stored.text('status');
    if (status !== 'pending' && status !== 'approved' && status !== 'denied') {
        throw new Error('The store answered a device code whose status is not what was written');
    }

    return {
        grantId: stored.text('grantId'),
        clientId: stored.text('clientId'),
        flow: stored.text('flow'),
        scopes: stored.texts('scopes'),
        resources: stored.texts('resources'),
        issuedAt: stored.number('issuedAt'),
        expiresAt: stored.number('expiresAt'),
        interval: stored.number('interval'),
        polledAt: stored.numberOrNull('polledAt'),
        status,
        data: stored.object('data')
    };
};

/** Makes the key under which a user code is kept: under each secret that one may have been made with, the current one first. */
export type DigestUserCode = (userCode: string) => readonly Digest[];

/** The codes of one device authorization (RFC 8628 §3.2). */
export interface DeviceCodes {
    readonly deviceCode: string;
    /** As it is shown. */
    readonly userCode: string;
}

/** New codes, still to be stored. */
export const newDeviceCodes = (): DeviceCodes => ({ deviceCode: newTokenValue(deviceKind, newGrantId()), userCode: newUserCode() });

/**
 * Stores the codes of a device; answers them with another user code if that one was taken. The device's record comes first: a user code
 * never leads nowhere.
 */
export const openDevice = async (store: Store, { deviceCode, userCode }: DeviceCodes, state: Omit<DeviceState, 'grantId' | 'polledAt' | 'status'>, digest: DigestUserCode): Promise<DeviceCodes> => {

    const address = readTokenValue(deviceCode);
    if (address === null) {
        throw new Error('A device code was changed on its way into the store');
    }

    const { key, grantId } = address;
    await store.put({ kind: deviceKind, key, value: { ...state, grantId, polledAt: null, status: 'pending' }, expiresAt: state.expiresAt + traceMs });
    let next = userCode;
    return await contended(async () => {

        const shown = next;
        next = newUserCode();
        return await store.putIfAbsent(userCodeRecord(key, digestOf(shown, digest), state.expiresAt)) ? { deviceCode, userCode: shown } : null;
    });
};

/** It names the secret that finds it again. */
const userCodeRecord = (deviceKey: string, { secret, data }: Digest, expiresAt: number): PlainRecord => ({ kind: userCodeKind, key: data, value: { deviceKey, secret }, expiresAt });

/** A key for all codes that cannot be read would lead the user of one to the device of another. */
const digestOf = (userCode: string, digest: DigestUserCode): Digest => {

    const letters = readUserCode(userCode);
    const [current] = letters === null ? [] : digest(letters);
    if (current === undefined) {
        throw new Error('A user code was changed on its way into the store');
    }

    return current;
};

/** A device that waits for its user. */
export interface WaitingDevice {
    readonly key: string;
    readonly state: DeviceState;
    readonly found: FoundRecord;
}

/** The device whose code a user has entered; `null` if there is none, or if it waits no more. */
export const findDevice = async (store: Store, entered: string, digest: DigestUserCode, now: number): Promise<WaitingDevice | null> => {

    const userCode = readUserCode(entered);
    for (const { data: key } of userCode === null ? [] : digest(userCode)) {
        const named = await store.get(userCodeKind, key);
        const deviceKey = named === null ? null : new Stored('user code', named.value).text('deviceKey');
        const found = deviceKey === null ? null : await store.get(deviceKind, deviceKey);
        if (deviceKey !== null && found !== null) {
            const state = deviceStateOf(found.value);
            if (state.status === 'pending' && now < state.expiresAt) {
                return { key: deviceKey, state, found };
            }
        }
    }

    return null;
};

/** Who has agreed, and how they signed in. Times are seconds since the epoch. */
export type Approval = Pick<Grant, 'authTime' | 'acr' | 'amr'> & { readonly subject: string };

/**
 * Opens the grant that the device's code redeems, and tells the device; answers `false` if somebody decided otherwise meanwhile. The grant
 * comes first and has the id that the device code names: a second approval opens nothing.
 */
export const approveDevice = async (store: Store, { key, state, found }: WaitingDevice, { subject, authTime, acr, amr }: Approval, now: number): Promise<boolean> => {

    const { grantId, clientId, flow, scopes, resources, data, expiresAt } = state;
    const grant = { id: grantId, clientId, flow, scopes, resources, data, createdAt: Math.floor(now / 1000), sessionId: null, sid: null, subject, authTime, acr, amr, claims: null };
    const ends = expiresAt + traceMs;
    const isOpened = await store.openGrant(grantRecord(grant, ends), [{ kind: deviceKind, grantId, key, value: {}, expiresAt: ends }]);
    if (!isOpened && (await store.findGrant(grantId))?.subject !== subject) {
        return false;
    }

    if (await decide(store, { key, found }, 'approved')) {
        return true;
    }

    const decided = await store.get(deviceKind, key);
    if (decided !== null && deviceStateOf(decided.value).status === 'approved') {
        return true;                                        // The same user, a moment ago
    }

    await store.revokeGrant(grantId);
    return false;
};

/** Tells the device that its user said no. */
export const denyDevice = async (store: Store, device: WaitingDevice): Promise<boolean> => await decide(store, device, 'denied');

/** The device may poll meanwhile, which changes its record too: only a decision is final. */
const decide = async (store: Store, { key, found }: Pick<WaitingDevice, 'key' | 'found'>, status: 'approved' | 'denied'): Promise<boolean> => {

    let current: FoundRecord | null = found;
    return await contended(async () => {

        if (current === null || deviceStateOf(current.value).status !== 'pending') {
            return false;
        }

        if (await store.replace({ kind: deviceKind, key, value: { ...current.value, status }, expiresAt: current.expiresAt }, current.version)) {
            return true;
        }

        current = await store.get(deviceKind, key);
        return null;
    });
};

/** What this user has decided about a device; `null` where nobody has, or somebody else agreed, or what the user agreed to has ended since. Of a denial it is not kept whose it was. */
export const decidedBy = async (store: Store, deviceKey: string, subject: string): Promise<'approved' | 'denied' | null> => {

    const found = await store.get(deviceKind, deviceKey);
    const state = found === null ? null : deviceStateOf(found.value);
    if (state?.status === 'approved') {
        return (await store.findGrant(state.grantId))?.subject === subject ? 'approved' : null;
    }

    return state?.status === 'denied' ? 'denied' : null;
};
