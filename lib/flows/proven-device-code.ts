import type { Request, ResponseToolkit } from '@hapi/hapi';

import { handlerUtilities } from '../authorization-server/handler-utilities';
import type { IssuedDeviceCodes, StartedDevice } from '../endpoints/proven-device-authorization';
import { OAuth2Error, answerOf, refusalIn } from '../error';
import type { StoredValue } from '../stores/store';
import { Issuers } from './issuer';
import type { CodeData, IssueCode, ProvenDeviceCodeContext, ProvenDeviceCodeResponse } from './proven-context';
import type { FlowRuntime } from './runtime';

/** A handler that has its say in the codes of a device. */
export type IssueDeviceCode = IssueCode<ProvenDeviceCodeContext, ProvenDeviceCodeResponse>;

/** The codes of a device as a handler wants them: stored once it has returned, and not if it failed. */
export const provenDeviceCode = ({ shared }: FlowRuntime, issueCode: IssueDeviceCode) => async ({ client, target, codes, expiresAt }: StartedDevice, request: Request, h: ResponseToolkit): Promise<IssuedDeviceCodes> => {

    let issued: { readonly expiresAt: number; readonly data: StoredValue } | undefined;
    const issuers = new Issuers();
    const { issuer: deviceCodeIssuer, ...deviceCode } = issuers.issuing<CodeData, string>(async ({ exp, ...data }) => {

        if (issued !== undefined || !(Number.isSafeInteger(exp) && exp * 1000 > shared.clock() && exp * 1000 <= expiresAt)) {
            throw new Error('issueCode() of a device flow issued two codes, or one that lives longer than 10 minutes: give exp in seconds since the epoch');
        }

        issued = { expiresAt: exp * 1000, data };
        return codes.deviceCode;
    });
    const getDefaultDeviceCodeData = (): CodeData => ({ exp: Math.floor(expiresAt / 1000) });
    const result: unknown = await answerOf(() => issueCode({
        ...handlerUtilities(request, shared.clock),
        client, getDefaultDeviceCodeData, deviceCodeIssuer,
        scopes: [...target.scopes],                         // A copy: what a handler does to it widens nothing
        resources: [...target.audience],
        defaultResponse: async () => ({ device_code: await deviceCode.issued(getDefaultDeviceCodeData()), user_code: codes.userCode })
    }, request, h)).finally(() => issuers.close());
    const refusal = refusalIn(result);
    if (refusal !== null) {
        throw refusal;
    }

    if (issued === undefined || typeof result !== 'object' || result === null || !('device_code' in result) || result.device_code !== codes.deviceCode) {
        throw new OAuth2Error('server_error', undefined, {
            reason: 'handler_returned_nonsense',
            cause: new Error('issueCode() of a device flow returned no device_code that it issued: return { device_code: await deviceCodeIssuer.issue(getDefaultDeviceCodeData()) }, await defaultResponse(), or { error }')
        });
    }

    return { codes, ...issued, response: { ...result } };
};
