import type { Server } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import type { JoiningFlow } from '../authorization-server/joining-flow';
import type { Client } from '../clients/client';
import { mayUse } from '../clients/record';
import { clientCredentials } from '../grant-types/client-credentials';
import type { Target } from '../protocol/resources';
import { formatScope, openidScopes, parseScope } from '../protocol/scope';
import { newGrantId, newToken } from '../protocol/token-value';
import { grantRecord, type Grant } from '../stores/grant';
import type { TokenRecord } from '../stores/store';
import { accessTokenPayload, signAccessToken, type AccessTokenClaims } from '../tokens/access-token';
import type { Confirmation } from '../tokens/token-type';
import { flowOf, hubOf } from './hub';

/** What may be wrong with a token on purpose: each is refused with 401. For a token that may not do something leave out its scope, for one of a machine its subject. */
export type TokenFlaw = 'expired' | 'wrong_audience' | 'forged' | 'revoked';

/** What a minted token says. */
export interface MintOptions {
    /** The strategy of the route that it is for: of a flow, of a resource, or of the hub. */
    readonly strategy?: string | undefined;
    /** The flow that could have issued it; when left out that of the strategy, else the first that fits. */
    readonly flow?: string | undefined;
    /** The resource that it is for; when left out that of the strategy, else the one that has the scopes, else the server's default. */
    readonly resource?: string | undefined;
    /** The user; without one the token stands for the client itself. */
    readonly subject?: string | undefined;
    /** The client; when left out the first registered one that may use the flow, or `test-client` where none are registered. */
    readonly clientId?: string | undefined;
    readonly scope?: string | readonly string[] | undefined;
    /** Claims beside those of the framework, as `onTokens()` adds them, which is not asked here. */
    readonly claims?: Readonly<Record<string, unknown>> | undefined;
    /** The lifetime in seconds; that of the flow when left out. */
    readonly expiresIn?: number | undefined;
    /** What it is bound to: `cnf`. */
    readonly confirmation?: Confirmation | undefined;
    readonly flaw?: TokenFlaw | undefined;
}

/** A token, ready for `server.inject()`. */
export interface MintedToken {
    readonly token: string;
    /** For `server.inject({ url, headers })`: the token as its type wants it. */
    readonly headers: { readonly authorization: string };
    /** The grant it hangs on, for `server.oauth2.grants`; `null` where the app's own handlers keep grants. */
    readonly grantId: string | null;
}

/**
 * An access token that the routes of this server accept: signed with its keys, or kept in its store, on a grant that lives there. Nothing is
 * bypassed, so that `flaw` makes one that is refused.
 *
 * Rejects, with a sentence that says what to change, what the server could not have issued, such as a scope that it does not know.
 */
export const mintToken = async (server: Server, options: MintOptions = {}): Promise<MintedToken> => {

    const hub = hubOf(server);
    checkOptions(options);
    const { subject, claims = {}, flaw } = options;
    const flow = issuingFlow(hub, options);
    const client = await clientFor(hub, flow, options.clientId);
    if (subject === client.id) {
        throw new Error(`The user '${subject}' has the id of the client: leave out subject for a token of the client itself`);
    }

    const { audience, scopes } = targetOf(hub, flow, options);
    const { tokens: { keepsGrants, tokenType }, accessToken: { format } } = flow;
    const ttl = flaw === 'expired' ? 0 : options.expiresIn ?? flow.accessToken.ttl;
    const grant = grantOf(flow, client, { subject, audience, scopes, now: hub.clock() });
    const issue = { issuer: hub.issuer(), clientId: client.id, flow: flow.name, alg: flow.accessToken.alg, ttl, now: hub.clock(), confirmation: options.confirmation, grantId: keepsGrants ? grant.id : undefined };
    const own = { ...claims, sub: subject === undefined ? client.id : hub.openid.subjectOf(client, subject), scope: scopes.join(' '), aud: flaw === 'wrong_audience' ? 'urn:example:another-audience' : audience[0] };
    const isOpaque = keepsGrants && (hub.resources.formatOf(audience) ?? format) === 'opaque';
    const { token, staged } = isOpaque ? kept(grant.id, issue, own) : { token: (await signAccessToken(hub.keys, issue, own)).token, staged: [] };
    if (keepsGrants) {
        await hub.store.openGrant(grantRecord(grant, issue.now + Math.max(ttl, flow.accessToken.ttl) * 1000), staged);
    }

    if (flaw === 'revoked') {
        await hub.store.revokeGrant(grant.id);
    }

    const presented = flaw === 'forged' ? forged(token) : token;
    return { token: presented, headers: { authorization: `${tokenType.name} ${presented}` }, grantId: keepsGrants ? grant.id : null };
};

const optionNames: readonly string[] = ['strategy', 'flow', 'resource', 'subject', 'clientId', 'scope', 'claims', 'expiresIn', 'confirmation', 'flaw'] satisfies (keyof MintOptions)[];
const flaws: readonly (string | undefined)[] = [undefined, 'expired', 'wrong_audience', 'forged', 'revoked'] satisfies (TokenFlaw | undefined)[];

