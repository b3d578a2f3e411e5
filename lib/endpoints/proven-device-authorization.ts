import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { Client } from '../clients/client';
import { isConfidential, mayUse } from '../clients/record';
import { OAuth2Error, answerOf } from '../error';
import { deviceCode } from '../grant-types/device-code';
import { newDeviceCodes, openDevice, type DeviceCodes, type DigestUserCode } from '../grant-types/device-state';
import { Form } from '../protocol/form';
import type { Target } from '../protocol/resources';
import { readTokenValue } from '../protocol/token-value';
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
    /** What its handler returned: members of its own reach the device. */
    readonly response: Readonly<Record<string, unknown>>;
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
        const { codes, expiresAt, data, response } = issueCode === undefined ? { ...started, data: {}, response: {} } : await answerOf(() => issueCode(started, request, h));
        const told = (userCode: string) => membersOf(codes.deviceCode, userCode, endpoint.verificationUri(), Math.floor((expiresAt - now) / 1000));
        assertOwn(response, told(codes.userCode));
        const state = { clientId: client.id, flow, scopes: target.scopes, resources: target.audience, issuedAt: now, expiresAt, interval, data };
        const { userCode } = await openDevice(store, codes, state, endpoint.digestUserCode);
        request.log(['oauth', 'issued'], { client_id: client.id, grant_id: readTokenValue(codes.deviceCode)?.grantId, scope: target.scopes.join(' '), issued: ['device_code'] });
        return jsonReply(h, { ...response, ...told(userCode) });
    };

    return formEndpoint({ ...endpoint, description: 'OAuth 2.0 device authorization endpoint' }, answer);
};

/** What a device has to know (RFC 8628 §3.2). */
const membersOf = (code: string, userCode: string, uri: string, expiresIn: number): Readonly<Record<string, unknown>> => ({
    device_code: code,
    user_code: userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?${new URLSearchParams({ user_code: userCode }).toString()}`,
    expires_in: expiresIn,
    interval
});

/** A code or an address that a handler made up leads nowhere: it may leave out what the framework makes, and not change it. */
const assertOwn = (response: Readonly<Record<string, unknown>>, made: Readonly<Record<string, unknown>>): void => {

    const changed = Object.entries(made).find(([name, value]) => ![undefined, null, '', value].includes(response[name]))?.[0];
    if (changed !== undefined) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error(`issueCode() of a device flow returned a ${changed} of its own: leave it out, the framework fills it in`)
        });
    }
};
