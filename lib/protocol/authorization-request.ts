import { OAuth2Error } from '../error';
import { parseClaimsRequest, type ClaimsRequest } from './claims-request';
import type { Form } from './form';
import { checkCodeChallenge, type CodeChallenge } from './pkce';
import { checkRedirectUri } from './redirect-uri';
import { readResponseMode } from './response-mode';
import { knownScope, parseScope } from './scope';

/** An authorization request whose form is in order; nobody has looked yet whether the client exists (RFC 6749 §4.1.1). */
export interface AuthorizationRequest extends CodeChallenge {
    readonly clientId: string;
    readonly redirectUri: string;
    readonly responseType: 'code';
    readonly scope: string | undefined;
    /** Goes back to the client as it is. */
    readonly state: string | undefined;
    /** Has to be put into the ID token (OpenID Connect Core §3.1.2.1). */
    readonly nonce: string | undefined;
    /** The claims that an OpenID request asks for one by one (OpenID Connect Core §5.5). */
    readonly claims?: ClaimsRequest | undefined;
    /** The resources the client wants a token for (RFC 8707 §2). */
    readonly resource: readonly string[];
}

/** What a flow expects of its authorization requests. */
export interface AuthorizationRequestRules {
    /** Scopes that exist; `null` where none were declared. */
    readonly scopes: ReadonlySet<string> | null;
    /** Whether an OpenID request may name scopes that do not exist. */
    readonly dropUnknownScopes: boolean;
    readonly requirePkce: boolean;
}

/** What an authorization request says beside who asks and where the answer goes. */
export type AuthorizationParameters = Omit<AuthorizationRequest, 'clientId' | 'redirectUri'>;

/** Reads and checks an authorization request; throws an error that is shown on a page, since the redirect URI is not known to be the client's. */
export const readAuthorizationRequest = (form: Form, rules: AuthorizationRequestRules): AuthorizationRequest => {

    const request = {
        clientId: form.require('client_id'),
        redirectUri: checkRedirectUri(form.require('redirect_uri')),
        ...readAuthorizationParameters(form, rules)
    };
    if (readResponseMode(form) !== 'query') {                   // The handler's own redirect knows no other
        throw new OAuth2Error('invalid_request', 'The response_mode must be query', { reason: 'response_mode' });
    }

    return request;
};

/** The state to send back; throws `invalid_request` for one whose bytes were no UTF-8, since nobody could send the same back (RFC 6749 Appendix A.5 knows ASCII only). */
export const readState = (form: Form): string | undefined => {

    const state = form.get('state');
    if (state?.includes('\uFFFD') === true) {
        throw new OAuth2Error('invalid_request', 'The state is not UTF-8', { reason: 'state_malformed' });
    }

    return state;
};

/** Reads and checks all but the client and the redirect URI; throws for what is missing, repeated, malformed or not supported. */
export const readAuthorizationParameters = (form: Form, { scopes, dropUnknownScopes, requirePkce }: AuthorizationRequestRules): AuthorizationParameters => {

    const state = readState(form);
    const responseType = form.require('response_type');
    if (responseType !== 'code') {
        throw new OAuth2Error('unsupported_response_type', 'The response_type must be code');
    }

    if (form.get('request') !== undefined || form.get('request_uri') !== undefined) {
        throw new OAuth2Error(form.get('request') === undefined ? 'request_uri_not_supported' : 'request_not_supported', 'Request objects are not supported');
    }

    if (form.get('registration') !== undefined) {
        throw new OAuth2Error('registration_not_supported', 'Clients cannot be registered by an authorization request');
    }

    return {
        responseType, state,
        scope: knownScope(form.get('scope'), scopes, dropUnknownScopes),
        nonce: form.get('nonce'),
        ...claimsOf(form),
        resource: form.all('resource'),
        ...checkCodeChallenge(form.get('code_challenge'), form.get('code_challenge_method'), requirePkce)
    };
};

/** A parameter of OpenID Connect: in any other request it is an unknown one, and ignored. */
const claimsOf = (form: Form): Pick<AuthorizationRequest, 'claims'> => {

    const claims = parseScope(form.get('scope')).includes('openid') ? form.get('claims') : undefined;
    return claims === undefined ? {} : { claims: parseClaimsRequest(claims) };
};
