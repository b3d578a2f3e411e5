import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { isConfidential, mayUse } from '../clients/record';
import { OAuth2Error, answerOf } from '../error';
import { deviceCode } from '../grant-types/device-code';
import { newDeviceCodes, openDevice, type DeviceCodes, type DigestUserCode } from '../grant-types/device-state';
import { Form } from '../protocol/form';
import type { Target } from '../protocol/resources';
import type { Store, StoredValue } from '../stores/store';
import { jsonReply } from './json-reply';
import type { RateLimits } from './rate-limit';
import { formEndpoint, type EndpointRoute } from './route';

/** How long the codes of a device live: time enough to find another device and to sign in there. */
const lifeMs = 10 * 60 * 1000;

/** Seconds between polls (RFC 8628 §3.2). */
const interval = 5;

/** What is about to be told to a device that may start. */
export interface StartedDevice {
    readonly client: Client;
    readonly target: Target;
    readonly codes: DeviceCodes;
    /** Milliseconds since the epoch. */
    readonly expiresAt: number;
}

/** What a project made of it: codes of its own, another end, and data that its token handler finds again. */
export interface IssuedDeviceCodes extends Pick<StartedDevice, 'codes' | 'expiresAt'> {
    readonly data: StoredValue;
}

/** What a device authorization endpoint is made from whose clients are registered. */
export interface ProvenDeviceAuthorizationEndpoint extends Omit<EndpointRoute, 'description'> {
    /** Proves the client, or throws `invalid_client`. */
    readonly authenticate: (form: Form, request: Request) => Promise<Client>;
    /** What this client may get of what it asks for; throws `invalid_scope` or `invalid_target`. */
    readonly target: (client: Client, form: Form) => Target;
    /** The name of the flow: no other may redeem the device code. */
    readonly flow: string;
    readonly store: Store;
    /** Milliseconds since the epoch. */
    readonly clock: () => number;
    readonly digestUserCode: DigestUserCode;
    readonly limits: Pick<RateLimits, 'interaction'>;
    /** The URL of the page on which the user enters the code. */
    readonly verificationUri: () => string;
    /** Lets a project have its say before the codes are stored; may throw an OAuth2Error, which the device reads. */
    readonly issueCode?: ((started: StartedDevice, request: Request, h: ResponseToolkit) => Promise<IssuedDeviceCodes>) | undefined;
}

/** The device authorization endpoint of a flow whose clients are registered (RFC 8628 §3.1): stores the codes before it tells them. */
export const provenDeviceAuthorizationEndpoint = (endpoint: ProvenDeviceAuthorizationEndpoint): ServerRoute[] => {

    const { flow, store, issueCode } = endpoint;
    const answer: Lifecycle.Method = async (request, h) => {

        const form = Form.from(request.payload);
        const client = await endpoint.authenticate(form, request);
        if (!mayUse(client, deviceCode.type)) {
            throw new OAuth2Error('unauthorized_client', 'The client may not use device codes', { reason: 'grant_type_not_registered' });
        }

        const target = endpoint.target(client, form);
        if (!isConfidential(client)) {                          // Anybody may say its name, and each request is kept until its user comes
            await endpoint.limits.interaction(request, null);
        }

        const now = endpoint.clock();
        const started = { client, target, codes: newDeviceCodes(), expiresAt: now + lifeMs };
        const { codes, expiresAt, data } = issueCode === undefined ? { ...started, data: {} } : await answerOf(() => issueCode(started, request, h));
        const state = { clientId: client.id, flow, scopes: target.scopes, resources: target.audience, issuedAt: now, expiresAt, interval, data };
        const { deviceCode: code, userCode } = await openDevice(store, codes, state, endpoint.digestUserCode);
        const uri = endpoint.verificationUri();
        return jsonReply(h, {
            device_code: code,
            user_code: userCode,
            verification_uri: uri,
            verification_uri_complete: `${uri}?${new URLSearchParams({ user_code: userCode }).toString()}`,
            expires_in: Math.floor((expiresAt - now) / 1000),
            interval
        });
    };

    return formEndpoint({ ...endpoint, description: 'OAuth 2.0 device authorization endpoint' }, answer);
};
