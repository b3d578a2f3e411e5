import type { Request } from '@hapi/hapi';

import type { AuthorizationServer } from '../authorization-server/authorization-server';
import { authenticateClient } from '../clients/authenticate';
import { methodOf, type PlainMethodName } from '../clients/by-name';
import type { Client } from '../clients/client';
import type { ClientAuthenticationContext, ClientAuthenticationMethod, PresentedClient } from '../clients/method';
import { mayUse } from '../clients/record';
import { registeredMethods } from '../clients/registered';
import type { ClientRegistry } from '../clients/registry';
import { OAuth2Error } from '../error';
import type { Form } from '../protocol/form';
import { publicUrl } from '../protocol/issuer';
import type { AccessTokenFormat } from '../protocol/resources';
import { openidScopes } from '../protocol/scope';
import { knownScope } from '../protocol/scope';
import type { SigningAlgorithm } from '../protocol/signing-algorithm';
import type { Confirmation, TokenType } from '../tokens/token-type';
import type { RefreshPolicy } from './refresh-policy';

/** A flow on one server: its settings, which no longer change, and what it shares with others there. */
export interface FlowRuntime {
    readonly name: string;
    readonly shared: AuthorizationServer;
    /** A path of the flow with the prefix it was registered under. */
    readonly whole: (path: string) => string;
    /** The methods to advertise. */
    readonly methods: readonly ClientAuthenticationMethod[];
    /** The methods that were added: none accepts what a client is registered for. */
    readonly accepted: readonly ClientAuthenticationMethod[];
    /** With its prefix. */
    readonly tokenPath: string;
    readonly openid: boolean;
    /** Whether its tokens can be refreshed. */
    readonly isRefreshable: boolean;
    readonly accessTokenFormat: AccessTokenFormat;
    /** How its refresh tokens live and are replaced. */
    readonly refresh: RefreshPolicy;
    /** Lifetime of an access token in seconds. */
    readonly ttl: number;
    /** Lifetime of an ID token in seconds: where the flow is not OpenID's, no longer than its keys are kept for. */
    readonly idTokenTtl: number;
    readonly tokenType: TokenType;
    /** Scopes that exist; `null` where none were declared. */
    readonly scopes: ReadonlySet<string> | null;
    /** The scopes that a registered client may ask for, those of the resources too; `null` where none were declared. */
    readonly knownScopes: ReadonlySet<string> | null;
    readonly accessTokenAlgorithm: SigningAlgorithm;
    readonly idTokenAlgorithm: SigningAlgorithm;
}

/** What of a kind of flow decides about client authentication. */
export interface AuthenticatingKind {
    readonly grantType: { readonly type: string };
    readonly defaultMethods: readonly PlainMethodName[];
    readonly confidentialOnly: boolean;
}

/** The methods to advertise: where clients are registered those that they use, else those that were added, else the kind's own. */
export const advertisedMethods = (clients: ClientRegistry | null, added: readonly ClientAuthenticationMethod[], { grantType, defaultMethods, confidentialOnly }: AuthenticatingKind): readonly ClientAuthenticationMethod[] => {

    if (clients !== null) {
        return registeredMethods(clients, added, grantType.type, confidentialOnly);
    }

    return added.length > 0 ? [...added] : defaultMethods.map(methodOf);
};

/** The client of a request, by one of the flow's methods; where clients are registered it is proven, and registered for the grant type. */
export const authenticateFor = async (runtime: FlowRuntime, grantType: string, form: Form, request: Request): Promise<PresentedClient> =>
    (runtime.shared.clients === null ? await authenticateClient(runtime.methods, contextOf(runtime, form, request)) : (await authenticateKnownFor(runtime, grantType, form, request)).presented);

/** The registered client of a request, proven; throws `unauthorized_client` if it is not registered for the grant type (RFC 6749 §5.2). */
export const authenticateKnownFor = async (runtime: FlowRuntime, grantType: string, form: Form, request: Request): ReturnType<typeof authenticateKnown> => {

    const known = await authenticateKnown(runtime, form, request);
    if (!mayUse(known.client, grantType)) {
        throw new OAuth2Error('unauthorized_client', 'The client may not use this grant_type');
    }

    return known;
};

/** The registered client of a request, proven. */
export const authenticateKnown = async (runtime: FlowRuntime, form: Form, request: Request): Promise<{ readonly client: Client; readonly presented: PresentedClient }> => {

    const { shared, accepted, tokenPath } = runtime;
    const { clock, store } = shared;
    const issuer = shared.issuer();
    return await shared.authenticateClient(accepted, { form, headers: request.headers, issuer, now: clock(), store, tokenEndpoint: publicUrl(issuer, tokenPath) }, request);
};

const contextOf = ({ shared }: FlowRuntime, form: Form, request: Request): ClientAuthenticationContext =>
    ({ form, headers: request.headers, issuer: shared.issuer(), now: shared.clock(), store: shared.store });

/** What the request proves possession of, for its tokens to be bound to. */
export const bindToken = ({ tokenType, shared }: FlowRuntime, request: Request): Confirmation | undefined | Promise<Confirmation | undefined> =>
    tokenType.bind({ method: 'POST', url: publicUrl(shared.issuer(), request.path), headers: request.headers }, { now: shared.clock(), store: shared.store });

/** The scopes that a registered client may ask a flow for; `null` where none were declared. OpenID's are known to its flow where resources alone declare some. */
export const knownScopes = ({ scopes, openid, shared: { resources } }: Pick<FlowRuntime, 'scopes' | 'openid' | 'shared'>): ReadonlySet<string> | null =>
    (scopes === null && resources.scopes.length === 0 ? null : new Set([...scopes ?? (openid ? openidScopes : []), ...resources.scopes]));

/** The requested scope, if the flow knows it. */
export const requestedScope = ({ scopes }: FlowRuntime, form: Form): string | undefined => knownScope(form.get('scope'), scopes, false);
