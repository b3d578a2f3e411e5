import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import type { PresentedClient } from '../clients/method';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import { Form } from '../protocol/form';
import type { TokenErrorResponse } from '../tokens/response';
import { jsonReply } from './json-reply';
import { formEndpoint, type EndpointRoute } from './route';

/** What a device sends to start (RFC 8628 §3.1). */
export interface DeviceAuthorizationContext {
    readonly clientId: string;
    readonly clientSecret: string | undefined;
    /** The registered name of the method the client used; `none` proves nothing. */
    readonly clientAuthenticationMethod: string;
    /** Whether the presented secret is this one, in constant time; false when either is missing. */
    readonly verifyClientSecret: (expected?: string) => boolean;
    readonly scope: string | undefined;
    readonly resource: readonly string[];
}

/** The reply to a device (RFC 8628 §3.2). */
export interface DeviceCodeResponse {
    device_code: string;
    /** Short, and easy to read aloud. */
    user_code: string;
    /** Where the user enters the code; the flow's own page when left out. */
    verification_uri?: string | undefined;
    verification_uri_complete?: string | undefined;
    /** Lifetime of the codes in seconds: 600 when left out. */
    expires_in?: number | undefined;
    /** Seconds between polls: 5 when left out. */
    interval?: number | undefined;
    [member: string]: unknown;
}

/** What a handler returns; `null` stands for `invalid_request`. */
export type DeviceCodeResult = DeviceCodeResponse | TokenErrorResponse | null;

/** Makes the codes of one device authorization and keeps them. */
export type GenerateDeviceCode = (ctx: DeviceAuthorizationContext, request: Request, h: ResponseToolkit) => DeviceCodeResult | Promise<DeviceCodeResult>;

/** What a device authorization endpoint is made from. */
export interface DeviceAuthorizationEndpoint extends Omit<EndpointRoute, 'description'> {
    readonly authenticate: (form: Form, request: Request) => Promise<PresentedClient>;
    readonly scope: (form: Form) => string | undefined;
    readonly verifyClientSecret: (client: PresentedClient) => (expected?: string) => boolean;
    readonly generateCode: GenerateDeviceCode;
    /** The URL of the flow's own verification page, if it has one. */
    readonly verificationUri: () => string | undefined;
}

/** The device authorization endpoint (RFC 8628 §3.1). */
export const deviceAuthorizationEndpoint = (endpoint: DeviceAuthorizationEndpoint): ServerRoute[] => {

    const answer: Lifecycle.Method = async (request, h) => {

        const form = Form.from(request.payload);
        const client = await endpoint.authenticate(form, request);
        const result: unknown = await answerOf(() => endpoint.generateCode({
            clientId: client.clientId,
            clientSecret: client.clientSecret,
            clientAuthenticationMethod: client.method,
            verifyClientSecret: endpoint.verifyClientSecret(client),
            scope: endpoint.scope(form),
            resource: form.all('resource')
        }, request, h));
        return jsonReply(h, deviceReply(result, endpoint.verificationUri()));
    };

    return formEndpoint({ ...endpoint, description: 'OAuth 2.0 device authorization endpoint' }, answer);
};

const deviceReply = (result: unknown, verificationUri: string | undefined): Readonly<Record<string, unknown>> => {

    if (result === null) {
        throw new OAuth2Error('invalid_request', 'The request was not accepted', { reason: 'handler_returned_null' });
    }

    // A member that a handler has no value for is left out: over the defaults it would delete what the device needs
    const members: Readonly<Record<string, unknown>> = typeof result === 'object' ?
        Object.fromEntries(Object.entries({ ...result }).filter(([, value]) => value !== undefined && value !== null)) :
        {};
    const { error, device_code: deviceCode, user_code: userCode } = members;
    const refusal = refusalIn(members);
    if (refusal !== null) {
        throw refusal;
    }

    const uri = members.verification_uri ?? verificationUri;
    if (error !== undefined || typeof deviceCode !== 'string' || typeof userCode !== 'string' || typeof uri !== 'string') {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('generateCode() of a device flow returned no device_code, user_code and verification_uri: return all three, or leave verification_uri out and call verifyUserCode()')
        });
    }

    return {
        verification_uri_complete: members.verification_uri === undefined ? `${uri}?${new URLSearchParams({ user_code: userCode }).toString()}` : undefined,
        expires_in: 600,
        interval: 5,
        ...members,
        verification_uri: uri
    };
};