/** In plain JavaScript a slip of the pen would make a good token, and a test that proves nothing. */
const checkOptions = (options: MintOptions): void => {

    const unknown = Object.keys(options).find((name) => !optionNames.includes(name));
    if (unknown !== undefined) {
        throw new Error(`mintToken() has no option '${unknown}': it has ${optionNames.join(', ')}`);
    }

    if (!flaws.includes(options.flaw)) {
        throw new Error(`mintToken() knows no flaw '${String(options.flaw)}': it knows ${flaws.slice(1).join(', ')}`);
    }
};

/** The flow that issues such a token; throws a sentence if none does. */
const issuingFlow = (hub: AuthorizationServer, { strategy, flow: named, subject, flaw }: MintOptions): JoiningFlow => {

    if (strategy !== undefined && !hub.strategies.has(strategy)) {
        throw new Error(`There is no strategy '${strategy}': this server has ${[...hub.strategies].map((name) => `'${name}'`).join(', ')}`);
    }

    const name = named ?? hub.joined().find((one) => one.name === strategy)?.name;
    const flow = flowOf(hub, name, subject === undefined ? 'issues tokens' : 'issues tokens for users', ({ metadata: { grantTypes } }) => subject === undefined || grantTypes.some((type) => type !== clientCredentials.type));
    if (!flow.tokens.keepsGrants && flow.tokens.useAccessTokenJwks === false) {
        throw new Error(`Flow '${flow.name}' has tokens that only its own handlers can make: it calls useAccessTokenJwks(false)`);
    }

    if (!flow.tokens.keepsGrants && flaw === 'revoked') {
        throw new Error(`Flow '${flow.name}' keeps no grants that could be revoked: its own handlers do`);
    }

    return flow;
};

/** Who could have asked for it. */
const clientFor = async ({ clients }: AuthorizationServer, { name, metadata: { grantTypes } }: JoiningFlow, clientId: string | undefined): Promise<Client> => {

    if (clients === null) {
        const id = clientId ?? 'test-client';
        return { id, metadata: { client_id: id } };
    }

    const records = (clients.records ?? []).map((metadata) => ({ id: metadata.client_id, metadata }));
    const client = clientId === undefined ? records.find((one) => grantTypes.some((type) => mayUse(one, type))) : await clients.find(clientId);
    if (client === undefined || client === null) {
        throw new Error(clientId === undefined ? `Nothing says which client the token is for: give the clientId of one that may use the flow '${name}'` : `No client '${clientId}' is registered`);
    }

    return client;
};

/** What the token is for, by the rules of real requests; throws a sentence for what they refuse. */
const targetOf = (hub: AuthorizationServer, { name, metadata }: JoiningFlow, { strategy, resource: named, scope = [] }: MintOptions): Target => {

    const { resources } = hub;
    const scopes = parseScope(formatScope(scope));
    const known = new Set([...metadata.scopes, ...resources.scopes, ...openidScopes]);
    const unknown = scopes.find((one) => !known.has(one));
    if (unknown !== undefined && known.size > openidScopes.size) {
        throw new Error(`Flow '${name}' does not know the scope '${unknown}': declare it with setScopes() or setResources()`);
    }

    const ofStrategy = resources.strategies.find((one) => one.name === strategy)?.resource ?? (strategy === undefined ? undefined : hub.audience());
    const resource = named ?? ofStrategy;
    try {
        return resources.target(resource === undefined ? [] : [resource], scopes, hub.issuer());
    }
    catch (cause) {
        throw new Error(`There is no such token: ${resource === undefined ? `say with resource or strategy which resource the scopes '${scopes.join(' ')}' are of` : `the resource '${resource}' is not declared with setResources(), or has not all of the scopes '${scopes.join(' ')}'`}`, { cause });
    }
};

const grantOf = ({ name: flow }: JoiningFlow, { id: clientId }: Client, { subject = null, audience: resources, scopes, now }: Target & { readonly subject: string | null | undefined; readonly now: number }): Grant =>
    ({ id: newGrantId(), clientId, subject, scopes, resources, authTime: null, acr: null, amr: [], claims: null, sessionId: null, sid: null, flow, createdAt: Math.floor(now / 1000), data: {} });

/** A token whose claims are in the store. It is there for a second at least: what has expired need not be kept. */
const kept = (grantId: string, issue: Parameters<typeof accessTokenPayload>[0], claims: AccessTokenClaims): { readonly token: string; readonly staged: readonly TokenRecord[] } => {

    const { value: token, place } = newToken('access_token', grantId);
    return { token, staged: [{ ...place, value: accessTokenPayload(issue, claims), expiresAt: issue.now + Math.max(1, issue.ttl) * 1000 }] };
};

/** The same but for the end of its signature, or of the secret of a token that is kept. */
const forged = (token: string): string => `${token.slice(0, -'forged00'.length)}forged00`;
