import type { Lifecycle, Request, ResponseToolkit, ServerRoute } from '@hapi/hapi';

import { OAuth2Error, answerOf } from '../error';
import { readAuthorizationRequest, type AuthorizationRequest, type AuthorizationRequestRules } from '../protocol/authorization-request';
import { Form } from '../protocol/form';
import { withParameters } from '../protocol/redirect-uri';
import { showForm, type FormPage } from './form-page';
import type { EndpointOptions } from './options';
import { pageEndpoint } from './page';
import { assertSameOrigin } from './same-origin';

/** What the user's form says about an authorization request: only its form is checked. */
export interface AuthorizationContext extends AuthorizationRequest {
    readonly username: string | undefined;
    readonly password: string | undefined;
}

/** What `generateCode` decided: a code for the client, one more step of the app's own, or the user's refusal; `null` shows the form again. */
export type AuthorizationResult =
    | { readonly type: 'code'; readonly value: string }
    | { readonly type: 'continue'; readonly value?: unknown }
    | { readonly type: 'deny' };

/** Verifies the user and makes a code for this client and redirect URI, or does not. */
export type GenerateCode = (ctx: AuthorizationContext, request: Request, h: ResponseToolkit) => AuthorizationResult | null | Promise<AuthorizationResult | null>;

/** What a page of the authorization endpoint is rendered from. */
export interface AuthorizationPageContext extends AuthorizationRequest {
    /** Where the page's form has to post to. */
    readonly action: string;
    readonly usernameField: string;
    readonly passwordField: string;
    /** Status of the response. */
    readonly statusCode: number;
    /** What went wrong with the last try, for the user; `undefined` on the first. */
    readonly errorMessage: string | undefined;
}

/** What ends a step of an authorization. */
export interface FinalizeAuthorizationContext extends AuthorizationRequest {
    readonly authorizationResult: AuthorizationResult;
    /** Where the browser goes next: to the client with its code or error; for `continue`, to this authorization request again. */
    readonly fullRedirectUri: string;
}

/** What an authorization endpoint is made from. */
export interface AuthorizeEndpoint extends AuthorizationRequestRules, FormPage<AuthorizationPageContext, FinalizeAuthorizationContext> {
    readonly path: string;
    readonly options: EndpointOptions;
    readonly issuer: () => string;
    readonly generateCode: GenerateCode;
}

/**
 * The authorization endpoint of a flow whose handler verifies (RFC 6749 §3.1).
 *
 * The request comes in the query of a GET or in the form of a POST. The form of the page posts to the same path, with the request in the
 * query. Until the handler has vouched for the redirect URI by returning a code or a denial, nothing is sent there.
 */
export const authorizeEndpoint = (endpoint: AuthorizeEndpoint): ServerRoute[] => {

    const show = (authorization: AuthorizationRequest, search: string, request: Request, h: ResponseToolkit, problem?: 'wrongPassword'): Promise<Lifecycle.ReturnValue> => {

        const { usernameField, passwordField, pages } = endpoint;
        const look = pages.look(request);
        const errorMessage = problem && look.texts[problem];
        const page = { ...authorization, action: search, usernameField, passwordField, statusCode: errorMessage === undefined ? 200 : 400, errorMessage };
        return showForm(endpoint, page, () => pages.show('signIn', { action: search, hidden: [], client: undefined, usernameField, passwordField, errorMessage, links: [] }, request, h, { statusCode: page.statusCode, look }), request, h);
    };

    const submit = async (search: string, request: Request, h: ResponseToolkit): Promise<Lifecycle.ReturnValue> => {

        assertSameOrigin(request, endpoint.issuer());
        const authorization = readAuthorizationRequest(Form.from(request.query), endpoint);
        const form = Form.from(request.payload);
        const context = { ...authorization, username: form.get(endpoint.usernameField), password: form.get(endpoint.passwordField) };
        const authorizationResult = checkedResult(await answerOf(() => endpoint.generateCode(context, request, h)));
        if (authorizationResult === null) {
            request.log(['oauth', 'refused'], { reason: 'wrong_credentials', error: 'access_denied', client_id: authorization.clientId });
            return show(authorization, search, request, h, 'wrongPassword');
        }

        const fullRedirectUri = nextUri(authorizationResult, authorization, endpoint.issuer(), search);
        return endpoint.finalize === undefined ? h.redirect(fullRedirectUri) : endpoint.finalize({ ...authorization, authorizationResult, fullRedirectUri }, request, h);
    };

    const { path, options, pages } = endpoint;
    return pageEndpoint({ path, options, pages, description: 'OAuth 2.0 authorization endpoint' },
        (request, h) => show(readAuthorizationRequest(Form.from(request.query), endpoint), searchOf(request, endpoint), request, h),
        (request, h) => {

            if (Form.from(request.query).has('client_id')) {
                return submit(searchOf(request, endpoint), request, h);
            }

            const form = Form.from(request.payload);
            return show(readAuthorizationRequest(form, endpoint), form.without([endpoint.usernameField, endpoint.passwordField]).search, request, h);
        });
};

/** The authorization request as the form carries it: as it came, but for a name and a password, which have no business in a URL. */
const searchOf = (request: Request, { usernameField, passwordField }: AuthorizeEndpoint): string => {

    const query = Form.from(request.query);
    return query.has(usernameField) || query.has(passwordField) ? query.without([usernameField, passwordField]).search : request.url.search;
};

const nextUri = (result: AuthorizationResult, { redirectUri, state }: AuthorizationRequest, iss: string, search: string): string => {

    switch (result.type) {
        case 'code': return withParameters(redirectUri, { code: result.value, state, iss });
        case 'deny': return withParameters(redirectUri, { error: 'access_denied', error_description: 'The user denied the request', state, iss });
        case 'continue': return search;
    }
};

/** A result of a handler in plain JavaScript may be anything. */
const checkedResult = (result: unknown): AuthorizationResult | null => {

    if (result === null) {
        return null;
    }

    if (typeof result === 'object' && 'type' in result) {
        if (result.type === 'code' && 'value' in result && typeof result.value === 'string' && /^[\x20-\x7e]+$/.test(result.value)) {
            return { type: 'code', value: result.value };
        }

        if (result.type === 'deny' || result.type === 'continue') {
            return { ...result, type: result.type };
        }
    }

    throw new OAuth2Error('server_error', undefined, {
        reason: 'handler_returned_nonsense',
        cause: new Error('generateCode() returned no result: return { type: \'code\', value }, { type: \'continue\' }, { type: \'deny\' }, or null for a wrong password')
    });
};
