import type { Client } from '../clients/client';
import { isNative, mayUse, needsPkce } from '../clients/record';
import { OAuth2Error } from '../error';
import { readAuthorizationParameters, type AuthorizationRequest } from '../protocol/authorization-request';
import type { Form } from '../protocol/form';
import { checkRedirectUri, isLoopbackRedirect, matchesRegistered } from '../protocol/redirect-uri';
import type { Target } from '../protocol/resources';
import { formatScope } from '../protocol/scope';

/** Who asks, and where the answer goes: both are registered. */
export interface RegisteredRedirect {
    readonly client: Client;
    readonly redirectUri: string;
    /** Whether the request named the redirect URI, or left it to the registration. */
    readonly redirectUriNamed: boolean;
}

/** An authorization request that the client may make; only the user has not been asked. */
export interface ProvenRequest {
    readonly client: Client;
    /** Its `scope` is what the client may get of what it asked for. */
    readonly authorization: AuthorizationRequest;
    readonly redirectUriNamed: boolean;
    readonly target: Target;
    /** How the client wants the user to be asked (OpenID Connect Core §3.1.2.1). */
    readonly prompts: readonly string[];
}

/** What decides about an authorization request. */
export interface ProvenRequestRules {
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** Who has to send a PKCE challenge: every client but the exempted, or public ones only. */
    readonly pkce: 'all' | 'public';
    /** What this client may get of what it asks for; throws `invalid_scope` or `invalid_target`. */
    readonly target: (client: Client, form: Form) => Target;
}

/** The client of a request and its redirect URI; throws what is shown on a page, since nothing may be sent anywhere (RFC 6749 §3.1.2.4, RFC 9700 §4.11). */
export const registeredRedirect = async (form: Form, { findClient }: ProvenRequestRules): Promise<RegisteredRedirect> => {

    const clientId = form.require('client_id');
    const requested = form.get('redirect_uri');
    const client = await findClient(clientId);
    if (client === null) {
        throw new OAuth2Error('invalid_client', 'The client is not known here', { reason: 'unknown_client', statusCode: 400 });
    }

    const registered = client.metadata.redirect_uris ?? [];
    if (requested === undefined) {
        return { client, redirectUri: onlyRedirect(registered, form), redirectUriNamed: false };
    }

    if (!matchesRegistered(registered, checkRedirectUri(requested), isNative(client))) {
        throw new OAuth2Error('invalid_request', 'The redirect_uri is not registered for this client', { reason: 'redirect_uri_unregistered' });
    }

    return { client, redirectUri: requested, redirectUriNamed: true };
};

/** Where the answer goes that no redirect URI was sent for. OpenID Connect wants one (Core §3.1.2.1), and nobody knows the port of a loopback address. */
const onlyRedirect = (registered: readonly string[], form: Form): string => {

    const [only, another] = registered;
    const openid = form.all('scope').some((scope) => scope.split(' ').includes('openid'));
    if (only === undefined || another !== undefined || openid || isLoopbackRedirect(only)) {
        throw new OAuth2Error('invalid_request', 'The parameter \'redirect_uri\' is missing', { reason: 'redirect_uri_missing' });
    }

    return only;
};

/** Reads the rest of a request; throws what its client is told by redirect (RFC 6749 §4.1.2.1). */
export const provenRequest = (form: Form, { client, redirectUri, redirectUriNamed }: RegisteredRedirect, { pkce, target: targetOf }: ProvenRequestRules): ProvenRequest => {

    if (!mayUse(client, 'authorization_code')) {
        throw new OAuth2Error('unauthorized_client', 'The client may not use authorization codes', { reason: 'grant_type_not_registered' });
    }

    const parameters = readAuthorizationParameters(form, { scopes: null, dropUnknownScopes: false, requirePkce: needsPkce(client, pkce) });
    const target = targetOf(client, form);
    return {
        client, redirectUriNamed, target,
        authorization: { ...parameters, clientId: client.id, redirectUri, scope: formatScope(target.scopes) },
        prompts: promptsOf(form)
    };
};

/** Nobody is remembered as signed in, so a request that may not ask cannot be answered. */
const promptsOf = (form: Form): readonly string[] => {

    const prompts = (form.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
    if (!prompts.includes('none')) {
        return prompts;
    }

    throw prompts.some((prompt) => prompt !== 'none') ?
        new OAuth2Error('invalid_request', 'The prompt none stands alone', { reason: 'prompt_none_with_others' }) :
        new OAuth2Error('login_required', 'The user has to sign in');
};
