import type { Server } from '@hapi/hapi';

import { formatScope } from '../protocol/scope';
import { flowOf, hubOf } from './hub';
import type { TestClient } from './test-client';
import { askForTokens, type TestTokens } from './tokens';

/** A request to the token endpoint. */
export interface TokenFlowOptions extends TestClient {
    /** The name of the flow; the first one that serves the grant type when left out. */
    readonly flow?: string | undefined;
    readonly scope?: string | readonly string[] | undefined;
    /** The other parameters of the request, such as `resource`, or those of a grant type of your own. */
    readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/** Asks for tokens with a grant type that needs no browser; rejects with a `FlowError` if the server refuses. */
export const runTokenRequest = async (server: Server, grantType: string, options: TokenFlowOptions): Promise<TestTokens> => {

    const hub = hubOf(server);
    const flow = flowOf(hub, options.flow, `serves grant_type=${grantType}`, ({ metadata: { grantTypes } }) => grantTypes.includes(grantType));
    const scope = formatScope(options.scope);
    return await askForTokens(server, { hub, flow, client: options, parameters: { grant_type: grantType, ...scope === undefined ? {} : { scope }, ...options.parameters } });
};

/** Runs the client credentials flow (RFC 6749 §4.4); rejects with a `FlowError` if the server refuses. */
export const runClientCredentialsFlow = async (server: Server, options: TokenFlowOptions): Promise<TestTokens> =>
    await runTokenRequest(server, 'client_credentials', options);

/** Refreshes tokens (RFC 6749 §6); rejects with a `FlowError` if the server refuses. */
export const runRefresh = async (server: Server, { refreshToken, ...options }: TokenFlowOptions & { readonly refreshToken: string | undefined }): Promise<TestTokens> => {

    if (refreshToken === undefined) {
        throw new Error('There is no refresh token: the client needs the grant type refresh_token, and with openid the scope offline_access');
    }

    return await runTokenRequest(server, 'refresh_token', { ...options, parameters: { ...options.parameters, refresh_token: refreshToken } });
};
