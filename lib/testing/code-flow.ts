import type { Server } from '@hapi/hapi';

import { sha256 } from '../protocol/digest';
import { randomValue } from '../protocol/random';
import { formatScope, parseScope } from '../protocol/scope';
import type { CookieJar } from './cookies';
import { FlowError } from './flow-error';
import { flowOf, hubOf } from './hub';
import { injectedBrowser } from './injected-browser';
import { visit, type TestPerson, type VisitEnd } from './person';
import { recordOf, type TestClient } from './test-client';
import { askForTokens, type TestTokens } from './tokens';

/** A code flow, from the client's authorization request to its tokens. */
export interface CodeFlowOptions extends TestClient, TestPerson {
    /** The name of the flow; the first one with an authorization endpoint when left out. */
    readonly flow?: string | undefined;
    readonly scope?: string | readonly string[] | undefined;
    /** The first of the client's record when left out. */
    readonly redirectUri?: string | undefined;
    /** Other parameters of the authorization request, such as `prompt`, `resource` or `response_mode`; `undefined` leaves out one that would be sent. */
    readonly parameters?: Readonly<Record<string, string | undefined>> | undefined;
    /** The cookies of a browser that was here before: `jar` of an earlier run. */
    readonly jar?: CookieJar | undefined;
}

/** What a code flow ended with. */
export interface CodeFlowTokens extends TestTokens {
    /** The cookies of the browser, for a second run that finds the user signed in. */
    readonly jar: CookieJar;
    /** What the client was told with its code. */
    readonly callback: Readonly<Record<string, string>>;
}

/**
 * Runs the authorization code flow as a client, with PKCE, and as a person at a browser who signs in and agrees (RFC 6749 §4.1, RFC 7636).
 *
 * `state`, `iss` and `nonce` of what comes back are checked. Rejects with a `FlowError` where the flow ends without tokens.
 */
export const runCodeFlow = async (server: Server, options: CodeFlowOptions): Promise<CodeFlowTokens> => {

    const hub = hubOf(server);
    const flow = flowOf(hub, options.flow, 'has an authorization endpoint', ({ metadata }) => metadata.authorizationPath !== undefined);
    const redirectUri = options.redirectUri ?? (await recordOf(hub, options.clientId))?.redirect_uris?.[0];
    if (redirectUri === undefined) {
        throw new Error(`The client '${options.clientId}' has no redirect URI: give redirectUri`);
    }

    const [verifier, state, nonce] = [randomValue(), randomValue(), randomValue()];
    const scope = formatScope(options.scope);
    const parameters = defined({
        response_type: 'code', client_id: options.clientId, redirect_uri: redirectUri, scope, state,
        nonce: parseScope(scope).includes('openid') ? nonce : undefined,
        code_challenge: sha256(verifier), code_challenge_method: 'S256', ...options.parameters
    });
    const browser = injectedBrowser(server, options.jar ?? new Map<string, string>());
    const asked = await browser.send({ url: `${String(flow.metadata.authorizationPath)}?${new URLSearchParams(parameters).toString()}` });
    const callback = told(await visit(asked, { hub, browser, person: options, isClients: (url) => isSame(url, redirectUri) }));
    if (callback.state !== parameters.state || callback.iss !== hub.issuer()) {
        throw new Error(`The client would not believe this answer: its state is '${String(callback.state)}' and its iss '${String(callback.iss)}'`);
    }

    const tokens = await askForTokens(server, { hub, flow, client: options, parameters: { grant_type: 'authorization_code', code: String(callback.code), redirect_uri: redirectUri, code_verifier: verifier } });
    if (tokens.idToken !== undefined && tokens.idTokenClaims?.nonce !== parameters.nonce) {
        throw new Error(`The client would not believe this ID token: its nonce is '${String(tokens.idTokenClaims?.nonce)}'`);
    }

    return { ...tokens, jar: browser.jar, callback };
};

/** What the client is told; throws a `FlowError` if it is an error, or nothing at all. */
const told = ({ page: { url, statusCode, payload }, callback }: VisitEnd): Readonly<Record<string, string>> => {

    const members = Object.fromEntries(callback ?? []);
    if (members.code === undefined) {
        const { error: code, error_description: description } = members;
        throw new FlowError(callback === null ? `${url} ends the flow before the client is told anything: ${statusCode} ${payload}` : `The client is told ${String(code)}: ${String(description)}`, { step: callback === null ? 'page' : 'authorization', statusCode, code, description, payload });
    }

    return members;
};

/** Whether a URL is the redirect URI, whatever was added to its query. */
const isSame = (url: string, redirectUri: string): boolean => {

    const place = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;
    return URL.canParse(url) && place(new URL(url)) === place(new URL(redirectUri));
};

const defined = (members: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
