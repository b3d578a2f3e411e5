import type { Server } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import type { JoiningFlow } from '../authorization-server/joining-flow';
import { parseScope } from '../protocol/scope';
import { FlowError, type FlowStep } from './flow-error';
import { postForm } from './injected-browser';
import { proofsOf, recordOf, type TestClient } from './test-client';

/** What a flow ended with. */
export interface TestTokens {
    readonly accessToken: string;
    /** For `server.inject({ url, headers })`: the access token as its type wants it. */
    readonly headers: { readonly authorization: string };
    readonly refreshToken: string | undefined;
    readonly idToken: string | undefined;
    /** What the ID token says, its signature verified; `undefined` without one. */
    readonly idTokenClaims: Readonly<Record<string, unknown>> | undefined;
    readonly scope: readonly string[];
    /** The whole reply of the token endpoint. */
    readonly reply: Readonly<Record<string, unknown>>;
}

/** A request of a client to a flow's endpoint. */
export interface ClientRequest {
    readonly hub: AuthorizationServer;
    readonly flow: JoiningFlow;
    readonly client: TestClient;
    readonly parameters: Readonly<Record<string, string>>;
}

/** Asks the flow's token endpoint for tokens; rejects with a `FlowError` if it refuses. */
export const askForTokens = async (server: Server, request: ClientRequest): Promise<TestTokens> => {

    const { hub, flow } = request;
    const reply = await post(server, flow.metadata.tokenPath, 'token', request);
    const { access_token: accessToken, token_type: type, refresh_token: refreshToken, id_token: idToken, scope } = reply;
    return {
        reply,
        accessToken: String(accessToken),
        headers: { authorization: `${String(type)} ${String(accessToken)}` },
        refreshToken: textOf(refreshToken),
        idToken: textOf(idToken),
        idTokenClaims: typeof idToken === 'string' ? await hub.keys.verify('id_token', 'JWT', idToken) ?? undefined : undefined,
        scope: parseScope(textOf(scope))
    };
};

/** Sends a form as the client; the JSON of the reply. */
export const post = async (server: Server, url: string, step: FlowStep, { hub, flow, client, parameters }: ClientRequest): Promise<Readonly<Record<string, unknown>>> => {

    const proofs = proofsOf(client, await recordOf(hub, client.clientId), flow);
    const { statusCode, payload, result } = await server.inject<Readonly<Record<string, unknown>>>(postForm(url, { ...parameters, ...proofs.parameters }, proofs.headers));
    const reply = { ...result };                                // A text has no members that matter
    if (statusCode !== 200) {
        const [code, description] = [textOf(reply.error), textOf(reply.error_description)];
        throw new FlowError(`${url} refused the client '${client.clientId}': ${statusCode} ${payload}`, { step, statusCode, code, description, payload });
    }

    return reply;
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
