import type { Client } from '../clients/client';
import { isNative, mayUse, needsPkce } from '../clients/record';
import { OAuth2Error } from '../error';
import { readAuthorizationParameters, type AuthorizationRequest } from '../protocol/authorization-request';
import type { Form } from '../protocol/form';
import { readResponseMode, type ResponseMode } from '../protocol/response-mode';
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
    readonly responseMode: ResponseMode;
    /** How the client wants the user to be asked (OpenID Connect Core §3.1.2.1). */
    readonly prompts: readonly string[];
    /** How many seconds ago the user may have signed in; `undefined`: it does not matter. */
    readonly maxAge: number | undefined;
    /** An ID token that says whom the client expects; not verified yet. */
    readonly idTokenHint: string | undefined;
    /** What the user is probably called. */
    readonly loginHint: string | undefined;
    /** How much the client would like the sign-in to prove, the dearest first. */
    readonly acrValues: readonly string[];
    /** Parameters of the app's own: those that it has declared, and that were sent. */
    readonly parameters: Readonly<Record<string, string>>;
}

/** What decides about an authorization request. */
export interface ProvenRequestRules {
    readonly findClient: (clientId: string) => Promise<Client | null>;
    /** Who has to send a PKCE challenge: every client but the exempted, or public ones only. */
    readonly pkce: 'all' | 'public';
    /** What this client may get of what it asks for; throws `invalid_scope` or `invalid_target`. */
    readonly target: (client: Client, form: Form) => Target;
    /** The names of the app's own parameters. */
    readonly extraParameters: readonly string[];
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
export const provenRequest = (form: Form, { client, redirectUri, redirectUriNamed }: RegisteredRedirect, { pkce, target: targetOf, extraParameters }: ProvenRequestRules): ProvenRequest => {

    if (!mayUse(client, 'authorization_code')) {
        throw new OAuth2Error('unauthorized_client', 'The client may not use authorization codes', { reason: 'grant_type_not_registered' });
    }

    const responseMode = readResponseMode(form);
    const parameters = readAuthorizationParameters(form, { scopes: null, dropUnknownScopes: false, requirePkce: needsPkce(client, pkce) });
    const target = targetOf(client, form);
    return {
        client, redirectUriNamed, target, responseMode,
        authorization: { ...parameters, clientId: client.id, redirectUri, scope: formatScope(target.scopes) },
        prompts: promptsOf(form),
        maxAge: maxAgeOf(form) ?? client.metadata.default_max_age,
        idTokenHint: form.get('id_token_hint'),
        loginHint: form.get('login_hint'),
        acrValues: words(form.get('acr_values')),
        parameters: Object.fromEntries(extraParameters.flatMap((name) => {

            const value = form.get(name);
            return value === undefined ? [] : [[name, value]];
        }))
    };
};

const promptsOf = (form: Form): readonly string[] => {

    const prompts = words(form.get('prompt'));
    if (prompts.includes('none') && prompts.some((prompt) => prompt !== 'none')) {
        throw new OAuth2Error('invalid_request', 'The prompt none stands alone', { reason: 'prompt_none_with_others' });
    }

    return prompts;
};

/** Whole seconds, or nobody can tell what was meant. */
const maxAgeOf = (form: Form): number | undefined => {

    const text = form.get('max_age');
    if (text !== undefined && !/^\d{1,10}$/.test(text)) {
        throw new OAuth2Error('invalid_request', 'The max_age has to be a number of seconds', { reason: 'max_age_malformed' });
    }

    return text === undefined ? undefined : Number(text);
};

const words = (text: string | undefined): readonly string[] => (text ?? '').split(' ').filter((word) => word !== '');
