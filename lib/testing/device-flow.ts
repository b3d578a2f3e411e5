import type { Server } from '@hapi/hapi';

import { deviceCode } from '../grant-types/device-code';
import { formatScope } from '../protocol/scope';
import type { CookieJar } from './cookies';
import { flowOf, hubOf } from './hub';
import { injectedBrowser } from './injected-browser';
import { visit, type TestPerson } from './person';
import type { TestClient } from './test-client';
import { askForTokens, post, type TestTokens } from './tokens';

/** A device flow, from the device's request to its tokens. */
export interface DeviceFlowOptions extends TestClient, TestPerson {
    /** The name of the flow; the first one with a device authorization endpoint when left out. */
    readonly flow?: string | undefined;
    readonly scope?: string | readonly string[] | undefined;
    /** Other parameters of the device's request, such as `resource`. */
    readonly parameters?: Readonly<Record<string, string>> | undefined;
    /** The cookies of a browser that was here before. */
    readonly jar?: CookieJar | undefined;
}

/** What a device flow ended with. */
export interface DeviceFlowTokens extends TestTokens {
    readonly jar: CookieJar;
    /** What the device was told to show. */
    readonly userCode: string;
    readonly verificationUri: string;
}

/**
 * Runs the device authorization flow as the device and as a person who enters its code elsewhere (RFC 8628); the device polls once, after that.
 *
 * Rejects with a `FlowError` where the flow ends without tokens.
 */
export const runDeviceFlow = async (server: Server, options: DeviceFlowOptions): Promise<DeviceFlowTokens> => {

    const hub = hubOf(server);
    const flow = flowOf(hub, options.flow, 'has a device authorization endpoint', ({ metadata }) => metadata.deviceAuthorizationPath !== undefined);
    const scope = formatScope(options.scope);
    const client = { hub, flow, client: options };
    const reply = await post(server, String(flow.metadata.deviceAuthorizationPath), 'device_authorization', { ...client, parameters: { ...scope === undefined ? {} : { scope }, ...options.parameters } });
    const { device_code: code, user_code: userCode, verification_uri: verificationUri } = reply;
    const { pathname, search } = new URL(String(verificationUri), hub.issuer());
    const browser = injectedBrowser(server, options.jar ?? new Map<string, string>());
    await visit(await browser.send({ url: `${pathname}${search}` }), { hub, browser, person: options, userCode: String(userCode), isClients: () => false });
    const tokens = await askForTokens(server, { ...client, parameters: { grant_type: deviceCode.type, device_code: String(code) } });
    return { ...tokens, jar: browser.jar, userCode: String(userCode), verificationUri: String(verificationUri) };
};
