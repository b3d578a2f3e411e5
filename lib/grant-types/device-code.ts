import { OAuth2Error } from '../error';
import { readTokenValue } from '../protocol/token-value';
import { grantOf, type Presented } from '../stores/grant';
import type { Store } from '../stores/store';
import { deviceKind, deviceStateOf, type DeviceState } from './device-state';
import type { GrantType } from './grant-type';
import { invalidGrant, type Proof, type ProofRequest } from './proof';

/** What a device polls with (RFC 8628 §3.4). */
export interface DeviceCodeParameters {
    readonly deviceCode: string;
}

export const deviceCode: GrantType<DeviceCodeParameters, 'urn:ietf:params:oauth:grant-type:device_code'> = {
    type: 'urn:ietf:params:oauth:grant-type:device_code',
    read: (form) => ({ deviceCode: form.require('device_code') }),
    once: ({ deviceCode: code }) => [code]
};

/** So much earlier than the interval asks is still in time: clocks and networks are not exact. */
const earlyMs = 1000;

/** What `slow_down` adds to the interval, in seconds (RFC 8628 §3.5). */
const slowerBy = 5;

/** Proves a device code and uses it up once the user has agreed; before that, says what the device has to do (RFC 8628 §3.5). */
export const proveDeviceCode = async ({ deviceCode: value }: DeviceCodeParameters, request: ProofRequest): Promise<Proof<Presented<'device_code'>>> => {

    const { store, now } = request;
    const address = readTokenValue(value);
    const found = address?.kind === deviceKind ? await store.get(deviceKind, address.key) : null;
    if (address === null || found === null) {
        throw invalidGrant('device_code_unknown');
    }

    const state = deviceStateOf(found.value);
    if (state.clientId !== request.clientId || state.flow !== request.flow) {
        throw invalidGrant('device_code_of_another_client');
    }

    if (state.status === 'denied') {
        throw new OAuth2Error('access_denied', 'The user denied the request');
    }

    const approved = state.status === 'approved' ? await store.findToken(address) : null;
    const granted = approved === null || approved.used ? null : approved.grant;
    if (state.status === 'approved' && granted === null) {
        throw invalidGrant('device_code_used_or_revoked');
    }

    if (now >= state.expiresAt) {
        throw new OAuth2Error('expired_token', 'The device code has expired');
    }

    if (granted === null) {
        throw await poll(store, { key: address.key, ...found }, state, now);
    }

    const grant = grantOf(granted);
    const target = request.narrow(grant);
    if (await store.consume(address) !== 'ok') {
        throw invalidGrant('device_code_used_or_revoked');
    }

    return {
        grant,
        presented: {
            type: deviceKind, value, grant, subject: grant.subject, active: true,
            issuedAt: Math.floor(state.issuedAt / 1000), expiresAt: Math.floor(state.expiresAt / 1000)
        },
        target,
        nonce: null,
        lineage: null,
        settle: async ({ tokens, expiresAt }) => {

            if (!await store.addTokens(grant.id, tokens, expiresAt, now)) {
                throw invalidGrant('grant_revoked');
            }

            return true;
        },
        abandon: async () => {

            await store.revokeGrant(grant.id);
        }
    };
};

/** What a device hears that asks too early, by a minute or by a second; the interval of one that asks too often grows. */
const poll = async (store: Store, { key, version, expiresAt, value }: { readonly key: string; readonly version: number; readonly expiresAt: number; readonly value: object }, { polledAt, interval }: DeviceState, now: number): Promise<OAuth2Error> => {

    const isEarly = polledAt !== null && now < polledAt + interval * 1000 - earlyMs;
    const next = { ...value, polledAt: now, interval: isEarly ? interval + slowerBy : interval };
    const isAlone = await store.replace({ kind: deviceKind, key, value: next, expiresAt }, version) || !await isWaiting(store, key);
    return isEarly || !isAlone ?
        new OAuth2Error('slow_down', `Poll at most every ${next.interval} seconds`) :
        new OAuth2Error('authorization_pending', 'The user has not decided yet');
};

/** Who was faster was another poll, unless the user decided at this moment: the device is not to blame for that. */
const isWaiting = async (store: Store, key: string): Promise<boolean> => {

    const found = await store.get(deviceKind, key);
    return found !== null && deviceStateOf(found.value).status === 'pending';
};
